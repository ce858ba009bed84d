/* whole_run_kill.c - a run that is killed again and again; see whole_run.h. */
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Where a kill came. */
typedef enum hit {
    BEFORE_IMPORT,
    IMPORT,
    BEFORE_CHECKPOINT,
    CLASSIFIER,
    PRETRAIN,
    ADAPT,
    N_HITS,
} hit;

static const char *const names[N_HITS] = {"before the import", "in the import",
        "before the first checkpoint", "classifier", "pretrain", "adapt or later"};

double whole_run_uniform(uint64_t seed, int k) {
    float x;
    ftl_random_uniform(&x, 1,
            (ftl_random_key) {
                    .seed = seed, .stream = FTL_STREAM_TEST, .step = (uint64_t)k},
            0);
    return (double)x;
}

void whole_run_wait_s(double s) {
    struct timespec time = {.tv_sec = (time_t)s};
    time.tv_nsec = (long)((s - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

static hit where(const char *run) {
    char checkpoints[256], path[256];
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", run);
    if (whole_run_has(checkpoints, "pretrain.h5")) return ADAPT;
    if (whole_run_has(checkpoints, "classifier.h5")) return PRETRAIN;
    if (whole_run_has(checkpoints, ".h5")) return CLASSIFIER;
    snprintf(path, sizeof path, "%s/data.h5", run);
    if (whole_run_exists(path)) return BEFORE_CHECKPOINT;
    return whole_run_has(run, "config.yaml") ? IMPORT : BEFORE_IMPORT;
}

/* How long it takes, in runs that are thrown away. */
typedef struct pace {
    double start_s; /* from the start of the program to its first checkpoint */
    double whole_s; /* to the end */
} pace;

static pace measure(const char *run, const char *words) {
    char folder[256];
    pace p;
    snprintf(folder, sizeof folder, "%s-first/checkpoints", run);
    double since = ftl_clock_s();
    pid_t process = whole_run_start("%s --out %s-first", words, run);
    whole_run_await(process, folder, ".h5");
    p.start_s = ftl_clock_s() - since;
    whole_run_end(process);
    p.whole_s = ftl_clock_s() - since;
    return p;
}

/* Wait for the k-th of n moments. The first few are early, of the others each fourth
 * comes before the run can go on, and two of four at a file that is half written. On
 * average each life goes on by little more than the n-th part of the run. */
static void await_moment(
        pid_t process, const char *run, const pace *p, int k, int n, uint64_t seed) {
    static const char *const early[] = {
            ".lock", "config.yaml", "data.h5.report", "data.h5.tmp-", "stats"};
    const int n_early = n < 20 ? 1 : 5;
    char checkpoints[256];
    double at = whole_run_uniform(seed, k);
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", run);
    if (k < n_early) {
        whole_run_await(process, run, early[n_early == 1 ? 3 : k]);
    } else if (k % 4 == 0) {
        whole_run_wait_s(at * p->start_s);
    } else {
        whole_run_wait_s(p->start_s + at * 3 * (p->whole_s - p->start_s) / n);
        if (k % 4 < 3) whole_run_await(process, checkpoints, ".tmp-");
    }
}

static int last_kills;

int whole_run_kills(void) { return last_kills; }

bool whole_run_kill(const char *run, const char *words, int n, uint64_t seed) {
    int hits[N_HITS] = {0}, torn = 0, kills = 0;
    pace p = measure(run, words);
    for (int k = 0; kills < n; k++) {
        pid_t process = whole_run_start("%s --out %s --resume", words, run);
        await_moment(process, run, &p, k, n, seed);
        kill(process, SIGKILL);
        int status = whole_run_end(process);
        /* Done before its time: the machine got faster. Where it was not killed at all,
         * because it was we who slept, it is done again, and killed at a later moment.
         */
        if (status == 0 && (kills || k == n)) break;
        if (status == 0) {
            whole_run_remove(run);
            continue;
        }
        if (status != 128 + SIGKILL) {
            whole_run_complained("(it ended by itself)");
            return false;
        }
        char checkpoints[256];
        snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", run);
        torn += whole_run_has(run, ".tmp-") || whole_run_has(checkpoints, ".tmp-");
        hits[where(run)]++;
        kills++;
    }
    printf("%d kills, of which %d left a file half written:", kills, torn);
    for (int i = 0; i < N_HITS; i++)
        printf(" %d %s%s", hits[i], names[i], i + 1 < N_HITS ? "," : "\n");
    last_kills = kills;
    if (kills && whole_run("%s --out %s --resume", words, run) == 0) return true;
    whole_run_complained("(it should have ended well)");
    return false;
}
