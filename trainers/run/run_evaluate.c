/* run_evaluate.c - measuring a generator that no run is at, or images alone. */
#include "trainers/run/run_evaluate.h"

#include "trainers/features.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

/* Draw and count all samples, and compare them if that is asked for. */
static ftl_status draw_samples(ftl_run_drawing *d, ftl_run_quality *quality,
        const ftl_evaluate_real *real, ftl_run_opened *judge,
        const ftl_evaluate_options *options) {
    int64_t n = options->samples ? options->samples : FTL_EVALUATE_DEFAULT;
    const ftl_quality_generated generated = {n, ftl_run_draw_next, d};
    if (real->file)
        FTL_TRY(ftl_evaluate_compare(quality, real, judge, &generated, options));
    return ftl_run_draw_next(d, NULL, n - d->done);
}

static ftl_status measure_generator(ftl_run_opened *o, ftl_run_opened *judge,
        const ftl_evaluate_options *options, FILE *table, FILE *json) {
    ftl_run_quality quality;
    ftl_evaluate_real real = {0};
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
    ftl_status status =
            ftl_evaluate_open_real(&real, options, &judge->classifier.options);
    if (status == FTL_OK)
        status = ftl_evaluator_init(
                &d.evaluator, &o->gan, o->gan.g_ema, &judge->classifier);
    if (status == FTL_OK) {
        status = draw_samples(&d, &quality, &real, judge, options);
        ftl_evaluator_deinit(&d.evaluator);
    }
    if (status == FTL_OK)
        status = ftl_run_report(table, json, judge, d.counts,
                &(ftl_run_reported) {.stage = "checkpoint",
                        .kept = kept,
                        .kimg = (double)n_images / 1000,
                        .confidence = d.confidence,
                        .seed = options->seed,
                        .quality = real.file ? &quality : NULL});
    ftl_pack_close(real.file);
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
    return options->images ? ftl_evaluate_images(options, table, json)
                           : evaluate_checkpoint(options, table, json);
}
