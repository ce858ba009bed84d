/* test_faults_memory.c - allocations that fail: the program says so and stops, and what
 * was there before is as it was. A sample; test_faults_memory_long.c tries all. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

static void own_allocations(void) {
    tally t;
    const long step = 20 * fault_sparse();
    FTL_CHECK(fault_step_forked(&t,
            &(fault) {.what = "memory",
                    .own = true,
                    .new_only = true,
                    .once = true,
                    .first = 1,
                    .step = step},
            "own", "run small.yaml --out own"));
    fault_print("own allocations", &t);
    FTL_CHECK(t.tried > 2000 / step && t.stopped > t.tried / 2);
    FTL_CHECK(!t.crashed && !t.lost);
    FTL_CHECK(whole_run_same("whole", "own"));
}

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(own_allocations);
    return ftl_test_finish();
}
