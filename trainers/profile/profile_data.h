/* profile_data.h - what was measured of a training step. For this folder only. */
#ifndef FTL_TRAINERS_PROFILE_PROFILE_DATA_H
#define FTL_TRAINERS_PROFILE_PROFILE_DATA_H

#include "datasets/pack.h"
#include "engine/backend/machine.h"
#include "trainers/profile/profile.h"
#include "trainers/run/run_state.h"

/* What a step is made of. The first ones are ftl_call_kind. */
typedef enum ftl_profile_part {
    FTL_PART_CONVOLUTION = FTL_CALL_CONVOLUTION,
    FTL_PART_PRODUCT = FTL_CALL_PRODUCT,
    FTL_PART_REORDER = FTL_CALL_REORDER,
    FTL_PART_MEMORY = FTL_CALL_MEMORY,
    FTL_PART_OPTIMISER,
    FTL_PART_INPUT,
    FTL_PART_CHECK,
} ftl_profile_part;
#define FTL_PROFILE_PARTS 7

/* One call of a plan, or something that the trainer does beside its plans. */
typedef struct ftl_profile_row {
    const char *phase;       /* "D", "G", or "" */
    ftl_plan_call_info call; /* of the trainer's: op, layer, bytes; the rest is 0 */
    ftl_profile_part part;
    int each;        /* times in a step */
    double *seconds; /* each time that was measured */
    int n_seconds;
    double step_s; /* the median, times `each` */
} ftl_profile_row;

/* What the trainer does beside its plans, in the order of its rows. */
typedef enum ftl_profile_action {
    FTL_ACTION_D_INPUT,
    FTL_ACTION_D_CHECK,
    FTL_ACTION_D_ADAM,
    FTL_ACTION_G_INPUT,
    FTL_ACTION_G_CHECK,
    FTL_ACTION_G_ADAM,
    FTL_ACTION_EMA,
} ftl_profile_action;
#define FTL_PROFILE_ACTIONS 7

typedef struct ftl_profile_event {
    int row;
    double start_s, end_s; /* ftl_clock_s */
} ftl_profile_event;

/* Bytes. What the process holds beside them is `peak` less their sum. */
typedef struct ftl_profile_memory {
    size_t block, block_d, block_g, scratch; /* shared by the plans; what each needs */
    size_t ports;                            /* of both plans */
    size_t g, d, average, gradients, moments, data;
    size_t peak;
} ftl_profile_memory;

typedef struct ftl_profile_state {
    const ftl_profile_options *options;
    ftl_run_state run; /* configured; without data */
    const ftl_gan_settings *settings;
    const char *stage; /* "pretrain"; "adapt, fine-tune" */
    ftl_pack pack;     /* random images */
    int64_t *index;    /* [batch]: those of a discriminator's step */
    bool *flip;        /* [batch]; NULL: none is mirrored */
    ftl_plan *plan_d, *plan_g;
    int n_d, n_g; /* their calls: rows 0 .. n_d - 1, and n_g behind them */
    ftl_profile_row *rows;
    int n_rows;
    ftl_profile_event *events; /* of the last step */
    int n_events;
    double *clock_s;       /* room for the calls of either plan, and one */
    double *plain_s;       /* [steps]: whole steps, without a clock between calls */
    double median_plain_s; /* the median of these */
    ftl_profile_memory memory;
    ftl_machine machine;
} ftl_profile_state;

/* profile_step.c: networks and plans of the step; some steps; what they took. */
ftl_status ftl_profile_step_open(ftl_profile_state *p);
ftl_status ftl_profile_step_measure(ftl_profile_state *p);
void ftl_profile_step_close(ftl_profile_state *p);

/* profile_table.c */
ftl_status ftl_profile_print(const ftl_profile_state *p, FILE *file);

/* profile_trace.c: the events as Chrome's trace format. Fails with FTL_EIO, FTL_ENOMEM.
 */
ftl_status ftl_profile_write_trace(const ftl_profile_state *p, const char *path);

#endif
