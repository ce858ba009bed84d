/* test_faults_disk.c - a small disk, and the limit of the shell: the run stops with a
 * message, and goes on when there is room. So do the commands beside runs. */
#include "test/faults/room.h"
#include "test/faults/step.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void is_undisturbed(void) {
    FTL_CHECK(whole_run("run small.yaml --out whole") == 0);
}

static bool limit_files(rlim_t n_bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    limit.rlim_cur = n_bytes;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

/* `ulimit -f` has the same effect, and does not end the program by a signal. */
static void files_are_limited(void) {
    FTL_CHECK(limit_files(280000)); /* less than the pack has, more than a log */
    int status = whole_run("run small.yaml --out limited");
    FTL_CHECK(limit_files(RLIM_INFINITY));
    FTL_CHECK(status == 1);
    FTL_CHECK(
            whole_run_complained("limited/data.h5: cannot be written: File too large"));
    FTL_CHECK(!whole_run_exists("limited")); /* it had not begun */
    whole_run_copy("whole/data.h5", "pack.h5");
    static const char run[] = "run small.yaml --set data.source=null --set "
                              "data.format=null --set data.pack=pack.h5";
    FTL_CHECK(whole_run("%s --out packed", run) == 0);
    FTL_CHECK(limit_files(280000));
    status = whole_run("%s --out limited", run);
    FTL_CHECK(limit_files(RLIM_INFINITY));
    FTL_CHECK(status == 1);
    FTL_CHECK(whole_run_complained("limited/checkpoints/"));
    FTL_CHECK(whole_run_complained("cannot be written: File too large"));
    FTL_CHECK(whole_run("%s --out limited --resume", run) == 0);
    FTL_CHECK(whole_run_same("packed", "limited"));
}

/* As a run stands whose classifier is trained, without its logs. */
static bool stands(const char *run) {
    char config[64], checkpoint[64];
    snprintf(config, sizeof config, "%s/config.yaml", run);
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/classifier.h5", run);
    whole_run_remove(run);
    if (mkdir(whole_run_path("%s", run), 0777) ||
            mkdir(whole_run_path("%s/checkpoints", run), 0777))
        return false;
    whole_run_copy("whole/config.yaml", config);
    whole_run_copy("whole/checkpoints/classifier.h5", checkpoint);
    return true;
}

static bool write_file(const char *path, size_t n_bytes, const char *end) {
    FILE *file = fopen(whole_run_path("%s", path), "w");
    if (!file) return false;
    for (size_t i = 0; i < n_bytes; i++)
        fputc(i % 100 == 99 ? '\n' : '.', file);
    fputs(end, file);
    return fclose(file) == 0;
}

static const char *const logs[] = {"log.txt", "stats.jsonl"};

/* The run ends with this message behind the file's name, and later goes on. */
static bool stops_saying(const char *name, const char *why) {
    char said[128];
    snprintf(said, sizeof said, "fairtl: logged/%s: cannot be appended to: %s", name,
            why);
    return whole_run("run small.yaml --out logged --resume") == 1 &&
           whole_run_complained(said);
}

static bool goes_on(void) {
    return whole_run("run small.yaml --out logged --resume") == 0 &&
           whole_run_same("whole", "logged");
}

/* A log that is longer than all else, and as long as a file may be but for a line. */
static void logs_are_limited(void) {
    static const size_t longest = 3000000;
    for (int i = 0; i < 2; i++) {
        char path[64];
        FTL_CHECK(stands("logged"));
        snprintf(path, sizeof path, "logged/%s", logs[i]);
        FTL_CHECK(write_file(path, longest - 200,
                i ? "\n{\"tick\": 0}\n" : "\nsaving checkpoints/classifier.h5\n"));
        FTL_CHECK(limit_files(longest));
        const bool stopped = stops_saying(logs[i], "File too large");
        FTL_CHECK(limit_files(RLIM_INFINITY));
        FTL_CHECK(stopped);
        FTL_CHECK(goes_on());
    }
}

/* A log on a disk of its own, which is full. */
static void disk_of_logs_is_full(void) {
    if (!fault_room_begin()) return;
    for (int i = 0; i < 2; i++) {
        char path[64], other[64];
        FTL_CHECK(stands("logged"));
        FTL_CHECK(fault_room_make("full", 64));
        snprintf(path, sizeof path, "logged/%s", logs[i]);
        snprintf(other, sizeof other, "../full/%s", logs[i]);
        FTL_CHECK(symlink(other, whole_run_path("%s", path)) == 0);
        FTL_CHECK(write_file(path, 0, ""));
        (void)write_file("full/all", 128 << 10, ""); /* is cut where the disk ends */
        FTL_CHECK(stops_saying(logs[i], "No space left on device"));
        FTL_CHECK(fault_room_resize("full", 1000));
        FTL_CHECK(goes_on());
        fault_room_remove("full");
    }
}

/* Where the disk becomes full depends on how large it is. */
static void disk_is_small(void) {
    static const long kib[] = {1200, 40, 700, 1500};
    if (!fault_room_begin()) return;
    for (size_t i = 0; i < sizeof kib / sizeof *kib; i += (size_t)fault_sparse()) {
        FTL_CHECK(fault_room_make("disk", kib[i]));
        int status = whole_run("run small.yaml --out disk/run");
        FTL_CHECK(status == 1);
        FTL_CHECK(whole_run_complained("No space left on device"));
        FTL_CHECK(fault_room_resize("disk", 8000));
        FTL_CHECK(whole_run("run small.yaml --out disk/run --resume") == 0);
        FTL_CHECK(whole_run_same("whole", "disk/run"));
        fault_room_remove("disk");
    }
}

/* A comparison stops wherever the disk is full, and the same command goes on. */
static void comparison_on_a_small_disk(void) {
    static const char words[] =
            "compare small.yaml --set "
            "compare={methods:~[{name:~fairtl},~{name:~fairtl++}]} --out";
    static const char *const same[] = {"pretrained/metrics.json",
            "runs/fairtl-0.1-s1/metrics.json", "runs/fairtl++-0.1-s1/metrics.json",
            "runs/fairtl++-0.1-s1/samples/adapt-final.png"};
    static const long kib[] = {2500, 1800, 2200, 3000};
    if (!fault_room_begin()) return;
    FTL_CHECK(whole_run("%s compared", words) == 0);
    for (size_t i = 0; i < sizeof kib / sizeof *kib; i += (size_t)fault_sparse()) {
        FTL_CHECK(fault_room_make("disk", kib[i]));
        FTL_CHECK(whole_run("%s disk/c", words) == 1);
        FTL_CHECK(whole_run_complained("No space left on device"));
        FTL_CHECK(fault_room_resize("disk", 16000));
        FTL_CHECK(whole_run("%s disk/c", words) == 0);
        for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
            char a[128], b[128];
            snprintf(a, sizeof a, "compared/%s", same[k]);
            snprintf(b, sizeof b, "disk/c/%s", same[k]);
            FTL_CHECK(whole_run_same_file(a, b));
        }
        fault_room_remove("disk");
    }
}

