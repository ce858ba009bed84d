/* run_check.c - what a table of options cannot judge: whether stages, sets and patterns
 * fit together. Everything is refused before anything is trained. */
#include "trainers/methods/method.h"
#include "trainers/run/run_quality.h"
#include "trainers/run/run_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

ftl_status ftl_run_locate(ftl_run_state *run, ftl_status status) {
    return ftl_config_locate(run->config, ftl_settings_table, status);
}

/* What the stages so far have made. */
typedef struct walk {
    bool classifier, generator;
} walk;

static ftl_status check_adapt(
        ftl_run_state *run, int i, const ftl_adapt_settings *adapt, const walk *w) {
    char path[64];
    FTL_TRY(ftl_run_check_adapt_keys(run, i, adapt));
    snprintf(path, sizeof path, "run[%d]", i);
    if (!w->generator && ftl_methods[adapt->method] != &ftl_method_scratch)
        return ftl_config_refuse(run->config, path,
                "there is no generator yet: put a pretrain stage in front, or use "
                "`fairtl adapt --from CHECKPOINT`");
    return FTL_OK;
}

/* Does the stage ask the classifier? */
static bool asks_classifier(const ftl_variant *stage) {
    switch ((ftl_stage_kind)stage->kind) {
    case FTL_STAGE_CLASSIFIER:
        return false;
    case FTL_STAGE_PRETRAIN:
        return ((ftl_pretrain_settings *)stage->section)->looks.every > 0;
    case FTL_STAGE_ADAPT:
        return ((ftl_adapt_settings *)stage->section)->looks.every > 0;
    case FTL_STAGE_EVALUATE:
        return true;
    }
    return false;
}

/* Weights where features need them, and only there. The file is looked at with the
 * other inputs. */
static ftl_status check_features(
        ftl_run_state *run, int i, const ftl_evaluate_settings *evaluate) {
    char path[64];
    const bool inception = evaluate->features == FTL_FEATURES_INCEPTION;
    snprintf(path, sizeof path, "run[%d].evaluate.features", i);
    if (inception && !evaluate->weights)
        return ftl_config_refuse(run->config, path,
                "it needs weights, a file that tools/convert_inception.py wrote: add "
                "weights: FILE.h5");
    if (inception && !evaluate->metrics.n)
        return ftl_config_refuse(run->config, path,
                "features of metrics, and there are no metrics: add metrics: "
                "[frechet]");
    snprintf(path, sizeof path, "run[%d].evaluate.weights", i);
    if (evaluate->weights && !inception)
        return ftl_config_refuse(
                run->config, path, "they are for features: inception-2015");
    return FTL_OK;
}

/* Metrics that there are, and not more images of them than of the counts. */
static ftl_status check_evaluate(
        ftl_run_state *run, int i, const ftl_evaluate_settings *evaluate) {
    char path[64];
    bool want[FTL_N_QUALITY_METRICS], any;
    FTL_TRY(check_features(run, i, evaluate));
    snprintf(path, sizeof path, "run[%d].evaluate.metrics", i);
    if (ftl_run_quality_want(want, &any, &evaluate->metrics) != FTL_OK) {
        char message[256];
        snprintf(message, sizeof message, "%s", ftl_message() + strlen("metrics: "));
        ftl_clear();
        return ftl_config_refuse(run->config, path, "%s", message);
    }
    if (any && evaluate->samples < FTL_QUALITY_MIN)
        return ftl_config_refuse(run->config, path,
                "they need %d images; samples has fewer", FTL_QUALITY_MIN);
    snprintf(path, sizeof path, "run[%d].evaluate.n", i);
    if (!evaluate->n) return FTL_OK;
    if (!any)
        return ftl_config_refuse(run->config, path,
                "images of metrics, and there are no metrics: add metrics: [frechet]");
    if (evaluate->n > evaluate->samples || evaluate->n < FTL_QUALITY_MIN)
        return ftl_config_refuse(run->config, path,
                "not within %d .. samples, of which metrics take the first",
                FTL_QUALITY_MIN);
    return FTL_OK;
}

