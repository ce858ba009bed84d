/* run_load.c - a checkpoint -> the whole state of a run. */
#include "checkpoints/checkpoint.h"
#include "engine/base/log.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <stdio.h>

static ftl_status get_adam(ftl_checkpoint *c, const char *name, ftl_adam *adam) {
    char full[64];
    int64_t n = adam->store->n_states;
    snprintf(full, sizeof full, "adam.%s.moment2", name);
    FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment2));
    if (adam->has_moment1) {
        snprintf(full, sizeof full, "adam.%s.moment1", name);
        FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment1));
    }
    snprintf(full, sizeof full, "adam.%s.steps", name);
    return ftl_checkpoint_get(c, full, FTL_H5_I64, 1, &n, adam->steps);
}

static ftl_status get_means(ftl_checkpoint *c, ftl_discriminator *d) {
    char name[64];
    float values[3];
    snprintf(name, sizeof name, "lecam.%s", d->store->name);
    const int64_t n = 3;
    FTL_TRY(ftl_checkpoint_get(c, name, FTL_H5_F32, 1, &n, values));
    d->has_means = values[0] > 0;
    d->mean_real = values[1];
    d->mean_fake = values[2];
    return FTL_OK;
}

static ftl_status get_anchor(ftl_checkpoint *c, ftl_gan *gan, double weight) {
    ftl_anchor *anchor = &gan->anchor;
    FTL_TRY(ftl_anchor_init(anchor, gan->g, weight));
    FTL_TRY(ftl_checkpoint_get_block(c, "ewc.source", gan->g, anchor->source));
    return ftl_checkpoint_get_block(c, "ewc.importance", gan->g, anchor->importance);
}

static ftl_status get_adaptation(
        ftl_checkpoint *c, ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_gan *gan = &run->gan;
    ftl_adaptation adaptation;
    FTL_TRY(ftl_adaptation_expand(
            &adaptation, settings, gan->options.resolution, "adapt", run->arena));
    FTL_TRY(ftl_adaptation_apply(&adaptation, gan));
    if (adaptation.ewc > 0) FTL_TRY(get_anchor(c, gan, adaptation.ewc));
    if (!adaptation.importance) return FTL_OK;
    FTL_TRY(ftl_run_make_importance(run));
    return ftl_checkpoint_get(c, "importance", FTL_H5_F32, 1,
            &run->data.splits.split[FTL_SPLIT_BIASED].n, run->importance);
}

/* The discriminators of an adaptation that has begun: those of the configuration. */
static ftl_status get_discriminators(ftl_checkpoint *c, ftl_run_state *run) {
    const ftl_adapt_settings *settings = ftl_run_adaptation(run);
    ftl_gan *gan = &run->gan;
    if (settings) FTL_TRY(get_adaptation(c, run, settings));
    for (int i = 0; i < gan->n_d; i++) {
        const char *name = gan->d[i].store->name;
        FTL_TRY(ftl_checkpoint_get_store(c, name, gan->d[i].store));
        if (!gan->d[i].trainable) continue;
        FTL_TRY(get_adam(c, name, &gan->d[i].adam));
        if (gan->lecam.weight > 0) FTL_TRY(get_means(c, &gan->d[i]));
    }
    return FTL_OK;
}

/* Programs kept no best generators of a pre-training once, but their looks: a plateau
 * is judged by these, and a better one is kept from here on. */
static ftl_status get_best_generator(
        ftl_checkpoint *c, ftl_run_state *run, ftl_kept kept) {
    ftl_best *best = &run->progress.best[kept];
    char name[FTL_CHECKPOINT_NAME_BYTES];
    FTL_TRY(ftl_run_make_kept(run, kept));
    const ftl_store *store = run->g_kept[kept];
    snprintf(name, sizeof name, "%s.%s", store->name, store->state[0]->name);
    best->kept = ftl_checkpoint_has(c, name);
    if (best->kept) return ftl_checkpoint_get_store(c, store->name, run->g_kept[kept]);
    ftl_log_warning("%s: the generator of the best look so far (%s) is not in it: "
                    "another is kept if it is better",
            ftl_checkpoint_path(c), ftl_kept_names[kept]);
    return FTL_OK;
}

