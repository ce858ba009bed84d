/* run_save.c - the whole state of a run -> a checkpoint, and one of its generators. */
#include "checkpoints/checkpoint.h"
#include "engine/base/log.h"
#include "trainers/run/run_opened.h"
#include "trainers/run/run_state.h"

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

/* LeCam's running means: {is there one, real, fake}. */
static ftl_status put_means(ftl_checkpoint_writer *w, const ftl_discriminator *d) {
    char name[64];
    snprintf(name, sizeof name, "lecam.%s", d->store->name);
    const int64_t n = 3;
    return ftl_checkpoint_put(w, name, FTL_H5_F32, 1, &n,
            (float[]) {(float)d->has_means, d->mean_real, d->mean_fake});
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

/* Who made it, of what, and what was measured. */
static ftl_status put_origin(ftl_checkpoint_writer *w, ftl_run_state *run) {
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
    return ftl_checkpoint_put_i64(w, "classifier_width", run->classifier.options.width);
}

static ftl_status put_classifier(ftl_checkpoint_writer *w, const ftl_run_state *run) {
    const int64_t k = run->data.splits.n_groups;
    FTL_TRY(ftl_checkpoint_put_store(w, run->classifier.store));
    return ftl_checkpoint_put(
            w, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion);
}

static ftl_status put_before(ftl_checkpoint_writer *w, const ftl_run_state *run) {
    const int64_t px = run->gan.options.resolution;
    if (!run->progress.has_before) return FTL_OK;
    return ftl_checkpoint_put(w, "before", FTL_H5_U8, 4,
            (int64_t[]) {run->n_grid, px, px, run->gan.options.channels}, run->before);
}

static ftl_status put_everything(ftl_checkpoint_writer *w, ftl_run_state *run) {
    FTL_TRY(put_origin(w, run));
    FTL_TRY(ftl_run_put_progress(w, &run->progress, run->data.splits.n_groups));
    FTL_TRY(put_classifier(w, run));
    if (ftl_run_trains_classifier(run))
        FTL_TRY(put_adam(w, "C", &run->classifier.adam));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g_ema));
    FTL_TRY(put_adam(w, "G", &run->gan.g_adam));
    FTL_TRY(put_discriminators(w, &run->gan));
    FTL_TRY(put_anchor(w, &run->gan.anchor));
    if (run->importance)
        FTL_TRY(ftl_checkpoint_put(w, "importance", FTL_H5_F32, 1,
                &run->data.splits.split[FTL_SPLIT_BIASED].n, run->importance));
    for (int i = 0; i < FTL_N_KEPT; i++)
        if (ftl_run_has_kept(run, (ftl_kept)i))
            FTL_TRY(ftl_checkpoint_put_store(w, run->g_kept[i]));
    return put_before(w, run);
}

/* What can be measured and adapted: no optimisers, no history. */
static ftl_status put_kept(ftl_checkpoint_writer *w, ftl_run_state *run, int kept) {
    const ftl_store *g = run->g_kept[kept];
    ftl_progress now = run->progress;
    now.images = ftl_run_kept_images(run, (ftl_kept)kept);
    now.kept = kept;
    now.has_before = false;
    memset(now.best, 0, sizeof now.best);
    FTL_TRY(put_origin(w, run));
    FTL_TRY(ftl_run_put_progress(w, &now, run->data.splits.n_groups));
    FTL_TRY(put_classifier(w, run));
    FTL_TRY(ftl_checkpoint_put_store_as(w, "G", g));
    FTL_TRY(ftl_checkpoint_put_store_as(w, "G_ema", g));
    return ftl_checkpoint_put_store(w, run->gan.d[0].store);
}

/* A weight that an update made infinite is seen here at the latest. */
static ftl_status fail_numbers(const ftl_run_state *run) {
    char message[512];
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    return ftl_fail(FTL_ENUMERIC, "after step %" PRId64 " of %s: %s" FTL_RUN_NAN_ADVICE,
            run->progress.step, ftl_run_stage_name(run), message);
}

/* All of the run's state, or of one of its generators: kept is an ftl_kept, or ALL. */
enum { ALL = -1 };

static ftl_status fill(ftl_checkpoint_writer **w, ftl_run_state *run, int kept) {
    ftl_plan_memory_rest(run->gan.memory); /* room for the file, which is built whole */
    FTL_TRY(ftl_checkpoint_begin(w, kept == ALL ? "training" : FTL_RUN_GENERATOR));
    return kept == ALL ? put_everything(*w, run) : put_kept(*w, run, kept);
}

static ftl_status save_nowhere(ftl_run_state *run, int kept, size_t *n_bytes) {
    ftl_checkpoint_writer *writer = NULL;
    ftl_status status = fill(&writer, run, kept);
    if (status == FTL_OK) status = ftl_checkpoint_measure(writer, n_bytes);
    ftl_checkpoint_discard(writer);
    return status == FTL_ENUMERIC ? fail_numbers(run) : status;
}

static ftl_status save(ftl_run_state *run, int kept, const char *name) {
    ftl_checkpoint_writer *writer = NULL;
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path_to_write(path, run, "checkpoints/%s.h5", name));
    ftl_status status = fill(&writer, run, kept);
    /* Before the file is there: a log is cut back to the line of the checkpoint that a
     * run goes on from, so that line must never be missing. */
    if (status == FTL_OK) {
        ftl_log_progress_end();
        ftl_log_info("saving checkpoints/%s.h5", name);
        status = ftl_run_check_log(run);
        if (status == FTL_OK) status = ftl_checkpoint_save(writer, path, NULL);
    }
    ftl_checkpoint_discard(writer);
    return status == FTL_ENUMERIC ? fail_numbers(run) : status;
}

ftl_status ftl_run_save_nowhere(ftl_run_state *run, size_t *n_bytes) {
    return save_nowhere(run, ALL, n_bytes);
}

ftl_status ftl_run_save_kept_nowhere(
        ftl_run_state *run, ftl_kept kept, size_t *n_bytes) {
    return save_nowhere(run, (int)kept, n_bytes);
}

ftl_status ftl_run_save_kept(ftl_run_state *run, ftl_kept kept, const char *name) {
    return save(run, (int)kept, name);
}

ftl_status ftl_run_save(ftl_run_state *run, const char *name) {
    FTL_TRY(save(run, ALL, name));
    run->saved_tick = run->progress.tick;
    run->saved_stage = run->progress.stage;
    return FTL_OK;
}
