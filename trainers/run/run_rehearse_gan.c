/* run_rehearse_gan.c - a little of pre-training and of adaptation; see run_forecast.h.
 */
#include "engine/base/clock.h"
#include "trainers/metrics/frechet.h"
#include "trainers/run/run_forecast.h"
#include "trainers/run/run_trainers.h"

/* Bytes of a line of stats.jsonl and of one of log.txt. */
enum { STATS_EVERY = 20, STATS_BYTES = 170, LOG_BYTES = 130 };

/* Images of a look. */
enum { FEW = FTL_MOMENTS_CHUNK };

/* Seconds of what lies between steps, each time it is due. */
typedef struct between {
    double draw_s, look_s, save_s;
    double first_look_s; /* more than the others: of what is made once */
} between;

/* Multiples of `every` among first + 1 .. last. */
static int64_t times(int64_t first, int64_t last, int64_t every) {
    return every > 0 ? last / every - first / every : 0;
}

static ftl_status one_step(void *trainer) {
    ftl_gan_trainer *t = trainer;
    ftl_gan_losses losses;
    FTL_TRY(ftl_gan_trainer_step(t, &losses));
    t->run->progress.step++;
    return FTL_OK;
}

/* Where looks take the Frechet distance: of features of the real images beside the few
 * that were taken, for the first look; and of the generated ones. What they are made of
 * is then good for nothing. */
static ftl_status rehearse_frechet(between *out, ftl_looks *l, const ftl_split *real) {
    const int64_t n = l->settings->samples, batch = l->features.batch;
    const int64_t n_batches = (n + batch - 1) / batch;
    const double batch_s = ftl_features_time(&l->features, &real->file->pack);
    ftl_moments generated;
    double frechet_s = 0;
    if (real->n > FEW)
        out->first_look_s += batch_s * (double)(real->n - FEW) / (double)batch;
    FTL_TRY(ftl_moments_init(&generated, l->features.d));
    ftl_status status =
            ftl_frechet_rehearse(&frechet_s, &l->real, real->n, &generated, n);
    ftl_moments_deinit(&generated);
    out->look_s += batch_s * (double)n_batches + frechet_s;
    return status;
}

/* The first look also makes what all use, and takes the real images' features; a few of
 * the images tell of all. And it makes the best so far. */
static ftl_status rehearse_look(between *out, ftl_gan_trainer *t) {
    ftl_run_state *run = t->run;
    ftl_looks *l = &t->looks;
    ftl_look look;
    const ftl_random_key key = {.stream = FTL_STREAM_LATENT_CHOICE};
    const int64_t n = l->settings->samples;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_looks_prepare(l, run, FEW));
    out->first_look_s = ftl_clock_s() - begin;
    FTL_TRY(ftl_looks_see(l, &look, key, n < FEW ? n : FEW));
    out->look_s = ftl_rehearse_evaluator(&l->evaluator, n);
    if (l->settings->frechet)
        FTL_TRY(rehearse_frechet(
                out, l, &run->data.splits.split[FTL_SPLIT_EVALUATION]));
    for (int i = FTL_KEPT_BEST_FD; i < FTL_N_KEPT; i++) {
        if (i == FTL_KEPT_BEST_FRECHET && !l->settings->frechet) continue;
        FTL_TRY(ftl_run_make_kept(run, (ftl_kept)i));
        run->progress.best[i] = (ftl_best) {.has = true, .kept = true, .step = i};
        FTL_TRY(ftl_store_copy(run->g_kept[i], run->gan.g_ema));
    }
    return FTL_OK;
}

/* What the rest of the stage has, the steps that are timed have too. first: steps that
 * were done before this rehearsal. */
static ftl_status rehearse_between(
        between *out, ftl_forecast *f, ftl_gan_trainer *t, int64_t first) {
    const int64_t pictures = times(first, t->n_steps, t->sample_every);
    *out = (between) {0};
    if (pictures)
        FTL_TRY(ftl_rehearse_draw(
                &out->draw_s, f, t->run, t->settings->samples, pictures));
    if (times(first, t->n_steps, t->looks.every)) FTL_TRY(rehearse_look(out, t));
    if (times(first, t->n_steps - 1, t->save_every))
        FTL_TRY(ftl_rehearse_save(&out->save_s, f, t->run, false));
    return FTL_OK;
}

static const char *name_part(const ftl_gan_trainer *t, const ftl_segment *segment) {
    if (t->n_segments == 1) return t->stage;
    return ftl_arena_printf(t->run->arena, "%s: %s", t->stage, segment->name);
}

/* One segment, of which the steps first + 1 .. last of the stage are left. */
static ftl_status rehearse_segment(ftl_forecast *f, ftl_gan_trainer *t, int segment,
        int64_t first, int64_t last, const between *due) {
    const int64_t end = last < t->n_steps ? last : t->n_steps - 1; /* saved anyhow */
    const int64_t saves = times(first, end, t->save_every);
    const int64_t looks = times(first, last, t->looks.every);
    const char *name = name_part(t, &t->segment[segment]);
    ftl_forecast_part *part = name ? ftl_forecast_add(f, t->run, name) : NULL;
    if (!part) return FTL_ENOMEM;
    FTL_TRY(one_step(t)); /* its pages may not be there */
    FTL_TRY(ftl_rehearse_steps(&part->step_s, one_step, t));
    part->n_steps = last - first;
    part->steps_s = part->step_s * (double)part->n_steps;
    part->looks_s = due->look_s * (double)looks;
    if (looks && times(0, first, t->looks.every) == 0)
        part->looks_s += due->first_look_s;
    part->files_s = due->save_s * (double)saves +
                    due->draw_s * (double)times(first, last, t->sample_every);
    f->rolling_checkpoints += saves;
    f->logs += times(first, last, STATS_EVERY) * STATS_BYTES + saves * LOG_BYTES +
               looks * (STATS_BYTES + LOG_BYTES);
    return FTL_OK;
}

