/* run_classifier.c - the stage that trains and judges the attribute classifier. */
#include "datasets/batch.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "trainers/run/run_trainers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_classifier_trainer_step(ftl_classifier_trainer *t, float *loss) {
    ftl_run_state *run = t->run;
    int64_t batch = t->settings->batch, first = run->progress.step * batch;
    uint64_t seed = (uint64_t)run->settings.seed;
    int32_t *label = ftl_plan_input(t->plan, "label");
    const char *bad = NULL;
    ftl_order_take(&t->order, t->position, NULL, first, batch);
    for (int64_t i = 0; i < batch; i++) {
        t->index[i] = t->split->index[t->position[i]];
        label[i] = t->split->group[t->position[i]];
    }
    ftl_order_flips(t->flip, seed, FTL_STREAM_CLASSIFIER_FLIP, first, batch);
    ftl_batch_gather(ftl_plan_input(t->plan, "x"), &t->split->file->pack, t->index,
            t->settings->flip ? t->flip : NULL, batch);
    ftl_plan_run(t->plan);
    *loss = *(const float *)ftl_plan_output(t->plan, "loss");
    if (!isfinite(*loss) || !ftl_adam_finite(&run->classifier.adam, &bad))
        return ftl_run_diagnose(run, t->plan, "the classifier's step", bad);
    ftl_plan_commit(t->plan);
    ftl_adam_options adam = {.learning_rate = t->settings->lr,
            .beta1 = 0.9,
            .beta2 = 0.999,
            .epsilon = 1e-8};
    ftl_adam_step(&run->classifier.adam, &adam);
    return FTL_OK;
}

static ftl_status train(ftl_classifier_trainer *t) {
    ftl_run_state *run = t->run;
    int64_t batch = t->settings->batch;
    double since = ftl_clock_s();
    int64_t first = run->progress.step;
    while (run->progress.step < t->n_steps) {
        float loss;
        FTL_TRY(ftl_classifier_trainer_step(t, &loss));
        run->progress.step++;
        run->progress.tick++;
        double rate = (double)((run->progress.step - first) * batch) /
                      (ftl_clock_s() - since + 1e-9);
        ftl_log_progress("classifier  %" PRId64 "/%" PRId64
                         " steps  %.0f images/s  loss %.4f",
                run->progress.step, t->n_steps, rate, (double)loss);
        if (run->progress.step % t->steps_per_epoch == 0) {
            FTL_TRY(ftl_run_stats(run,
                    "\"stage\": \"classifier\", \"step\": %" PRId64
                    ", \"loss\": %.6g, \"images_per_s\": %.1f",
                    run->progress.step, (double)loss, rate));
            FTL_TRY(ftl_run_save_rolling(run));
        }
        FTL_TRY(ftl_run_check_stop(run));
    }
    ftl_log_progress_end();
    return FTL_OK;
}

/* Better to learn now than after hours of pre-training that it tells nothing apart. */
static ftl_status check_use(const ftl_run_state *run) {
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    ftl_fairness fairness;
    if (!ftl_run_asks_classifier(run)) return FTL_OK;
    for (int i = 0; i < run->data.splits.n_groups; i++)
        counts[i] = 1;
    return ftl_fairness_measure(&fairness, run->data.splits.n_groups, counts,
            run->confusion, (uint64_t)run->settings.seed);
}

static ftl_status judge(ftl_run_state *run) {
    int k = run->data.splits.n_groups;
    FTL_TRY(ftl_classifier_confusion(&run->classifier,
            &run->data.splits.split[FTL_SPLIT_VALIDATION], run->confusion));
    run->progress.has_confusion = true;
    for (int i = 0; i < k; i++) {
        int64_t n = 0;
        for (int j = 0; j < k; j++)
            n += run->confusion[i * k + j];
        ftl_log_info("classifier: %s: %" PRId64 " of %" PRId64
                     " validation images right (%.1f %%)",
                run->data.splits.group_name[i], run->confusion[i * k + i], n,
                n ? 100.0 * (double)run->confusion[i * k + i] / (double)n : 0.0);
    }
    return check_use(run);
}

ftl_status ftl_classifier_trainer_open(ftl_classifier_trainer *t, ftl_run_state *run,
        const ftl_classifier_settings *settings) {
    const size_t n = (size_t)settings->batch;
    *t = (ftl_classifier_trainer) {.run = run,
            .settings = settings,
            .split = &run->data.splits.split[FTL_SPLIT_CLASSIFIER],
            .position = calloc(n, sizeof(int64_t)),
            .index = calloc(n, sizeof(int64_t)),
            .flip = calloc(n, sizeof(bool))};
    if (!t->position || !t->index || !t->flip)
        return ftl_fail(FTL_ENOMEM, "out of memory for a batch");
    t->steps_per_epoch = t->split->n / settings->batch;
    if (t->steps_per_epoch < 1) t->steps_per_epoch = 1;
    t->n_steps = t->steps_per_epoch * settings->epochs;
    FTL_TRY(ftl_order_init(&t->order, t->split->n, (uint64_t)run->settings.seed,
            FTL_STREAM_CLASSIFIER_ORDER));
    return ftl_classifier_plan_train(&t->plan, &run->classifier, (int)settings->batch);
}

void ftl_classifier_trainer_close(ftl_classifier_trainer *t) {
    ftl_plan_free(t->plan);
    ftl_classifier_end_training(&t->run->classifier);
    ftl_order_deinit(&t->order);
    free(t->position);
    free(t->index);
    free(t->flip);
}

ftl_status ftl_run_classifier(
        ftl_run_state *run, const ftl_classifier_settings *settings) {
    ftl_classifier_trainer t;
    ftl_status status = ftl_classifier_trainer_open(&t, run, settings);
    if (status == FTL_OK) status = train(&t);
    ftl_classifier_trainer_close(&t);
    return status == FTL_OK ? judge(run) : status;
}
