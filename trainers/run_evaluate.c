/* run_evaluate.c - measuring a generator that no run is at, or images alone. */
#include "datasets/batch.h"
#include "datasets/gallery.h"
#include "datasets/resize.h"
#include "engine/base/log.h"
#include "trainers/run_opened.h"

#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, WINDOW = 16 * BATCH };

/* ----------------------------------------------------------------- a checkpoint */

static ftl_status measure_generator(ftl_run_opened *o, ftl_run_opened *judge,
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_evaluator evaluator;
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS], n_images;
    ftl_random_key key = {.seed = options->seed, .stream = FTL_STREAM_LATENT_REPORT};
    if (judge->settings.model.resolution != o->settings.model.resolution ||
            judge->channels != o->channels)
        return ftl_fail(FTL_EINPUT, "the classifier of %s takes other images",
                ftl_checkpoint_path(judge->checkpoint));
    FTL_TRY(ftl_checkpoint_i64(o->checkpoint, "images", &n_images));
    FTL_TRY(ftl_evaluator_init(&evaluator, &o->gan, o->gan.g_ema, &judge->classifier));
    ftl_evaluator_run(&evaluator, key,
            options->samples ? options->samples : FTL_EVALUATE_DEFAULT, counts, NULL,
            NULL);
    ftl_evaluator_deinit(&evaluator);
    return ftl_run_report(table, json, judge, counts,
            &(ftl_run_reported) {.stage = "checkpoint",
                    .kimg = (double)n_images / 1000,
                    .seed = options->seed});
}

/* Random weights have shares too, which say nothing. */
static ftl_status check_trained(const ftl_run_opened *o) {
    int64_t n_images;
    FTL_TRY(ftl_checkpoint_i64(o->checkpoint, "images", &n_images));
    if (n_images > 0) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s holds no trained generator: it was written before the first step of "
            "pre-training",
            ftl_checkpoint_path(o->checkpoint));
}

static ftl_status evaluate_checkpoint(
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_opened o = {0}, other = {0};
    ftl_run_opened *judge = options->classifier ? &other : &o;
    ftl_status status;
    FTL_TRY_OUT(ftl_run_opened_begin(&o, options->checkpoint, "to evaluate"));
    FTL_TRY_OUT(check_trained(&o));
    FTL_TRY_OUT(ftl_run_opened_generator(&o));
    if (judge == &other)
        FTL_TRY_OUT(
                ftl_run_opened_begin(judge, options->classifier, "as the classifier"));
    FTL_TRY_OUT(ftl_run_opened_classifier(judge));
    FTL_TRY_OUT(measure_generator(&o, judge, options, table, json));
out:
    ftl_run_opened_close(&o);
    ftl_run_opened_close(&other);
    return status;
}

/* ----------------------------------------------------------------------- images */

/* What the classifier calls the first n images of a gallery. */
static ftl_status count_groups(int64_t *counts, ftl_gallery *gallery, int64_t n,
        const ftl_classifier_options *of, ftl_plan *plan) {
    int64_t index[BATCH];
    ftl_pack window = {.height = of->resolution,
            .width = of->resolution,
            .channels = of->channels};
    ftl_status status = FTL_OK;
    uint8_t *images = malloc(WINDOW * ftl_pack_image_bytes(&window));
    if (!images) return ftl_fail(FTL_ENOMEM, "out of memory for the images");
    window.images = images;
    const float *logits = ftl_plan_output(plan, "logits");
    memset(counts, 0, (size_t)of->classes * sizeof *counts);
    for (int64_t first = 0; first < n; first += window.n) {
        window.n = n - first < WINDOW ? n - first : WINDOW;
        FTL_TRY_OUT(ftl_gallery_read(gallery, images, first, window.n));
        for (int64_t at = 0; at < window.n; at += BATCH) {
            int64_t take = window.n - at < BATCH ? window.n - at : BATCH;
            /* A partial batch is filled up with its first image, and cut below. */
            for (int64_t i = 0; i < BATCH; i++)
                index[i] = at + (i < take ? i : 0);
            ftl_batch_gather(ftl_plan_input(plan, "x"), &window, index, NULL, BATCH);
            ftl_plan_run(plan);
            for (int64_t i = 0; i < take; i++)
                counts[ftl_classifier_argmax(logits + i * of->classes, of->classes)]++;
        }
        /* What is done in an instant needs no line. */
        if (n > WINDOW)
            ftl_log_progress(
                    "evaluate: %" PRId64 " of %" PRId64 " images", first + window.n, n);
    }
out:
    ftl_log_progress_end();
    free(images);
    return status;
}

