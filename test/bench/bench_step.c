/* bench_step.c - whole training steps, as test/bench/torch_step.py does them in
 * PyTorch.
 *
 *     bench_step [--tune] CASE PRECISION [STEPS]      PRECISION: fp32 | bf16
 *
 * --tune: kernels by trying, engine.tune: measure; else by the fixed rule. Two steps
 * warm up. Then, without STEPS, a line on standard input asks for one step more. Prints
 * "ready" when warm, "ms <milliseconds>" for each step, and at the end "mib <peak
 * resident set>". A step has all that method and trainer do: data gathered from packed
 * bytes, latents, discriminator and generator phases, Adam, the average; a step of
 * sampling makes a batch of images as bytes. Exit status 3: this CPU does not compute
 * in this precision. */
#include "datasets/batch.h"
#include "engine/backend/onednn.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/nn/ema.h"
#include "trainers/classifier.h"
#include "trainers/gan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 2048, D_STEPS = 2, Z_DIM = 128, WARM_UP = 2, SAMPLE_BATCH = 64 };
enum { NOT_HERE = 3 }; /* an exit status */

typedef struct bench_case {
    const char *name;
    enum { GAN, CLASSIFIER, SAMPLE } kind;
    int px, ch, batch;
} bench_case;

static const bench_case cases[] = {
        {"biggan64-ch32-b16", GAN, 64, 32, 16},
        {"biggan64-ch64-b8", GAN, 64, 64, 8},
        {"biggan32-ch64-b64", GAN, 32, 64, 64},
        {"resnet18-b64", CLASSIFIER, 64, 64, 64},
        {"sample-biggan64-10k", SAMPLE, 64, 32, SAMPLE_BATCH},
};

/* Steps done, and how many are wanted behind the warm-up; 0: as many as lines come. */
static int n_done, n_wanted;

static bool go_on(void) {
    char line[8];
    if (n_done < WARM_UP) return true;
    if (n_done == WARM_UP) printf("ready\n");
    fflush(stdout);
    if (n_wanted) return n_done < n_wanted + WARM_UP;
    return fgets(line, sizeof line, stdin) != NULL;
}

static void report(double seconds) {
    if (n_done++ >= WARM_UP) printf("ms %.3f\n", seconds * 1e3);
    fflush(stdout);
}

static ftl_type precision = FTL_F32; /* of all plans */
static ftl_choices *choices;         /* NULL: not --tune */
static int64_t position;

/* The next images of an endless walk over the pack, every other one mirrored. */
static void gather(float *out, const ftl_pack *pack, int batch) {
    int64_t index[256];
    bool flip[256];
    for (int i = 0; i < batch; i++, position++) {
        index[i] = position * 7919 % pack->n;
        flip[i] = position & 1;
    }
    ftl_batch_gather(out, pack, index, flip, batch);
}

static void latents(float *z, int batch, int64_t step) {
    ftl_random_key key = {.seed = 1, .stream = FTL_STREAM_TEST, .step = (uint64_t)step};
    for (int i = 0; i < batch; i++)
        ftl_random_normal(z + i * Z_DIM, Z_DIM, key, (uint64_t)i);
}

static const ftl_adam_options g_adam = {
        .learning_rate = 5e-4, .beta1 = 0, .beta2 = 0.999, .epsilon = 1e-8};
static const ftl_adam_options d_adam = {
        .learning_rate = 2e-4, .beta1 = 0, .beta2 = 0.999, .epsilon = 1e-8};

static ftl_status bench_gan(const bench_case *c, const ftl_pack *pack) {
    ftl_gan gan;
    ftl_plan *d, *g;
    const char *bad;
    ftl_gan_options options = {.resolution = c->px,
            .channels = 3,
            .ch = c->ch,
            .z_dim = Z_DIM,
            .precision = precision,
            .choices = choices,
            .measure = choices};
    FTL_TRY(ftl_gan_init(&gan, &ftl_biggan, &options, 1, false));
    FTL_TRY(ftl_gan_plan_d(&d, &gan, c->batch));
    FTL_TRY(ftl_gan_plan_g(&g, &gan, c->batch));
    while (go_on()) {
        double start = ftl_clock_s();
        for (int k = 0; k < D_STEPS; k++) {
            gather(ftl_plan_input(d, "x0"), pack, c->batch);
            latents(ftl_plan_input(d, "z"), c->batch, 3 * n_done + k);
            ftl_plan_run(d);
            if (!ftl_adam_finite(&gan.d[0].adam, &bad)) return FTL_ENUMERIC;
            ftl_plan_commit(d);
            ftl_adam_step(&gan.d[0].adam, &d_adam);
        }
        latents(ftl_plan_input(g, "z"), c->batch, 3 * n_done + 2);
        ftl_plan_run(g);
        if (!ftl_adam_finite(&gan.g_adam, &bad)) return FTL_ENUMERIC;
        ftl_plan_commit(g);
        ftl_adam_step(&gan.g_adam, &g_adam);
        ftl_ema_update(gan.g_ema, gan.g, 0.999);
        report(ftl_clock_s() - start);
    }
    ftl_plan_free(d);
    ftl_plan_free(g);
    ftl_gan_deinit(&gan);
    return FTL_OK;
}

