/* test_method.c - what methods of adaptation expand to, what is refused, and steps with
 * several discriminators. */
#include "trainers/methods/method.h"

#include "engine/base/random.h"
#include "test/harness.h"
#include "test/trainers/expansion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4, Z_DIM = 8, PX = FTL_TEST_EXPANSION_PX };

static ftl_status expand(ftl_test_expansion *e, const char *section) {
    return ftl_test_expand(e, BATCH, section);
}

static bool expands_to(const char *section, const char *want) {
    ftl_test_expansion e;
    const char *text = "";
    ftl_status status = expand(&e, section);
    if (status == FTL_OK)
        status = ftl_adaptation_describe(&text, &e.all, e.adapt, 0, e.arena);
    const bool same = status == FTL_OK && strcmp(text, want) == 0;
    if (!same)
        fprintf(stderr, "%s is\n%s%s\nnot\n%s\n", section, text, ftl_message(), want);
    ftl_clear();
    ftl_test_expansion_close(&e);
    return same;
}

static bool refuses(const char *section, const char *why) {
    ftl_test_expansion e;
    const bool refused = expand(&e, section) == FTL_ECONFIG;
    const bool says = refused && strstr(ftl_message(), why);
    if (!says) fprintf(stderr, "%s: %s\n", section, ftl_message());
    ftl_clear();
    ftl_test_expansion_close(&e);
    return says;
}

static void presets_expand(void) {
    FTL_CHECK(expands_to("method: fairtl, kimg: 4",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"));
    FTL_CHECK(expands_to("method: fairtl++, kimg: 4, lambda: 0.6",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 0.6, data: reference}\n"
            "  - {name: D_s, train: false, weight: 0.4}\n"
            "stages:\n"
            "  - {name: linear-probe, kimg: 2, freeze: [\"D@32\", \"D@16\"], g_lr: "
            "0.001, d_lr: 0.002}\n"
            "  - {name: fine-tune, kimg: 2, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"));
    /* fairTL with linear probing alone; other layers, G's too, for another time. */
    FTL_CHECK(expands_to("method: fairtl++, kimg: 4, lambda: 1, probe: 0.25, freeze: "
                         "[\"D.blocks.0.*\", \"G.linear.*\"]",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: linear-probe, kimg: 1, freeze: [\"D.blocks.0.*\", "
            "\"G.linear.*\"], g_lr: 0.001, d_lr: 0.002}\n"
            "  - {name: fine-tune, kimg: 3, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"));
    /* With multiple feedback alone. */
    FTL_CHECK(expands_to("method: fairtl++, kimg: 4, probe: 0",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 0.5, data: reference}\n"
            "  - {name: D_s, train: false, weight: 0.5}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"));
}

static void rivals_expand(void) {
    FTL_CHECK(expands_to("method: freezed, kimg: 4",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [\"D@32\", \"D@16\"], g_lr: 0.001, "
            "d_lr: 0.002}\n"));
    FTL_CHECK(expands_to("method: scratch, kimg: 4",
            "method: scratch\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: train, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"));
    FTL_CHECK(expands_to("method: lecam, kimg: 4, lecam_decay: 0.9",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"
            "lecam: 0.3\n"
            "lecam_decay: 0.9\n"));
    FTL_CHECK(expands_to("method: importance, kimg: 4, importance: {alpha: 0.5}",
            "method: importance\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: biased+reference}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"
            "importance: {alpha: 0.5, width: 64, epochs: 10, batch: 64, lr: "
            "0.0001}\n"));
    FTL_CHECK(expands_to("method: diffaugment, kimg: 4, ewc: 5e8",
            "method: fairtl\n"
            "discriminators:\n"
            "  - {name: D, train: true, weight: 1, data: reference}\n"
            "stages:\n"
            "  - {name: fine-tune, kimg: 4, freeze: [], g_lr: 0.001, d_lr: 0.002}\n"
            "augment: [colour, translation, cutout]\n"
            "ewc: 500000000\n"
            "ewc_samples: 256\n"));
    FTL_CHECK(refuses("method: freezed, stages: [{name: a, kimg: 1}]",
            "adapt.stages: freezed has one stage"));
    FTL_CHECK(refuses("method: scratch, kimg: 1, freeze: [D@32]",
            "adapt.freeze: scratch begins with initial values"));
    FTL_CHECK(refuses("method: scratch, kimg: 1, discriminators: [{name: D}, {name: "
                      "D_s, train: false}]",
            "adapt.discriminators[1]: scratch begins with a D that was never trained"));
}

static void what_makes_no_sense_is_refused(void) {
    FTL_CHECK(refuses("kimg: 0", "adapt.kimg: give the length, or stages"));
    FTL_CHECK(refuses("kimg: 1, stages: [{name: a, kimg: 1}]", "one or the other"));
    FTL_CHECK(refuses("freeze: [D@32], stages: [{name: a, kimg: 1}]",
            "adapt.freeze: stages say themselves"));
    FTL_CHECK(refuses("method: fairtl++, kimg: 1, probe: 0, freeze: [D@32]",
            "adapt.freeze: layers are frozen while linear probing"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D_r}]",
            "adapt.discriminators[0].name: \"D_r\": the first is D"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D}, {name: G_x}]",
            "adapt.discriminators[1].name: \"G_x\""));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D}, {name: D_}]",
            "adapt.discriminators[1].name: \"D_\""));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D}, {name: D_a}, {name: D_a}]",
            "adapt.discriminators[2].name: there is a D_a already"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D, train: false}]",
            "adapt.discriminators[0].train: the first one trains"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D}, {name: D_a}, {name: D_b}, "
                      "{name: D_c}, {name: D_d}]",
            "adapt.discriminators: 5; there may be up to 4"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D}, {name: D_s, train: false, "
                      "weight: 0}]",
            "adapt.discriminators[1].weight: one that stands still and weighs"));
    FTL_CHECK(refuses("kimg: 1, discriminators: [{name: D, weight: 0}, {name: D_r, "
                      "weight: 0}]",
            "adapt.discriminators: all have weight 0"));
}

