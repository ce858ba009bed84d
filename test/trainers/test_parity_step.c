/* test_parity_step.c - from each of ten golden states, one whole training step: two D
 * phases, a G phase, Adam, the EMA. */
#include "test/harness.h"
#include "test/trainers/golden_run.h"

#define TOLERANCE 1e-4
/* Of what parameters move by in a step, 1e-3 of their size and stored in float32. */
#define TOLERANCE_MOVED 1e-2

static void check_step(ftl_golden_run *run, int k) {
    ftl_golden *golden = &run->golden;
    FTL_CHECK_OK(ftl_golden_run_load(run, k));
    FTL_CHECK_OK(ftl_golden_run_walk(run, k));
    ftl_golden_run_check_losses(run, TOLERANCE, k);
    ftl_golden_check_gradients(golden, run->gan.d[0].store, run->gan.d[0].adam.gradient,
            TOLERANCE, k, "/D/grad");
    ftl_golden_check_gradients(
            golden, run->gan.g, run->gan.g_adam.gradient, TOLERANCE, k, "/G/grad");
    ftl_golden_run_check_buffers(run, TOLERANCE, k + 1);
    ftl_golden_run_check_moved(run, TOLERANCE_MOVED, k, k + 1, k);
    if (k == 0) ftl_golden_run_check_average(run, TOLERANCE_MOVED);
}

static void each_step_follows(void) {
    ftl_golden_run run;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "step"));
    FTL_CHECK_OK(ftl_golden_run_compile(&run));
    FTL_CHECK(run.steps == 10);
    for (int k = 0; k < run.steps; k++)
        check_step(&run, k);
    ftl_golden_run_close(&run);
}

int main(void) {
    FTL_TEST(each_step_follows);
    return ftl_test_finish();
}
