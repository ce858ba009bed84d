/* run_check.c - what a table of options cannot judge: whether stages, sets and patterns
 * fit together. Everything is refused before anything is trained. */
#include "trainers/methods/method.h"
#include "trainers/run_state.h"

#include <stdio.h>
#include <string.h>

ftl_status ftl_run_locate(ftl_run_state *run, ftl_status status) {
    return ftl_config_locate(run->config, ftl_settings_table, status);
}

/* What the stages so far have made, and what kinds there were. */
typedef struct walk {
    bool seen[4], classifier, generator;
} walk;

static ftl_status check_adapt(
        ftl_run_state *run, int i, const ftl_adapt_settings *adapt, const walk *w) {
    char path[64];
    snprintf(path, sizeof path, "run[%d].adapt.lambda", i);
    if (ftl_methods[adapt->method] == &ftl_method_fairtl &&
            ftl_config_given(run->config, path))
        return ftl_config_refuse(run->config, path,
                "fairtl has one discriminator and nothing to weigh; did you mean "
                "method: fairtl++?");
    snprintf(path, sizeof path, "run[%d]", i);
    if (!w->generator)
        return ftl_config_refuse(run->config, path,
                "there is no generator yet: put a pretrain stage in front, or use "
                "`fairtl adapt --from CHECKPOINT`");
    if (adapt->keep && adapt->watch.every == 0)
        return ftl_config_refuse(run->config, path,
                "keep: best needs evaluations to choose by: set watch.every");
    return FTL_OK;
}

/* Does the stage ask the classifier? */
static bool asks_classifier(const ftl_variant *stage) {
    switch ((ftl_stage_kind)stage->kind) {
    case FTL_STAGE_CLASSIFIER:
        return false;
    case FTL_STAGE_PRETRAIN:
        return ((ftl_pretrain_settings *)stage->section)->settle.watch.every > 0;
    case FTL_STAGE_ADAPT:
        return ((ftl_adapt_settings *)stage->section)->watch.every > 0;
    case FTL_STAGE_EVALUATE:
        return true;
    }
    return false;
}

static ftl_status check_stage(ftl_run_state *run, int i, walk *w) {
    const ftl_variant *stage = &run->settings.run.item[i];
    char path[64];
    snprintf(path, sizeof path, "run[%d]", i);
    if (w->seen[stage->kind])
        return ftl_config_refuse(run->config, path,
                "a run has one %s stage; `fairtl adapt --from CHECKPOINT` goes on from "
                "what another run made",
                ftl_stage_kind_name((ftl_stage_kind)stage->kind));
    w->seen[stage->kind] = true;
    w->classifier |= stage->kind == FTL_STAGE_CLASSIFIER;
    w->generator |= stage->kind == FTL_STAGE_PRETRAIN;
    if (stage->kind == FTL_STAGE_ADAPT) FTL_TRY(check_adapt(run, i, stage->section, w));
    if (stage->kind == FTL_STAGE_EVALUATE && !w->generator)
        return ftl_config_refuse(run->config, path,
                "there is no generator to evaluate: put a pretrain stage in front");
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

/* A stage that needs a set which is not there is refused now, not hours later. */
ftl_status ftl_run_check_sets(ftl_run_state *run) {
    static const ftl_split_kind needs[] = {FTL_SPLIT_CLASSIFIER, FTL_SPLIT_BIASED,
            FTL_SPLIT_REFERENCE, FTL_SPLIT_VALIDATION};
    const ftl_settings *s = &run->settings;
    for (int i = 0; i < s->run.n; i++) {
        ftl_stage_kind kind = (ftl_stage_kind)s->run.item[i].kind;
        char path[64];
        snprintf(path, sizeof path, "run[%d]", i);
        if (run->options->from && kind == FTL_STAGE_PRETRAIN) continue;
        if (run->data.splits.split[needs[kind]].n == 0 &&
                !(kind == FTL_STAGE_EVALUATE && run->options->from))
            return ftl_config_refuse(run->config, path,
                    "%s needs the %s set of data:", ftl_stage_kind_name(kind),
                    run->data.splits.split[needs[kind]].name);
        if (kind == FTL_STAGE_CLASSIFIER &&
                run->data.splits.split[FTL_SPLIT_VALIDATION].n == 0)
            return ftl_config_refuse(run->config, path,
                    "the classifier's error rates need the validation set of data:");
    }
    return FTL_OK;
}

/* Patterns that match nothing are refused before anything is trained. */
ftl_status ftl_run_check_freezes(ftl_run_state *run) {
    const ftl_settings *s = &run->settings;
    for (int i = 0; i < s->run.n; i++) {
        ftl_adaptation adaptation;
        char path[64];
        if (s->run.item[i].kind != FTL_STAGE_ADAPT) continue;
        const ftl_adapt_settings *settings = s->run.item[i].section;
        snprintf(path, sizeof path, "run[%d].adapt", i);
        FTL_TRY(ftl_run_locate(
                run, ftl_methods[settings->method]->expand(&adaptation, settings,
                             (int)s->model.resolution, path, run->arena)));
        for (int k = 0; k < adaptation.n_segments; k++)
            for (int p = 0; p < adaptation.segment[k].n_freeze; p++) {
                int n;
                if (ftl_gan_freeze(&run->gan, adaptation.segment[k].freeze[p], &n) ==
                        FTL_OK)
                    continue;
                char message[512];
                snprintf(message, sizeof message, "%s", ftl_message());
                ftl_clear();
                snprintf(path, sizeof path, "run[%d].adapt.stages[%d].freeze", i, k);
                return ftl_config_refuse(run->config, path, "%s", message);
            }
        ftl_gan_thaw(&run->gan);
    }
    return FTL_OK;
}
