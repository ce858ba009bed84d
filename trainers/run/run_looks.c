/* run_looks.c - see run_looks.h. */
#include "trainers/run/run_looks.h"

#include "engine/base/log.h"
#include "trainers/methods/method.h"
#include "trainers/metrics/frechet.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t steps_or_none(double kimg, int64_t batch) {
    return kimg > 0 ? ftl_steps_of_kimg(kimg, batch) : 0;
}

void ftl_looks_init(ftl_looks *l, int64_t batch, const ftl_looks_settings *settings,
        const ftl_settle_settings *settle, const ftl_plateau_settings *plateau) {
    *l = (ftl_looks) {.settings = settings,
            .settle = settle,
            .plateau = plateau,
            .every = steps_or_none(settings->every, batch),
            .settle_from = settle ? steps_or_none(settle->from, batch) : 0,
            .plateau_from = steps_or_none(plateau->from, batch)};
}

void ftl_looks_deinit(ftl_looks *l) {
    ftl_evaluator_deinit(&l->evaluator);
    ftl_features_deinit(&l->features);
    ftl_moments_deinit(&l->real);
    free(l->images);
    free(l->x);
    *l = (ftl_looks) {0};
}

/* -------------------------------------------------------------------- measuring */

/* The moments of the first n images of the evaluation set. */
static ftl_status take_real(ftl_looks *l, const ftl_split *split, int64_t n) {
    FTL_TRY(ftl_moments_init(&l->real, l->features.d));
    for (int64_t at = 0, take; at < n; at += take) {
        take = n - at < FTL_MOMENTS_CHUNK ? n - at : FTL_MOMENTS_CHUNK;
        ftl_features_extract(
                &l->features, l->x, &split->file->pack, split->index + at, take);
        FTL_TRY(ftl_moments_add(&l->real, l->x, take));
    }
    ftl_moments_finish(&l->real);
    return FTL_OK;
}

ftl_status ftl_looks_prepare(ftl_looks *l, ftl_run_state *run, int64_t n_real) {
    const ftl_split *split = &run->data.splits.split[FTL_SPLIT_EVALUATION];
    FTL_TRY(ftl_evaluator_init(
            &l->evaluator, &run->gan, run->gan.g_ema, &run->classifier));
    if (!l->settings->frechet) return FTL_OK;
    FTL_TRY(ftl_features_of_classifier(&l->features, &run->classifier));
    l->images = malloc(FTL_MOMENTS_CHUNK * ftl_pack_image_bytes(run->shape));
    l->x = malloc(FTL_MOMENTS_CHUNK * (size_t)l->features.d * sizeof *l->x);
    if (!l->images || !l->x) return ftl_fail(FTL_ENOMEM, "out of memory for looks");
    return take_real(l, split, n_real < split->n ? n_real : split->n);
}

static ftl_status see_features(
        ftl_looks *l, ftl_look *out, ftl_random_key key, int64_t n) {
    ftl_moments generated;
    ftl_pack pack = {.height = l->evaluator.px,
            .width = l->evaluator.px,
            .channels = l->evaluator.channels,
            .images = l->images};
    ftl_status status;
    FTL_TRY(ftl_moments_init(&generated, l->features.d));
    for (int64_t at = 0; at < n; at += pack.n) {
        pack.n = n - at < FTL_MOMENTS_CHUNK ? n - at : FTL_MOMENTS_CHUNK;
        ftl_evaluator_run_part(
                &l->evaluator, key, at, pack.n, out->counts, l->images, NULL);
        ftl_features_extract(&l->features, l->x, &pack, NULL, pack.n);
        FTL_TRY_OUT(ftl_moments_add(&generated, l->x, pack.n));
    }
    ftl_moments_finish(&generated);
    FTL_TRY_OUT(ftl_frechet_distance(&out->frechet, &l->real, &generated));
out:
    ftl_moments_deinit(&generated);
    return status;
}

ftl_status ftl_looks_see(ftl_looks *l, ftl_look *out, ftl_random_key key, int64_t n) {
    *out = (ftl_look) {0};
    if (l->settings->frechet) return see_features(l, out, key, n);
    ftl_evaluator_run(&l->evaluator, key, n, out->counts, NULL, NULL);
    return FTL_OK;
}

/* ------------------------------------------------------------------ remembering */

/* Is this the best so far? Then it is kept. */
static ftl_status remember(ftl_run_state *run, ftl_kept kept, double value) {
    ftl_best *best = &run->progress.best[kept];
    if (best->has && !(value < best->value)) return FTL_OK;
    *best = (ftl_best) {.has = true,
            .kept = true,
            .value = value,
            .step = run->progress.step,
            .look = run->progress.n_looks};
    FTL_TRY(ftl_run_make_kept(run, kept));
    return ftl_store_copy(run->g_kept[kept], run->gan.g_ema);
}

/* ----------------------------------------------------------------------- telling */

static void tell_log(const ftl_looks *l, const ftl_run_state *run, const char *stage,
        double kimg, const ftl_fairness *f, const ftl_look *look) {
    char shares[512], frechet[96] = "";
    ftl_run_list_groups(shares, sizeof shares, run, f->share);
    if (l->settings->frechet)
        snprintf(frechet, sizeof frechet, ", frechet[%s] %.4g", l->features.name,
                look->frechet);
    ftl_log_progress_end();
    ftl_log_info("%s: %.2f kimg: %s, FD %.3f, corrected %.3f [%.3f, %.3f]%s", stage,
            kimg, shares, f->fd, f->fd_corrected, f->fd_interval[0], f->fd_interval[1],
            frechet);
}

