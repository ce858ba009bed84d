/* test_run_looks.c - looks during training: what they tell, the generators that they
 * choose, and the ends that they put to a stage. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a text is in a file; -1: there is no file. */
static int count(const char *path, const char *text) {
    char *all = whole_run_read(path);
    int n = all ? 0 : -1;
    for (const char *at = all; at && (at = strstr(at, text)); at++)
        n++;
    free(all);
    return n;
}

/* The number behind the n-th occurrence of a text in a file, from 1; -1: none. */
static double number(const char *path, const char *text, int n) {
    char *all = whole_run_read(path);
    const char *at = all;
    for (int i = 0; at && i < n; i++) {
        at = strstr(at, text);
        at = at ? at + strlen(text) : NULL;
    }
    double value = at ? strtod(at, NULL) : -1;
    free(all);
    return value;
}

/* 40 steps of adaptation, a look every 12 images; the best is kept. */
static void tell_what_they_see(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0);
    FTL_CHECK(count("whole/stats.jsonl", "\"stage\": \"pretrain\", \"kimg\": 0.040, "
                                         "\"share\": [") == 1);
    const int n = count("whole/stats.jsonl", "\"stage\": \"adapt\", \"kimg\": 0.012, "
                                             "\"share\": [");
    FTL_CHECK(n == 1);
    const int looks = count("whole/stats.jsonl", "\"fd_interval\": [");
    FTL_CHECK(looks == 6); /* 3 and 3 */
    FTL_CHECK(count("whole/stats.jsonl", "], \"frechet\": ") == looks);
    FTL_CHECK(count("whole/log.txt", " standing ") >= looks);
    FTL_CHECK(count("whole/log.txt", ", frechet[resnet18] ") == looks);
}

#define AGAIN                                                                          \
    "adapt --from whole/checkpoints/%s.h5 tiny.yaml --out %s --set "                   \
    "run=[{adapt:~{kimg:~0.008,~batch:~4}}]"

/* Each object of metrics.json, each file: of pre-training and of adaptation. */
static void the_best_are_kept(void) {
    const int n = count("whole/metrics.json", "\"stage\": \"adapt\"");
    FTL_CHECK(n >= 1 && n <= 3);
    FTL_CHECK(count("whole/metrics.json", "\"last\"") == 2);
    FTL_CHECK(count("whole/metrics.json", "\"best_fd\"") == 2);
    FTL_CHECK(count("whole/metrics.json", "\"best_frechet\"") == 2);
    FTL_CHECK(whole_run_exists("whole/checkpoints/adapt-best-fd.h5"));
    FTL_CHECK(whole_run("evaluate whole/checkpoints/adapt-best-fd.h5 --samples 64 "
                        "--json fd.json") == 0);
    FTL_CHECK(count("fd.json", "\"checkpoint\": \"best_fd\"") == 1);
    FTL_CHECK(whole_run("evaluate whole/checkpoints/adapt-best-frechet.h5 --samples 64 "
                        "--json frechet.json") == 0);
    FTL_CHECK(count("frechet.json", "\"checkpoint\": \"best_frechet\"") == 1);
    /* The run ended with its best by FD. */
    FTL_CHECK(
            whole_run("sample whole/checkpoints/adapt-best-fd.h5 --n 8 --out a.png") ==
            0);
    FTL_CHECK(whole_run("sample whole/checkpoints/adapt.h5 --n 8 --out b.png") == 0);
    FTL_CHECK(whole_run_same_file("a.png", "b.png"));
    FTL_CHECK(whole_run(AGAIN, "adapt-best-frechet", "again") == 0);
    /* ... and who adapts it further begins with it, not with the last one. */
    FTL_CHECK(whole_run(AGAIN, "adapt-best-fd", "again2") == 0);
    FTL_CHECK(whole_run(AGAIN, "adapt", "again3") == 0);
    FTL_CHECK(whole_run_same_file(
            "again2/samples/adapt-final.png", "again3/samples/adapt-final.png"));
}

