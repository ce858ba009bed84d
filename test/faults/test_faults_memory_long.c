/* tier: long */
/* test_faults_memory_long.c - every allocation of the program's own code fails, once
 * alone and once with all after it; and of the libraries' those that come by a way of
 * their own. FTL_FAULT_STEP=n tries each n-th. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <stdio.h>
#include <sys/resource.h>

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

/* A library may crash of it; AddressSanitizer ends that in a way of its own. */
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
#ifndef __SANITIZE_ADDRESS__
    FTL_CHECK(!t.crashed);
#endif
    FTL_CHECK(whole_run_same("whole", "any"));
}

/* `ulimit -v`, as clusters have it: libraries are not called where they would die.
 * Below some 250,000 KiB the program may not even be loaded. */
static void addresses_are_short(void) {
#ifdef __SANITIZE_ADDRESS__
    ftl_test_skip_case("AddressSanitizer takes all addresses for itself");
#else
    int n_tried = 0, n_told = 0, n_done = 0;
    for (rlim_t kib = 260000; kib <= 500000; kib += 6000 * (rlim_t)fault_thin()) {
        struct rlimit limit;
        FTL_CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
        const rlim_t was = limit.rlim_cur;
        limit.rlim_cur = kib << 10;
        FTL_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        const pid_t process = whole_run_start("run small.yaml --out short --resume");
        limit.rlim_cur = was;
        FTL_CHECK(process > 0 && setrlimit(RLIMIT_AS, &limit) == 0);
        const int status = whole_run_end(process);
        n_tried++;
        n_done += status == 0;
        n_told += status == 1 && whole_run_complained("memory");
        if (status > 1) printf("%lu KiB: status %d\n", (unsigned long)kib, status);
    }
    printf("addresses: %d tried, %d stopped with a message, %d went on\n", n_tried,
            n_told, n_done);
    FTL_CHECK(n_told + n_done == n_tried);
    FTL_CHECK(whole_run("run small.yaml --out short --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "short"));
#endif
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(addresses_are_short);
    FTL_TEST(each_own_allocation);
    FTL_TEST(each_and_all_after_it);
    FTL_TEST(each_way_to_any_allocation);
    return ftl_test_finish();
}
