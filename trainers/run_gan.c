/* run_gan.c - the loop that trains a GAN: pre-training and every adaptation.
 *
 * It walks phases (discriminator steps, a generator step, the average) and knows
 * nothing of models and methods. A step is a function of (state, step, data): nothing
 * is written before its losses and gradients were found finite. */
#include "datasets/batch.h"
#include "datasets/order.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/nn/ema.h"
#include "trainers/methods/method.h"
#include "trainers/run_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct losses {
    double real, fake, g;
} losses;

typedef struct trainer {
    ftl_run_state *run;
    const char *stage; /* "pretrain" */
    const ftl_gan_settings *settings;
    const ftl_split *split;
    const ftl_segment *segment; /* of all segments, first to last */
    int n_segments;
    int64_t n_steps;
    ftl_plan *plan_d, *plan_g;
    int planned; /* the segment that the plans are for, -1: none */
    ftl_order order;
    int64_t *index;                               /* [batch] */
    bool *flip;                                   /* [batch] */
    int64_t sample_every, save_every, look_every; /* steps; 0: never */
    int64_t look_samples, settle_from;
    const ftl_settle_settings *settle; /* NULL: to the end */
    bool keep_best;
    ftl_evaluator evaluator; /* of G_ema; plan NULL: not needed so far */
    double since;
    int64_t since_step;
} trainer;

/* Streams of each stage are apart: stage k adds 256 k. */
static ftl_random_key key_of(const trainer *t, ftl_random_stream stream, int64_t step) {
    return (ftl_random_key) {.seed = (uint64_t)t->run->settings.seed,
            .stream = (uint32_t)stream + 256 * (uint32_t)t->run->progress.stage,
            .step = (uint64_t)step};
}

static void draw_latents(float *z, const trainer *t, ftl_random_stream stream,
        int64_t step, int64_t first_sample) {
    size_t z_dim = (size_t)t->run->gan.options.z_dim;
    for (int64_t i = 0; i < t->settings->batch; i++)
        ftl_random_normal(z + (size_t)i * z_dim, z_dim, key_of(t, stream, step),
                (uint64_t)(first_sample + i));
}

static ftl_status d_step(trainer *t, int64_t k, losses *out) {
    ftl_run_state *run = t->run;
    const ftl_gan_settings *s = t->settings;
    const ftl_segment *segment = &t->segment[t->planned];
    int64_t step = run->progress.step, first = (step * s->d_steps + k) * s->batch;
    ftl_discriminator *d = &run->gan.d[0];
    const char *bad = NULL;
    ftl_order_take(&t->order, t->index, t->split->index, first, s->batch);
    ftl_order_flips(t->flip, (uint64_t)run->settings.seed,
            key_of(t, FTL_STREAM_FLIP, 0).stream, first, s->batch);
    ftl_batch_gather(ftl_plan_input(t->plan_d, "x0"), &t->split->file->pack, t->index,
            s->flip ? t->flip : NULL, s->batch);
    draw_latents(
            ftl_plan_input(t->plan_d, "z"), t, FTL_STREAM_LATENT_D, step, k * s->batch);
    ftl_plan_run(t->plan_d);
    out->real = (double)*(const float *)ftl_plan_output(t->plan_d, "real0");
    out->fake = (double)*(const float *)ftl_plan_output(t->plan_d, "fake0");
    if (!isfinite(out->real + out->fake) || !ftl_adam_finite(&d->adam, &bad))
        return ftl_run_diagnose(run, t->plan_d, "the discriminator step", bad);
    ftl_plan_commit(t->plan_d);
    ftl_adam_options adam = {.learning_rate = segment->d_lr,
            .beta1 = s->beta1,
            .beta2 = s->beta2,
            .epsilon = s->epsilon};
    ftl_adam_step(&d->adam, &adam);
    return FTL_OK;
}

