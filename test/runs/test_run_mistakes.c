/* test_run_mistakes.c - six mistakes of the code that was released with the paper of
 * fairTL++ (Teo, Abdollahzadeh and Cheung, AAAI 2023), and that ours makes none:
 *  1. the second feedback asks the trainable discriminator again, D_s is never used;
 *  2. linear probing freezes nothing;
 *  3. half of the generator's loss comes from a D_s that was never trained;
 *  4. "low-level" layers are counted from the wrong end;
 *  5. a group that is absent does not count in the fairness discrepancy;
 *  6. tensors that are missing from a file stay random, in silence. */
#include "checkpoints/checkpoint.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"
#include "trainers/gan.h"
#include "trainers/methods/method.h"
#include "trainers/metrics/fairness.h"

#include <stdlib.h>
#include <string.h>

/* Nothing but the adaptation of whole/checkpoints/pretrain.h5, into this directory. */
#define ADAPT "adapt --from whole/checkpoints/pretrain.h5 tiny.yaml --out "

static const ftl_gan_options tiny = {
        .resolution = 32, .channels = 1, .ch = 1, .z_dim = 8};

/* A network of a run's checkpoint, under the name that it has there. */
static ftl_status read_store(ftl_store **out, const char *path, const char *name) {
    ftl_checkpoint *c;
    FTL_TRY(ftl_checkpoint_open(&c, whole_run_path("%s", path)));
    ftl_status status =
            name[0] == 'G'
                    ? ftl_gan_make_generator(out, name, &ftl_biggan, &tiny, 1)
                    : ftl_gan_make_discriminator(out, name, &ftl_biggan, &tiny, 1);
    if (status == FTL_OK) status = ftl_checkpoint_get_store(c, name, *out);
    ftl_checkpoint_close(c);
    return status;
}

static bool same_bytes(const ftl_state *a, const ftl_state *b) {
    return memcmp(a->data, b->data,
                   (size_t)ftl_shape_count(a->shape) * sizeof *a->data) == 0;
}

static bool same_stores(const ftl_store *a, const ftl_store *b) {
    return memcmp(a->block, b->block, (size_t)a->n_block * sizeof(float)) == 0;
}

/* Mistake 1. D_s is the pre-trained D, stays it to the byte, and is heard: what G
 * becomes depends on its weight. (That G's gradient depends on D_s's values is in
 * test_parity_fairtlpp.c.) */
static void d_s_is_used_and_stays(void) {
    ftl_store *d, *d_s, *d_t, *g, *alone;
    FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0);
    FTL_CHECK(whole_run(ADAPT "heard --set run=[{adapt:~{method:~fairtl++,~kimg:~0.04,"
                              "~batch:~4}}]") == 0);
    FTL_CHECK(whole_run(ADAPT "alone --set run=[{adapt:~{method:~fairtl++,~kimg:~0.04,"
                              "~batch:~4,~lambda:~1}}]") == 0);
    FTL_CHECK_OK(read_store(&d, "whole/checkpoints/pretrain.h5", "D"));
    FTL_CHECK_OK(read_store(&d_s, "heard/checkpoints/adapt.h5", "D_s"));
    FTL_CHECK_OK(read_store(&d_t, "heard/checkpoints/adapt.h5", "D"));
    FTL_CHECK_OK(read_store(&g, "heard/checkpoints/adapt.h5", "G"));
    FTL_CHECK_OK(read_store(&alone, "alone/checkpoints/adapt.h5", "G"));
    const bool stays = same_stores(d, d_s), trains = !same_stores(d, d_t);
    const bool heard = !same_stores(g, alone);
    ftl_store_free(d);
    ftl_store_free(d_s);
    ftl_store_free(d_t);
    ftl_store_free(g);
    ftl_store_free(alone);
    FTL_CHECK(stays && trains && heard);
}

