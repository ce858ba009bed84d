/* test_faults_import.c - an import that is interrupted or killed at any moment leaves a
 * whole pack or none, and the next one works. Killed at a file operation it may leave
 * a pack without its report: whoever comes next brings the two together. */
#include "engine/base/file.h"
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Is there a pack with its report, or neither, and nothing that was begun? */
static bool belong_together(const char *folder, const char *pack) {
    static const char *const begun[] = {".tmp-", ".report.txt.new", ".report.txt.tmp-"};
    char path[64], hex[FTL_SHA256_HEX];
    uint8_t digest[FTL_SHA256_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, pack);
    bool there = ftl_sealed_read_digest(digest, whole_run_path("%s", path));
    if (there) ftl_sha256_hex(hex, digest);
    if (there && !is_whole(path)) return false;
    snprintf(path, sizeof path, "%s/%s.report.txt", folder, pack);
    char *report = whole_run_read(path);
    bool good = there ? report && strstr(report, hex) : !report;
    if (!good) fprintf(stderr, "%s of another pack:\n%s\n", path, report);
    free(report);
    snprintf(path, sizeof path, ".%s.lock", pack);
    good &= !whole_run_has(folder, path);
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        snprintf(path, sizeof path, "%s%s", pack, begun[i]);
        good &= !whole_run_has(folder, path);
    }
    return good;
}

/* A pack's images are there once, and not twice, when its file is made. */
static void holds_its_images_once(void) {
    if (ftl_test_is_checked()) {
        ftl_test_skip_case("what looks after memory needs some itself");
        return;
    }
    struct stat info;
    FTL_CHECK(whole_run("dataset import big --format idx --size 160 --out m.h5") == 0);
    long peak_kib = whole_run_peak_kib();
    FTL_CHECK(stat(whole_run_path("m.h5"), &info) == 0);
    whole_run_remove("m.h5");
    double times = (double)peak_kib * 1024 / (double)info.st_size;
    printf("peak of the memory: %.2f times the pack\n", times);
    FTL_CHECK(times > 1 && times < 1.6);
}

/* The second of two to one file says so; the first is not disturbed. */
static void two_at_a_time(void) {
    whole_run_remove("imports/x.h5");
    whole_run_remove("imports/x.h5.report.txt");
    pid_t first = whole_run_start(IMPORT);
    bool began = whole_run_await(first, "imports", ".x.h5.lock");
    int second = whole_run("dataset import idx --format idx --size 8 --out "
                           "imports/x.h5");
    bool said = whole_run_complained("imports/x.h5 is in use by process ");
    int status = whole_run_end(first);
    FTL_CHECK(began && second == 2 && said && status == 0);
    FTL_CHECK(whole_run_same_file("imports/x.h5", "x.h5"));
    FTL_CHECK(belong_together("imports", "x.h5"));
}

static const fault kill_at = {.what = "files", .own = true, .kill = true};

/* What comes next is an import that does not get far: it brings nothing of its own. */
static void killed_at_an_operation(void) {
    bool met = true;
    struct stat old, now;
    int n_new = 0;
    long n;
    FTL_CHECK(mkdir(whole_run_path("k"), 0777) == 0);
    FTL_CHECK(whole_run("dataset import idx --format idx --size 8 --out k8.h5") == 0);
    for (n = 1; met; n++) {
        whole_run_copy("k8.h5", "k/k.h5");
        whole_run_copy("k8.h5.report.txt", "k/k.h5.report.txt");
        int status = fault_run(&met, &kill_at, n,
                "dataset import idx --format idx --size 16 --out k/k.h5");
        FTL_CHECK(status == (met ? 128 + SIGKILL : 0));
        FTL_CHECK(whole_run("dataset import none --format idx --out k/k.h5") == 2);
        FTL_CHECK(belong_together("k", "k.h5"));
        FTL_CHECK(stat(whole_run_path("k8.h5"), &old) == 0);
        FTL_CHECK(stat(whole_run_path("k/k.h5"), &now) == 0);
        n_new += met && now.st_size != old.st_size;
    }
    printf("an import: killed at %ld operations\n", n - 2);
    /* Both kinds of moments came: those before the pack was there, and behind. */
    FTL_CHECK(n > 8 && n_new > 0 && n_new < n - 3);
}

/* The same in a run, which finds its pack when it resumes. */
static void killed_at_an_operation_of_a_run(void) {
    bool met;
    int n_imported = 0, n_tried = 0;
    for (long n = 6; n_imported < 4; n += fault_sparse()) {
        n_tried++;
        whole_run_remove("killed");
        FTL_CHECK(fault_run(&met, &kill_at, n, "run small.yaml --out killed") ==
                  128 + SIGKILL);
        n_imported += whole_run_exists("killed/data.h5");
        /* Killed once more, far behind the import: there is no need to train. */
        FTL_CHECK(fault_run(&met, &kill_at, 60,
                          "run small.yaml --out killed --resume") == 128 + SIGKILL);
        FTL_CHECK(whole_run_exists("killed/data.h5"));
        FTL_CHECK(belong_together("killed", "data.h5"));
    }
    printf("an import in a run: killed at %d operations\n", n_tried);
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(imports);
    FTL_TEST(interrupted);
    FTL_TEST(interrupted_in_a_run);
    FTL_TEST(killed);
    FTL_TEST(holds_its_images_once);
    FTL_TEST(two_at_a_time);
    FTL_TEST(killed_at_an_operation);
    FTL_TEST(killed_at_an_operation_of_a_run);
    return ftl_test_finish();
}