static ftl_status g_step(trainer *t, losses *out) {
    ftl_run_state *run = t->run;
    const ftl_gan_settings *s = t->settings;
    const ftl_segment *segment = &t->segment[t->planned];
    const char *bad = NULL;
    draw_latents(ftl_plan_input(t->plan_g, "z"), t, FTL_STREAM_LATENT_G,
            run->progress.step, 0);
    ftl_plan_run(t->plan_g);
    out->g = (double)*(const float *)ftl_plan_output(t->plan_g, "loss");
    if (!isfinite(out->g) || !ftl_adam_finite(&run->gan.g_adam, &bad))
        return ftl_run_diagnose(run, t->plan_g, "the generator step", bad);
    ftl_plan_commit(t->plan_g);
    ftl_adam_options adam = {.learning_rate = segment->g_lr,
            .beta1 = s->beta1,
            .beta2 = s->beta2,
            .epsilon = s->epsilon};
    ftl_adam_step(&run->gan.g_adam, &adam);
    double batch = (double)s->batch;
    double decay = ftl_ema_decay(batch, s->ema_half_life * 1000,
            (double)(run->progress.step + 1) * batch, s->ema_ramp);
    ftl_ema_update(run->gan.g_ema, run->gan.g, decay);
    return FTL_OK;
}

static int segment_of(const trainer *t, int64_t step) {
    int i = 0;
    while (i + 1 < t->n_segments && step >= t->segment[i].n_steps)
        step -= t->segment[i++].n_steps;
    return i;
}

/* Freeze what the segment of the next step freezes, and compile its plans. */
static ftl_status enter_segment(trainer *t) {
    ftl_gan *gan = &t->run->gan;
    int wanted = segment_of(t, t->run->progress.step);
    if (wanted == t->planned) return FTL_OK;
    const ftl_segment *segment = &t->segment[wanted];
    ftl_plan_free(t->plan_d);
    ftl_plan_free(t->plan_g);
    t->plan_d = t->plan_g = NULL;
    ftl_gan_thaw(gan);
    ftl_log_progress_end();
    ftl_log_info("%s: %s, %" PRId64 " steps of %" PRId64 " images", t->stage,
            segment->name, segment->n_steps, t->settings->batch);
    for (int i = 0; i < segment->n_freeze; i++) {
        int n;
        FTL_TRY(ftl_gan_freeze(gan, segment->freeze[i], &n));
        ftl_log_info("%s: \"%s\" freezes %d tensors", t->stage, segment->freeze[i], n);
    }
    int shared = ftl_gan_share_frozen(gan);
    if (shared)
        ftl_log_info("%s: D and D_s share %d tensors, computed once", t->stage, shared);
    FTL_TRY(ftl_gan_plan_d(&t->plan_d, gan, (int)t->settings->batch));
    FTL_TRY(ftl_gan_plan_g(&t->plan_g, gan, (int)t->settings->batch));
    t->planned = wanted;
    return FTL_OK;
}

