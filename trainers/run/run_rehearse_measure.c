/* run_rehearse_measure.c - a little of what measures generators; see run_forecast.h. */
#include "engine/base/clock.h"
#include "trainers/run/run_forecast.h"
#include "trainers/run/run_quality.h"

static const double IMAGES_S = 0.4;

double ftl_rehearse_evaluator(ftl_evaluator *evaluator, int64_t n) {
    const ftl_random_key key = {.stream = FTL_STREAM_LATENT_CHOICE};
    const int64_t batch = evaluator->batch, n_batches = (n + batch - 1) / batch;
    int64_t done = 0;
    ftl_evaluator_run(evaluator, key, batch, NULL, NULL, NULL);
    const double begin = ftl_clock_s();
    do {
        ftl_evaluator_run(evaluator, key, batch, NULL, NULL, NULL);
        done++;
    } while (done < n_batches && ftl_clock_s() - begin < IMAGES_S);
    return (ftl_clock_s() - begin) / (double)done * (double)n_batches;
}

/* Counts that could have come from any run: what they cost is asked, not what they say.
 */
static ftl_status measure_fairness(double *fairness_s, const ftl_run_state *run) {
    const int k = run->data.splits.n_groups;
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    int64_t *confusion =
            ftl_arena_alloc(run->arena, (size_t)(k * k) * sizeof *confusion);
    ftl_fairness fairness;
    if (!confusion) return FTL_ENOMEM;
    for (int i = 0; i < k * k; i++)
        confusion[i] = i % (k + 1) ? 1 : 9 * k;
    for (int i = 0; i < k; i++)
        counts[i] = 100 + i;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_fairness_measure(
            &fairness, k, counts, confusion, (uint64_t)run->settings.seed));
    *fairness_s = ftl_clock_s() - begin;
    return FTL_OK;
}

/* Batches of n images that are read in so many blocks. */
static int64_t count_batches(int64_t n, int64_t n_blocks, int64_t batch) {
    const int64_t block = (n + n_blocks - 1) / n_blocks;
    return n_blocks * ((block + batch - 1) / batch);
}

/* What metrics of quality add. The samples that they judge are drawn in blocks, of
 * which each ends with a batch of its own: *n_drawn instead of their number. */
static ftl_status rehearse_quality(double *quality_s, int64_t *n_drawn, ftl_forecast *f,
        ftl_run_state *run, const ftl_evaluate_settings *settings, int batch) {
    const ftl_split *split = &run->data.splits.split[FTL_SPLIT_EVALUATION];
    const int64_t n = settings->n ? settings->n : settings->samples;
    const int64_t n_blocks = ftl_quality_blocks(n > split->n ? n : split->n);
    const ftl_run_extractor extractor = {settings->weights, &run->classifier};
    const ftl_quality_real real = {
            split->name, &split->file->pack, split->index, split->n};
    bool want[FTL_N_QUALITY_METRICS], any;
    ftl_run_quality_cost cost;
    FTL_TRY(ftl_run_quality_want(want, &any, &settings->metrics));
    if (!any) return FTL_OK;
    FTL_TRY(ftl_run_quality_rehearse(&cost, &extractor, &real, n, want));
    *quality_s = cost.opening_s + cost.figures_s +
                 cost.batch_s * (double)(count_batches(split->n, n_blocks, cost.batch) +
                                         count_batches(n, n_blocks, cost.batch));
    *n_drawn += count_batches(n, n_blocks, batch) * batch - n;
    if (cost.scratch_bytes > f->scratch) f->scratch = cost.scratch_bytes;
    return FTL_OK;
}

ftl_status ftl_rehearse_measure(double *samples_s, double *quality_s, ftl_forecast *f,
        ftl_run_state *run, const ftl_evaluate_settings *settings) {
    ftl_evaluator evaluator;
    double fairness_s;
    int64_t n_drawn = settings->samples;
    FTL_TRY(measure_fairness(&fairness_s, run));
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_evaluator_init(
            &evaluator, &run->gan, run->gan.g_ema, &run->classifier));
    *samples_s = ftl_clock_s() - begin + fairness_s;
    const double drawing_s = ftl_rehearse_evaluator(&evaluator, settings->samples);
    ftl_status status = FTL_OK;
    if (quality_s) { /* while what draws is in memory */
        *quality_s = 0;
        status = rehearse_quality(
                quality_s, &n_drawn, f, run, settings, evaluator.batch);
    }
    *samples_s += drawing_s * (double)n_drawn / (double)settings->samples;
    ftl_evaluator_deinit(&evaluator);
    return status == FTL_OK ? ftl_rehearse_go_on() : status;
}

ftl_status ftl_rehearse_before(double *before_s, ftl_forecast *f, ftl_run_state *run) {
    ftl_kept_generator generator[FTL_N_KEPT];
    const ftl_evaluate_settings *settings = ftl_run_report_settings(run);
    *before_s = 0;
    if (run->progress.has_before || !run->progress.has_confusion || !settings ||
            run->progress.images == 0 || ftl_run_pretrains_later(run))
        return FTL_OK;
    FTL_TRY(ftl_rehearse_measure(before_s, NULL, f, run, settings));
    f->n_before = ftl_run_list_kept(run, generator);
    *before_s *= f->n_before;
    run->progress.has_before = true;
    return FTL_OK;
}
