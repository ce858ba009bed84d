/* whole_run.c - see whole_run.h. */
#include "test/runs/whole_run.h"

#include "datasets/grid.h"
#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "test/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 64
#define PATH_BYTES 4096

/* Everything that a run does; lengths as %g. */
static const char config[] =
        "seed: 5\n"
        "data:\n"
        "  {source: idx, format: idx, attribute: label, majority: standing,\n"
        "   groups: {standing: [0], lying: [1]}, bias: 0.9, ref_ratio: 0.1,\n"
        "   sizes: {biased: 200, classifier: 64, validation: 40, evaluation: 40}}\n"
        "model: {arch: biggan, resolution: 32, ch: 1, z_dim: 8, precision: fp32}\n"
        "run:\n"
        "  - classifier: {width: 2, epochs: %d, batch: 16, lr: %g, flip: false}\n"
        "  - pretrain: {kimg: %g, batch: 8, d_steps: 1, ema_half_life: 0.1,\n"
        "               beta1: 0.5, sample_every: %g, save_every: %g, samples: 4,\n"
        "               evaluate: {every: %g, samples: 32, frechet: true},\n"
        "               settle: {within: 0.9, count: 3}}\n"
        "  - adapt: {method: fairtl++, batch: 4, sample_every: %g, save_every: %g,\n"
        "            stages: [{name: linear-probe, kimg: %g, freeze: [\"D@32\"]},\n"
        "                     {name: fine-tune, kimg: %g,\n"
        "                      freeze: [\"G.linear.*\"]}],\n"
        "            evaluate: {every: %g, samples: 32, frechet: true},\n"
        "            samples: 4, keep: best}\n"
        "  - evaluate: {samples: 64}\n";

static char home[PATH_BYTES - 1024];
static long peak_kib;

const char *whole_run_path(const char *format, ...) {
    static char paths[4][PATH_BYTES];
    static int next;
    char *path = paths[next++ % 4];
    int n = snprintf(path, PATH_BYTES, "%s/", home);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + n, (size_t)(PATH_BYTES - n), format, arguments);
    va_end(arguments);
    return path;
}

/* ------------------------------------------------------------------- processes */

/* Where our programs are: another folder may hold something that runs them. */
static const char *programs(void) {
    const char *other = getenv("FTL_TEST_PROGRAMS_FROM");
    return other && other[0] ? other : FTL_TEST_PROGRAMS;
}

/* The child: never returns. `program` is one of ours, or a script for Python. */
static void become(const char *program, char *line) {
    char *words[MAX_WORDS + 1] = {NULL};
    char path[PATH_BYTES], python[] = "/usr/bin/python3";
    bool is_script = strstr(program, ".py") != NULL;
    int n = 0;
    snprintf(path, sizeof path, "%s/%s", is_script ? FTL_SOURCE_DIR : programs(),
            program);
    if (is_script) words[n++] = python;
    words[n++] = path;
    for (char *at = line; *at; at++)
        *at = (char)(*at == ' ' ? '\n' : *at == '~' ? ' ' : *at);
    for (char *word = strtok(line, "\n"); word && n < MAX_WORDS;
            word = strtok(NULL, "\n"))
        words[n++] = word;
    /* Appending: of two processes at a time neither writes over what the other said. */
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    int out = open("out.txt", flags, 0666);
    int err = open("err.txt", flags, 0666);
    if (out < 0 || err < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(127);
    execv(words[0], words);
    _exit(127);
}

static pid_t start(const char *program, const char *format, va_list arguments)
        __attribute__((format(printf, 2, 0)));
static pid_t start(const char *program, const char *format, va_list arguments) {
    char line[PATH_BYTES];
    vsnprintf(line, sizeof line, format, arguments);
    fflush(NULL);
    pid_t process = fork();
    if (process) return process;
    if (chdir(home) != 0) _exit(127);
    become(program, line);
    return 0;
}

pid_t whole_run_start(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pid_t process = start("fairtl", format, arguments);
    va_end(arguments);
    return process;
}

int whole_run_end(pid_t process) {
    int status;
    struct rusage used;
    while (wait4(process, &status, 0, &used) < 0)
        if (errno != EINTR) return -1;
    peak_kib = used.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

long whole_run_peak_kib(void) { return peak_kib; }

int whole_run(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pid_t process = start("fairtl", format, arguments);
    va_end(arguments);
    return whole_run_end(process);
}

int whole_run_script(const char *script, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pid_t process = start(script, format, arguments);
    va_end(arguments);
    return whole_run_end(process);
}

bool whole_run_fixture(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pid_t process = start("cli_fixture", format, arguments);
    va_end(arguments);
    if (whole_run_end(process) == 0) return true;
    whole_run_complained("(cli_fixture has failed)");
    return false;
}

/* Has it ended? It can still be waited for. */
static bool has_ended(pid_t process) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == process;
}

static void pause_us(long us) {
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* ------------------------------------------------------------------------ files */

char *whole_run_read(const char *path) {
    char *text;
    size_t n;
    if (ftl_file_read(&text, &n, whole_run_path("%s", path)) == FTL_OK) return text;
    ftl_clear();
    return NULL;
}

bool whole_run_exists(const char *path) {
    struct stat info;
    return lstat(whole_run_path("%s", path), &info) == 0;
}

void whole_run_remove(const char *path) {
    char child[PATH_BYTES];
    struct stat info;
    bool link = !lstat(whole_run_path("%s", path), &info) && S_ISLNK(info.st_mode);
    DIR *directory = link ? NULL : opendir(whole_run_path("%s", path));
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%.2000s/%.255s", path, entry->d_name);
        whole_run_remove(child);
    }
    if (directory) closedir(directory);
    remove(whole_run_path("%s", path));
}

void whole_run_copy(const char *from, const char *to) {
    char *bytes;
    size_t n;
    if (ftl_file_read(&bytes, &n, whole_run_path("%s", from)) != FTL_OK ||
            ftl_file_write(whole_run_path("%s", to), bytes, n) != FTL_OK)
        ftl_test_fail(__FILE__, __LINE__, "%s", ftl_message());
    ftl_clear();
    free(bytes);
}

bool whole_run_has(const char *folder, const char *part) {
    bool found = false;
    DIR *directory = opendir(whole_run_path("%s", folder));
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));)
        found = strstr(entry->d_name, part) != NULL;
    if (directory) closedir(directory);
    return found;
}