/* Have the last `count` looks agreed on the share of group 0? */
static bool has_settled(const trainer *t) {
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
static ftl_status look(trainer *t, double kimg) {
    ftl_run_state *run = t->run;
    ftl_progress *p = &run->progress;
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    ftl_fairness fairness;
    if (!t->evaluator.plan)
        FTL_TRY(ftl_evaluator_init(
                &t->evaluator, &run->gan, run->gan.g_ema, &run->classifier));
    ftl_evaluator_run(&t->evaluator, key_of(t, FTL_STREAM_LATENT_CHOICE, 0),
            t->look_samples, counts, NULL, NULL);
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

static void show_progress(trainer *t, const losses *now) {
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
static ftl_status after_step(trainer *t, const losses *now, bool *done) {
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

static ftl_status train(trainer *t) {
    ftl_progress *p = &t->run->progress;
    losses now = {0};
    t->since = ftl_clock_s();
    t->since_step = p->step;
    for (bool done = p->step >= t->n_steps; !done;) {
        FTL_TRY(enter_segment(t));
        for (int64_t k = 0; k < t->settings->d_steps; k++)
            FTL_TRY(d_step(t, k, &now));
        FTL_TRY(g_step(t, &now));
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

static int64_t steps_or_never(double kimg, int64_t batch) {
    return kimg > 0 ? ftl_steps_of_kimg(kimg, batch) : 0;
}

static ftl_status run_trainer(trainer *t) {
    ftl_run_state *run = t->run;
    size_t n = (size_t)t->settings->batch;
    ftl_status status = FTL_OK;
    t->planned = -1;
    for (int i = 0; i < t->n_segments; i++)
        t->n_steps += t->segment[i].n_steps;
    t->sample_every = steps_or_never(t->settings->sample_every, t->settings->batch);
    t->save_every = steps_or_never(t->settings->save_every, t->settings->batch);
    t->index = calloc(n, sizeof *t->index);
    t->flip = calloc(n, sizeof *t->flip);
    if (!t->index || !t->flip) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a batch");
        goto out;
    }
    FTL_TRY_OUT(ftl_order_init(&t->order, t->split->n, (uint64_t)run->settings.seed,
            key_of(t, FTL_STREAM_ORDER, 0).stream));
    FTL_TRY_OUT(train(t));
out:
    ftl_plan_free(t->plan_d);
    ftl_plan_free(t->plan_g);
    ftl_evaluator_deinit(&t->evaluator);
    ftl_order_deinit(&t->order);
    free(t->index);
    free(t->flip);
    ftl_gan_thaw(&run->gan);
    return status;
}

ftl_status ftl_run_pretrain(ftl_run_state *run, const ftl_pretrain_settings *settings) {
    const ftl_watch_settings *watch = &settings->settle.watch;
    ftl_segment all = {.name = "train",
            .n_steps = ftl_steps_of_kimg(settings->kimg, settings->gan.batch),
            .g_lr = settings->gan.g_lr,
            .d_lr = settings->gan.d_lr};
    trainer t = {.run = run,
            .stage = "pretrain",
            .settings = &settings->gan,
            .split = &run->data.splits.split[FTL_SPLIT_BIASED],
            .segment = &all,
            .n_segments = 1,
            .look_every = steps_or_never(watch->every, settings->gan.batch),
            .look_samples = watch->samples,
            .settle_from = steps_or_never(settings->settle.from, settings->gan.batch),
            .settle = watch->every > 0 ? &settings->settle : NULL};
    FTL_TRY(run_trainer(&t));
    double kimg = (double)(run->progress.step * settings->gan.batch) / 1000;
    FTL_TRY(ftl_run_draw(run, "pretrain-final", settings->gan.samples));
    return ftl_run_measure_before(run, kimg);
}

/* Once, before the first step: moments anew, D_s a copy of D. */
static ftl_status begin_adaptation(
        ftl_run_state *run, const ftl_adaptation *adaptation) {
    if (!run->progress.adapting) {
        run->progress.adapting = true;
        FTL_TRY(ftl_gan_reset_optimisers(&run->gan, ftl_run_keeps_moment1(run)));
        if (adaptation->frozen_weight > 0)
            FTL_TRY(ftl_gan_add_frozen(&run->gan, "D_s", adaptation->frozen_weight));
    }
    run->gan.d[0].weight = adaptation->trainable_weight;
    if (run->gan.n_d > 1) run->gan.d[1].weight = adaptation->frozen_weight;
    return FTL_OK;
}

ftl_status ftl_run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_adaptation adaptation;
    const ftl_method *method = ftl_methods[settings->method];
    FTL_TRY(ftl_run_measure_before(run, (double)run->progress.images / 1000));
    FTL_TRY(method->expand(
            &adaptation, settings, run->gan.options.resolution, "adapt", run->arena));
    FTL_TRY(begin_adaptation(run, &adaptation));
    ftl_log_info("adapt: %s: D weighs %.2f in G's loss, D_s %.2f", method->name,
            adaptation.trainable_weight, adaptation.frozen_weight);
    trainer t = {.run = run,
            .stage = "adapt",
            .settings = &settings->gan,
            .split = &run->data.splits.split[FTL_SPLIT_REFERENCE],
            .segment = adaptation.segment,
            .n_segments = adaptation.n_segments,
            .look_every = steps_or_never(settings->watch.every, settings->gan.batch),
            .look_samples = settings->watch.samples,
            .keep_best = settings->keep == 1};
    FTL_TRY(run_trainer(&t));
    if (settings->keep == 1 && run->progress.has_best) {
        ftl_log_info("adapt: the best generator is that of %.2f kimg",
                (double)(run->progress.best_step * settings->gan.batch) / 1000);
        FTL_TRY(ftl_store_copy(run->gan.g_ema, run->g_best));
        run->progress.images = run->progress.best_step * settings->gan.batch;
    }
    return ftl_run_draw(run, "adapt-final", settings->gan.samples);
}
