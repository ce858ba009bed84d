/* test_faults_directory.c - the directory of a run cannot be written, goes away while
 * the run is under way, lies on another file system. That no two runs share one is in
 * test_run_resume.c. */
#define _GNU_SOURCE
#include "test/faults/room.h"
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run that, from classifier.h5 on, writes nothing for long but stats.jsonl. */
#define LONG                                                                           \
    " --set run.pretrain.kimg=1000 --set run.pretrain.sample_every=0 --set "           \
    "run.pretrain.save_every=0 --set run.pretrain.settle.count=0"

static pid_t start_long(const char *run) {
    char checkpoints[64];
    pid_t process = whole_run_start("run small.yaml" LONG " --out %s", run);
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", run);
    whole_run_await(process, checkpoints, "classifier.h5");
    while (whole_run_has(checkpoints, ".tmp-")) /* it has only begun */
        usleep(1000);
    return process;
}

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

/* A file where a directory should be: nobody may write there, root neither. */
static void cannot_be_made(void) {
    whole_run_copy("small.yaml", "file");
    FTL_CHECK(whole_run("run small.yaml --out file") == 2);
    FTL_CHECK(whole_run_complained("file: the directory cannot be created: Not a dir"));
    FTL_CHECK(whole_run("run small.yaml --out file/below") == 2);
    FTL_CHECK(whole_run_complained("Not a directory"));
    FTL_CHECK(whole_run_same_file("small.yaml", "file"));
    FTL_CHECK(whole_run("dataset import idx --format idx --out file/x.h5") == 2);
    FTL_CHECK(whole_run_complained("fairtl: file/x.h5"));
    FTL_CHECK(whole_run("dataset import idx --format idx --out none/x.h5") == 2);
    FTL_CHECK(whole_run_complained("none/x.h5"));
}

static void is_read_only(void) {
    if (!fault_room_begin()) return;
    FTL_CHECK(fault_room_make("room", 8000));
    FTL_CHECK(fault_room_lock("room", true));
    FTL_CHECK(whole_run("run small.yaml --out room/run") == 1);
    FTL_CHECK(
            whole_run_complained("room/run: the directory cannot be created: Read-o"));
    FTL_CHECK(fault_room_lock("room", false));
    /* It becomes so while a run is under way: what is there stays, and goes on. */
    pid_t process = whole_run_start("run small.yaml --out room/run");
    FTL_CHECK(whole_run_await(process, "room/run/checkpoints", "step-"));
    bool locked = false;
    while (!locked && kill(process, 0) == 0 &&
            !whole_run_has("room/run/checkpoints", "classifier.h5"))
        locked = fault_room_lock("room", true); /* not while a file is open */
    int status = whole_run_end(process);
    FTL_CHECK(fault_room_lock("room", false));
    FTL_CHECK(
            !locked || (status == 1 && whole_run_complained("Read-only file system")));
    FTL_CHECK(whole_run("run small.yaml --out room/run --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "room/run"));
    fault_room_remove("room");
}

/* Moved, and moved back. */
static void is_moved(void) {
    pid_t process = start_long("moved");
    FTL_CHECK(!rename(whole_run_path("moved"), whole_run_path("elsewhere")));
    FTL_CHECK(whole_run_end(process) == 1);
    FTL_CHECK(whole_run_complained("moved was moved, removed or replaced"));
    FTL_CHECK(!whole_run_exists("moved"));
    FTL_CHECK(!rename(whole_run_path("elsewhere"), whole_run_path("moved")));
    process = whole_run_start("run small.yaml" LONG " --out moved --resume");
    const bool resumed = whole_run_await_text(
            process, "moved/log.txt", "resuming from moved/checkpoints/classifier.h5");
    kill(process, SIGTERM);
    FTL_CHECK(whole_run_end(process) == 143 && resumed);
}

static void is_removed(void) {
    pid_t process = start_long("removed");
    /* All at once: piece by piece, the run might put something between. */
    FTL_CHECK(!rename(whole_run_path("removed"), whole_run_path("bin")));
    whole_run_remove("bin");
    FTL_CHECK(whole_run_end(process) == 1);
    FTL_CHECK(whole_run_complained("removed was moved, removed or replaced"));
    FTL_CHECK(!whole_run_exists("removed"));
}

/* Another run has begun under the same name: it is left alone. */
static void is_replaced(void) {
    pid_t first = start_long("replaced");
    kill(first, SIGSTOP);
    FTL_CHECK(!rename(whole_run_path("replaced"), whole_run_path("aside")));
    FTL_CHECK(whole_run("run small.yaml --out replaced") == 0);
    kill(first, SIGCONT);
    FTL_CHECK(whole_run_end(first) == 1);
    FTL_CHECK(whole_run_complained("replaced was moved, removed or replaced"));
    FTL_CHECK(whole_run_same("whole", "replaced"));
    FTL_CHECK(whole_run_logs_once("replaced"));
    char *log = whole_run_read("replaced/log.txt");
    bool alone = log && !strstr(log, "stopped:");
    free(log);
    FTL_CHECK(alone);
}

/* Temporary files lie beside what they become, so that a rename never crosses from one
 * file system to another. */
static void is_on_another_file_system(void) {
    if (!fault_room_begin()) return;
    FTL_CHECK(fault_room_make("far", 8000));
    FTL_CHECK(!mkdir(whole_run_path("split"), 0777));
    FTL_CHECK(!mkdir(whole_run_path("far/checkpoints"), 0777));
    FTL_CHECK(!symlink("../far/checkpoints", whole_run_path("split/checkpoints")));
    pid_t process = whole_run_start("run small.yaml --out split");
    whole_run_await(process, "far/checkpoints", "step-");
    kill(process, SIGKILL);
    FTL_CHECK(whole_run_end(process) == 128 + SIGKILL);
    FTL_CHECK(whole_run("run small.yaml --out split --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "split"));
    FTL_CHECK(whole_run("run small.yaml --out far/run") == 0);
    FTL_CHECK(whole_run_same("whole", "far/run"));
    fault_room_remove("far");
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(cannot_be_made);
    FTL_TEST(is_read_only);
    FTL_TEST(is_moved);
    FTL_TEST(is_removed);
    FTL_TEST(is_replaced);
    FTL_TEST(is_on_another_file_system);
    return ftl_test_finish();
}