static ftl_status check_stage(ftl_run_state *run, int i, walk *w) {
    const ftl_variant *stage = &run->settings.run.item[i];
    char path[64];
    snprintf(path, sizeof path, "run[%d]", i);
    FTL_TRY(ftl_run_check_order(run, i));
    w->classifier |= stage->kind == FTL_STAGE_CLASSIFIER;
    w->generator |= stage->kind == FTL_STAGE_PRETRAIN;
    if (stage->kind == FTL_STAGE_ADAPT) FTL_TRY(check_adapt(run, i, stage->section, w));
    if (stage->kind == FTL_STAGE_PRETRAIN || stage->kind == FTL_STAGE_ADAPT)
        FTL_TRY(ftl_run_check_looks(run, i));
    w->generator |= stage->kind == FTL_STAGE_ADAPT;
    if (stage->kind == FTL_STAGE_EVALUATE && !w->generator)
        return ftl_config_refuse(run->config, path,
                "there is no generator to evaluate: put a pretrain stage in front");
    if (stage->kind == FTL_STAGE_EVALUATE)
        FTL_TRY(check_evaluate(run, i, stage->section));
    if (asks_classifier(stage) && !w->classifier)
        return ftl_config_refuse(run->config, path,
                "there is no classifier yet: put a classifier stage in front");
    return FTL_OK;
}

ftl_status ftl_run_check_stages(ftl_run_state *run) {
    bool from = run->options->from != NULL;
    walk w = {.classifier = from, .generator = from};
    if (run->settings.run.n == 0)
        return ftl_config_refuse(
                run->config, "run", "no stage; there is nothing to do");
    for (int i = 0; i < run->settings.run.n; i++)
        FTL_TRY(check_stage(run, i, &w));
    return FTL_OK;
}

ftl_status ftl_run_check_shape(ftl_run_state *run) {
    for (int i = 0; i < FTL_N_SPLITS && !run->shape; i++)
        if (run->data.splits.split[i].file)
            run->shape = &run->data.splits.split[i].file->pack;
    if (!run->shape)
        return ftl_config_refuse(run->config, "data", "there are no images");
    int64_t px = run->settings.model.resolution;
    if (run->shape->height != px || run->shape->width != px)
        return ftl_config_refuse(run->config, "model.resolution",
                "the model makes images of %d px, the data has %d x %d; import it with "
                "--size %d",
                (int)px, run->shape->width, run->shape->height, (int)px);
    return FTL_OK;
}

static ftl_status check_set(ftl_run_state *run, int i, ftl_split_kind kind) {
    const ftl_split *split = &run->data.splits.split[kind];
    char path[64];
    snprintf(path, sizeof path, "run[%d]", i);
    if (split->n > 0) return FTL_OK;
    return ftl_config_refuse(run->config, path, "%s needs the %s set of data:",
            ftl_stage_kind_name((ftl_stage_kind)run->settings.run.item[i].kind),
            split->name);
}

static ftl_status check_feed(ftl_run_state *run, int i, ftl_feed_source source) {
    if (source != FTL_FEED_REFERENCE) FTL_TRY(check_set(run, i, FTL_SPLIT_BIASED));
    if (source != FTL_FEED_BIASED) FTL_TRY(check_set(run, i, FTL_SPLIT_REFERENCE));
    return FTL_OK;
}

static ftl_status check_evaluation_set(
        ftl_run_state *run, int i, const ftl_evaluate_settings *evaluate) {
    char path[64];
    int64_t n = run->data.splits.split[FTL_SPLIT_EVALUATION].n;
    int64_t needed = ftl_quality_needed(evaluate->n ? evaluate->n : evaluate->samples);
    if (!evaluate->metrics.n || n >= needed) return FTL_OK;
    snprintf(path, sizeof path, "run[%d].evaluate.metrics", i);
    return ftl_config_refuse(run->config, path,
            "they need the evaluation set of data:, %" PRId64
            " images at least; it has %" PRId64,
            needed, n);
}

