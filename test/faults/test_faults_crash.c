/* test_faults_crash.c - no end without a word: libraries that crash where an allocation
 * of theirs fails, files that become shorter while they are read, and crashes. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__

static void crashes(void) {
    ftl_test_skip_case("AddressSanitizer meets crashes itself");
}

#else

static const char run[] =
        "run small.yaml --set data.source=null --set data.format=null "
        "--set data.pack=pack.h5";

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

/* A sample; test_faults_memory_long.c tries all. */
static void any_allocation(void) {
    if (ftl_test_under_valgrind()) {
        ftl_test_skip_case("it meets the crashes of libraries itself");
        return;
    }
    tally t;
    FTL_CHECK(fault_step_forked(&t,
            &(fault) {.what = "memory",
                    .new_only = true,
                    .once = true,
                    .first = 1,
                    .step = 300},
            "any", "run small.yaml --out any"));
    fault_print("any allocation", &t);
    FTL_CHECK(t.tried > 30 && t.stopped > t.tried / 2);
    FTL_CHECK(!t.crashed && !t.lost);
    FTL_CHECK(whole_run_same("whole", "any"));
}

static void it_crashes(void) {
    whole_run_copy("whole/data.h5", "pack.h5");
    const pid_t process = whole_run_start("%s --out crashed", run);
    FTL_CHECK(whole_run_await(process, "crashed/checkpoints", "classifier"));
    kill(process, SIGSEGV);
    FTL_CHECK(whole_run_end(process) == 128 + SIGSEGV);
    FTL_CHECK(whole_run_complained("fairtl: crashed, which is a fault of the program"));
    FTL_CHECK(whole_run("%s --out crashed --resume", run) == 0);
    FTL_CHECK(whole_run("%s --out packed", run) == 0);
    FTL_CHECK(whole_run_same("packed", "crashed"));
}

/* The pack is mapped, and never read as a whole after it has been checked. */
static void pack_becomes_shorter(void) {
    const pid_t process = whole_run_start("%s --out shorter", run);
    FTL_CHECK(whole_run_await(process, "shorter/checkpoints", "classifier"));
    FTL_CHECK(truncate(whole_run_path("pack.h5"), 1000) == 0);
    FTL_CHECK(whole_run_end(process) == 1);
    FTL_CHECK(whole_run_complained("a file that was being read has become shorter"));
    FTL_CHECK(whole_run("%s --out shorter --resume", run) == 2);
    FTL_CHECK(whole_run_complained("pack.h5: "));
    whole_run_copy("whole/data.h5", "pack.h5");
    FTL_CHECK(whole_run("%s --out shorter --resume", run) == 0);
    FTL_CHECK(whole_run_same("packed", "shorter"));
}

#endif

int main(void) {
#ifdef __SANITIZE_ADDRESS__
    FTL_TEST(crashes);
#else
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(any_allocation);
    FTL_TEST(it_crashes);
    FTL_TEST(pack_becomes_shorter);
#endif
    return ftl_test_finish();
}
