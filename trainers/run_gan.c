/* run_gan.c - the loop that trains a GAN: pre-training and every adaptation.
 *
 * It walks steps (run_gan_steps.c) and what lies between them: logs, pictures, looks,
 * checkpoints. It knows nothing of models and methods. */
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "trainers/run_trainers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int segment_of(const ftl_gan_trainer *t, int64_t step) {
    int i = 0;
    while (i + 1 < t->n_segments && step >= t->segment[i].n_steps)
        step -= t->segment[i++].n_steps;
    return i;
}

/* Have the last `count` looks agreed on the share of group 0? */
static bool has_settled(const ftl_gan_trainer *t) {
    const ftl_progress *p = &t->run->progress;
    int64_t count = t->settle ? t->settle->count : 0;
    if (!t->settle || p->n_looks < count || p->step < t->settle_from) return false;
    double lowest = 1, highest = 0;
    for (int64_t i = FTL_MAX_LOOKS - count; i < FTL_MAX_LOOKS; i++) {
        lowest = fmin(lowest, p->looks[i]);
        highest = fmax(highest, p->looks[i]);
    }
    return highest - lowest <= t->settle->within;
}

/* An evaluation that chooses or stops: on latents that no report uses. */
static ftl_status look(ftl_gan_trainer *t, double kimg) {
    ftl_run_state *run = t->run;
    ftl_progress *p = &run->progress;
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    ftl_fairness fairness;
    FTL_TRY(ftl_gan_trainer_look(t, t->look_samples, counts));
    FTL_TRY(ftl_fairness_measure(&fairness, run->data.splits.n_groups, counts,
            run->confusion, (uint64_t)run->settings.seed));
    memmove(p->looks, p->looks + 1, (FTL_MAX_LOOKS - 1) * sizeof *p->looks);
    p->looks[FTL_MAX_LOOKS - 1] = fairness.share[0];
    p->n_looks++;
    ftl_log_progress_end();
    ftl_log_info("%s: %.2f kimg: share of %s %.3f, FD %.3f, corrected %.3f", t->stage,
            kimg, run->data.splits.group_name[0], fairness.share[0], fairness.fd,
            fairness.fd_corrected);
    if (t->keep_best && (!p->has_best || fairness.fd_corrected < p->best_fd)) {
        p->has_best = true;
        p->best_fd = fairness.fd_corrected;
        p->best_step = p->step;
        FTL_TRY(ftl_run_make_best(run));
        FTL_TRY(ftl_store_copy(run->g_best, run->gan.g_ema));
    }
    return ftl_run_stats(run,
            "\"stage\": \"%s\", \"kimg\": %.3f, \"share\": %.5f, \"fd\": %.5f, "
            "\"fd_corrected\": %.5f",
            t->stage, kimg, fairness.share[0], fairness.fd, fairness.fd_corrected);
}

static void show_progress(ftl_gan_trainer *t, const ftl_gan_losses *now) {
    const ftl_progress *p = &t->run->progress;
    double done = (double)(p->step - t->since_step);
    double rate = done * (double)t->settings->batch / (ftl_clock_s() - t->since + 1e-9);
    double left = (double)((t->n_steps - p->step) * t->settings->batch) / rate;
    ftl_log_progress(
            "%s  %.2f/%.2f kimg  %.0f images/s  D %.3f + %.3f  G %.3f  at most "
            "%d:%02d left",
            t->stage, (double)(p->step * t->settings->batch) / 1000,
            (double)(t->n_steps * t->settings->batch) / 1000, rate, now->real,
            now->fake, now->g, (int)left / 60, (int)left % 60);
}

static bool due(int64_t step, int64_t every) { return every > 0 && step % every == 0; }

/* What follows a step: logs, pictures, looks, checkpoints. *done: the stage may end. */
static ftl_status after_step(
        ftl_gan_trainer *t, const ftl_gan_losses *now, bool *done) {
    enum { STATS_EVERY = 20 };
    ftl_run_state *run = t->run;
    int64_t step = run->progress.step, images = step * t->settings->batch;
    double kimg = (double)images / 1000;
    show_progress(t, now);
    if (due(step, STATS_EVERY)) {
        double rate = (double)((step - t->since_step) * t->settings->batch) /
                      (ftl_clock_s() - t->since + 1e-9);
        FTL_TRY(ftl_run_stats(run,
                "\"stage\": \"%s\", \"kimg\": %.3f, \"d_real\": %.6g, \"d_fake\": "
                "%.6g, "
                "\"g\": %.6g, \"images_per_s\": %.1f",
                t->stage, kimg, now->real, now->fake, now->g, rate));
    }
    if (due(step, t->sample_every)) {
        char name[64];
        snprintf(name, sizeof name, "%s-%08" PRId64, t->stage, images);
        FTL_TRY(ftl_run_draw(run, name, t->settings->samples));
    }
    if (due(step, t->look_every)) FTL_TRY(look(t, kimg));
    *done = step >= t->n_steps || (due(step, t->look_every) && has_settled(t));
    if (*done) return FTL_OK;
    if (due(step, t->save_every)) FTL_TRY(ftl_run_save_rolling(run));
    return ftl_run_check_interrupt(run);
}

static ftl_status train(ftl_gan_trainer *t) {
    ftl_progress *p = &t->run->progress;
    ftl_gan_losses now = {0};
    t->since = ftl_clock_s();
    t->since_step = p->step;
    for (bool done = p->step >= t->n_steps; !done;) {
        FTL_TRY(ftl_gan_trainer_enter(t, segment_of(t, p->step)));
        FTL_TRY(ftl_gan_trainer_step(t, &now));
        p->step++;
        p->tick++;
        p->images = p->step * t->settings->batch;
        FTL_TRY(after_step(t, &now, &done));
    }
    ftl_log_progress_end();
    if (t->settle && !has_settled(t))
        ftl_log_warning(
                "%s: the shares have not settled within %.2f kimg: a longer kimg "
                "makes \"before\" mean more",
                t->stage, (double)(t->n_steps * t->settings->batch) / 1000);
    else if (t->settle)
        ftl_log_info("%s: the shares have settled after %.2f kimg", t->stage,
                (double)(p->step * t->settings->batch) / 1000);
    return FTL_OK;
}

ftl_status ftl_run_pretrain(ftl_run_state *run, const ftl_pretrain_settings *settings) {
    ftl_gan_trainer t;
    ftl_status status = ftl_gan_trainer_open_pretrain(&t, run, settings);
    if (status == FTL_OK) status = train(&t);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    double kimg = (double)(run->progress.step * settings->gan.batch) / 1000;
    FTL_TRY(ftl_run_draw(run, "pretrain-final", settings->gan.samples));
    return ftl_run_measure_before(run, kimg);
}

ftl_status ftl_run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_gan_trainer t;
    FTL_TRY(ftl_run_measure_before(run, (double)run->progress.images / 1000));
    ftl_status status = ftl_gan_trainer_open_adapt(&t, run, settings);
    if (status == FTL_OK) status = train(&t);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    if (settings->keep == 1 && run->progress.has_best) {
        ftl_log_info("adapt: the best generator is that of %.2f kimg",
                (double)(run->progress.best_step * settings->gan.batch) / 1000);
        FTL_TRY(ftl_store_copy(run->gan.g_ema, run->g_best));
        run->progress.images = run->progress.best_step * settings->gan.batch;
    }
    return ftl_run_draw(run, "adapt-final", settings->gan.samples);
}
