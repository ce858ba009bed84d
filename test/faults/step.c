/* step.c - see step.h. */
#include "test/faults/step.h"

#include "engine/base/file.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define CHILD "step" /* where the child works, below the directory of the runs */

void fault_begin(void) {
    whole_run_configure("small.yaml", &(whole_run_lengths) {.epochs = 6,
                                              .classifier_lr = 1e-2,
                                              .pretrain = {0.016, 0.008, 0.008, 0.008},
                                              .adapt = {0.004, 0.008, 0.004, 0.004}});
}

long fault_sparse(void) { return ftl_test_is_checked() ? 6 : 1; }

long fault_thin(void) {
    const char *text = getenv("FTL_FAULT_STEP");
    long n = text ? strtol(text, NULL, 10) : 1;
    return n > 0 ? n : 1;
}

void fault_print(const char *name, const tally *t) {
    printf("%s: %ld tried, %ld stopped with a message, %ld went on, %ld crashed, "
           "%ld lost something\n",
            name, t->tried, t->stopped, t->went_on, t->crashed, t->lost);
    fflush(stdout);
}

/* ------------------------------------------------------------------ the variables */

static void set_number(const char *name, long value) {
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    setenv(name, text, 1);
}

/* AddressSanitizer wants to come first among the libraries, and may come second. */
static void allow_preload(void) {
    static const char option[] = "verify_asan_link_order=0";
    const char *was = getenv("ASAN_OPTIONS");
    char options[1024];
    if (was && strstr(was, option)) return;
    snprintf(options, sizeof options, "%s%s%s", was ? was : "", was ? ":" : "", option);
    setenv("ASAN_OPTIONS", options, 1);
}

static void arm(const fault *f, long at) {
    allow_preload();
    setenv("LD_PRELOAD", FTL_TEST_FAIL_NTH, 1);
    setenv("FTL_FAIL", f->what, 1);
    setenv("FTL_FAIL_OF", f->own ? "own" : "all", 1);
    set_number("FTL_FAIL_AT", at);
    set_number("FTL_FAIL_STEP", f->step);
    set_number("FTL_FAIL_KILL", f->kill);
    set_number("FTL_FAIL_NEW", f->new_only);
    if (f->once)
        set_number("FTL_FAIL_FOR", 1);
    else
        unsetenv("FTL_FAIL_FOR");
}

static void disarm(void) { unsetenv("LD_PRELOAD"); }

/* ------------------------------------------------------------- what became of one */

/* Its one line, or "". */
static void read_message(char message[1024], const char *path) {
    static const char mark[] = "fairtl: ";
    char *text = whole_run_read(path);
    message[0] = 0;
    for (const char *at = text; at && (at = strstr(at, mark)); at++)
        if (at == text || at[-1] == '\n')
            snprintf(message, 1024, "%.*s", (int)strcspn(at, "\n"), at);
    free(text);
}

/* To look at all of them: FTL_FAULT_LOG names a file. */
static void note(long n, const char *what, int status, const char *message) {
    const char *path = getenv("FTL_FAULT_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%ld %s %d %s\n", n, what, status, message);
    fclose(file);
}

static void print_end(const char *path) {
    char *text = whole_run_read(path);
    size_t n = text ? strlen(text) : 0;
    if (text) fprintf(stderr, "%s\n", n > 2000 ? text + n - 2000 : text);
    free(text);
}

/* Counts one that ended so (a status as of wait) and wrote this to standard error.
 * Gives whether that is as it should be. */
static bool count(tally *t, long n, int status, const char *err) {
    char message[1024];
    read_message(message, err);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    t->tried++;
    bool said = message[strcspn(message, " ")] == ' ' && strlen(message) > 12;
    const char *what = code == 0                          ? "went-on"
                       : (code == 1 || code == 2) && said ? "stopped"
                                                          : "crashed";
    note(n, what, code, message);
    if (what[0] == 'w') t->went_on++;
    if (what[0] == 's') t->stopped++;
    if (what[0] != 'c') return true;
    t->crashed++;
    fprintf(stderr, "call %ld: status %d\n", n, code);
    print_end(err);
    return false;
}

