/* run_gan.c - the loop that trains a GAN: pre-training and every adaptation.
 *
 * It walks steps (run_gan_steps.c) and what lies between them: logs, pictures, looks,
 * checkpoints. It knows nothing of models and methods. */
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "trainers/run/run_trainers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int segment_of(const ftl_gan_trainer *t, int64_t step) {
    int i = 0;
    while (i + 1 < t->n_segments && step >= t->segment[i].n_steps)
        step -= t->segment[i++].n_steps;
    return i;
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
            (double)(t->n_steps * t->settings->batch) / 1000, rate, now->real[0],
            now->fake[0], now->g, (int)left / 60, (int)left % 60);
}

static bool due(int64_t step, int64_t every) { return every > 0 && step % every == 0; }

/* A line of stats.jsonl. The first discriminator's losses have no name behind them. */
static ftl_status tell_stats(
        ftl_gan_trainer *t, const ftl_gan_losses *now, double kimg) {
    const ftl_progress *p = &t->run->progress;
    const ftl_gan *gan = &t->run->gan;
    char others[FTL_MAX_DISCRIMINATORS * 192] = "";
    size_t n = 0;
    for (int i = 1; i < gan->n_d; i++)
        if (gan->d[i].trainable)
            n += (size_t)snprintf(others + n, sizeof others - n,
                    "\"d_real_%.64s\": %.6g, \"d_fake_%.64s\": %.6g, ",
                    gan->d[i].store->name, now->real[i], gan->d[i].store->name,
                    now->fake[i]);
    return ftl_run_stats(t->run,
            "\"stage\": \"%s\", \"kimg\": %.3f, \"d_real\": %.6g, \"d_fake\": %.6g, "
            "%s\"g\": %.6g, \"images_per_s\": %.1f",
            t->stage, kimg, now->real[0], now->fake[0], others, now->g,
            (double)((p->step - t->since_step) * t->settings->batch) /
                    (ftl_clock_s() - t->since + 1e-9));
}

/* What follows a step: logs, pictures, looks, checkpoints. *done: the stage may end. */
static ftl_status after_step(
        ftl_gan_trainer *t, const ftl_gan_losses *now, bool *done) {
    enum { STATS_EVERY = 20 };
    ftl_run_state *run = t->run;
    int64_t step = run->progress.step, images = step * t->settings->batch;
    double kimg = (double)images / 1000;
    show_progress(t, now);
    if (due(step, STATS_EVERY)) FTL_TRY(tell_stats(t, now, kimg));
    if (due(step, t->sample_every)) {
        char name[64];
        snprintf(name, sizeof name, "%s-%08" PRId64, t->stage, images);
        FTL_TRY(ftl_run_draw(run, name, t->settings->samples));
    }
    *done = step >= t->n_steps;
    if (due(step, t->looks.every)) {
        FTL_TRY(ftl_looks_take(&t->looks, run,
                ftl_gan_trainer_key(t, FTL_STREAM_LATENT_CHOICE, 0), t->stage, kimg));
        *done |= ftl_looks_judge(&t->looks, &run->progress) != FTL_LOOKS_GO_ON;
    }
    if (*done) return FTL_OK;
    if (due(step, t->save_every)) FTL_TRY(ftl_run_save_rolling(run));
    return ftl_run_check_stop(run);
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
    ftl_looks_explain(
            &t->looks, p, t->stage, (double)(p->step * t->settings->batch) / 1000);
    return FTL_OK;
}

static ftl_status draw_final(ftl_run_state *run, int64_t n) {
    char name[64];
    snprintf(name, sizeof name, "%s-final", ftl_run_stage_name(run));
    return ftl_run_draw(run, name, n);
}

ftl_status ftl_run_pretrain(ftl_run_state *run, const ftl_pretrain_settings *settings) {
    ftl_gan_trainer t;
    ftl_status status = ftl_gan_trainer_open_pretrain(&t, run, settings);
    if (status == FTL_OK) status = train(&t);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    FTL_TRY(ftl_run_write_best(run, ftl_run_stage_name(run)));
    FTL_TRY(draw_final(run, settings->gan.samples));
    return ftl_run_pretrains_later(run) ? FTL_OK : ftl_run_measure_before(run);
}

ftl_status ftl_run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_gan_trainer t;
    FTL_TRY(ftl_run_measure_before(run));
    ftl_status status = ftl_gan_trainer_open_adapt(&t, run, settings);
    if (status == FTL_OK) status = train(&t);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    FTL_TRY(ftl_run_write_best(run, ftl_run_stage_name(run)));
    FTL_TRY(ftl_run_choose_kept(run, settings, ftl_run_stage_name(run)));
    return draw_final(run, settings->gan.samples);
}