static ftl_status make_gan(ftl_gan *gan, const ftl_adaptation *all) {
    const ftl_gan_options options = {
            .resolution = PX, .channels = 1, .ch = 2, .z_dim = Z_DIM};
    FTL_TRY(ftl_gan_init(gan, &ftl_biggan, &options, 3, false));
    /* A score so low that real images still have something to teach. */
    ftl_store_find(gan->d[0].store, "linear.bias")->data[0] -= 1000;
    return ftl_adaptation_apply(all, gan);
}

/* Images of another step differ in contrast too. */
static void fill(ftl_plan *plan, const char *name, int64_t n, uint64_t step) {
    float *x = ftl_plan_input(plan, name);
    ftl_random_normal(x, (size_t)n,
            (ftl_random_key) {.seed = 1, .stream = FTL_STREAM_TEST, .step = step}, 0);
    for (int64_t i = 0; i < n; i++)
        x[i] /= 1 + (float)step;
}

/* A discriminator step of a GAN: its gradients stay in the optimisers. */
static ftl_status d_step(ftl_gan *gan, const int *inputs) {
    ftl_plan *plan;
    char name[16];
    FTL_TRY(ftl_gan_plan_d(&plan, gan, BATCH));
    fill(plan, "z", (int64_t)BATCH * Z_DIM, 0);
    for (int i = 0; i < gan->n_d; i++) {
        if (!gan->d[i].trainable) continue;
        snprintf(name, sizeof name, "x%d", i);
        fill(plan, name, (int64_t)BATCH * PX * PX, (uint64_t)inputs[i]);
    }
    ftl_plan_run(plan);
    ftl_plan_free(plan);
    return FTL_OK;
}

/* Two that train, on two streams: each has the gradient that it would have alone. */
static void each_learns_from_its_own_stream(void) {
    ftl_test_expansion e;
    ftl_gan both, one;
    FTL_CHECK_OK(expand(&e, "kimg: 1, discriminators: [{name: D, data: biased}, {name: "
                            "D_s, train: false}, {name: D_r, weight: 2}]"));
    FTL_CHECK(e.all.judge[0].source == FTL_FEED_BIASED);
    FTL_CHECK(e.all.judge[2].source == FTL_FEED_REFERENCE);
    FTL_CHECK_OK(make_gan(&both, &e.all));
    FTL_CHECK(both.n_d == 3 && !both.d[1].trainable && both.d[2].trainable);
    FTL_CHECK(both.d[0].weight == 1 && both.d[2].weight == 2);
    FTL_CHECK_OK(d_step(&both, (int[]) {0, 0, 3}));
    const int64_t n = both.d[0].store->n_parameters_block;
    for (int i = 0; i < 3; i += 2) {
        const ftl_adaptation alone = {
                .judge = {{.name = "D", .weight = 1}}, .n_judges = 1};
        FTL_CHECK_OK(make_gan(&one, &alone));
        FTL_CHECK_OK(d_step(&one, (int[]) {i ? 3 : 0}));
        FTL_CHECK_NEAR(
                ftl_test_distance(both.d[i].adam.gradient, one.d[0].adam.gradient, n),
                0, 1e-5);
        ftl_gan_deinit(&one);
    }
    FTL_CHECK(ftl_test_distance(both.d[0].adam.gradient, both.d[2].adam.gradient, n) >
              0.1);
    ftl_gan_deinit(&both);
    ftl_test_expansion_close(&e);
}