/* When somebody who waits from now on gives up. */
static double patience_s(void) {
    const bool is_slow = strcmp(programs(), FTL_TEST_PROGRAMS) != 0;
    return ftl_clock_s() + (is_slow ? 1800 : 60);
}

bool whole_run_await(pid_t process, const char *folder, const char *part) {
    const double until = patience_s();
    while (!whole_run_has(folder, part)) {
        if (has_ended(process) || ftl_clock_s() > until) return false;
        pause_us(50);
    }
    return true;
}

bool whole_run_await_text(pid_t process, const char *path, const char *text) {
    const double until = patience_s();
    for (;;) {
        const bool is_last = has_ended(process) || ftl_clock_s() > until;
        char *is = whole_run_read(path);
        const bool there = is && strstr(is, text);
        free(is);
        if (there || is_last) return there;
        pause_us(10000);
    }
}

static bool says(const char *path, const char *text) {
    char *said = whole_run_read(path);
    bool found = said && strstr(said, text);
    if (!found)
        fprintf(stderr, "\"%s\" is not in %s:\n%s\n", text, path, said ? said : "");
    free(said);
    return found;
}

bool whole_run_printed(const char *text) { return says("out.txt", text); }
bool whole_run_complained(const char *text) { return says("err.txt", text); }

bool whole_run_same_file(const char *a, const char *b) {
    char *x = NULL, *y = NULL;
    size_t n_x = 0, n_y = 0;
    bool same = ftl_file_read(&x, &n_x, whole_run_path("%s", a)) == FTL_OK &&
                ftl_file_read(&y, &n_y, whole_run_path("%s", b)) == FTL_OK &&
                n_x == n_y && memcmp(x, y, n_x) == 0;
    if (!same) fprintf(stderr, "%s and %s differ %s\n", a, b, ftl_message());
    ftl_clear();
    free(x);
    free(y);
    return same;
}

static int count_files(const char *folder) {
    int n = 0;
    DIR *directory = opendir(whole_run_path("%s", folder));
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        n += entry->d_name[0] != '.';
    if (directory) closedir(directory);
    return n;
}

