/* test_parity_trajectory.c - ten whole training steps in a row, at 1/50 of the learning
 * rates: rounding grows over steps, so that at full rates PyTorch itself differs by
 * 4e-2 between one and two threads. */
#include "test/harness.h"
#include "test/trainers/golden_run.h"

#define TOLERANCE 1e-3
/* What the parameters moved by is a small part of them, and Adam magnifies rounding
 * where gradients are small. */
#define TOLERANCE_MOVED 5e-3

static void check_parameters(
        ftl_golden_run *run, const ftl_store *store, const char *folder) {
    ftl_golden_check_state(&run->golden, store, FTL_PARAMETER, TOLERANCE, 1, folder);
}

static void ten_steps_follow(void) {
    ftl_golden_run run;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "trajectory"));
    FTL_CHECK_OK(ftl_golden_run_compile(&run));
    FTL_CHECK_OK(ftl_golden_run_load(&run, 0));
    FTL_CHECK(run.steps == 10);
    for (int k = 0; k < run.steps; k++) {
        FTL_CHECK_OK(ftl_golden_run_walk(&run, k));
        ftl_golden_run_check_losses(&run, TOLERANCE, k);
    }
    ftl_golden_run_check_buffers(&run, TOLERANCE, 1);
    check_parameters(&run, run.gan.g, "/G/params");
    check_parameters(&run, run.gan.d[0].store, "/D/params");
    check_parameters(&run, run.gan.g_ema, "/EMA/params");
    ftl_golden_check_state(
            &run.golden, run.gan.g_ema, FTL_BUFFER, TOLERANCE, 1, "/EMA/buffers");
    ftl_golden_run_check_moved(&run, TOLERANCE_MOVED, 0, 1, FTL_GOLDEN_WHOLE);
    ftl_golden_run_close(&run);
}

int main(void) {
    FTL_TEST(ten_steps_follow);
    return ftl_test_finish();
}
