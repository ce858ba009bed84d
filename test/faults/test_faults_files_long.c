/* tier: long */
/* test_faults_files_long.c - at every file operation of a run: the disk is full from
 * there on, this one operation fails, the process is killed. Each time the run says so,
 * and goes on later as if nothing had been. FTL_FAULT_STEP=n tries each n-th. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

static void step_through(const char *name, fault f) {
    tally t;
    f.what = "files";
    f.own = true;
    f.first = 1;
    f.step = fault_thin();
    bool good = fault_step_anew(&t, &f, "whole", "run small.yaml");
    fault_print(name, &t);
    FTL_CHECK(good && t.tried > 150 / f.step);
}

static void full_disk(void) {
    step_through("disk full from an operation on", (fault) {0});
}
static void one_failure(void) {
    step_through("one operation fails", (fault) {.once = true});
}
static void killed(void) {
    step_through("killed at an operation", (fault) {.kill = true});
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(full_disk);
    FTL_TEST(one_failure);
    FTL_TEST(killed);
    return ftl_test_finish();
}
