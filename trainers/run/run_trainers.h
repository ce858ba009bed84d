/* run_trainers.h - the steps of a run's stages, one by one: for the loops of run_gan.c
 * and run_classifier.c, and for run_rehearse*.c, which do but a few of them.
 *
 * A step is a function of (state, step, data): nothing is written before its losses and
 * gradients were found finite. */
#ifndef FTL_TRAINERS_RUN_RUN_TRAINERS_H
#define FTL_TRAINERS_RUN_RUN_TRAINERS_H

#include "datasets/order.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_looks.h"

/* Of the last discriminator step; those that stand still have none, and 0. */
typedef struct ftl_gan_losses {
    double real[FTL_MAX_DISCRIMINATORS], fake[FTL_MAX_DISCRIMINATORS], g;
} ftl_gan_losses;

typedef struct ftl_gan_trainer {
    ftl_run_state *run;
    const char *stage; /* "pretrain" */
    const ftl_gan_settings *settings;
    uint64_t seed;                         /* of what the stage draws */
    ftl_feed feed[FTL_MAX_DISCRIMINATORS]; /* of those that train */
    ftl_segment *segment;                  /* of all segments, first to last */
    int n_segments;
    int64_t n_steps;
    ftl_plan *plan_d, *plan_g;
    int planned;                      /* the segment that the plans are for, -1: none */
    int64_t sample_every, save_every; /* steps; 0: never */
    ftl_looks looks;
    double since;
    int64_t since_step;
} ftl_gan_trainer;

/* What a stage trains and when; adapt also adds D_s, once, and starts the optimisers
 * anew. Release with ftl_gan_trainer_close, also after a failure. */
ftl_status ftl_gan_trainer_open_pretrain(
        ftl_gan_trainer *t, ftl_run_state *run, const ftl_pretrain_settings *settings);
ftl_status ftl_gan_trainer_open_adapt(
        ftl_gan_trainer *t, ftl_run_state *run, const ftl_adapt_settings *settings);
void ftl_gan_trainer_close(ftl_gan_trainer *t);

/* Freeze what a segment freezes, and compile its plans; nothing if that was done. */
ftl_status ftl_gan_trainer_enter(ftl_gan_trainer *t, int segment);

/* Discriminator steps, a generator step, the average; does not count them. */
ftl_status ftl_gan_trainer_step(ftl_gan_trainer *t, ftl_gan_losses *out);

/* The random numbers of a stage's own. */
ftl_random_key ftl_gan_trainer_key(
        const ftl_gan_trainer *t, ftl_random_stream stream, int64_t step);

typedef struct ftl_classifier_trainer {
    ftl_run_state *run;
    const ftl_classifier_settings *settings;
    const ftl_split *split;
    int64_t steps_per_epoch, n_steps;
    ftl_order order;
    ftl_plan *plan;
    int64_t *position, *index; /* [batch] */
    bool *flip;                /* [batch] */
} ftl_classifier_trainer;

/* Release with ftl_classifier_trainer_close, also after a failure. */
ftl_status ftl_classifier_trainer_open(ftl_classifier_trainer *t, ftl_run_state *run,
        const ftl_classifier_settings *settings);
void ftl_classifier_trainer_close(ftl_classifier_trainer *t);

/* One step; does not count it. */
ftl_status ftl_classifier_trainer_step(ftl_classifier_trainer *t, float *loss);

#endif