static ftl_status get_kept(ftl_checkpoint *c, ftl_run_state *run) {
    for (int i = FTL_KEPT_BEST_FD; i < FTL_N_KEPT; i++)
        if (run->progress.best[i].has) FTL_TRY(get_best_generator(c, run, (ftl_kept)i));
    if (!ftl_run_has_kept(run, FTL_KEPT_LAST)) return FTL_OK;
    FTL_TRY(ftl_run_make_kept(run, FTL_KEPT_LAST));
    ftl_store *last = run->g_kept[FTL_KEPT_LAST];
    return ftl_checkpoint_get_store(c, last->name, last);
}

static ftl_status get_everything(ftl_checkpoint *c, ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    const char *metrics;
    FTL_TRY(ftl_run_get_progress(c, &run->progress, run->data.splits.n_groups));
    FTL_TRY(ftl_run_get_choices(run->choices, c));
    FTL_TRY(ftl_checkpoint_text(c, "metrics", &metrics));
    FTL_TRY(ftl_metrics_parse(&run->metrics, metrics));
    FTL_TRY(ftl_checkpoint_get_store(c, "C", run->classifier.store));
    if (ftl_run_trains_classifier(run)) {
        FTL_TRY(ftl_classifier_begin_training(&run->classifier));
        FTL_TRY(get_adam(c, "C", &run->classifier.adam));
    }
    FTL_TRY(ftl_checkpoint_get(
            c, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion));
    FTL_TRY(ftl_checkpoint_get_store(c, "G", run->gan.g));
    FTL_TRY(ftl_checkpoint_get_store(c, "G_ema", run->gan.g_ema));
    FTL_TRY(ftl_gan_reset_optimisers(&run->gan, ftl_run_keeps_moment1(run)));
    FTL_TRY(get_adam(c, "G", &run->gan.g_adam));
    FTL_TRY(get_discriminators(c, run));
    FTL_TRY(get_kept(c, run));
    if (run->progress.has_before) {
        int64_t px = run->gan.options.resolution;
        FTL_TRY(ftl_checkpoint_get(c, "before", FTL_H5_U8, 4,
                (int64_t[]) {run->n_grid, px, px, run->gan.options.channels},
                run->before));
    }
    return ftl_checkpoint_finish(c, NULL);
}

/* The same bits follow only from the same binary, libraries and threads. */
static ftl_status check_environment(
        ftl_checkpoint *c, ftl_run_state *run, const char **difference) {
    const char *was;
    FTL_TRY(ftl_checkpoint_text(c, "environment", &was));
    FTL_TRY(ftl_run_compare_lines(difference, run->arena, was, run->environment));
    if (!(*difference)[0] || run->options->inexact) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s was written under other circumstances: %s; the run would not end with "
            "the same bytes. --inexact goes on all the same",
            ftl_checkpoint_path(c), *difference);
}

/* Other images, or another start, make another run. */
static ftl_status check_inputs(ftl_checkpoint *c, ftl_run_state *run) {
    const char *was, *difference;
    FTL_TRY(ftl_checkpoint_text(c, "inputs", &was));
    FTL_TRY(ftl_run_compare_lines(&difference, run->arena, was, run->inputs));
    if (!difference[0]) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s was written by a run on other files: %s; bring them back, or give "
            "another --out",
            ftl_checkpoint_path(c), difference);
}

static ftl_status load(ftl_checkpoint *c, ftl_run_state *run, const char **note) {
    const char *was, *config, *environment;
    FTL_TRY(ftl_checkpoint_check_kind(c, "training", "to resume"));
    FTL_TRY(ftl_checkpoint_text(c, "config", &was));
    FTL_TRY(ftl_run_compare_config(&config, run, was, ftl_checkpoint_path(c)));
    FTL_TRY(check_environment(c, run, &environment));
    FTL_TRY(check_inputs(c, run));
    FTL_TRY(get_everything(c, run));
    *note = ftl_arena_printf(run->arena, "%s%s%s", config,
            config[0] && environment[0] ? ", " : "", environment);
    return *note ? FTL_OK : FTL_ENOMEM;
}

ftl_status ftl_run_load(ftl_run_state *run, const char *path, const char **note) {
    ftl_checkpoint *c;
    FTL_TRY(ftl_checkpoint_open(&c, path));
    ftl_status status = load(c, run, note);
    ftl_checkpoint_close(c);
    return status;
}
