/* run_gan_open.c - what a GAN's stage begins with, and its steps; see run_trainers.h.
 */
#include "engine/base/log.h"
#include "trainers/importance.h"
#include "trainers/metrics/fairness.h"
#include "trainers/preference.h"
#include "trainers/run/run_trainers.h"

#include <stdio.h>
#include <string.h>

static int64_t steps_or_never(double kimg, int64_t batch) {
    return kimg > 0 ? ftl_steps_of_kimg(kimg, batch) : 0;
}

/* What all GAN stages have in common, from what *t says already. */
static void open_trainer(ftl_gan_trainer *t) {
    const int64_t batch = t->settings->batch;
    t->planned = -1;
    for (int i = 0; i < t->n_segments; i++)
        t->n_steps += t->segment[i].n_steps;
    t->sample_every = steps_or_never(t->settings->sample_every, batch);
    t->save_every = steps_or_never(t->settings->save_every, batch);
}

static ftl_status open_feed(ftl_gan_trainer *t, int i, ftl_feed_source source) {
    const ftl_run_state *run = t->run;
    return ftl_feed_open(&t->feed[i], &run->data.splits, source, t->settings->batch,
            t->settings->flip, t->seed, 256 * (uint32_t)run->progress.stage);
}

/* Once, before the first step. The first stage has optimisers that never moved. */
static ftl_status begin_pretraining(
        ftl_run_state *run, const ftl_pretrain_settings *settings) {
    const bool first = run->progress.gan_stage == 0;
    if (!ftl_run_begins_gan_stage(run) || first || settings->gan.carry) return FTL_OK;
    return ftl_gan_reset_optimisers(&run->gan, ftl_run_keeps_moment1(run));
}

ftl_status ftl_gan_trainer_open_pretrain(
        ftl_gan_trainer *t, ftl_run_state *run, const ftl_pretrain_settings *settings) {
    const int64_t batch = settings->gan.batch;
    *t = (ftl_gan_trainer) {.run = run,
            .stage = ftl_run_stage_name(run),
            .settings = &settings->gan,
            .seed = (uint64_t)run->settings.seed,
            .segment = ftl_arena_alloc(run->arena, sizeof *t->segment),
            .n_segments = 1};
    ftl_looks_init(
            &t->looks, batch, &settings->looks, &settings->settle, &settings->plateau);
    if (!t->segment) return FTL_ENOMEM;
    FTL_TRY(begin_pretraining(run, settings));
    t->segment[0] = (ftl_segment) {.name = "train",
            .n_steps = ftl_steps_of_kimg(settings->kimg, batch),
            .g_lr = settings->gan.g_lr,
            .d_lr = settings->gan.d_lr};
    open_trainer(t);
    return open_feed(t, 0, (ftl_feed_source)settings->on);
}

ftl_status ftl_run_make_importance(ftl_run_state *run) {
    const size_t n = (size_t)run->data.splits.split[FTL_SPLIT_BIASED].n;
    run->importance = ftl_arena_alloc(run->arena, n * sizeof *run->importance);
    return run->importance ? FTL_OK : FTL_ENOMEM;
}

static uint64_t seed_of(const ftl_run_state *run, const ftl_adapt_settings *settings) {
    return (uint64_t)(settings->seed ? settings->seed : run->settings.seed);
}

static ftl_status weigh(ftl_run_state *run, const ftl_adapt_settings *settings) {
    FTL_TRY(ftl_run_make_importance(run));
    ftl_log_info("importance: a classifier of the reference and the biased set");
    return ftl_importance_weigh(run->importance, &run->data.splits,
            &run->classifier.options, &settings->importance, settings->gan.flip,
            seed_of(run, settings), run->progress.stage, run->gan.memory);
}

/* Once, before the first step: what another adaptation added is gone, moments anew, D
 * and G too if so asked, G anchored, other discriminators copies of D. */
