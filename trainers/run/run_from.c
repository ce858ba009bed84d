/* run_from.c - a run that starts from another run's checkpoint: `fairtl adapt --from`.
 */
#include "trainers/run/run_opened.h"
#include "trainers/run/run_state.h"

#include <string.h>

static bool trains_classifier(const ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++)
        if (run->settings.run.item[i].kind == FTL_STAGE_CLASSIFIER) return true;
    return false;
}

bool ftl_run_asks_classifier(const ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++) {
        const ftl_variant *stage = &run->settings.run.item[i];
        if (stage->kind == FTL_STAGE_EVALUATE) return true;
        if (stage->kind == FTL_STAGE_PRETRAIN &&
                ((ftl_pretrain_settings *)stage->section)->looks.every > 0 &&
                !run->options->from)
            return true;
        if (stage->kind == FTL_STAGE_ADAPT &&
                ((ftl_adapt_settings *)stage->section)->looks.every > 0)
            return true;
    }
    return false;
}

/* The classifier's classes mean what its own configuration calls them. */
static ftl_status compare_groups(
        ftl_run_state *run, const ftl_groups *theirs, const char *path) {
    const ftl_groups *ours = &run->settings.data.groups;
    bool same = ours->n == theirs->n;
    for (int i = 0; same && i < ours->n; i++)
        same = strcmp(ours->item[i].name, theirs->item[i].name) == 0;
    if (same) return FTL_OK;
    return ftl_config_refuse(run->config, "data.groups",
            "the classifier of %s knows other groups: name the same ones in the same "
            "order, or put a classifier stage in front",
            path);
}

static ftl_status check_groups(ftl_run_state *run) {
    ftl_config *config;
    ftl_settings settings;
    ftl_status status = ftl_run_read_networks(&config, &settings, run->start);
    if (status == FTL_OK)
        status = compare_groups(
                run, &settings.data.groups, ftl_checkpoint_path(run->start));
    ftl_config_free(config);
    return status;
}

ftl_status ftl_run_open_from(ftl_run_state *run) {
    int64_t images;
    bool judged;
    FTL_TRY(ftl_checkpoint_open(&run->start, run->options->from));
    FTL_TRY(ftl_run_check_kind(run->start, "to adapt"));
    FTL_TRY(ftl_run_trained_images(&images, run->start));
    run->from = ftl_arena_strdup(run->arena, ftl_checkpoint_digest(run->start));
    if (!run->from) return FTL_ENOMEM;
    /* A classifier stage of this run trains one anew; otherwise the file's is used. */
    FTL_TRY(ftl_run_has_classifier(&judged, run->start));
    run->takes_classifier = !trains_classifier(run) && judged;
    if (run->takes_classifier) return check_groups(run);
    if (trains_classifier(run) || !ftl_run_asks_classifier(run)) return FTL_OK;
    return ftl_config_refuse(run->config, "run",
            "%s holds no trained classifier to measure with: put a classifier stage "
            "in front",
            run->options->from);
}

static ftl_status load_classifier(ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    FTL_TRY(ftl_checkpoint_get_store(run->start, "C", run->classifier.store));
    FTL_TRY(ftl_checkpoint_get(run->start, "confusion", FTL_H5_I64, 2,
            (int64_t[]) {k, k}, run->confusion));
    run->progress.has_confusion = true;
    return FTL_OK;
}

/* What the run that wrote the checkpoint measured and drew of it. */
static ftl_status load_before(ftl_run_state *run) {
    const char *metrics;
    int64_t measured, px = run->gan.options.resolution;
    FTL_TRY(ftl_checkpoint_i64(run->start, "has_before", &measured));
    if (!measured) return FTL_OK;
    FTL_TRY(ftl_checkpoint_text(run->start, "metrics", &metrics));
    FTL_TRY(ftl_metrics_parse(&run->metrics, metrics));
    FTL_TRY(ftl_checkpoint_get(run->start, "before", FTL_H5_U8, 4,
            (int64_t[]) {run->n_grid, px, px, run->gan.options.channels}, run->before));
    run->progress.has_before = true;
    return FTL_OK;
}

ftl_status ftl_run_load_from(ftl_run_state *run) {
    /* Moments, position and history belong to the run that wrote them. */
    static const char *const others[] = {"adam.", "D_", "lecam.", "ewc.", "importance",
            "G_best", "G_last.", "best_", "looks", "before", "confusion", "C.", NULL};
    FTL_TRY(ftl_checkpoint_get_store(run->start, "G", run->gan.g));
    FTL_TRY(ftl_checkpoint_get_store(run->start, "G_ema", run->gan.g_ema));
    FTL_TRY(ftl_checkpoint_get_store(run->start, "D", run->gan.d[0].store));
    FTL_TRY(ftl_run_trained_images(&run->progress.images, run->start));
    if (run->takes_classifier) FTL_TRY(load_classifier(run));
    if (run->options->measured) FTL_TRY(load_before(run));
    FTL_TRY(ftl_checkpoint_finish(run->start, others));
    ftl_checkpoint_close(run->start);
    run->start = NULL;
    return FTL_OK;
}
