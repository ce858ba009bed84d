/* run_gan_steps.c - one step of pre-training or adaptation; see run_trainers.h. */
#include "engine/base/log.h"
#include "engine/nn/ema.h"
#include "trainers/run/run_trainers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Streams of each stage are apart: stage k adds 256 k. */
ftl_random_key ftl_gan_trainer_key(
        const ftl_gan_trainer *t, ftl_random_stream stream, int64_t step) {
    return (ftl_random_key) {.seed = t->seed,
            .stream = (uint32_t)stream + 256 * (uint32_t)t->run->progress.stage,
            .step = (uint64_t)step};
}

static void draw_latents(float *z, const ftl_gan_trainer *t, ftl_random_stream stream,
        int64_t step, int64_t first_sample) {
    size_t z_dim = (size_t)t->run->gan.options.z_dim;
    for (int64_t i = 0; i < t->settings->batch; i++)
        ftl_random_normal(z + (size_t)i * z_dim, z_dim,
                ftl_gan_trainer_key(t, stream, step), (uint64_t)(first_sample + i));
}

/* The numbers of DiffAugment for a batch: images at `at` .. of the plan's. */
static void draw_augment(ftl_gan_trainer *t, ftl_plan *plan, ftl_random_stream stream,
        int64_t at, int64_t first_sample) {
    const ftl_gan *gan = &t->run->gan;
    ftl_augment_draw(plan, gan->augment, gan->options.channels, gan->options.resolution,
            at, t->settings->batch,
            ftl_gan_trainer_key(t, stream, t->run->progress.step), first_sample);
}

static float output(const ftl_plan *plan, const char *name, int i) {
    char full[32];
    snprintf(full, sizeof full, "%s%d", name, i);
    return *(const float *)ftl_plan_output(plan, full);
}

static ftl_adam_options adam_options(const ftl_gan_settings *s, double learning_rate) {
    return (ftl_adam_options) {.learning_rate = learning_rate,
            .beta1 = s->beta1,
            .beta2 = s->beta2,
            .epsilon = s->epsilon};
}

/* Weights of the images that a feed took last: those of the reference set count once.
 */
static void fill_weights(const ftl_gan_trainer *t, int i) {
    const int64_t n_biased = t->run->data.splits.split[FTL_SPLIT_BIASED].n;
    char name[24];
    snprintf(name, sizeof name, "weight%d", i);
    float *weight = ftl_plan_input(t->plan_d, name);
    for (int64_t k = 0; k < t->settings->batch; k++) {
        const int64_t at = t->feed[i].position[k];
        weight[k] = at < n_biased ? t->run->importance[at] : 1;
    }
}

/* Real images for every discriminator that trains, and latents. */
static void fill_d(ftl_gan_trainer *t, int64_t k) {
    const ftl_gan_settings *s = t->settings;
    const int64_t step = t->run->progress.step;
    char name[16];
    for (int i = 0; i < t->run->gan.n_d; i++) {
        if (!t->run->gan.d[i].trainable) continue;
        snprintf(name, sizeof name, "x%d", i);
        ftl_feed_take(&t->feed[i], ftl_plan_input(t->plan_d, name),
                (step * s->d_steps + k) * s->batch);
        if (t->run->gan.d[i].weighted) fill_weights(t, i);
    }
    draw_latents(
            ftl_plan_input(t->plan_d, "z"), t, FTL_STREAM_LATENT_D, step, k * s->batch);
    draw_augment(t, t->plan_d, FTL_STREAM_AUGMENT_REAL, 0, k * s->batch);
    draw_augment(t, t->plan_d, FTL_STREAM_AUGMENT_FAKE, s->batch, k * s->batch);
}

/* Are losses and gradients finite? Otherwise says where they were not. */
static ftl_status check_d(ftl_gan_trainer *t) {
    static const char phase[] = "the discriminator step";
    ftl_run_state *run = t->run;
    const char *bad = NULL;
    for (int i = 0; i < run->gan.n_d; i++) {
        const ftl_discriminator *d = &run->gan.d[i];
        if (!d->trainable) continue;
        if (!isfinite(output(t->plan_d, "real", i) + output(t->plan_d, "fake", i)) ||
                !ftl_adam_finite(&d->adam, &bad))
            return ftl_run_diagnose(run, t->plan_d, phase, bad);
    }
    return FTL_OK;
}

