/* test_parity_step.c - from each of ten golden states, one whole training step: two D
 * phases, a G phase, Adam, the EMA. */
#include "test/harness.h"
#include "test/trainers/golden_run.h"

#define TOLERANCE 1e-4
/* Of what parameters move by in a step, 1e-3 of their size and stored in float32. */
#define TOLERANCE_MOVED 1e-2

static void each_step_follows(void) {
    ftl_golden_run run;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "step"));
    FTL_CHECK_OK(ftl_golden_run_compile(&run));
    FTL_CHECK(run.steps == 10);
    for (int k = 0; k < run.steps; k++)
        ftl_golden_run_check_step(&run, TOLERANCE, TOLERANCE_MOVED, k);
    ftl_golden_run_close(&run);
}

int main(void) {
    FTL_TEST(each_step_follows);
    return ftl_test_finish();
}
