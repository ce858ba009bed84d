/* importance.c - see importance.h. */
#include "trainers/importance.h"

#include "datasets/batch.h"
#include "engine/base/log.h"
#include "trainers/feed.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

float ftl_importance_of_logits(const float *logits, double alpha) {
    return (float)exp(alpha * ((double)logits[1] - (double)logits[0]));
}

/* One step: reference images in the first half, biased ones in the second. */
static ftl_status step(ftl_classifier *c, ftl_plan *plan, ftl_feed feed[2], int64_t k,
        int64_t half, size_t image, const ftl_adam_options *adam) {
    float *x = ftl_plan_input(plan, "x");
    int32_t *label = ftl_plan_input(plan, "label");
    const char *bad = NULL;
    for (int i = 0; i < 2; i++)
        ftl_feed_take(&feed[i], x + (size_t)(i * half) * image, k * half);
    for (int64_t i = 0; i < 2 * half; i++)
        label[i] = i < half;
    ftl_plan_run(plan);
    if (!isfinite(*(const float *)ftl_plan_output(plan, "loss")) ||
            !ftl_adam_finite(&c->adam, &bad))
        return ftl_fail(FTL_ENUMERIC,
                "importance: NaN or infinity in step %" PRId64
                " of the classifier of the two sets: lower adapt.importance.lr",
                k);
    ftl_plan_commit(plan);
    ftl_adam_step(&c->adam, adam);
    return FTL_OK;
}

static ftl_status train(ftl_classifier *c, const ftl_splits *splits,
        const ftl_importance_settings *s, bool flips, uint64_t seed, uint32_t stream) {
    const int64_t half = s->batch / 2, n = splits->split[FTL_SPLIT_REFERENCE].n;
    const int64_t steps = s->epochs * ((n + half - 1) / half);
    const size_t image =
            ftl_pack_image_bytes(&splits->split[FTL_SPLIT_REFERENCE].file->pack);
    const ftl_adam_options adam = {
            .learning_rate = s->lr, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    ftl_feed feed[2];
    ftl_plan *plan = NULL;
    ftl_status status;
    memset(feed, 0, sizeof feed);
    FTL_TRY_OUT(ftl_feed_open(
            &feed[0], splits, FTL_FEED_REFERENCE, half, flips, seed, stream));
    FTL_TRY_OUT(ftl_feed_open(
            &feed[1], splits, FTL_FEED_BIASED, half, flips, seed, stream));
    FTL_TRY_OUT(ftl_classifier_plan_train(&plan, c, (int)(2 * half)));
    for (int64_t k = 0; k < steps; k++)
        FTL_TRY_OUT(step(c, plan, feed, k, half, image, &adam));
out:
    ftl_plan_free(plan);
    ftl_feed_close(&feed[0]);
    ftl_feed_close(&feed[1]);
    ftl_classifier_end_training(c);
    return status;
}

/* Ask it about every image; the last batch is filled up with the last image. */
static ftl_status predict(
        float *weight, ftl_classifier *c, const ftl_split *split, double alpha) {
    enum { BATCH = 64 };
    int64_t index[BATCH];
    ftl_plan *plan;
    FTL_TRY(ftl_classifier_plan_predict(&plan, c, BATCH));
    for (int64_t first = 0; first < split->n; first += BATCH) {
        for (int64_t i = 0; i < BATCH; i++)
            index[i] = split->index[first + i < split->n ? first + i : split->n - 1];
        ftl_batch_gather(
                ftl_plan_input(plan, "x"), &split->file->pack, index, NULL, BATCH);
        ftl_plan_run(plan);
        const float *logits = ftl_plan_output(plan, "logits");
        for (int64_t i = 0; i < BATCH && first + i < split->n; i++)
            weight[first + i] = ftl_importance_of_logits(logits + 2 * i, alpha);
    }
    ftl_plan_free(plan);
    return FTL_OK;
}

/* What became of it, by group, where groups are known. */
static void report(const float *weight, const ftl_splits *splits) {
    const ftl_split *split = &splits->split[FTL_SPLIT_BIASED];
    for (int k = 0; k < splits->n_groups; k++) {
        double sum = 0;
        int64_t n = 0;
        for (int64_t i = 0; i < split->n; i++)
            if (split->group[i] == k) {
                sum += (double)weight[i];
                n++;
            }
        if (n > 0)
            ftl_log_info("importance: mean weight of %s %.3f (%" PRId64 " images)",
                    splits->group_name[k], sum / (double)n, n);
    }
}

ftl_status ftl_importance_weigh(float *weight, const ftl_splits *splits,
        const ftl_classifier_options *options, const ftl_importance_settings *settings,
        bool flips, uint64_t seed, int64_t stage, ftl_plan_memory *memory) {
    enum { COPY = 128 }; /* of the random streams: not those of the stage's steps */
    ftl_classifier c;
    ftl_classifier_options two = *options;
    two.width = (int)settings->width;
    two.classes = 2;
    FTL_TRY(ftl_classifier_init(&c, &two, seed));
    ftl_classifier_share_memory(&c, memory);
    ftl_status status =
            train(&c, splits, settings, flips, seed, 256 * (uint32_t)(stage + COPY));
    if (status == FTL_OK)
        status = predict(weight, &c, &splits->split[FTL_SPLIT_BIASED], settings->alpha);
    ftl_classifier_deinit(&c);
    if (status == FTL_OK) report(weight, splits);
    return status;
}