static ftl_status d_step(ftl_gan_trainer *t, int64_t k, ftl_gan_losses *out) {
    ftl_gan *gan = &t->run->gan;
    fill_d(t, k);
    ftl_gan_prepare_d(gan, t->plan_d);
    ftl_plan_run(t->plan_d);
    for (int i = 0; i < gan->n_d; i++) {
        if (!gan->d[i].trainable) continue;
        out->real[i] = (double)output(t->plan_d, "real", i);
        out->fake[i] = (double)output(t->plan_d, "fake", i);
    }
    FTL_TRY(check_d(t));
    ftl_plan_commit(t->plan_d);
    ftl_gan_accept_d(gan, t->plan_d);
    const ftl_adam_options adam =
            adam_options(t->settings, t->segment[t->planned].d_lr);
    for (int i = 0; i < gan->n_d; i++)
        if (gan->d[i].trainable) ftl_adam_step(&gan->d[i].adam, &adam);
    return FTL_OK;
}

static ftl_status g_step(ftl_gan_trainer *t, ftl_gan_losses *out) {
    ftl_run_state *run = t->run;
    const ftl_gan_settings *s = t->settings;
    const char *bad = NULL;
    draw_latents(ftl_plan_input(t->plan_g, "z"), t, FTL_STREAM_LATENT_G,
            run->progress.step, 0);
    draw_augment(t, t->plan_g, FTL_STREAM_AUGMENT_G, 0, 0);
    ftl_plan_run(t->plan_g);
    out->g = (double)*(const float *)ftl_plan_output(t->plan_g, "loss") +
             ftl_anchor_pull(&run->gan.anchor, &run->gan.g_adam);
    if (!isfinite(out->g) || !ftl_adam_finite(&run->gan.g_adam, &bad))
        return ftl_run_diagnose(run, t->plan_g, "the generator step", bad);
    ftl_plan_commit(t->plan_g);
    const ftl_adam_options adam = adam_options(s, t->segment[t->planned].g_lr);
    ftl_adam_step(&run->gan.g_adam, &adam);
    double batch = (double)s->batch;
    double decay = ftl_ema_decay(batch, s->ema_half_life * 1000,
            (double)(run->progress.step + 1) * batch, s->ema_ramp);
    ftl_ema_update(run->gan.g_ema, run->gan.g, decay);
    return FTL_OK;
}

ftl_status ftl_gan_trainer_step(ftl_gan_trainer *t, ftl_gan_losses *out) {
    for (int64_t k = 0; k < t->settings->d_steps; k++)
        FTL_TRY(d_step(t, k, out));
    return g_step(t, out);
}

ftl_status ftl_gan_trainer_enter(ftl_gan_trainer *t, int wanted) {
    ftl_gan *gan = &t->run->gan;
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
        const char *what;
        int n;
        FTL_TRY(ftl_gan_freeze(gan, segment->freeze[i], &n));
        FTL_TRY(ftl_gan_describe_frozen(&what, gan, segment->freeze[i], t->run->arena));
        ftl_log_info("%s: %s", t->stage, what);
    }
    int shared = ftl_gan_share_frozen(gan);
    if (shared)
        ftl_log_info(
                "%s: discriminators share %d tensors, computed once", t->stage, shared);
    FTL_TRY(ftl_gan_plan_d(&t->plan_d, gan, (int)t->settings->batch));
    FTL_TRY(ftl_gan_plan_g(&t->plan_g, gan, (int)t->settings->batch));
    t->planned = wanted;
    return FTL_OK;
}

void ftl_gan_trainer_close(ftl_gan_trainer *t) {
    ftl_plan_free(t->plan_d);
    ftl_plan_free(t->plan_g);
    ftl_looks_deinit(&t->looks);
    for (int i = 0; i < FTL_MAX_DISCRIMINATORS; i++)
        ftl_feed_close(&t->feed[i]);
    ftl_gan_thaw(&t->run->gan);
}