/* Mistake 2. In linear probing what is frozen keeps its bytes and nothing else does. */
static void linear_probing_freezes(void) {
    ftl_store *before, *after;
    FTL_CHECK(
            whole_run(ADAPT
                    "probe --set run=[{adapt:~{method:~fairtl++,~batch:~4,~stages:~[{"
                    "name:~linear-probe,~kimg:~0.04,~freeze:~[D@32,~D@16]}]}}]") == 0);
    FTL_CHECK_OK(read_store(&before, "whole/checkpoints/pretrain.h5", "D"));
    FTL_CHECK_OK(read_store(&after, "probe/checkpoints/adapt.h5", "D"));
    int n_still = 0, wrong = 0;
    for (int i = 0; i < before->n_states; i++) {
        const ftl_state *a = before->state[i], *b = after->state[i];
        const bool frozen = strncmp(a->name, "blocks.0.", 9) == 0 ||
                            strncmp(a->name, "blocks.1.", 9) == 0;
        /* A spectral vector of one element is 1 or -1 whatever happens. */
        if (a->kind == FTL_BUFFER && ftl_shape_count(a->shape) == 1) continue;
        n_still += frozen;
        if (same_bytes(a, b) == frozen) continue;
        ftl_test_fail(__FILE__, __LINE__, "D.%s: %s", a->name,
                frozen ? "is frozen, and changed" : "did not change");
        wrong++;
    }
    ftl_store_free(before);
    ftl_store_free(after);
    FTL_CHECK(wrong == 0 && n_still > 10);
}

/* ... and the preset freezes it under its own name, then nothing. */
static void the_preset_probes_first(void) {
    ftl_adapt_settings settings = {.kimg = 1,
            .lambda = 0.5,
            .probe = 0.5,
            .gan = {.batch = 8, .g_lr = 1e-3, .d_lr = 1e-3}};
    ftl_adaptation all;
    ftl_arena *arena;
    ftl_gan gan;
    int n, total = 0;
    FTL_CHECK_OK(ftl_arena_create(&arena));
    settings.method = 1;
    FTL_CHECK(ftl_methods[1] == &ftl_method_fairtlpp);
    FTL_CHECK_OK(ftl_adaptation_expand(&all, &settings, 32, "adapt", arena));
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &tiny, 1, false));
    FTL_CHECK(all.n_segments == 2);
    FTL_CHECK(all.segment[0].n_freeze == 2 && all.segment[1].n_freeze == 0);
    for (int i = 0; i < all.segment[0].n_freeze; i++) {
        FTL_CHECK_OK(ftl_gan_freeze(&gan, all.segment[0].freeze[i], &n));
        total += n;
    }
    int frozen = 0;
    for (int i = 0; i < gan.d[0].store->n_states; i++)
        frozen += gan.d[0].store->state[i]->frozen;
    ftl_gan_deinit(&gan);
    ftl_arena_free(arena);
    FTL_CHECK(total > 10 && frozen == total);
}

/* Mistake 3. There is no D_s but a trained one. */
static void d_s_must_have_been_trained(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out no --set run=[{adapt:~{method:~fairtl++,~"
                        "kimg:~0.04,~batch:~4}}]") == 2);
    FTL_CHECK(whole_run_complained("there is no generator yet"));
    FTL_CHECK(whole_run("adapt --from nothing.h5 tiny.yaml --out no") == 2);
    FTL_CHECK(whole_run_complained("nothing.h5"));
    /* A file of the moment before pre-training: its D is random. */
    FTL_CHECK(whole_run("adapt --from whole/checkpoints/classifier.h5 tiny.yaml --out "
                        "no --set run=[{adapt:~{method:~fairtl++,~kimg:~0.04,~batch:~4}"
                        "}]") == 2);
    FTL_CHECK(whole_run_complained("classifier.h5 holds no trained generator"));
    FTL_CHECK(!whole_run_exists("no"));
}

/* Mistake 4. The highest resolution is the block that sees the image; what a pattern
 * matched is printed, and no match is an error. */
static void resolutions_count_from_the_image(void) {
    ftl_gan gan;
    int n;
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &tiny, 1, false));
    FTL_CHECK_OK(ftl_gan_freeze(&gan, "D@32", &n));
    const ftl_state *first = ftl_store_find(gan.d[0].store, "blocks.0.0.conv1.weight");
    const ftl_state *deepest =
            ftl_store_find(gan.d[0].store, "blocks.3.0.conv1.weight");
    /* What sees the image has its channels. */
    const bool sees = first && first->shape.dim[1] == tiny.channels && first->frozen;
    const bool others = deepest && !deepest->frozen;
    ftl_gan_deinit(&gan);
    FTL_CHECK(sees && others);
    char *log = whole_run_read("probe/log.txt");
    const bool printed =
            log && strstr(log, "\"D@32\" freezes 12 tensors: D.blocks.0.0.* (12)\n") &&
            strstr(log, "\"D@16\" freezes 12 tensors: D.blocks.1.0.* (12)\n");
    free(log);
    FTL_CHECK(printed);
    FTL_CHECK(
            whole_run(ADAPT "no --set run=[{adapt:~{method:~fairtl++,~batch:~4,"
                            "~stages:~[{name:~a,~kimg:~1,~freeze:~[D@128]}]}}]") == 2);
    FTL_CHECK(whole_run_complained("the pattern \"D@128\" matches no tensor"));
}