/* What the figures of a look depend on, as in metrics.json. */
static void list_measured(
        char *text, size_t n_bytes, const ftl_looks *l, const ftl_run_state *run) {
    const ftl_split *split = &run->data.splits.split[FTL_SPLIT_EVALUATION];
    char quality[192] = "";
    if (l->settings->frechet)
        snprintf(quality, sizeof quality,
                ", \"extractor\": \"%s\", \"hash\": \"%s\", \"resizer\": \"%s\", "
                "\"split\": \"%s\", \"n_real\": %" PRId64,
                l->features.name, l->features.hash, l->features.resizer, split->name,
                split->n);
    snprintf(text, n_bytes, "\"n_samples\": %" PRId64 "%s", l->settings->samples,
            quality);
}

static ftl_status tell_stats(const ftl_looks *l, ftl_run_state *run, const char *stage,
        double kimg, const ftl_fairness *f, const ftl_look *look) {
    char shares[16 * FTL_FAIRNESS_MAX_GROUPS], frechet[64] = "", measured[256];
    size_t n = 0;
    list_measured(measured, sizeof measured, l, run);
    for (int i = 0; i < f->n_groups; i++)
        n += (size_t)snprintf(
                shares + n, sizeof shares - n, "%s%.5f", i ? ", " : "", f->share[i]);
    if (l->settings->frechet)
        snprintf(frechet, sizeof frechet, ", \"frechet\": %.6g", look->frechet);
    return ftl_run_stats(run,
            "\"stage\": \"%s\", \"kimg\": %.3f, \"share\": [%s], \"fd\": %.5f, "
            "\"fd_corrected\": %.5f, \"fd_interval\": [%.5f, %.5f]%s, \"measured\": "
            "{%s}",
            stage, kimg, shares, f->fd, f->fd_corrected, f->fd_interval[0],
            f->fd_interval[1], frechet, measured);
}

ftl_status ftl_looks_take(ftl_looks *l, ftl_run_state *run, ftl_random_key key,
        const char *stage, double kimg) {
    ftl_progress *p = &run->progress;
    ftl_fairness fairness;
    ftl_look look;
    if (!l->evaluator.plan)
        FTL_TRY(ftl_looks_prepare(
                l, run, run->data.splits.split[FTL_SPLIT_EVALUATION].n));
    FTL_TRY(ftl_looks_see(l, &look, key, l->settings->samples));
    FTL_TRY(ftl_fairness_measure(&fairness, run->data.splits.n_groups, look.counts,
            run->confusion, (uint64_t)run->settings.seed));
    memmove(p->looks, p->looks + 1, (FTL_MAX_LOOKS - 1) * sizeof *p->looks);
    memset(p->looks[FTL_MAX_LOOKS - 1], 0, sizeof *p->looks);
    memcpy(p->looks[FTL_MAX_LOOKS - 1], fairness.share,
            (size_t)fairness.n_groups * sizeof *fairness.share);
    p->n_looks++;
    tell_log(l, run, stage, kimg, &fairness, &look);
    FTL_TRY(remember(run, FTL_KEPT_BEST_FD, fairness.fd_corrected));
    if (l->settings->frechet)
        FTL_TRY(remember(run, FTL_KEPT_BEST_FRECHET, look.frechet));
    return tell_stats(l, run, stage, kimg, &fairness, &look);
}

/* ------------------------------------------------------------------------ ending */

/* Have the last `count` looks agreed on the share of each group? */
static bool has_settled(const ftl_looks *l, const ftl_progress *p) {
    const int64_t count = l->settle ? l->settle->count : 0;
    if (!count || p->n_looks < count || p->step < l->settle_from) return false;
    for (int group = 0; group < FTL_FAIRNESS_MAX_GROUPS; group++) {
        double lowest = 1, highest = 0;
        for (int64_t i = FTL_MAX_LOOKS - count; i < FTL_MAX_LOOKS; i++) {
            lowest = fmin(lowest, p->looks[i][group]);
            highest = fmax(highest, p->looks[i][group]);
        }
        if (!(highest - lowest <= l->settle->within)) return false;
    }
    return true;
}

static const ftl_best *best_of_plateau(const ftl_looks *l, const ftl_progress *p) {
    return &p->best[FTL_KEPT_BEST_FD + l->plateau->of];
}

static bool has_flattened(const ftl_looks *l, const ftl_progress *p) {
    const ftl_best *best = best_of_plateau(l, p);
    const int64_t count = l->plateau->count;
    return count && best->has && p->step >= l->plateau_from &&
           p->n_looks - best->look >= count;
}

ftl_looks_end ftl_looks_judge(const ftl_looks *l, const ftl_progress *p) {
    if (has_settled(l, p)) return FTL_LOOKS_SETTLED;
    return has_flattened(l, p) ? FTL_LOOKS_PLATEAU : FTL_LOOKS_GO_ON;
}

void ftl_looks_explain(
        const ftl_looks *l, const ftl_progress *p, const char *stage, double kimg) {
    const ftl_looks_end end = l->every ? ftl_looks_judge(l, p) : FTL_LOOKS_GO_ON;
    if (end == FTL_LOOKS_SETTLED)
        ftl_log_info("%s: the shares have settled after %.2f kimg", stage, kimg);
    else if (end == FTL_LOOKS_PLATEAU)
        ftl_log_info("%s: ends after %.2f kimg: no better %s in %d looks", stage, kimg,
                l->plateau->of ? "Frechet distance" : "FD", (int)l->plateau->count);
    else if (l->every && l->settle && l->settle->count)
        ftl_log_warning(
                "%s: the shares have not settled within %.2f kimg: a longer kimg "
                "makes \"before\" mean more",
                stage, kimg);
}