/* Every file of a/<folder> is in b/<folder> too, with the same bytes, and no other. */
static bool same_folder(const char *a, const char *b, const char *folder) {
    char x[PATH_BYTES], y[PATH_BYTES];
    snprintf(x, sizeof x, "%s/%s", a, folder);
    snprintf(y, sizeof y, "%s/%s", b, folder);
    bool same = count_files(x) == count_files(y) && count_files(x) > 0;
    if (!same)
        fprintf(stderr, "%s has %d files, %s %d\n", x, count_files(x), y,
                count_files(y));
    DIR *directory = opendir(whole_run_path("%s", x));
    for (struct dirent *entry; same && directory && (entry = readdir(directory));) {
        char one[PATH_BYTES], other[PATH_BYTES];
        if (entry->d_name[0] == '.') continue;
        snprintf(one, sizeof one, "%.2000s/%.255s", x, entry->d_name);
        snprintf(other, sizeof other, "%.2000s/%.255s", y, entry->d_name);
        same = whole_run_same_file(one, other);
    }
    if (directory) closedir(directory);
    return same;
}

bool whole_run_same(const char *a, const char *b) {
    char x[PATH_BYTES], y[PATH_BYTES];
    snprintf(x, sizeof x, "%s/metrics.json", a);
    snprintf(y, sizeof y, "%s/metrics.json", b);
    return same_folder(a, b, "checkpoints") && same_folder(a, b, "samples") &&
           whole_run_same_file(x, y);
}

static bool decode(ftl_image *out, const char *path) {
    char *bytes;
    size_t n;
    if (ftl_file_read(&bytes, &n, whole_run_path("%s", path)) != FTL_OK) return false;
    bool good = ftl_image_decode(out, bytes, n, NULL, path) == FTL_OK;
    free(bytes);
    return good;
}

bool whole_run_same_rows(const char *part, const char *whole) {
    ftl_image a = {0}, b = {0};
    bool good = decode(&a, part) && decode(&b, whole) && a.width == b.width &&
                a.channels == b.channels && a.height < b.height;
    size_t row = (size_t)(a.width * a.channels);
    good = good &&
           memcmp(a.pixels, b.pixels, row * (size_t)(a.height - FTL_GRID_GAP)) == 0;
    ftl_image_deinit(&a);
    ftl_image_deinit(&b);
    return good;
}

/* Ticks rise, and no line is there twice. */
static bool stats_once(const char *text) {
    long long last = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        long long tick;
        const char *end = strchr(line, '\n');
        if (!end || end[-1] != '}' || sscanf(line, "{\"tick\": %lld,", &tick) != 1 ||
                tick < last) {
            fprintf(stderr, "stats.jsonl: after tick %lld: %.100s\n", last, line);
            return false;
        }
        last = tick;
    }
    return last > 0;
}

static bool log_once(const char *text) {
    static const char mark[] = "saving checkpoints/";
    for (const char *at = text; (at = strstr(at, mark)); at++) {
        char line[256];
        snprintf(line, sizeof line, "%.*s\n", (int)strcspn(at, "\n"), at);
        if (!strstr(at + 1, line)) continue;
        fprintf(stderr, "log.txt: twice: %s", line);
        return false;
    }
    return strstr(text, mark) != NULL;
}

bool whole_run_logs_once(const char *run) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/stats.jsonl", run);
    char *stats = whole_run_read(path);
    snprintf(path, sizeof path, "%s/log.txt", run);
    char *log = whole_run_read(path);
    bool good = stats && log && stats_once(stats) && log_once(log);
    free(stats);
    free(log);
    return good;
}

/* ------------------------------------------------------------------- beginnings */

void whole_run_configure(const char *path, const whole_run_lengths *n) {
    const whole_run_part *p = &n->pretrain, *a = &n->adapt;
    char text[2 * sizeof config];
    int length = snprintf(text, sizeof text, config, n->epochs, n->classifier_lr,
            p->kimg, p->sample_every, p->save_every, p->evaluate_every, a->sample_every,
            a->save_every, a->kimg, a->kimg, a->evaluate_every);
    if (ftl_file_write(whole_run_path("%s", path), text, (size_t)length) != FTL_OK)
        ftl_test_fail(__FILE__, __LINE__, "no configuration: %s", ftl_message());
}

void whole_run_begin(void) {
    /* One thread: these networks are so small that a second one only costs. */
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("OMP_WAIT_POLICY", "passive", 1);
    snprintf(home, sizeof home, "%s", ftl_test_directory());
    if (!whole_run_fixture("idx idx 600")) ftl_test_fail(__FILE__, __LINE__, "no data");
    whole_run_configure("tiny.yaml", &(whole_run_lengths) {.epochs = 4,
                                             .classifier_lr = 5e-3,
                                             .pretrain = {0.12, 0.06, 0.04, 0.04},
                                             .adapt = {0.02, 0.02, 0.02, 0.012}});
}
