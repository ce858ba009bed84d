/* run_evaluate.c - measuring a generator that no run is at, or images alone. */
#include "datasets/batch.h"
#include "datasets/gallery.h"
#include "datasets/importer.h"
#include "engine/base/log.h"
#include "trainers/features.h"
#include "trainers/run/run_opened.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, WINDOW = 16 * BATCH };

/* ---------------------------------------------------------------------- quality */

/* The real images of --real, and what is to be measured. */
typedef struct comparison {
    ftl_pack_file *file; /* NULL: nothing is */
    bool want[FTL_N_QUALITY_METRICS];
    char name[FTL_RUN_PATH_BYTES];
} comparison;

/* "frechet,kid" to flags. */
static ftl_status choose_metrics(bool *want, const char *names) {
    const char *item[FTL_N_QUALITY_METRICS + 1];
    char copy[128], *rest = copy, *name;
    bool any;
    ftl_texts list = {item, 0};
    if (snprintf(copy, sizeof copy, "%s", names) >= (int)sizeof copy)
        return ftl_fail(FTL_ECONFIG, "--metrics: that is too long");
    while (list.n <= FTL_N_QUALITY_METRICS && (name = strtok_r(rest, ",", &rest)))
        item[list.n++] = name;
    return ftl_run_quality_want(want, &any, &list);
}

static ftl_status open_comparison(comparison *c, const ftl_evaluate_options *options,
        const ftl_classifier_options *of) {
    if (!options->real) return FTL_OK;
    FTL_TRY(choose_metrics(
            c->want, options->metrics ? options->metrics : "frechet,kid,prdc"));
    char hash[FTL_SHA256_HEX];
    if (options->weights) FTL_TRY(ftl_features_check_inception(hash, options->weights));
    FTL_TRY(ftl_pack_open(&c->file, options->real));
    const ftl_pack *pack = &c->file->pack;
    if (pack->height != of->resolution || pack->width != of->resolution ||
            pack->channels != of->channels)
        return ftl_fail(FTL_EINPUT,
                "%s: images of %d x %d with %d channels; the classifier takes %d x %d "
                "with %d",
                options->real, pack->width, pack->height, pack->channels,
                of->resolution, of->resolution, of->channels);
    snprintf(c->name, sizeof c->name, "%s", options->real);
    return FTL_OK;
}

static ftl_status compare(ftl_run_quality *out, const comparison *c,
        ftl_run_opened *judge, const ftl_quality_generated *generated,
        const ftl_evaluate_options *options) {
    const ftl_quality_real real = {c->name, &c->file->pack, NULL, c->file->pack.n};
    const ftl_run_extractor extractor = {options->weights, &judge->classifier};
    return ftl_run_quality_measure(
            out, &extractor, &real, generated, c->want, options->seed);
}

/* ----------------------------------------------------------------- a checkpoint */

/* Draw and count all samples, and compare them if that is asked for. */
static ftl_status draw_samples(ftl_run_drawing *d, ftl_run_quality *quality,
        const comparison *c, ftl_run_opened *judge,
        const ftl_evaluate_options *options) {
    int64_t n = options->samples ? options->samples : FTL_EVALUATE_DEFAULT;
    const ftl_quality_generated generated = {n, ftl_run_draw_next, d};
    if (c->file) FTL_TRY(compare(quality, c, judge, &generated, options));
    return ftl_run_draw_next(d, NULL, n - d->done);
}

static ftl_status measure_generator(ftl_run_opened *o, ftl_run_opened *judge,
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_quality quality;
    comparison c = {0};
    int64_t n_images, kept = FTL_KEPT_LAST;
    ftl_run_drawing d = {
            .key = {.seed = options->seed, .stream = FTL_STREAM_LATENT_REPORT}};
    if (judge->settings.model.resolution != o->settings.model.resolution ||
            judge->channels != o->channels)
        return ftl_fail(FTL_EINPUT, "the classifier of %s takes other images",
                ftl_checkpoint_path(judge->checkpoint));
    FTL_TRY(ftl_run_trained_images(&n_images, o->checkpoint));
    if (ftl_checkpoint_has(o->checkpoint, "kept"))
        FTL_TRY(ftl_checkpoint_i64(o->checkpoint, "kept", &kept));
    if (kept < 0 || kept >= FTL_N_KEPT)
        return ftl_fail(FTL_EFORMAT, "%s: kept: %d names no generator",
                ftl_checkpoint_path(o->checkpoint), (int)kept);
    ftl_status status = open_comparison(&c, options, &judge->classifier.options);
    if (status == FTL_OK)
        status = ftl_evaluator_init(
                &d.evaluator, &o->gan, o->gan.g_ema, &judge->classifier);
    if (status == FTL_OK) {
        status = draw_samples(&d, &quality, &c, judge, options);
        ftl_evaluator_deinit(&d.evaluator);
    }
    if (status == FTL_OK)
        status = ftl_run_report(table, json, judge, d.counts,
                &(ftl_run_reported) {.stage = "checkpoint",
                        .kept = kept,
                        .kimg = (double)n_images / 1000,
                        .confidence = d.confidence,
                        .seed = options->seed,
                        .quality = c.file ? &quality : NULL});
    ftl_pack_close(c.file);
    return status;
}

