/* golden_run.h - whole training steps as step.h5, trajectory.h5 and fairtlpp.h5 log
 * them.
 */
#ifndef FTL_TEST_TRAINERS_GOLDEN_RUN_H
#define FTL_TEST_TRAINERS_GOLDEN_RUN_H

#include "test/trainers/golden.h"
#include "trainers/gan.h"

#define FTL_GOLDEN_D_STEPS 2

typedef struct ftl_golden_run {
    ftl_golden golden;
    ftl_gan gan;
    const char *d; /* what the file calls the discriminator that trains: "D", "D_t" */
    int batch, steps;
    ftl_adam_options g_adam, d_adam;
    double ema_decay;
    ftl_plan *plan_d, *plan_g;
    /* of the last step that was walked */
    float loss_d_real[FTL_GOLDEN_D_STEPS], loss_d_fake[FTL_GOLDEN_D_STEPS], loss_g;
} ftl_golden_run;

/* Open a file and make its networks. With a group /D_s, it becomes a second, frozen
 * discriminator, weighted by the attribute lambda. */
ftl_status ftl_golden_run_open(ftl_golden_run *run, const char *name);
void ftl_golden_run_close(ftl_golden_run *run);

/* Compile the plans of both phases: once, and anew after freezing and thawing. */
ftl_status ftl_golden_run_compile(ftl_golden_run *run);

/* Networks, second moments and step counts of state `index`; the EMA's of state 0. */
ftl_status ftl_golden_run_load(ftl_golden_run *run, int64_t index);

/* Step `index`: two D phases, a G phase, the EMA. */
ftl_status ftl_golden_run_walk(ftl_golden_run *run, int64_t index);

/* Losses of the step just walked against those of step `index`. */
void ftl_golden_run_check_losses(ftl_golden_run *run, double tolerance, int64_t index);

/* Buffers of G and D, and step counts (exactly), against state `index`. */
void ftl_golden_run_check_buffers(ftl_golden_run *run, double tolerance, int64_t index);

/* What parameters and second moments have moved by since state `from`, against state
 * `to`, tensor by tensor. Those whose true gradient is 0 are left out: Adam makes steps
 * of any direction out of rounding noise. The file knows them if it logs the gradients
 * of `step`; with FTL_GOLDEN_WHOLE second moments tell. */
void ftl_golden_run_check_moved(
        ftl_golden_run *run, double tolerance, int64_t from, int64_t to, int64_t step);

/* What the EMA has moved by against states 0 and 1 of the file. */
void ftl_golden_run_check_average(ftl_golden_run *run, double tolerance);

/* Load state k, walk step k, and check all that the file knows of it: losses, gradients
 * of G and of the D that trains, buffers, what moved, and behind step 0 the average. */
void ftl_golden_run_check_step(
        ftl_golden_run *run, double tolerance, double tolerance_moved, int k);

#endif
