/* run_forecast.h - what a run would take, for --dry-run: found by doing a little of
 * each of its parts in memory. For this folder only. */
#ifndef FTL_TRAINERS_RUN_RUN_FORECAST_H
#define FTL_TRAINERS_RUN_RUN_FORECAST_H

#include "trainers/run/run_state.h"

/* A part of the run. Times in seconds. */
typedef struct ftl_forecast_part {
    struct ftl_forecast_part *next;
    const char *name; /* "adapt: fine-tune" */
    int64_t n_steps;  /* that are left; 0: no steps */
    double step_s;    /* of one: the median */
    double steps_s;   /* of all */
    double looks_s;   /* evaluations, and judging the classifier */
    double files_s;   /* checkpoints and pictures, without the disk */
    double spared_s;  /* what it takes less at best, if it may end before */
} ftl_forecast_part;

typedef struct ftl_forecast {
    ftl_forecast_part *first, *last; /* in the run's arena */
    ftl_forecast_part *before; /* where the pre-trained generator is measured, of which
                                  metrics of quality are not counted yet; NULL: none */
    int n_before;              /* ... with the best of its stage */
    double peak_mib;           /* of the resident set */
    bool chooses; /* ... if an adaptation ends with a best generator that is not its
                   * last
                   */
    bool goes_on; /* the run has begun: times and files are those that are left */
    /* Bytes of files. */
    int64_t kept_checkpoints;    /* of stages and the best of them, all together */
    int64_t largest_checkpoint;  /* of any */
    int64_t rolling_checkpoints; /* at one time, with the one being written */
    int64_t pictures, report;    /* as if nothing in them were compressed */
    int64_t logs;                /* with all other texts */
    int64_t pack;                /* that the run imports for itself */
    int64_t scratch;             /* at one time in $TMPDIR, for metrics of quality */
} ftl_forecast;

/* Rehearse what is left of the run: each stage's plans, a few of its steps, a picture,
 * an evaluation and a checkpoint, in the order and with the memory of the run itself.
 * Takes some seconds, or for large networks two steps of each stage; writes nothing.
 * The run's networks and progress are then worth nothing: it can only be closed.
 * began_s: ftl_clock_s when the run was opened. Fails as the run would, and with
 * FTL_EINTERRUPTED. */
ftl_status ftl_run_rehearse(ftl_forecast *out, ftl_run_state *run, double began_s);

/* What is there when the run is done; without the rolling checkpoints. */
int64_t ftl_forecast_bytes(const ftl_forecast *f);

/* run_rehearse_gan.c: pretrain and adapt. */
ftl_status ftl_rehearse_pretrain(
        ftl_forecast *f, ftl_run_state *run, const ftl_pretrain_settings *settings);
ftl_status ftl_rehearse_adapt(
        ftl_forecast *f, ftl_run_state *run, const ftl_adapt_settings *settings);

/* What both files need. A new part at the end; NULL: no memory. */
ftl_forecast_part *ftl_forecast_add(
        ftl_forecast *f, ftl_run_state *run, const char *name);

/* Do a step as often as the time allows, at least once; seconds of the median. */
typedef ftl_status ftl_rehearsed_step(void *trainer);
ftl_status ftl_rehearse_steps(double *step_s, ftl_rehearsed_step *step, void *trainer);

/* Seconds of a checkpoint as it would be written now; counts its bytes. kept: at the
 * end of a stage. */
ftl_status ftl_rehearse_save(
        double *save_s, ftl_forecast *f, ftl_run_state *run, bool kept);

/* ... and of one of a generator that is kept beside it. */
ftl_status ftl_rehearse_save_kept(
        double *save_s, ftl_forecast *f, ftl_run_state *run, ftl_kept kept);

/* Seconds of a picture of n images; counts the bytes of `pictures` such. */
ftl_status ftl_rehearse_draw(double *draw_s, ftl_forecast *f, ftl_run_state *run,
        int64_t n, int64_t pictures);

/* Fails with FTL_EINTERRUPTED after a signal. */
ftl_status ftl_rehearse_go_on(void);

/* run_rehearse_measure.c: what measures generators.
 *
 * Seconds of n images through an evaluator: from a few of them. */
double ftl_rehearse_evaluator(ftl_evaluator *evaluator, int64_t n);

/* Seconds of an evaluation that a report is made of: of its samples, and of its metrics
 * of quality, 0 without; counts the bytes that these keep for a while. quality_s NULL:
 * leave them out. */
ftl_status ftl_rehearse_measure(double *samples_s, double *quality_s, ftl_forecast *f,
        ftl_run_state *run, const ftl_evaluate_settings *settings);
/* ... and of measuring the pre-trained generator and the best of its stage, where the
 * run does, 0 elsewhere. Metrics of quality are not in it: the evaluate stage, when
 * more is in memory, rehearses them for all. Sets n_before. */
ftl_status ftl_rehearse_before(double *before_s, ftl_forecast *f, ftl_run_state *run);

#endif
