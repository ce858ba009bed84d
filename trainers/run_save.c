/* run_save.c - the whole state of a run <-> a checkpoint. */
#include "checkpoints/checkpoint.h"
#include "engine/base/log.h"
#include "trainers/methods/method.h"
#include "trainers/run_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The optimiser's part is only worth keeping while its network trains. */
static ftl_status put_adam(
        ftl_checkpoint_writer *w, const char *name, const ftl_adam *adam) {
    char full[64];
    int64_t n = adam->store->n_states;
    snprintf(full, sizeof full, "adam.%s.moment2", name);
    FTL_TRY(ftl_checkpoint_put_block(w, full, adam->store, adam->moment2));
    if (adam->has_moment1) {
        snprintf(full, sizeof full, "adam.%s.moment1", name);
        FTL_TRY(ftl_checkpoint_put_block(w, full, adam->store, adam->moment1));
    }
    snprintf(full, sizeof full, "adam.%s.steps", name);
    return ftl_checkpoint_put(w, full, FTL_H5_I64, 1, &n, adam->steps);
}

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

/* The numbers of ftl_progress, by name, for writing and reading alike. */
typedef struct number {
    const char *name;
    int64_t *integer;
    bool *flag;
} number;

#define N_NUMBERS 11 /* and the empty one that ends the list */

static void list_numbers(ftl_progress *p, number out[N_NUMBERS]) {
    number all[N_NUMBERS] = {
            {.name = "stage", .integer = &p->stage},
            {.name = "step", .integer = &p->step},
            {.name = "tick", .integer = &p->tick},
            {.name = "images", .integer = &p->images},
            {.name = "n_looks", .integer = &p->n_looks},
            {.name = "best_step", .integer = &p->best_step},
            {.name = "has_best", .flag = &p->has_best},
            {.name = "has_confusion", .flag = &p->has_confusion},
            {.name = "has_before", .flag = &p->has_before},
            {.name = "adapting", .flag = &p->adapting},
    };
    memcpy(out, all, sizeof all);
}

static ftl_status put_progress(ftl_checkpoint_writer *w, ftl_progress *p) {
    number numbers[N_NUMBERS];
    int64_t n = FTL_MAX_LOOKS;
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++)
        FTL_TRY(ftl_checkpoint_put_i64(
                w, at->name, at->integer ? *at->integer : *at->flag));
    if (p->has_best) FTL_TRY(ftl_checkpoint_put_f64(w, "best_fd", p->best_fd));
    return ftl_checkpoint_put(w, "looks", FTL_H5_F64, 1, &n, p->looks);
}

static ftl_status get_progress(ftl_checkpoint *c, ftl_progress *p) {
    number numbers[N_NUMBERS];
    int64_t n = FTL_MAX_LOOKS, value;
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++) {
        FTL_TRY(ftl_checkpoint_i64(c, at->name, &value));
        if (at->integer)
            *at->integer = value;
        else
            *at->flag = value != 0;
    }
    if (p->has_best) FTL_TRY(ftl_checkpoint_f64(c, "best_fd", &p->best_fd));
    return ftl_checkpoint_get(c, "looks", FTL_H5_F64, 1, &n, p->looks);
}

static bool classifier_trains(const ftl_run_state *run) {
    int64_t stage = run->progress.stage;
    return stage < run->settings.run.n &&
           run->settings.run.item[stage].kind == FTL_STAGE_CLASSIFIER;
}