/* A stage that needs a set which is not there is refused now, not hours later. */
ftl_status ftl_run_check_sets(ftl_run_state *run) {
    const ftl_variants *stages = &run->settings.run;
    const bool from = run->options->from != NULL;
    for (int i = 0; i < stages->n; i++) {
        char path[64];
        snprintf(path, sizeof path, "run[%d]", i);
        switch ((ftl_stage_kind)stages->item[i].kind) {
        case FTL_STAGE_PRETRAIN: {
            const ftl_pretrain_settings *pretrain = stages->item[i].section;
            if (from) break;
            FTL_TRY(check_feed(run, i, (ftl_feed_source)pretrain->on));
            FTL_TRY(ftl_run_check_looks_set(run, i));
            break;
        }
        case FTL_STAGE_ADAPT: /* whatever its discriminators see beside it */
            FTL_TRY(check_set(run, i, FTL_SPLIT_REFERENCE));
            FTL_TRY(ftl_run_check_looks_set(run, i));
            break;
        case FTL_STAGE_EVALUATE:
            if (!from) FTL_TRY(check_set(run, i, FTL_SPLIT_VALIDATION));
            FTL_TRY(check_evaluation_set(run, i, stages->item[i].section));
            break;
        case FTL_STAGE_CLASSIFIER:
            FTL_TRY(check_set(run, i, FTL_SPLIT_CLASSIFIER));
            if (run->data.splits.split[FTL_SPLIT_VALIDATION].n == 0)
                return ftl_config_refuse(run->config, path,
                        "the classifier's error rates need the validation set of "
                        "data:");
            break;
        }
    }
    return FTL_OK;
}

static ftl_status check_segment(
        ftl_run_state *run, int i, int k, const ftl_segment *segment) {
    const ftl_adapt_settings *settings = run->settings.run.item[i].section;
    for (int p = 0; p < segment->n_freeze; p++) {
        char message[512], path[64];
        int n;
        if (ftl_gan_freeze(&run->gan, segment->freeze[p], &n) == FTL_OK) continue;
        snprintf(message, sizeof message, "%s", ftl_message());
        ftl_clear();
        if (settings->stages.n)
            snprintf(path, sizeof path, "run[%d].adapt.stages[%d].freeze", i, k);
        else
            snprintf(path, sizeof path, "run[%d].adapt.freeze", i);
        return ftl_config_refuse(run->config, path, "%s", message);
    }
    return FTL_OK;
}

static ftl_status check_adaptation(ftl_run_state *run, int i) {
    ftl_adaptation adaptation;
    char path[64];
    snprintf(path, sizeof path, "run[%d].adapt", i);
    FTL_TRY(ftl_run_locate(
            run, ftl_adaptation_expand(&adaptation, run->settings.run.item[i].section,
                         (int)run->settings.model.resolution, path, run->arena)));
    for (int k = 0; k < adaptation.n_judges; k++)
        if (adaptation.judge[k].trains)
            FTL_TRY(check_feed(run, i, adaptation.judge[k].source));
    /* For their names: patterns may be of any that trains. */
    FTL_TRY(ftl_adaptation_apply(&adaptation, &run->gan));
    for (int k = 0; k < adaptation.n_segments; k++)
        FTL_TRY(check_segment(run, i, k, &adaptation.segment[k]));
    return FTL_OK;
}

ftl_status ftl_run_check_adaptations(ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++) {
        if (run->settings.run.item[i].kind != FTL_STAGE_ADAPT) continue;
        ftl_status status = check_adaptation(run, i);
        ftl_gan_thaw(&run->gan);
        ftl_gan_forget_adaptation(&run->gan);
        FTL_TRY(status);
    }
    return FTL_OK;
}