/* --------------------------------------------------------------- a copy of all files
 */

static bool ends(const char *name, const char *end) {
    size_t n = strlen(name), n_end = strlen(end);
    return n >= n_end && strcmp(name + n - n_end, end) == 0;
}

/* Files that are written in place; all others are replaced, and may be linked. */
static bool grows(const char *name) {
    return ends(name, "log.txt") || ends(name, ".jsonl");
}

static void copy_tree(const char *from, const char *to) {
    char a[PATH_BYTES], b[PATH_BYTES];
    DIR *directory = opendir(whole_run_path("%s", from));
    mkdir(whole_run_path("%s", to), 0777);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(a, sizeof a, "%.2000s/%.255s", from, entry->d_name);
        snprintf(b, sizeof b, "%.2000s/%.255s", to, entry->d_name);
        if (lstat(whole_run_path("%s", a), &info) != 0) continue;
        if (S_ISDIR(info.st_mode))
            copy_tree(a, b);
        else if (grows(a))
            whole_run_copy(a, b);
        else if (link(whole_run_path("%s", a), whole_run_path("%s", b)) != 0)
            ftl_test_fail(__FILE__, __LINE__, "%s: cannot be linked", a);
    }
    if (directory) closedir(directory);
}

static void copy_files(const char *run) {
    char to[PATH_BYTES];
    whole_run_remove(CHILD);
    mkdir(whole_run_path(CHILD), 0777);
    snprintf(to, sizeof to, CHILD "/%s", run);
    if (symlink("../idx", whole_run_path(CHILD "/idx")) != 0 ||
            symlink("../small.yaml", whole_run_path(CHILD "/small.yaml")) != 0)
        ftl_test_fail(__FILE__, __LINE__, "no links in " CHILD);
    if (whole_run_exists(run)) copy_tree(run, to);
}

/* -------------------------------------------------------------- what is left of it */

static bool is_whole(const char *path) {
    ftl_sealed sealed;
    if (!ends(path, ".h5")) return true;
    bool whole = ftl_sealed_open(&sealed, whole_run_path("%s", path)) == FTL_OK;
    if (whole) ftl_sealed_close(&sealed);
    ftl_clear();
    return whole;
}

/* Is what was in the folder `was` still in `is`, or newer, and nothing half written?
 * Old rolling checkpoints may have made room for a new one. */
static bool is_intact(const char *was, const char *is) {
    bool intact = true;
    char a[PATH_BYTES], b[PATH_BYTES];
    DIR *directory = opendir(whole_run_path("%s", was));
    for (struct dirent *entry; intact && directory && (entry = readdir(directory));) {
        struct stat before, after;
        const char *name = entry->d_name;
        if (name[0] == '.' || strstr(name, ".tmp-")) continue;
        snprintf(a, sizeof a, "%.2000s/%.255s", was, name);
        snprintf(b, sizeof b, "%.2000s/%.255s", is, name);
        if (stat(whole_run_path("%s", a), &before) != 0) continue;
        bool there = stat(whole_run_path("%s", b), &after) == 0;
        if (S_ISDIR(before.st_mode))
            intact = is_intact(a, b);
        else if (!there)
            intact = strncmp(name, "step-", 5) == 0 && whole_run_has(is, ".h5");
        else if (before.st_ino != after.st_ino)
            intact = is_whole(b);
        if (!intact) fprintf(stderr, "%s is gone or damaged\n", b);
    }
    if (directory) closedir(directory);
    return intact;
}

/* A run that has not begun takes back what it has made. */
static bool has_begun(const char *run) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/checkpoints", run);
    return whole_run_exists(path);
}

static bool leaves_halves(const char *run) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/checkpoints", run);
    bool halves = whole_run_has(run, ".tmp-") || whole_run_has(path, ".tmp-");
    snprintf(path, sizeof path, "%s/samples", run);
    halves |= whole_run_has(path, ".tmp-");
    if (halves) fprintf(stderr, "%s holds temporary files\n", run);
    return halves;
}

