/* tier: long */
/* test_run_compare_killed_long.c - kill -9 of a comparison at random moments, 85 times,
 * every second time when a file is half written: the same command goes on, and all ends
 * as in one that was left alone. FTL_FAULT_STEP=n kills 85 / n times. */
#include "engine/base/clock.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two runs of four stages behind one that is pre-trained; a checkpoint each few steps.
 */
#define COMPARE                                                                        \
    "compare tiny.yaml --set run.pretrain.kimg=0.48 --set "                            \
    "run.pretrain.settle.count=0 --set run.pretrain.save_every=0.016 --set "           \
    "run.adapt.save_every=0.008 --set run.adapt.stages[0].kimg=0.1 --set "             \
    "run.adapt.stages[1].kimg=0.2 --set "                                              \
    "compare={methods:~[{name:~fairtl},~{name:~fairtl++}]} "                           \
    "--out "

static const char *const folders[] = {
        "pretrained", "runs/fairtl-0.1-s1", "runs/fairtl++-0.1-s1"};
enum { N_FOLDERS = 3, N_KILLS = 85 };

static double start_s, whole_s; /* to the first checkpoint, and to the end */

static bool is_torn(void) {
    bool torn = whole_run_has("killed", ".tmp-");
    for (int i = 0; i < N_FOLDERS; i++) {
        char path[128];
        snprintf(path, sizeof path, "killed/%s", folders[i]);
        torn |= whole_run_has(path, ".tmp-");
        snprintf(path, sizeof path, "killed/%s/checkpoints", folders[i]);
        torn |= whole_run_has(path, ".tmp-");
    }
    return torn;
}

/* A moment of the k-th life. Each fourth comes before anything can go on; the others
 * let it go on by little more than the n-th part on average. */
static void await_moment(int k, int n) {
    const double at = whole_run_uniform(11, k);
    whole_run_wait_s(
            k % 4 == 0 ? at * start_s : start_s + at * 3 * (whole_s - start_s) / n);
    const double until = ftl_clock_s() + 1; /* it may be done, or measure for long */
    while (k % 2 && !is_torn() && ftl_clock_s() < until)
        whole_run_wait_s(5e-5);
}

static bool is_same(void) {
    static const char *const last[] = {"pretrain-final", "adapt-final", "adapt-final"};
    for (int i = 0; i < N_FOLDERS; i++) {
        char a[128], b[128];
        snprintf(a, sizeof a, "whole/%s/metrics.json", folders[i]);
        snprintf(b, sizeof b, "killed/%s/metrics.json", folders[i]);
        if (!whole_run_same_file(a, b)) return false;
        snprintf(a, sizeof a, "whole/%s/samples/%s.png", folders[i], last[i]);
        snprintf(b, sizeof b, "killed/%s/samples/%s.png", folders[i], last[i]);
        if (!whole_run_same_file(a, b)) return false;
    }
    return whole_run_same("whole/pretrained", "killed/pretrained");
}

static void is_undisturbed(void) {
    const double since = ftl_clock_s();
    pid_t process = whole_run_start(COMPARE "whole");
    whole_run_await(process, "whole/pretrained/checkpoints", ".h5");
    start_s = ftl_clock_s() - since;
    FTL_CHECK(whole_run_end(process) == 0);
    whole_s = ftl_clock_s() - since;
}

/* One comparison from its beginning to its end, killed at most n times; -1 if that was
 * not well. Adds those that left a file half written. */
static int kill_often(int n, int *n_torn) {
    int kills = 0;
    for (; kills < n; kills++) {
        pid_t process = whole_run_start(COMPARE "killed");
        await_moment(kills, n);
        kill(process, SIGKILL);
        const int status = whole_run_end(process);
        if (status == 0) break; /* done before its time: the machine got faster */
        if (status != 128 + SIGKILL) {
            whole_run_complained("(it ended by itself)");
            return -1;
        }
        *n_torn += is_torn();
    }
    if (kills && whole_run(COMPARE "killed") == 0 && is_same()) return kills;
    whole_run_complained("(it should have ended well, and the same)");
    return -1;
}

static void killed(void) {
    const char *thin = getenv("FTL_FAULT_STEP");
    const int n = thin && atoi(thin) > 0 ? N_KILLS / atoi(thin) : N_KILLS;
    int n_torn = 0;
    for (int done = 0; done < n;) {
        const int kills = kill_often(n - done, &n_torn);
        FTL_CHECK(kills > 0);
        whole_run_remove("killed");
        done += kills;
        printf("%d kills, of which %d left a file half written\n", done, n_torn);
        fflush(stdout);
    }
    FTL_CHECK(n < 20 || n_torn > 0);
}

int main(void) {
    whole_run_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(killed);
    return ftl_test_finish();
}
