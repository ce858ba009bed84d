/* run_evaluate_images.c - measuring images that anything has drawn. */
#include "datasets/batch.h"
#include "datasets/gallery.h"
#include "datasets/importer.h"
#include "engine/base/log.h"
#include "trainers/run/run_evaluate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, WINDOW = 16 * BATCH };

/* What the classifier calls the n images of a gallery, and how sure it is. */
static ftl_status count_groups(int64_t *counts, double *confidence,
        ftl_gallery *gallery, int64_t n, const ftl_classifier_options *of,
        ftl_plan *plan) {
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
    *confidence = 0;
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
            for (int64_t i = 0; i < take; i++) {
                const float *answer = logits + i * of->classes;
                counts[ftl_classifier_argmax(answer, of->classes)]++;
                *confidence +=
                        ftl_classifier_confidence(answer, of->classes) / (double)n;
            }
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

/* Where the images are from, and what was done to them. n_all: how many there are. */
static void describe(char *text, size_t n_bytes, const ftl_evaluate_options *options,
        int64_t n_all, const ftl_gallery *gallery, const ftl_gallery_options *to) {
    char drawn[96] = "", sizes[64], resized[160] = "", on[32] = "";
    const int64_t n = ftl_gallery_count(gallery);
    const ftl_pack_extent from = ftl_gallery_extent(gallery);
    const uint8_t *rgb = to->background;
    bool one = from.min_width == from.max_width && from.min_height == from.max_height;
    snprintf(sizes, sizeof sizes, one ? "%d x %d" : "%d x %d to %d x %d",
            from.min_width, from.min_height, from.max_width, from.max_height);
    if (!one || from.min_width != to->size || from.min_height != to->size)
        snprintf(resized, sizeof resized,
                ", %s px, made %d x %d (%s, " FTL_RESIZE_FILTER ")", sizes, to->size,
                to->size, ftl_fit_names[to->fit]);
    if (rgb[0] || rgb[1] || rgb[2])
        snprintf(on, sizeof on, ", background #%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
    if (n < n_all)
        snprintf(drawn, sizeof drawn, "%" PRId64 " of %" PRId64 " ", n, n_all);
    snprintf(text, n_bytes, "%simages of %s%s%s%s", drawn, options->images,
            n < n_all ? ", drawn by the seed" : "", resized, on);
}

/* What the classifier takes, made as --fit and --background say. */
static ftl_status read_fitting(ftl_gallery_options *out,
        const ftl_evaluate_options *options, const ftl_classifier_options *of) {
    uint8_t *rgb = out->background;
    out->size = of->resolution;
    out->channels = of->channels;
    if (options->fit) FTL_TRY(ftl_importer_read_fit(&out->fit, options->fit, "--fit"));
    if (options->background)
        FTL_TRY(ftl_importer_read_colour(rgb, options->background, "--background"));
    if (out->channels == 1 && (rgb[0] != rgb[1] || rgb[1] != rgb[2]))
        return ftl_fail(FTL_ECONFIG,
                "--background: %s is no grey, and the classifier takes grey images",
                options->background);
    return FTL_OK;
}

/* Keep what is to be measured: all, or --samples of them. *n_all: how many there are.
 */
static ftl_status choose(
        int64_t *n_all, ftl_gallery *gallery, const ftl_evaluate_options *options) {
    int64_t n = options->samples;
    *n_all = ftl_gallery_count(gallery);
    if (*n_all < FTL_EVALUATE_MIN || *n_all < n)
        return ftl_fail(FTL_EINPUT,
                "%s: %" PRId64 " images; at least %" PRId64 " are to be measured",
                options->images, *n_all, n ? n : (int64_t)FTL_EVALUATE_MIN);
    return n && n < *n_all ? ftl_gallery_draw(gallery, n, options->seed) : FTL_OK;
}

/* The images of a gallery in the order that a seed draws, as KID needs them. */
typedef struct shuffled {
    ftl_gallery *gallery;
    int64_t *order, at;
    size_t image_bytes;
} shuffled;

static ftl_status read_shuffled(void *context, uint8_t *images, int64_t count) {
    shuffled *s = context;
    for (int64_t i = 0; i < count; i++)
        FTL_TRY(ftl_gallery_read(
                s->gallery, images + (size_t)i * s->image_bytes, s->order[s->at++], 1));
    return FTL_OK;
}

static ftl_status compare_images(ftl_run_quality *out, const ftl_evaluate_real *real,
        ftl_run_opened *judge, ftl_gallery *gallery, int64_t n,
        const ftl_evaluate_options *options) {
    shuffled s = {
            .gallery = gallery, .image_bytes = ftl_pack_image_bytes(&real->file->pack)};
    s.order = malloc((size_t)n * sizeof *s.order);
    if (!s.order) return ftl_fail(FTL_ENOMEM, "out of memory for the order of images");
    ftl_random_permutation(s.order, n,
            (ftl_random_key) {.seed = options->seed,
                    .stream = FTL_STREAM_QUALITY_ORDER,
                    .step = 1});
    const ftl_quality_generated generated = {n, read_shuffled, &s};
    ftl_status status = ftl_evaluate_compare(out, real, judge, &generated, options);
    free(s.order);
    return status;
}

static ftl_status count_images(int64_t *counts, double *confidence,
        ftl_run_opened *judge, ftl_gallery *gallery, int64_t n) {
    ftl_plan *plan;
    FTL_TRY(ftl_classifier_plan_predict(&plan, &judge->classifier, BATCH));
    ftl_status status = count_groups(
            counts, confidence, gallery, n, &judge->classifier.options, plan);
    ftl_plan_free(plan);
    return status;
}

static ftl_status measure_images(ftl_run_opened *judge, ftl_gallery *gallery,
        const ftl_gallery_options *made, const ftl_evaluate_options *options,
        FILE *table, FILE *json) {
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS], n_all;
    double confidence = 0;
    char note[FTL_RUN_PATH_BYTES + 256];
    ftl_run_quality quality;
    ftl_evaluate_real real = {0};
    const ftl_classifier_options *of = &judge->classifier.options;
    FTL_TRY(choose(&n_all, gallery, options));
    const int64_t n = ftl_gallery_count(gallery);
    ftl_status status = ftl_evaluate_open_real(&real, options, of);
    if (status == FTL_OK) status = count_images(counts, &confidence, judge, gallery, n);
    if (status == FTL_OK && real.file)
        status = compare_images(&quality, &real, judge, gallery, n, options);
    if (status == FTL_OK) {
        describe(note, sizeof note, options, n_all, gallery, made);
        status = ftl_run_report(table, json, judge, counts,
                &(ftl_run_reported) {.stage = "images",
                        .note = note,
                        .kimg = -1,
                        .confidence = confidence,
                        .seed = options->seed,
                        .quality = real.file ? &quality : NULL});
    }
    ftl_pack_close(real.file);
    return status;
}

ftl_status ftl_evaluate_images(
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_opened judge = {0};
    ftl_gallery *gallery = NULL;
    ftl_gallery_options made = {.fit = FTL_FIT_CROP};
    ftl_status status;
    FTL_TRY_OUT(ftl_run_opened_begin(&judge, options->classifier, "as the classifier"));
    FTL_TRY_OUT(ftl_run_opened_classifier(&judge));
    FTL_TRY_OUT(read_fitting(&made, options, &judge.classifier.options));
    FTL_TRY_OUT(ftl_gallery_open(&gallery, options->images, &made));
    FTL_TRY_OUT(measure_images(&judge, gallery, &made, options, table, json));
out:
    ftl_gallery_close(gallery);
    ftl_run_opened_close(&judge);
    return status;
}
