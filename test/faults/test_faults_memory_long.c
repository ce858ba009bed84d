/* tier: long */
/* test_faults_memory_long.c - every allocation of the program's own code fails, once
 * alone and once with all after it; and of the libraries' those that come by a way of
 * their own. FTL_FAULT_STEP=n tries each n-th. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

static void each_own_allocation(void) {
    tally t;
    fault f = {.what = "memory",
            .own = true,
            .once = true,
            .first = 1,
            .step = fault_thin()};
    FTL_CHECK(fault_step_forked(&t, &f, "own", "run small.yaml --out own"));
    fault_print("each allocation of our own", &t);
    FTL_CHECK(t.tried > 5000 / f.step && !t.crashed && !t.lost);
    FTL_CHECK(whole_run_same("whole", "own"));
}

static void each_and_all_after_it(void) {
    tally t;
    fault f = {.what = "memory",
            .own = true,
            .new_only = true,
            .first = 1,
            .step = fault_thin()};
    FTL_CHECK(fault_step_forked(&t, &f, "after", "run small.yaml --out after"));
    fault_print("... and all after it", &t);
    FTL_CHECK(t.tried > 2000 / f.step && !t.crashed && !t.lost);
    FTL_CHECK(whole_run_same("whole", "after"));
}

/* A library may die of it; what there was stays as it was. */
static void each_way_to_any_allocation(void) {
    tally t;
    fault f = {.what = "memory",
            .new_only = true,
            .once = true,
            .first = 1,
            .step = fault_thin()};
    FTL_CHECK(fault_step_forked(&t, &f, "any", "run small.yaml --out any"));
    fault_print("each way to an allocation, libraries' too", &t);
    FTL_CHECK(t.tried > 10000 / f.step && !t.lost);
    FTL_CHECK(whole_run_same("whole", "any"));
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(each_own_allocation);
    FTL_TEST(each_and_all_after_it);
    FTL_TEST(each_way_to_any_allocation);
    return ftl_test_finish();
}