/* Where the images are from, and what was done to them. */
static void describe(
        char *text, size_t n_bytes, const char *path, ftl_pack_extent from, int px) {
    char sizes[64];
    bool one = from.min_width == from.max_width && from.min_height == from.max_height;
    snprintf(text, n_bytes, "images of %s", path);
    if (one && from.min_width == px && from.min_height == px) return;
    snprintf(sizes, sizeof sizes, one ? "%d x %d" : "%d x %d to %d x %d",
            from.min_width, from.min_height, from.max_width, from.max_height);
    snprintf(text, n_bytes,
            "images of %s, %s px, made %d x %d (crop, " FTL_RESIZE_FILTER ")", path,
            sizes, px, px);
}

static ftl_status check_count(
        int64_t *n, const ftl_evaluate_options *options, const ftl_gallery *gallery) {
    *n = ftl_gallery_count(gallery);
    if (*n < FTL_EVALUATE_MIN || *n < options->samples)
        return ftl_fail(FTL_EINPUT,
                "%s: %" PRId64 " images; at least %" PRId64 " are to be measured",
                options->images, *n,
                options->samples ? options->samples : (int64_t)FTL_EVALUATE_MIN);
    if (options->samples) *n = options->samples;
    return FTL_OK;
}

static ftl_status measure_images(ftl_run_opened *judge, ftl_gallery *gallery,
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS], n;
    char note[FTL_RUN_PATH_BYTES + 256];
    ftl_plan *plan;
    const ftl_classifier_options *of = &judge->classifier.options;
    FTL_TRY(check_count(&n, options, gallery));
    FTL_TRY(ftl_classifier_plan_predict(&plan, &judge->classifier, BATCH));
    ftl_status status = count_groups(counts, gallery, n, of, plan);
    ftl_plan_free(plan);
    FTL_TRY(status);
    describe(note, sizeof note, options->images, ftl_gallery_extent(gallery),
            of->resolution);
    return ftl_run_report(table, json, judge, counts,
            &(ftl_run_reported) {.stage = "images",
                    .note = note,
                    .kimg = -1,
                    .seed = options->seed});
}

static ftl_status evaluate_images(
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_opened judge = {0};
    ftl_gallery *gallery = NULL;
    ftl_status status;
    FTL_TRY_OUT(ftl_run_opened_begin(&judge, options->classifier, "as the classifier"));
    FTL_TRY_OUT(ftl_run_opened_classifier(&judge));
    FTL_TRY_OUT(ftl_gallery_open(&gallery, options->images,
            judge.classifier.options.resolution, judge.classifier.options.channels));
    FTL_TRY_OUT(measure_images(&judge, gallery, options, table, json));
out:
    ftl_gallery_close(gallery);
    ftl_run_opened_close(&judge);
    return status;
}

ftl_status ftl_evaluate(const ftl_evaluate_options *options, FILE *table, FILE *json) {
    if (!options->checkpoint == !options->images)
        return ftl_fail(FTL_ECONFIG,
                options->images ? "--images: what is to be measured, they or the "
                                  "CHECKPOINT? A classifier is named by --classifier"
                                : "CHECKPOINT is missing, or --images");
    if (options->images && !options->classifier)
        return ftl_fail(FTL_ECONFIG,
                "--images: which checkpoint has the classifier? Add --classifier");
    if (options->samples && (options->samples < FTL_EVALUATE_MIN ||
                                    options->samples > FTL_EVALUATE_MAX))
        return ftl_fail(FTL_ECONFIG, "--samples: %" PRId64 " is not in %d..%d",
                options->samples, FTL_EVALUATE_MIN, FTL_EVALUATE_MAX);
    if (options->threads > 0) omp_set_num_threads(options->threads);
    return options->images ? evaluate_images(options, table, json)
                           : evaluate_checkpoint(options, table, json);
}