static ftl_status rehearse_segments(ftl_forecast *f, ftl_gan_trainer *t) {
    const int64_t done = t->run->progress.step;
    int64_t first = 0;
    between due = {0};
    bool is_known = false;
    for (int i = 0; i < t->n_segments; i++) {
        const int64_t last = first + t->segment[i].n_steps;
        if (last > done) {
            FTL_TRY(ftl_gan_trainer_enter(t, i));
            if (!is_known) {
                FTL_TRY(one_step(t));
                FTL_TRY(rehearse_between(&due, f, t, done));
                is_known = true;
            }
            FTL_TRY(rehearse_segment(f, t, i, first > done ? first : done, last, &due));
        }
        first = last;
    }
    return FTL_OK;
}

/* The first step at which looks can end the stage is one of them, has enough of them
 * behind it, and is not too early. */
static int64_t earliest_end(const ftl_gan_trainer *t, int64_t from, int64_t count) {
    const int64_t every = t->looks.every;
    int64_t look = (from + every - 1) / every;
    if (look < count) look = count;
    return look * every;
}

/* Of the last part of the stage. */
static double spared_by_looks(
        const ftl_gan_trainer *t, int64_t done, const ftl_forecast_part *part) {
    const ftl_looks *l = &t->looks;
    int64_t earliest = t->n_steps, end;
    if (l->every <= 0 || part->n_steps <= 0) return 0;
    if (l->settle && l->settle->count) {
        end = earliest_end(t, l->settle_from, l->settle->count);
        if (end < earliest) earliest = end;
    }
    if (l->plateau->count) { /* the first look is the best */
        end = earliest_end(t, l->plateau_from, l->plateau->count + 1);
        if (end < earliest) earliest = end;
    }
    if (earliest < done) earliest = done;
    if (earliest < t->n_steps - part->n_steps) earliest = t->n_steps - part->n_steps;
    if (earliest >= t->n_steps) return 0;
    return (part->steps_s + part->looks_s + part->files_s) *
           (double)(t->n_steps - earliest) / (double)part->n_steps;
}

/* The end of a stage, with the files of its best generators: as if these and the last
 * were three. */
static ftl_status rehearse_best(
        double *best_s, ftl_forecast *f, ftl_run_state *run, int64_t batch) {
    *best_s = 0;
    run->progress.images = FTL_N_KEPT * batch;
    for (int i = FTL_KEPT_BEST_FD; i < FTL_N_KEPT; i++) {
        double save_s;
        if (!ftl_run_has_kept(run, (ftl_kept)i)) continue;
        FTL_TRY(ftl_rehearse_save_kept(&save_s, f, run, (ftl_kept)i));
        *best_s += save_s;
    }
    return FTL_OK;
}

ftl_status ftl_rehearse_pretrain(
        ftl_forecast *f, ftl_run_state *run, const ftl_pretrain_settings *settings) {
    ftl_gan_trainer t;
    const int64_t done = run->progress.step;
    double draw_s, before_s, best_s;
    ftl_status status = ftl_gan_trainer_open_pretrain(&t, run, settings);
    if (status == FTL_OK) status = rehearse_segments(f, &t);
    if (status == FTL_OK) f->last->spared_s = spared_by_looks(&t, done, f->last);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    FTL_TRY(rehearse_best(&best_s, f, run, settings->gan.batch));
    FTL_TRY(ftl_rehearse_draw(&draw_s, f, run, settings->gan.samples, 2));
    FTL_TRY(ftl_rehearse_before(&before_s, f, run));
    f->last->files_s += best_s + 2 * draw_s; /* by group too */
    f->last->looks_s += before_s;
    if (before_s > 0) f->before = f->last;
    return FTL_OK;
}

/* One kept that is not the last. */
static ftl_status rehearse_choice(
        ftl_forecast *f, ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_progress *p = &run->progress;
    if (settings->keep == FTL_KEPT_LAST ||
            !ftl_run_has_kept(run, (ftl_kept)settings->keep))
        return FTL_OK;
    FTL_TRY(ftl_run_make_kept(run, FTL_KEPT_LAST));
    FTL_TRY(ftl_store_copy(run->g_kept[FTL_KEPT_LAST], run->gan.g_ema));
    f->chooses = true;
    p->kept = settings->keep;
    p->last_images = p->images;
    p->images = ftl_run_kept_images(run, (ftl_kept)settings->keep);
    return FTL_OK;
}

ftl_status ftl_rehearse_adapt(
        ftl_forecast *f, ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_gan_trainer t;
    const int64_t done = run->progress.step;
    double draw_s, before_s, best_s;
    FTL_TRY(ftl_rehearse_before(&before_s, f, run));
    const double begin = ftl_clock_s();
    ftl_status status = ftl_gan_trainer_open_adapt(&t, run, settings);
    before_s += ftl_clock_s() - begin; /* elastic weights are measured there */
    if (status == FTL_OK) status = rehearse_segments(f, &t);
    if (status == FTL_OK) f->last->spared_s = spared_by_looks(&t, done, f->last);
    ftl_gan_trainer_close(&t);
    FTL_TRY(status);
    FTL_TRY(rehearse_best(&best_s, f, run, settings->gan.batch));
    FTL_TRY(rehearse_choice(f, run, settings));
    FTL_TRY(ftl_rehearse_draw(&draw_s, f, run, settings->gan.samples, 2));
    f->last->files_s += best_s + 2 * draw_s; /* by group too */
    f->last->looks_s += before_s;
    if (before_s > 0) f->before = f->last;
    return FTL_OK;
}