static ftl_status evaluate_checkpoint(
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_opened o = {0}, other = {0};
    ftl_run_opened *judge = options->classifier ? &other : &o;
    int64_t n_images;
    ftl_status status;
    FTL_TRY_OUT(ftl_run_opened_begin(&o, options->checkpoint, "to evaluate"));
    FTL_TRY_OUT(ftl_run_trained_images(&n_images, o.checkpoint));
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

/* What the classifier calls the first n images of a gallery, and how sure it is. */
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

/* Where the images are from, and what was done to them. */
static void describe(char *text, size_t n_bytes, const char *path, ftl_pack_extent from,
        const ftl_gallery_options *to) {
    char sizes[64], resized[160] = "", on[32] = "";
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
    snprintf(text, n_bytes, "images of %s%s%s", path, resized, on);
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

static ftl_status compare_images(ftl_run_quality *out, const comparison *c,
        ftl_run_opened *judge, ftl_gallery *gallery, int64_t n,
        const ftl_evaluate_options *options) {
    shuffled s = {
            .gallery = gallery, .image_bytes = ftl_pack_image_bytes(&c->file->pack)};
    s.order = malloc((size_t)n * sizeof *s.order);
    if (!s.order) return ftl_fail(FTL_ENOMEM, "out of memory for the order of images");
    ftl_random_permutation(s.order, n,
            (ftl_random_key) {.seed = options->seed,
                    .stream = FTL_STREAM_QUALITY_ORDER,
                    .step = 1});
    const ftl_quality_generated generated = {n, read_shuffled, &s};
    ftl_status status = compare(out, c, judge, &generated, options);
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
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS], n;
    double confidence = 0;
    char note[FTL_RUN_PATH_BYTES + 256];
    ftl_run_quality quality;
    comparison c = {0};
    const ftl_classifier_options *of = &judge->classifier.options;
    FTL_TRY(check_count(&n, options, gallery));
    ftl_status status = open_comparison(&c, options, of);
    if (status == FTL_OK) status = count_images(counts, &confidence, judge, gallery, n);
    if (status == FTL_OK && c.file)
        status = compare_images(&quality, &c, judge, gallery, n, options);
    if (status == FTL_OK) {
        describe(note, sizeof note, options->images, ftl_gallery_extent(gallery), made);
        status = ftl_run_report(table, json, judge, counts,
                &(ftl_run_reported) {.stage = "images",
                        .note = note,
                        .kimg = -1,
                        .confidence = confidence,
                        .seed = options->seed,
                        .quality = c.file ? &quality : NULL});
    }
    ftl_pack_close(c.file);
    return status;
}

static ftl_status evaluate_images(
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

/* Options of metrics that say nothing, or not enough. */
static ftl_status check_metrics(const ftl_evaluate_options *options) {
    const bool inception =
            options->features && !strcmp(options->features, FTL_INCEPTION_NAME);
    if (options->metrics && !options->real)
        return ftl_fail(FTL_ECONFIG, "--metrics: against which real images? Name a "
                                     "pack of them with --real");
    if (options->features && !options->real)
        return ftl_fail(FTL_ECONFIG, "--features: of metrics against real images: name "
                                     "a pack of them with --real");
    if (options->features && !inception && strcmp(options->features, "classifier"))
        return ftl_fail(FTL_ECONFIG,
                "--features: there is no %s; there are classifier "
                "and " FTL_INCEPTION_NAME,
                options->features);
    if (inception && !options->weights)
        return ftl_fail(FTL_ECONFIG,
                "--features " FTL_INCEPTION_NAME ": name its weights with --weights; "
                "tools/convert_inception.py makes the file");
    if (options->weights && !inception)
        return ftl_fail(
                FTL_ECONFIG, "--weights: they are for --features " FTL_INCEPTION_NAME);
    return FTL_OK;
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
    if (!options->images && (options->fit || options->background))
        return ftl_fail(FTL_ECONFIG, "%s: of --images; a checkpoint's need no resizing",
                options->fit ? "--fit" : "--background");
    if (options->samples && (options->samples < FTL_EVALUATE_MIN ||
                                    options->samples > FTL_EVALUATE_MAX))
        return ftl_fail(FTL_ECONFIG, "--samples: %" PRId64 " is not in %d..%d",
                options->samples, FTL_EVALUATE_MIN, FTL_EVALUATE_MAX);
    FTL_TRY(check_metrics(options));
    if (options->threads > 0) omp_set_num_threads(options->threads);
    return options->images ? evaluate_images(options, table, json)
                           : evaluate_checkpoint(options, table, json);
}