/* The generator's loss and gradient are the weighted sums. */
static void weights_add_up(void) {
    const double weight[3] = {0.5, 0.25, 2};
    float *want = NULL;
    double loss = 0;
    int64_t n = 0;
    for (int k = 0; k < 4; k++) { /* each alone, then all */
        ftl_adaptation all = {.judge = {{.name = "D", .trains = true}, {.name = "D_s"},
                                      {.name = "D_r", .trains = true}},
                .n_judges = 3};
        ftl_gan gan;
        ftl_plan *plan;
        for (int i = 0; i < 3; i++)
            all.judge[i].weight = k == i || k == 3 ? weight[i] : 0;
        FTL_CHECK_OK(make_gan(&gan, &all));
        for (int i = 1; i < 3; i++) /* so that they differ */
            ftl_store_find(gan.d[i].store, "blocks.0.0.conv1.bias")->data[0] +=
                    (float)i;
        FTL_CHECK_OK(ftl_gan_plan_g(&plan, &gan, BATCH));
        fill(plan, "z", (int64_t)BATCH * Z_DIM, 0);
        ftl_plan_run(plan);
        const double now = (double)*(const float *)ftl_plan_output(plan, "loss");
        n = gan.g->n_parameters_block;
        if (!want) want = calloc((size_t)n, sizeof *want);
        FTL_CHECK(want);
        if (k < 3) {
            loss += now;
            for (int64_t i = 0; i < n; i++)
                want[i] += gan.g_adam.gradient[i];
        } else {
            FTL_CHECK_NEAR(now / loss, 1, 1e-6);
            FTL_CHECK_NEAR(ftl_test_distance(want, gan.g_adam.gradient, n), 0, 1e-4);
        }
        ftl_plan_free(plan);
        ftl_gan_deinit(&gan);
    }
    FTL_CHECK(fabs(loss) > 1e-3);
    free(want);
}

/* A line that says what a pattern freezes, block by block. */
static void what_is_frozen_is_told(void) {
    static const char *const rows[][2] = {
            {"D@32", "\"D@32\" freezes 12 tensors: D.blocks.0.0.* (12)"},
            {"G@4", "\"G@4\" freezes 20 tensors: G.blocks.0.0.* (20)"},
            {"D.linear.bias", "\"D.linear.bias\" freezes 1 tensor: D.linear.bias"},
            {"D*.linear.*", "\"D*.linear.*\" freezes 8 tensors: D.linear.* (4), "
                            "D_r.linear.* (4)"},
            {"D_r.*.conv1.*", "\"D_r.*.conv1.*\" freezes 16 tensors: "
                              "D_r.blocks.0.0.* (4 of 12), D_r.blocks.1.0.* (4 of 12), "
                              "D_r.blocks.2.0.* (4 of 8), D_r.blocks.3.0.* (4 of 8)"},
            {"*blocks.[", "\"*blocks.[\" freezes 0 tensors: "},
            {"D?r.*", "\"D?r.*\" freezes 47 tensors: D_r.* (47)"}};
    ftl_test_expansion e;
    ftl_gan gan;
    const char *text;
    FTL_CHECK_OK(expand(&e, "kimg: 1, discriminators: [{name: D}, {name: D_s, train: "
                            "false}, {name: D_r}]"));
    FTL_CHECK_OK(make_gan(&gan, &e.all));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int n;
        FTL_CHECK_OK(ftl_gan_describe_frozen(&text, &gan, rows[i][0], e.arena));
        if (strcmp(text, rows[i][1]) != 0)
            ftl_test_fail(__FILE__, __LINE__, "%s\nis not\n%s", text, rows[i][1]);
        if (strstr(text, " 0 tensors")) continue;
        FTL_CHECK_OK(ftl_gan_freeze(&gan, rows[i][0], &n)); /* so many it does freeze */
        FTL_CHECK(n == atoi(strstr(text, "freezes ") + strlen("freezes ")));
    }
    ftl_gan_deinit(&gan);
    ftl_test_expansion_close(&e);
}

int main(void) {
    FTL_TEST(presets_expand);
    FTL_TEST(rivals_expand);
    FTL_TEST(what_makes_no_sense_is_refused);
    FTL_TEST(each_learns_from_its_own_stream);
    FTL_TEST(weights_add_up);
    FTL_TEST(what_is_frozen_is_told);
    return ftl_test_finish();
}