/* Each command that writes a file, on a disk that is full: it says so, and a file of
 * that name stays what it was. */
static void commands_say_so(void) {
    static const struct {
        const char *words, *out, *old;
    } command[] = {
            {"dataset import idx --format idx --size 32 --out", "full/a.h5", "old.h5"},
            {"dataset info whole/data.h5 --sheet", "full/a.png", "old.png"},
            {"dataset split small.yaml --csv", "full/a.csv", "old.csv"},
            {"sample whole/checkpoints/adapt.h5 --n 4 --out", "full/b.png", "old.png"},
            {"evaluate whole/checkpoints/adapt.h5 --samples 16 --json", "full/a.json",
                    "old.json"},
    };
    if (!fault_room_begin()) return;
    FTL_CHECK(whole_run("dataset import idx --format idx --size 8 --out old.h5") == 0);
    FTL_CHECK(whole_run("sample whole/checkpoints/adapt.h5 --n 1 --out old.png") == 0);
    FTL_CHECK(whole_run("dataset split small.yaml --set seed=3 --csv old.csv") == 0);
    FTL_CHECK(whole_run("evaluate whole/checkpoints/adapt.h5 --samples 20 "
                        "--json old.json") == 0);
    FTL_CHECK(fault_room_make("full", 128));
    for (size_t i = 0; i < sizeof command / sizeof *command; i++)
        whole_run_copy(command[i].old, command[i].out);
    whole_run_copy("old.h5.report.txt", "full/a.h5.report.txt");
    static char all[128 << 10];
    FILE *file = fopen(whole_run_path("full/all"), "w");
    FTL_CHECK(file);
    fwrite(all, 1, sizeof all, file);
    fclose(file); /* it is cut where the disk ends */
    for (size_t i = 0; i < sizeof command / sizeof *command; i++) {
        const char *out = command[i].out;
        FTL_CHECK(whole_run("%s %s", command[i].words, out) == 1);
        FTL_CHECK(whole_run_complained("No space left on device"));
        FTL_CHECK(whole_run_complained(out));
        FTL_CHECK(whole_run_same_file(command[i].old, out));
        FTL_CHECK(!whole_run_has("full", ".tmp-"));
        /* A pack that stays keeps its report. */
        FTL_CHECK(whole_run_same_file("old.h5.report.txt", "full/a.h5.report.txt"));
        FTL_CHECK(!whole_run_has("full", ".new"));
    }
    FTL_CHECK(!remove(whole_run_path("full/all")));
    FTL_CHECK(fault_room_resize("full", 4000));
    for (size_t i = 0; i < sizeof command / sizeof *command; i++) {
        FTL_CHECK(whole_run("%s %s", command[i].words, command[i].out) == 0);
        FTL_CHECK(!whole_run_same_file(command[i].old, command[i].out));
    }
    FTL_CHECK(!whole_run_same_file("old.h5.report.txt", "full/a.h5.report.txt"));
    fault_room_remove("full");
}

int main(void) {
    whole_run_begin();
    fault_begin();
    FTL_TEST(is_undisturbed);
    FTL_TEST(files_are_limited);
    FTL_TEST(logs_are_limited);
    FTL_TEST(disk_of_logs_is_full);
    FTL_TEST(disk_is_small);
    FTL_TEST(comparison_on_a_small_disk);
    FTL_TEST(commands_say_so);
    return ftl_test_finish();
}