static ftl_status begin_adaptation(ftl_run_state *run, const ftl_adaptation *adaptation,
        const ftl_adapt_settings *settings) {
    ftl_gan_forget_adaptation(&run->gan);
    run->importance = NULL;
    if (adaptation->fresh) FTL_TRY(ftl_gan_restart(&run->gan, seed_of(run, settings)));
    if (!settings->gan.carry)
        FTL_TRY(ftl_gan_reset_optimisers(&run->gan, ftl_run_keeps_moment1(run)));
    if (adaptation->importance) FTL_TRY(weigh(run, settings));
    if (adaptation->ewc > 0)
        FTL_TRY(ftl_gan_anchor(&run->gan, adaptation->ewc,
                (ftl_random_key) {.seed = seed_of(run, settings),
                        .stream = FTL_STREAM_LATENT_FISHER},
                adaptation->ewc_samples));
    return FTL_OK;
}

/* Which group one that stands still prefers, before it pays for it. */
static ftl_status tell_preference(const ftl_run_state *run, int index) {
    const ftl_splits *splits = &run->data.splits;
    const ftl_discriminator *d = &run->gan.d[index];
    double mean[FTL_FAIRNESS_MAX_GROUPS];
    char scores[512];
    int most = 0, least = 0;
    FTL_TRY(ftl_preference_measure(mean, &run->gan, index,
            &splits->split[FTL_SPLIT_REFERENCE], splits->n_groups));
    for (int k = 0; k < splits->n_groups; k++) {
        if (mean[k] > mean[most]) most = k;
        if (mean[k] < mean[least]) least = k;
    }
    ftl_run_list_groups(scores, sizeof scores, run, mean);
    ftl_log_info("%s: %s stands still; its mean scores of the reference set: %s",
            ftl_run_stage_name(run), d->store->name, scores);
    const double pay = d->weight * (mean[most] - mean[least]);
    if (pay > FTL_PREFERENCE_MUCH)
        ftl_log_warning(
                "%s: %s stands still and pays the generator %.2f more for an "
                "image of %s than of %s (weight %.3g): look at the shares, and "
                "give it less weight (fairtl++: a higher lambda) if they run away",
                ftl_run_stage_name(run), d->store->name, pay, splits->group_name[most],
                splits->group_name[least], d->weight);
    return FTL_OK;
}

static ftl_status tell_preferences(const ftl_run_state *run) {
    for (int i = 0; i < run->gan.n_d; i++)
        if (!run->gan.d[i].trainable && run->gan.d[i].weight > 0)
            FTL_TRY(tell_preference(run, i));
    return FTL_OK;
}

/* What the method comes to, line by line. */
static ftl_status log_adaptation(const ftl_run_state *run,
        const ftl_adaptation *adaptation, const ftl_adapt_settings *settings) {
    const char *text;
    FTL_TRY(ftl_adaptation_describe(&text, adaptation, settings, 2, run->arena));
    const char *stage = ftl_run_stage_name(run);
    ftl_log_info("%s: %s is", stage, ftl_methods[settings->method]->name);
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        ftl_log_info("%s: %.*s", stage, (int)(end - text), text);
    }
    return FTL_OK;
}

ftl_status ftl_gan_trainer_open_adapt(
        ftl_gan_trainer *t, ftl_run_state *run, const ftl_adapt_settings *settings) {
    const int64_t batch = settings->gan.batch;
    ftl_adaptation adaptation;
    *t = (ftl_gan_trainer) {.run = run,
            .stage = ftl_run_stage_name(run),
            .settings = &settings->gan,
            .seed = seed_of(run, settings)};
    ftl_looks_init(&t->looks, batch, &settings->looks, NULL, &settings->plateau);
    FTL_TRY(ftl_adaptation_expand(
            &adaptation, settings, run->gan.options.resolution, "adapt", run->arena));
    const bool begins = ftl_run_begins_gan_stage(run);
    if (begins) FTL_TRY(begin_adaptation(run, &adaptation, settings));
    FTL_TRY(ftl_adaptation_apply(&adaptation, &run->gan));
    FTL_TRY(log_adaptation(run, &adaptation, settings));
    if (begins) FTL_TRY(tell_preferences(run));
    t->segment = adaptation.segment;
    t->n_segments = adaptation.n_segments;
    open_trainer(t);
    for (int i = 0; i < adaptation.n_judges; i++)
        if (adaptation.judge[i].trains)
            FTL_TRY(open_feed(t, i, adaptation.judge[i].source));
    return FTL_OK;
}