static ftl_status bench_classifier(const bench_case *c, const ftl_pack *pack) {
    ftl_classifier classifier;
    ftl_plan *plan;
    const char *bad;
    ftl_classifier_options options = {.resolution = c->px,
            .channels = 3,
            .width = c->ch,
            .classes = 2,
            .precision = precision,
            .choices = choices,
            .measure = choices};
    ftl_adam_options adam = {
            .learning_rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    FTL_TRY(ftl_classifier_init(&classifier, &options, 1));
    FTL_TRY(ftl_classifier_plan_train(&plan, &classifier, c->batch));
    while (go_on()) {
        double start = ftl_clock_s();
        int32_t *label = ftl_plan_input(plan, "label");
        gather(ftl_plan_input(plan, "x"), pack, c->batch);
        for (int i = 0; i < c->batch; i++)
            label[i] = i & 1;
        ftl_plan_run(plan);
        if (!ftl_adam_finite(&classifier.adam, &bad)) return FTL_ENUMERIC;
        ftl_plan_commit(plan);
        ftl_adam_step(&classifier.adam, &adam);
        report(ftl_clock_s() - start);
    }
    ftl_plan_free(plan);
    ftl_classifier_deinit(&classifier);
    return FTL_OK;
}

static ftl_status bench_sampling(const bench_case *c) {
    ftl_gan gan;
    ftl_plan *plan;
    ftl_gan_options options = {.resolution = c->px,
            .channels = 3,
            .ch = c->ch,
            .z_dim = Z_DIM,
            .precision = precision,
            .choices = choices,
            .measure = choices};
    uint8_t *images = malloc((size_t)(SAMPLE_BATCH * 3 * c->px * c->px));
    if (!images) return ftl_fail(FTL_ENOMEM, "out of memory");
    FTL_TRY(ftl_gan_init(&gan, &ftl_biggan, &options, 1, false));
    FTL_TRY(ftl_gan_plan_sample(&plan, &gan, gan.g_ema, SAMPLE_BATCH));
    while (go_on()) {
        double start = ftl_clock_s();
        latents(ftl_plan_input(plan, "z"), SAMPLE_BATCH, n_done);
        ftl_plan_run(plan);
        ftl_batch_to_bytes(
                images, ftl_plan_output(plan, "image"), SAMPLE_BATCH, 3, c->px, c->px);
        report(ftl_clock_s() - start);
    }
    free(images);
    ftl_plan_free(plan);
    ftl_gan_deinit(&gan);
    return FTL_OK;
}

static ftl_status bench(const bench_case *c) {
    size_t n = (size_t)IMAGES * 3 * (size_t)(c->px * c->px);
    uint8_t *bytes = malloc(n);
    if (!bytes) return ftl_fail(FTL_ENOMEM, "out of memory for the images");
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    ftl_pack pack = {.n = IMAGES,
            .height = c->px,
            .width = c->px,
            .channels = 3,
            .images = bytes};
    ftl_status status = c->kind == GAN          ? bench_gan(c, &pack)
                        : c->kind == CLASSIFIER ? bench_classifier(c, &pack)
                                                : bench_sampling(c);
    free(bytes);
    return status;
}

static int usage(void) {
    fprintf(stderr,
            "usage: bench_step [--tune] CASE fp32|bf16 [STEPS], CASE one of:\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fprintf(stderr, "  %s\n", cases[i].name);
    return 2;
}

int main(int argc, char *argv[]) {
    const bench_case *c = NULL;
    bool tune = argc > 1 && !strcmp(argv[1], "--tune");
    char **word = argv + 1 + tune;
    int n_words = argc - 1 - tune;
    for (size_t i = 0; n_words && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(word[0], cases[i].name)) c = &cases[i];
    if (n_words < 2 || n_words > 3 || !c) return usage();
    if (n_words == 3 && (n_wanted = atoi(word[2])) < 1) return usage();
    if (strcmp(word[1], "fp32") != 0) {
        if (strcmp(word[1], "bf16") != 0) return usage();
        if (!ftl_onednn_has_bf16()) return NOT_HERE;
        precision = FTL_BF16;
    }
    ftl_status status = tune ? ftl_choices_create(&choices) : FTL_OK;
    if (status == FTL_OK) status = bench(c);
    if (status != FTL_OK) fprintf(stderr, "bench_step: %s\n", ftl_message());
    ftl_choices_free(choices);
    if (status != FTL_OK) return 1;
    printf("mib %.1f\n", ftl_clock_peak_mib());
    return 0;
}
