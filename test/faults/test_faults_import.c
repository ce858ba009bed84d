/* test_faults_import.c - an import that is interrupted or killed at any moment leaves a
 * whole pack or none, and the next one works. */
#include "engine/base/file.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define IMPORT "dataset import big --format idx --size 96 --out imports/x.h5"
enum { N_MOMENTS = 8 };

static double whole_s; /* how long one takes */

static void wait_s(double s) {
    struct timespec time = {.tv_sec = (time_t)s};
    time.tv_nsec = (long)((s - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A pack is there, and whole. */
static bool is_whole(const char *path) {
    ftl_sealed sealed;
    bool whole = ftl_sealed_open(&sealed, whole_run_path("%s", path)) == FTL_OK;
    if (whole) ftl_sealed_close(&sealed);
    ftl_clear();
    return whole;
}

static void imports(void) {
    /* So many that there is time for something to happen. */
    FTL_CHECK(whole_run_fixture("idx big %d", ftl_test_is_checked() ? 1000 : 6000));
    FTL_CHECK(mkdir(whole_run_path("imports"), 0777) == 0);
    double since = now_s();
    FTL_CHECK(whole_run(IMPORT) == 0);
    whole_s = now_s() - since;
    FTL_CHECK(is_whole("imports/x.h5"));
    whole_run_copy("imports/x.h5", "x.h5");
    whole_run_remove("imports/x.h5");
    whole_run_remove("imports/x.h5.report.txt");
}

/* At each of some moments. Gives how many came before the end, or -1 if something was
 * left that should not be there. */
static int interrupt_often(int signal) {
    int n = 0;
    for (int k = 0; k < N_MOMENTS; k++) {
        pid_t process = whole_run_start(IMPORT);
        /* At first the program has not even begun to listen. */
        wait_s(whole_s * (0.1 + 0.9 * k / N_MOMENTS));
        kill(process, signal);
        int status = whole_run_end(process);
        if (status == 0) {
            if (!is_whole("imports/x.h5")) return -1;
            whole_run_remove("imports/x.h5");
            whole_run_remove("imports/x.h5.report.txt");
            continue;
        }
        if (status != 128 + signal || whole_run_has("imports", "x.h5")) {
            fprintf(stderr, "status %d\n", status);
            return -1;
        }
        n++;
    }
    return n;
}

static void interrupted(void) {
    FTL_CHECK(interrupt_often(SIGINT) > 0);
    FTL_CHECK(interrupt_often(SIGTERM) > 0);
}

/* A run takes back all that it has made. */
static void interrupted_in_a_run(void) {
    int n = 0;
    for (int k = 0; k < N_MOMENTS; k++) {
        pid_t process = whole_run_start("run tiny.yaml --out deep/er --set "
                                        "data.source=big");
        whole_run_await(process, "deep/er", k % 2 ? "config.yaml" : ".lock");
        kill(process, SIGINT);
        int status = whole_run_end(process);
        /* Too late: it has trained a step and saved it. */
        if (whole_run_exists("deep/er/checkpoints")) {
            FTL_CHECK(status == 130 || status == 0);
            whole_run_remove("deep");
            continue;
        }
        FTL_CHECK(status == 130);
        FTL_CHECK(whole_run_complained("interrupted while it was "));
        FTL_CHECK(!whole_run_exists("deep"));
        n++;
    }
    FTL_CHECK(n > 0);
}

static void killed(void) {
    int n_torn = 0;
    for (int k = 0; k < N_MOMENTS; k++) {
        pid_t process = whole_run_start(IMPORT);
        if (k % 2)
            whole_run_await(process, "imports", "x.h5.tmp-");
        else
            wait_s(whole_s * k / N_MOMENTS);
        kill(process, SIGKILL);
        int status = whole_run_end(process);
        FTL_CHECK(status == 0 || status == 128 + SIGKILL);
        n_torn += whole_run_has("imports", "x.h5.tmp-");
        FTL_CHECK(!whole_run_exists("imports/x.h5") || is_whole("imports/x.h5"));
    }
    FTL_CHECK(n_torn > 0);
    FTL_CHECK(whole_run(IMPORT) == 0);
    FTL_CHECK(!whole_run_has("imports", ".tmp-"));
    FTL_CHECK(whole_run_same_file("imports/x.h5", "x.h5"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(imports);
    FTL_TEST(interrupted);
    FTL_TEST(interrupted_in_a_run);
    FTL_TEST(killed);
    return ftl_test_finish();
}