/* A generator is a state of no run: a run goes on from what is older. */
static void no_run_goes_on_from_them(void) {
    whole_run_copy("whole/metrics.json", "metrics.json");
    whole_run_remove("whole/checkpoints/adapt.h5");
    FTL_CHECK(whole_run("run tiny.yaml --out whole --resume") == 0);
    FTL_CHECK(whole_run_complained("resuming from whole/checkpoints/pretrain.h5"));
    FTL_CHECK(whole_run_same_file("whole/metrics.json", "metrics.json"));
}

#define KEEP_LAST                                                                      \
    "run tiny.yaml --set run.adapt={method:~fairtl,~kimg:~0.04,~batch:~4,~samples:~4," \
    "~save_every:~0.012,~evaluate:~{every:~%s,~samples:~64,~frechet:~true}} --set "    \
    "run.evaluate={samples:~64,~metrics:~[frechet]} --out %s"

/* One look, at the end: it is the best and the last. It was seen on other latents than
 * the report's, which would have given the same Frechet distance. */
static void one_is_measured_once(void) {
    FTL_CHECK(whole_run(KEEP_LAST, "0.04", "once") == 0);
    FTL_CHECK(whole_run_printed("after: last = best = best frechet\n"));
    FTL_CHECK(count("once/metrics.json", "\"stage\": \"adapt\"") == 1);
    FTL_CHECK(count("once/metrics.json",
                      "\"stage\": \"adapt\", \"kimg\": 0.04, \"checkpoint\": \"last\", "
                      "\"also\": [\"best_fd\", \"best_frechet\"]") == 1);
    const double seen = number("once/stats.jsonl", "\"frechet\": ", 4);
    /* The last of all. */
    const double reported = number("once/metrics.json",
            "\"frechet\": ", count("once/metrics.json", "\"frechet\": "));
    FTL_CHECK(seen > 0 && reported > 0);
    FTL_CHECK(!(seen > 0.999 * reported && seen < 1.001 * reported));
}

/* The last is reported first, and its latents do not depend on what was kept. */
static void the_last_may_be_kept(void) {
    FTL_CHECK(whole_run(KEEP_LAST, "0.008", "last") == 0);
    FTL_CHECK(whole_run_printed("before"));
    FTL_CHECK(whole_run_printed("after: last"));
    char *once = whole_run_read("once/metrics.json"),
         *last = whole_run_read("last/metrics.json");
    const char *a = once ? strstr(once, "\"adapt\"") : NULL,
               *b = last ? strstr(last, "\"adapt\"") : NULL;
    a = a ? strstr(a, "\"counts\"") : NULL;
    b = b ? strstr(b, "\"counts\"") : NULL;
    const bool same = a && b && strncmp(a, b, 200) == 0;
    free(once);
    free(last);
    FTL_CHECK(same);
}

/* 1,000 steps at most; it ends at the first two looks in a row that are no better. */
static void a_plateau_ends_a_stage(void) {
    FTL_CHECK(
            whole_run("run tiny.yaml --out flat --set run.adapt.stages[1].kimg=4 "
                      "--set run.adapt.plateau={of:~frechet,~count:~2,~from:~0.06}") ==
            0);
    FTL_CHECK(count("flat/log.txt", "no better Frechet distance in 2 looks") == 1);
    const int n = count("flat/stats.jsonl", "\"stage\": \"adapt\"");
    FTL_CHECK(n >= 5 && n < 300);
    FTL_CHECK(
            number("flat/stats.jsonl", "\"stage\": \"adapt\", \"kimg\": ", n) >= 0.06);
}

int main(void) {
    whole_run_begin();
    FTL_TEST(tell_what_they_see);
    FTL_TEST(the_best_are_kept);
    FTL_TEST(no_run_goes_on_from_them);
    FTL_TEST(one_is_measured_once);
    FTL_TEST(the_last_may_be_kept);
    FTL_TEST(a_plateau_ends_a_stage);
    return ftl_test_finish();
}