/* ----------------------------------------------------------------- by a fork at each
 */

static bool look_at_child(tally *t, long n, int status, const char *run) {
    char child[PATH_BYTES];
    snprintf(child, sizeof child, CHILD "/%s", run);
    bool good = count(t, n, status, CHILD "/err.txt");
    if (!good) return false;
    /* Who goes on has to come to the same end. */
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if ((has_begun(run) && !is_intact(run, child)) || leaves_halves(child) ||
            (done && !whole_run_same("whole", child))) {
        fprintf(stderr, "... after call %ld\n", n);
        t->lost++;
        return false;
    }
    return true;
}

static void drive(tally *t, FILE *told, FILE *answer, const char *run) {
    char line[256];
    long n;
    int status;
    while (fgets(line, sizeof line, told)) {
        if (sscanf(line, "call %ld", &n) == 1) {
            copy_files(run);
            fprintf(answer, "%s\n", whole_run_path(CHILD));
            fflush(answer);
        } else if (sscanf(line, "ended %ld %d", &n, &status) == 2) {
            look_at_child(t, n, status, run);
            fputs("go on\n", answer);
            fflush(answer);
        }
    }
}

bool fault_step_forked(tally *out, const fault *f, const char *run, const char *words) {
    int to[2], from[2];
    char ends_of_child[64];
    *out = (tally) {0};
    if (pipe(to) != 0 || pipe(from) != 0) return false;
    fcntl(to[1], F_SETFD, FD_CLOEXEC);
    fcntl(from[0], F_SETFD, FD_CLOEXEC);
    snprintf(ends_of_child, sizeof ends_of_child, "%d,%d", to[0], from[1]);
    setenv("FTL_FAIL_FORK", ends_of_child, 1);
    arm(f, f->first);
    pid_t process = whole_run_start("%s", words);
    disarm();
    unsetenv("FTL_FAIL_FORK");
    close(to[0]);
    close(from[1]);
    FILE *told = fdopen(from[0], "r"), *answer = fdopen(to[1], "w");
    drive(out, told, answer, run);
    fclose(told);
    fclose(answer);
    if (whole_run_end(process) == 0) return true;
    whole_run_complained("(the run that forked should have ended well)");
    return false;
}

/* ------------------------------------------------------------------- anew for each */

/* Was there an n-th call at all? */
static bool was_met(long n) {
    char *text = whole_run_read("count.txt");
    bool met = !text || strtol(text, NULL, 10) >= n;
    free(text);
    return met;
}

int fault_run(bool *met, const fault *f, long n, const char *words) {
    whole_run_remove("count.txt");
    setenv("FTL_FAIL_COUNT", whole_run_path("count.txt"), 1);
    arm(f, n);
    int code = whole_run("%s", words);
    disarm();
    unsetenv("FTL_FAIL_COUNT");
    *met = was_met(n);
    return code;
}

bool fault_step_anew(tally *out, const fault *f, const char *whole, const char *words) {
    bool good = true, met;
    char first[PATH_BYTES];
    *out = (tally) {0};
    snprintf(first, sizeof first, "%s --out anew", words);
    for (long n = f->first; good; n += f->step) {
        whole_run_remove("anew");
        int code = fault_run(&met, f, n, first);
        if (code == 0 && !met) break;
        if (f->kill) {
            good = code == 128 + 9;
            out->tried++;
        } else {
            good = count(out, n, code > 128 ? code - 128 : code << 8, "err.txt") &&
                   !leaves_halves("anew");
        }
        good = good && whole_run("%s --out anew --resume", words) == 0 &&
               whole_run_same(whole, "anew") && !leaves_halves("anew");
        if (!good) {
            fprintf(stderr, "... after call %ld\n", n);
            whole_run_complained("(all should be well)");
            out->lost++;
        }
    }
    return good;
}
