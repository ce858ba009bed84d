/* tier: long */
/* test_faults_memory_long.c - every allocation of the program's own code fails, once
 * alone and once with all after it; and of the libraries' those that come by a way of
 * their own. FTL_FAULT_STEP=n tries each n-th. */
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

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

#ifdef __SANITIZE_ADDRESS__

static void addresses_are_short(void) {
    ftl_test_skip_case("AddressSanitizer takes all addresses for itself");
}

#else

/* A process under `ulimit -v`. */
static pid_t start_within(rlim_t kib, const char *words) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0) return -1;
    const rlim_t was = limit.rlim_cur;
    limit.rlim_cur = kib << 10;
    if (setrlimit(RLIMIT_AS, &limit) != 0) return -1;
    const pid_t process = whole_run_start("%s", words);
    limit.rlim_cur = was;
    return setrlimit(RLIMIT_AS, &limit) == 0 ? process : -1;
}

/* Can the program be loaded at all? OpenBLAS, which it is linked with, asks for 128 MiB
 * then until it gets them. */
static bool is_loaded_within(rlim_t kib) {
    const pid_t process = start_within(kib, "--version");
    if (process <= 0) return false;
    for (int i = 0; i < 100; i++) {
        siginfo_t info = {.si_pid = 0};
        waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT);
        if (info.si_pid == process) return whole_run_end(process) == 0;
        whole_run_wait_s(0.1);
    }
    kill(process, SIGKILL);
    whole_run_end(process);
    return false;
}

/* `ulimit -v`, as clusters have it: libraries are not called where they would die. */
static void addresses_are_short(void) {
    enum { STEP = 6000, MOST = 600000 };
    int n_tried = 0, n_told = 0, n_done = 0;
    rlim_t kib = 240000;
    while (kib < MOST && !is_loaded_within(kib))
        kib += STEP;
    const rlim_t least = kib;
    for (; kib <= least + 240000; kib += STEP * (rlim_t)fault_thin()) {
        const pid_t process = start_within(kib, "run small.yaml --out short --resume");
        FTL_CHECK(process > 0);
        const int status = whole_run_end(process);
        n_tried++;
        n_done += status == 0;
        n_told += status == 1 && whole_run_complained("memory");
        if (status > 1) printf("%lu KiB: status %d\n", (unsigned long)kib, status);
    }
    printf("addresses, from %lu KiB on: %d tried, %d stopped with a message, %d went "
           "on\n",
            (unsigned long)least, n_tried, n_told, n_done);
    FTL_CHECK(n_told + n_done == n_tried);
    FTL_CHECK(whole_run("run small.yaml --out short --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "short"));
}

#endif

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