/* Mistake 5. All K groups count. */
static void absent_groups_count(void) {
    const int64_t two[2][2] = {{10000, 0}, {0, 10000}};
    const int64_t four[4] = {0, 0, 10000, 0};
    ftl_fairness f;
    for (int i = 0; i < 2; i++) {
        FTL_CHECK_OK(ftl_fairness_count(&f, 2, two[i]));
        FTL_CHECK_NEAR(f.fd, 0.70710678, 1e-7);
    }
    FTL_CHECK_OK(ftl_fairness_count(&f, 4, four));
    FTL_CHECK_NEAR(f.fd, 0.86602540, 1e-7);
}

/* Write a generator of this width without tensor `lost`, or with one more if NULL. */
static ftl_status write_generator(const char *path, int ch, const char *lost) {
    ftl_checkpoint_writer *w = NULL;
    ftl_store *g = NULL, *file = NULL;
    ftl_state *state;
    ftl_gan_options options = tiny;
    ftl_status status;
    options.ch = ch;
    FTL_TRY_OUT(ftl_gan_make_generator(&g, "G", &ftl_biggan, &options, 1));
    FTL_TRY_OUT(ftl_store_create(&file, "G"));
    for (int i = 0; i < g->n_states; i++) {
        const ftl_state *s = g->state[i];
        if (lost && strcmp(lost, s->name) == 0) continue;
        FTL_TRY_OUT(
                ftl_store_declare(&state, file, s->name, s->kind, s->shape, s->init));
    }
    if (!lost)
        FTL_TRY_OUT(ftl_store_declare(&state, file, "blocks.9.weight", FTL_PARAMETER,
                FTL_SHAPE(1), g->state[0]->init));
    FTL_TRY_OUT(ftl_store_allocate(file, 1, "G"));
    FTL_TRY_OUT(ftl_checkpoint_begin(&w, "training"));
    FTL_TRY_OUT(ftl_checkpoint_put_store(w, file));
    FTL_TRY_OUT(ftl_checkpoint_save(w, whole_run_path("%s", path), NULL));
out:
    ftl_checkpoint_discard(w);
    ftl_store_free(g);
    ftl_store_free(file);
    return status;
}

/* Mistake 6. Missing, extra and misshapen tensors are named. */
static void tensors_must_fit(void) {
    ftl_store *g = NULL;
    static const char lost[] = "blocks.1.0.conv1.bias";
    FTL_CHECK_OK(write_generator("missing.h5", tiny.ch, lost));
    FTL_CHECK_FAILS(read_store(&g, "missing.h5", "G"), FTL_EFORMAT, lost);
    ftl_store_free(g);
    FTL_CHECK_OK(write_generator("extra.h5", tiny.ch, NULL));
    FTL_CHECK_FAILS(read_store(&g, "extra.h5", "G"), FTL_EFORMAT, "G.blocks.9.weight");
    ftl_store_free(g);
    FTL_CHECK_OK(write_generator("wide.h5", 2, lost));
    FTL_CHECK_FAILS(read_store(&g, "wide.h5", "G"), FTL_ESHAPE, "G.linear.weight");
    ftl_store_free(g);
}

int main(void) {
    whole_run_begin();
    FTL_TEST(d_s_is_used_and_stays);
    FTL_TEST(linear_probing_freezes);
    FTL_TEST(the_preset_probes_first);
    FTL_TEST(d_s_must_have_been_trained);
    FTL_TEST(resolutions_count_from_the_image);
    FTL_TEST(absent_groups_count);
    FTL_TEST(tensors_must_fit);
    return ftl_test_finish();
}
