/* test_faults_files.c - a disk that becomes full, and a process that is killed, at a
 * file operation: the run says so, and goes on later as if nothing had been. A sample;
 * test_faults_files_long.c tries all. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

static void full_disk(void) {
    tally t;
    fault f = {.what = "files", .own = true, .first = 3, .step = 61 * fault_sparse()};
    FTL_CHECK(fault_step_anew(&t, &f, "whole", "run small.yaml"));
    fault_print("disk full from an operation on", &t);
    FTL_CHECK(t.tried >= 3 / fault_sparse() && t.tried > 0 && t.stopped == t.tried);
}

static void killed(void) {
    tally t;
    fault f = {.what = "files",
            .own = true,
            .kill = true,
            .first = 20,
            .step = 67 * fault_sparse()};
    FTL_CHECK(fault_step_anew(&t, &f, "whole", "run small.yaml"));
    fault_print("killed at an operation", &t);
    FTL_CHECK(t.tried >= 3 / fault_sparse() && t.tried > 0);
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(full_disk);
    FTL_TEST(killed);
    return ftl_test_finish();
}
