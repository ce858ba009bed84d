/* run_measure.c - measuring the generators of a run. */
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "trainers/run/run_opened.h"
#include "trainers/run/run_quality.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 of the classifier's weights and statistics. */
static ftl_status hash_classifier(char hex[FTL_SHA256_HEX], const ftl_store *store) {
    uint8_t digest[FTL_SHA256_BYTES];
    FTL_TRY(ftl_sha256(digest, store->block, (size_t)store->n_block * sizeof(float)));
    ftl_sha256_hex(hex, digest);
    return FTL_OK;
}

static ftl_status evaluate(ftl_evaluation *out, const char *stage, double kimg,
        const ftl_store *classifier, char hex[FTL_SHA256_HEX], const char *const *names,
        int n_groups, const int64_t *counts, const int64_t *confusion, uint64_t seed) {
    ftl_fairness fairness;
    FTL_TRY(ftl_fairness_measure(&fairness, n_groups, counts, confusion, seed));
    FTL_TRY(hash_classifier(hex, classifier));
    memset(out, 0, sizeof *out);
    ftl_evaluation_fill(out, &fairness, names, confusion);
    out->stage = stage;
    out->kimg = kimg;
    out->classifier = hex;
    return FTL_OK;
}

ftl_status ftl_run_report(FILE *table, FILE *json, const ftl_run_opened *judge,
        const int64_t *counts, const ftl_run_reported *what) {
    ftl_evaluation evaluation;
    const ftl_evaluation *all[] = {&evaluation};
    const char *names[FTL_FAIRNESS_MAX_GROUPS];
    char hex[FTL_SHA256_HEX], *text;
    ftl_run_opened_names(names, judge);
    FTL_TRY(evaluate(&evaluation, what->stage, what->kimg, judge->classifier.store, hex,
            names, judge->groups.n, counts, judge->confusion, what->seed));
    evaluation.confidence = what->confidence;
    evaluation.note = what->note;
    evaluation.checkpoint = (int)what->kept;
    if (what->quality) evaluation.quality = what->quality->evaluation;
    if (table) {
        FTL_TRY(ftl_report_table(&text, all, &what->stage, 1));
        fputs(text, table);
        free(text);
    }
    if (json) {
        FTL_TRY(ftl_evaluation_render(&evaluation, &text));
        fprintf(json, "%s\n", text);
        free(text);
    }
    return FTL_OK;
}

/* Quality of the first samples, if the settings ask for it; they are counted too. */
static ftl_status measure_quality(ftl_run_quality *out, ftl_run_state *run,
        const ftl_evaluate_settings *settings, ftl_run_drawing *d) {
    bool want[FTL_N_QUALITY_METRICS], any;
    const ftl_split *split = &run->data.splits.split[FTL_SPLIT_EVALUATION];
    *out = (ftl_run_quality) {0};
    FTL_TRY(ftl_run_quality_want(want, &any, &settings->metrics));
    if (!any) return FTL_OK;
    const ftl_quality_real real = {
            split->name, &split->file->pack, split->index, split->n};
    const ftl_quality_generated generated = {
            settings->n ? settings->n : settings->samples, ftl_run_draw_next, d};
    const ftl_run_extractor extractor = {settings->weights, &run->classifier};
    return ftl_run_quality_measure(
            out, &extractor, &real, &generated, want, d->key.seed);
}

static ftl_status draw_and_judge(ftl_run_quality *quality, ftl_run_state *run,
        ftl_store *generator, const ftl_evaluate_settings *settings,
        ftl_run_drawing *d) {
    FTL_TRY(ftl_evaluator_init(&d->evaluator, &run->gan, generator, &run->classifier));
    ftl_status status = measure_quality(quality, run, settings, d);
    if (status == FTL_OK)
        status = ftl_run_draw_next(d, NULL, settings->samples - d->done);
    ftl_evaluator_deinit(&d->evaluator);
    return status;
}

static bool is_best_of_pretraining(const char *stage, int checkpoint) {
    return strncmp(stage, "adapt", 5) != 0 && checkpoint != FTL_KEPT_LAST;
}

/* Fresh latents for each measurement: none was used to choose or to stop. Those of the
 * best of a pre-training are apart: no other figure depends on whether there are some.
 */
static ftl_random_key latents_of(
        const ftl_run_state *run, const char *stage, ftl_kept kept) {
    const ftl_metrics *metrics = &run->metrics;
    const uint64_t apart = (uint64_t)1 << 31; /* a step is below 2^32 */
    uint64_t n_best = 0;
    for (int i = 0; i < metrics->n; i++)
        n_best += is_best_of_pretraining(
                metrics->evaluation[i]->stage, metrics->evaluation[i]->checkpoint);
    return (ftl_random_key) {.seed = (uint64_t)run->settings.seed,
            .stream = FTL_STREAM_LATENT_REPORT,
            .step = is_best_of_pretraining(stage, (int)kept)
                            ? apart + n_best
                            : (uint64_t)metrics->n - n_best};
}

ftl_status ftl_run_measure(ftl_run_state *run, const char *stage,
        const ftl_kept_generator *generator, const ftl_evaluate_settings *settings) {
    ftl_evaluation evaluation;
    ftl_run_quality quality;
    char hex[FTL_SHA256_HEX];
    ftl_run_drawing d = {.key = latents_of(run, stage, generator->kept)};
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path_to_write(path, run, "metrics.json"));
    FTL_TRY(draw_and_judge(&quality, run, generator->store, settings, &d));
    FTL_TRY(evaluate(&evaluation, stage, (double)generator->images / 1000,
            run->classifier.store, hex, run->data.splits.group_name,
            run->data.splits.n_groups, d.counts, run->confusion, d.key.seed));
    evaluation.checkpoint = (int)generator->kept;
    evaluation.also = generator->also;
    evaluation.confidence = d.confidence;
    evaluation.quality = quality.evaluation;
    FTL_TRY(ftl_metrics_add(&run->metrics, &evaluation));
    ftl_log_info("%s: %" PRId64
                 " fresh samples (%s): FD %.4f, corrected %.4f [%.4f, %.4f]",
            stage, settings->samples, ftl_kept_names[generator->kept], evaluation.fd,
            evaluation.fd_corrected, evaluation.fd_interval[0],
            evaluation.fd_interval[1]);
    return ftl_metrics_save(&run->metrics, path);
}

const ftl_evaluate_settings *ftl_run_report_settings(const ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++)
        if (run->settings.run.item[i].kind == FTL_STAGE_EVALUATE)
            return run->settings.run.item[i].section;
    return NULL;
}

ftl_status ftl_run_measure_before(ftl_run_state *run) {
    const ftl_evaluate_settings *settings = ftl_run_report_settings(run);
    ftl_kept_generator generator[FTL_N_KEPT];
    if (run->progress.has_before || !run->progress.has_confusion || !settings)
        return FTL_OK;
    if (run->progress.images == 0) return FTL_OK; /* it was never trained */
    if (ftl_run_adaptation(run)) return FTL_OK;   /* it is not the one before */
    FTL_TRY(ftl_run_generate_grid(run, run->n_grid, run->before, NULL));
    const int n = ftl_run_list_kept(run, generator);
    for (int i = 0; i < n; i++)
        FTL_TRY(ftl_run_measure(
                run, ftl_run_gan_stage_name(run), &generator[i], settings));
    run->progress.has_before = true;
    return FTL_OK;
}