/* LeCam's running means: {is there one, real, fake}. */
static ftl_status put_means(ftl_checkpoint_writer *w, const ftl_discriminator *d) {
    char name[64];
    snprintf(name, sizeof name, "lecam.%s", d->store->name);
    const int64_t n = 3;
    return ftl_checkpoint_put(w, name, FTL_H5_F32, 1, &n,
            (float[]) {(float)d->has_means, d->mean_real, d->mean_fake});
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

static ftl_status put_discriminators(ftl_checkpoint_writer *w, const ftl_gan *gan) {
    for (int i = 0; i < gan->n_d; i++) {
        const ftl_discriminator *d = &gan->d[i];
        FTL_TRY(ftl_checkpoint_put_store(w, d->store));
        if (!d->trainable) continue;
        FTL_TRY(put_adam(w, d->store->name, &d->adam));
        if (gan->lecam.weight > 0) FTL_TRY(put_means(w, d));
    }
    return FTL_OK;
}

static ftl_status put_anchor(ftl_checkpoint_writer *w, const ftl_anchor *anchor) {
    if (!anchor->store) return FTL_OK;
    FTL_TRY(ftl_checkpoint_put_block(w, "ewc.source", anchor->store, anchor->source));
    return ftl_checkpoint_put_block(
            w, "ewc.importance", anchor->store, anchor->importance);
}

static ftl_status get_anchor(ftl_checkpoint *c, ftl_gan *gan, double weight) {
    ftl_anchor *anchor = &gan->anchor;
    FTL_TRY(ftl_anchor_init(anchor, gan->g, weight));
    FTL_TRY(ftl_checkpoint_get_block(c, "ewc.source", gan->g, anchor->source));
    return ftl_checkpoint_get_block(c, "ewc.importance", gan->g, anchor->importance);
}

static ftl_status put_everything(ftl_checkpoint_writer *w, ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    char *metrics;
    FTL_TRY(ftl_checkpoint_put_text(w, "config", run->resolved));
    FTL_TRY(ftl_checkpoint_put_text(w, "environment", run->environment));
    FTL_TRY(ftl_checkpoint_put_text(w, "inputs", run->inputs));
    FTL_TRY(ftl_run_put_choices(w, run));
    FTL_TRY(ftl_metrics_render(&run->metrics, &metrics));
    ftl_status status = ftl_checkpoint_put_text(w, "metrics", metrics);
    free(metrics);
    FTL_TRY(status);
    FTL_TRY(ftl_checkpoint_put_i64(w, "channels", run->gan.options.channels));
    FTL_TRY(ftl_checkpoint_put_i64(
            w, "classifier_width", run->classifier.options.width));
    FTL_TRY(put_progress(w, &run->progress));
    FTL_TRY(ftl_checkpoint_put_store(w, run->classifier.store));
    if (classifier_trains(run)) FTL_TRY(put_adam(w, "C", &run->classifier.adam));
    FTL_TRY(ftl_checkpoint_put(
            w, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g_ema));
    FTL_TRY(put_adam(w, "G", &run->gan.g_adam));
    FTL_TRY(put_discriminators(w, &run->gan));
    FTL_TRY(put_anchor(w, &run->gan.anchor));
    if (run->importance)
        FTL_TRY(ftl_checkpoint_put(w, "importance", FTL_H5_F32, 1,
                &run->data.splits.split[FTL_SPLIT_BIASED].n, run->importance));
    if (run->progress.has_best) FTL_TRY(ftl_checkpoint_put_store(w, run->g_best));
    if (run->progress.has_before) {
        int64_t px = run->gan.options.resolution;
        FTL_TRY(ftl_checkpoint_put(w, "before", FTL_H5_U8, 4,
                (int64_t[]) {run->n_grid, px, px, run->gan.options.channels},
                run->before));
    }
    return FTL_OK;
}

/* A weight that an update made infinite is seen here at the latest. */
static ftl_status fail_numbers(const ftl_run_state *run) {
    char message[512];
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    return ftl_fail(FTL_ENUMERIC, "after step %" PRId64 " of %s: %s" FTL_RUN_NAN_ADVICE,
            run->progress.step, ftl_run_stage_name(run), message);
}

ftl_status ftl_run_save_nowhere(ftl_run_state *run, size_t *n_bytes) {
    ftl_checkpoint_writer *writer;
    ftl_plan_memory_rest(run->gan.memory);
    FTL_TRY(ftl_checkpoint_begin(&writer, "training"));
    ftl_status status = put_everything(writer, run);
    if (status == FTL_OK) status = ftl_checkpoint_measure(writer, n_bytes);
    ftl_checkpoint_discard(writer);
    return status == FTL_ENUMERIC ? fail_numbers(run) : status;
}

ftl_status ftl_run_save(ftl_run_state *run, const char *name) {
    ftl_checkpoint_writer *writer;
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path_to_write(path, run, "checkpoints/%s.h5", name));
    ftl_plan_memory_rest(run->gan.memory); /* room for the file, which is built whole */
    FTL_TRY(ftl_checkpoint_begin(&writer, "training"));
    ftl_status status = put_everything(writer, run);
    /* Before the file is there: a log is cut back to the line of the checkpoint that a
     * run goes on from, so that line must never be missing. */
    if (status == FTL_OK) {
        ftl_log_progress_end();
        ftl_log_info("saving checkpoints/%s.h5", name);
        status = ftl_checkpoint_save(writer, path, NULL);
    }
    ftl_checkpoint_discard(writer);
    if (status == FTL_OK) {
        run->saved_tick = run->progress.tick;
        run->saved_stage = run->progress.stage;
    }
    return status == FTL_ENUMERIC ? fail_numbers(run) : status;
}

/* The discriminators of an adaptation that has begun: those of the configuration. */
static ftl_status get_discriminators(ftl_checkpoint *c, ftl_run_state *run) {
    ftl_gan *gan = &run->gan;
    for (int i = 0; run->progress.adapting && i < run->settings.run.n; i++) {
        ftl_adaptation adaptation;
        if (run->settings.run.item[i].kind != FTL_STAGE_ADAPT) continue;
        FTL_TRY(ftl_adaptation_expand(&adaptation, run->settings.run.item[i].section,
                gan->options.resolution, "adapt", run->arena));
        FTL_TRY(ftl_adaptation_apply(&adaptation, gan));
        if (adaptation.ewc > 0) FTL_TRY(get_anchor(c, gan, adaptation.ewc));
        if (!adaptation.importance) continue;
        FTL_TRY(ftl_run_make_importance(run));
        FTL_TRY(ftl_checkpoint_get(c, "importance", FTL_H5_F32, 1,
                &run->data.splits.split[FTL_SPLIT_BIASED].n, run->importance));
    }
    for (int i = 0; i < gan->n_d; i++) {
        const char *name = gan->d[i].store->name;
        FTL_TRY(ftl_checkpoint_get_store(c, name, gan->d[i].store));
        if (!gan->d[i].trainable) continue;
        FTL_TRY(get_adam(c, name, &gan->d[i].adam));
        if (gan->lecam.weight > 0) FTL_TRY(get_means(c, &gan->d[i]));
    }
    return FTL_OK;
}

static ftl_status get_everything(ftl_checkpoint *c, ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    const char *metrics;
    FTL_TRY(get_progress(c, &run->progress));
    FTL_TRY(ftl_run_get_choices(run->choices, c));
    FTL_TRY(ftl_checkpoint_text(c, "metrics", &metrics));
    FTL_TRY(ftl_metrics_parse(&run->metrics, metrics));
    FTL_TRY(ftl_checkpoint_get_store(c, "C", run->classifier.store));
    if (classifier_trains(run)) {
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
    if (run->progress.has_best) {
        FTL_TRY(ftl_run_make_best(run));
        FTL_TRY(ftl_checkpoint_get_store(c, "G_best", run->g_best));
    }
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
