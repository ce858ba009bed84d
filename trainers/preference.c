/* preference.c - see preference.h. */
#include "trainers/preference.h"

#include "datasets/batch.h"
#include "trainers/metrics/fairness.h"

#include <math.h>

enum { BATCH = 64 };

/* The last batch is filled up with the last image. */
static void score_batch(double *sum, int64_t *count, ftl_plan *plan,
        const ftl_split *split, int64_t at) {
    int64_t index[BATCH];
    for (int64_t i = 0; i < BATCH; i++)
        index[i] = split->index[at + i < split->n ? at + i : split->n - 1];
    ftl_batch_gather(ftl_plan_input(plan, "x"), &split->file->pack, index, NULL, BATCH);
    ftl_plan_run(plan);
    const float *score = ftl_plan_output(plan, "score");
    for (int64_t i = 0; i < BATCH && at + i < split->n; i++) {
        const int32_t group = split->group[at + i];
        if (group < 0) continue;
        sum[group] += (double)score[i];
        count[group]++;
    }
}

ftl_status ftl_preference_measure(double *mean, const ftl_gan *gan, int index,
        const ftl_split *split, int n_groups) {
    int64_t count[FTL_FAIRNESS_MAX_GROUPS] = {0};
    ftl_plan *plan;
    FTL_TRY(ftl_gan_plan_score(&plan, gan, index, BATCH));
    for (int k = 0; k < n_groups; k++)
        mean[k] = 0;
    for (int64_t at = 0; at < split->n; at += BATCH)
        score_batch(mean, count, plan, split, at);
    ftl_plan_free(plan);
    for (int k = 0; k < n_groups; k++)
        mean[k] = count[k] ? mean[k] / (double)count[k] : (double)NAN;
    return FTL_OK;
}
