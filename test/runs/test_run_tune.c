/* test_run_tune.c - kernels that were chosen by trying belong to the run: one that is
 * killed goes on with them, and another one finds them in the cache. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHED "run tiny.yaml --set engine.tune=cache"
#define MEASURED "run tiny.yaml --set engine.tune=measure"

/* How often a text occurs in a file. */
static int count(const char *path, const char *text) {
    char *file = whole_run_read(path);
    int n = 0;
    for (const char *at = file; at && (at = strstr(at, text)); at++)
        n++;
    free(file);
    return n;
}

static void choices_are_found_in_the_cache(void) {
    FTL_CHECK(whole_run(CACHED " --out first") == 0);
    FTL_CHECK(count("first/log.txt", "kernels: ") == 1);
    FTL_CHECK(count("first/log.txt", " convolutions tried, 0 known before") == 1);
    FTL_CHECK(count("first/log.txt", "kernels: 0 convolutions") == 0);
    FTL_CHECK(whole_run_has("cache/fairtl", "kernels-"));
    FTL_CHECK(whole_run(CACHED " --out second") == 0);
    FTL_CHECK(count("second/log.txt", "kernels: 0 convolutions tried") == 1);
    FTL_CHECK(whole_run_same("first", "second"));
}

static void a_killed_run_keeps_its_choices(void) {
    pid_t process = whole_run_start(MEASURED " --out killed");
    FTL_CHECK(whole_run_await(process, "killed/checkpoints", "step-"));
    kill(process, SIGKILL);
    whole_run_end(process);
    FTL_CHECK(count("killed/log.txt", "kernels: ") == 1);
    FTL_CHECK(whole_run(MEASURED " --out killed --resume") == 0);
    FTL_CHECK(count("killed/log.txt", "kernels: ") == 1);
    FTL_CHECK(whole_run_logs_once("killed"));
}

/* Between two trials; there is no checkpoint yet, and the run begins again. */
static void a_signal_ends_trying(void) {
    whole_run_remove("cache");
    pid_t process = whole_run_start(CACHED " --out stopped");
    FTL_CHECK(whole_run_await(process, "stopped", "log.txt"));
    kill(process, SIGINT);
    FTL_CHECK(whole_run_end(process) == 130);
    FTL_CHECK(whole_run_complained("fairtl: interrupted before the first step, while "
                                   "kernels were tried: the same command with "
                                   "--resume begins"));
    FTL_CHECK(count("stopped/log.txt", "kernels: ") == 0);
    FTL_CHECK(!whole_run_has("stopped/checkpoints", ".h5"));
    FTL_CHECK(whole_run(CACHED " --out stopped --resume") == 0);
    FTL_CHECK(count("stopped/log.txt", "kernels: ") == 1);
    FTL_CHECK(whole_run_logs_once("stopped"));
}

static void a_useless_cache_is_no_failure(void) {
    whole_run_remove("cache");
    FTL_CHECK(!setenv("XDG_CACHE_HOME", "/dev/null/nowhere", 1));
    FTL_CHECK(whole_run(CACHED " --out third") == 0);
    FTL_CHECK(whole_run_complained("the cache of kernels is not used"));
}

int main(void) {
    whole_run_begin();
    setenv("XDG_CACHE_HOME", whole_run_path("cache"), 1);
    FTL_TEST(choices_are_found_in_the_cache);
    FTL_TEST(a_killed_run_keeps_its_choices);
    FTL_TEST(a_signal_ends_trying);
    FTL_TEST(a_useless_cache_is_no_failure);
    return ftl_test_finish();
}
