/* test_run_compare.c - `fairtl compare`: one pre-trained model, methods, seeds;
 * stopped, killed, continued, made longer. */
#include "engine/base/file.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char config[] =
        "seed: 5\n"
        "data:\n"
        "  {source: idx, format: idx, attribute: label, majority: standing,\n"
        "   groups: {standing: [0], lying: [1]}, bias: 0.9, ref_pool: 0.1,\n"
        "   sizes: {biased: 200, classifier: 64, validation: 40, evaluation: 40}}\n"
        "model: {arch: biggan, resolution: 32, ch: 1, z_dim: 8, precision: fp32}\n"
        "run:\n"
        "  - classifier: {width: 2, epochs: 4, batch: 16, lr: 5e-3, flip: false}\n"
        "  - pretrain: {kimg: 0.08, batch: 8, d_steps: 1, save_every: 0.016, samples: "
        "4}\n"
        "  - adapt: {kimg: 0.04, batch: 4, samples: 4, save_every: 0.008,\n"
        "            evaluate: {every: 0.012, samples: 32}}\n"
        "  - evaluate: {samples: 64, metrics: [frechet]}\n"
        "compare:\n"
        "  methods:\n"
        "    - {name: fairtl}\n"
        "    - {name: lp-ft, set: [\"method=fairtl++\", \"lambda=1\"]}\n"
        "  ratios: [0.1]\n"
        "  seeds: [1, 2]\n";

#define COMPARE "compare compare.yaml --out "

static const char *const names[] = {"pretrained", "runs/fairtl-0.1-s1",
        "runs/lp-ft-0.1-s1", "runs/fairtl-0.1-s2", "runs/lp-ft-0.1-s2"};

/* compare.csv without its seconds; free() it. */
static char *read_csv(const char *out) {
    char path[256];
    snprintf(path, sizeof path, "%s/compare.csv", out);
    char *text = whole_run_read(path), *to = text;
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n'), *comma = end;
        if (!end) break;
        while (comma > line && *comma != ',')
            comma--;
        memmove(to, line, (size_t)(comma - line));
        to += comma - line;
        *to++ = '\n';
        line = end + 1;
    }
    if (to) *to = 0;
    return text;
}

static bool same_csv(const char *a, const char *b) {
    char *x = read_csv(a), *y = read_csv(b);
    const bool same = x && y && strcmp(x, y) == 0;
    if (!same) fprintf(stderr, "%s:\n%s%s:\n%s", a, x ? x : "", b, y ? y : "");
    free(x);
    free(y);
    return same;
}

static int lines_of(const char *path) {
    char *text = whole_run_read(path);
    int n = 0;
    for (const char *at = text; at && *at; at++)
        n += *at == '\n';
    free(text);
    return n;
}

static void all_of_it(void) {
    FTL_CHECK(ftl_file_write(whole_run_path("compare.yaml"), config, strlen(config)) ==
              FTL_OK);
    FTL_CHECK(whole_run("run compare.yaml --out whole") == 2);
    FTL_CHECK(whole_run_complained("compare.yaml:13: compare: this configuration "
                                   "compares methods: use `fairtl compare "
                                   "compare.yaml`"));
    FTL_CHECK(whole_run(COMPARE "whole --dry-run") == 0);
    FTL_CHECK(whole_run_printed("lp-ft-0.1-s2                             to do\n"));
    FTL_CHECK(whole_run_printed("fairtl                                 2 "));
    FTL_CHECK(!whole_run_exists("whole"));
    FTL_CHECK(whole_run(COMPARE "whole") == 0);
    FTL_CHECK(whole_run_printed("lp-ft           0.1         2 "));
    FTL_CHECK(whole_run_printed("best by FD          best by FD\n"));
    FTL_CHECK(lines_of("whole/compare.csv") == 10);
    FTL_CHECK(lines_of("whole/planned.csv") == 3);
    for (int i = 0; i < 5; i++) {
        char path[128];
        snprintf(path, sizeof path, "whole/%s/metrics.json", names[i]);
        FTL_CHECK(whole_run_exists(path));
    }
    /* Of a method's run, only what is its own. */
    FTL_CHECK(!whole_run_exists("whole/runs/fairtl-0.1-s1/checkpoints/classifier.h5"));
    FTL_CHECK(!whole_run_exists("whole/runs/fairtl-0.1-s1/data.h5"));
}

/* What was measured of the pre-trained model is not measured again, and the runs' own
 * images are of the same latents. */
static void before_is_taken_over(void) {
    char *pretrained = whole_run_read("whole/pretrained/metrics.json"),
         *run = whole_run_read("whole/runs/fairtl-0.1-s2/metrics.json"),
         *log = whole_run_read("whole/runs/fairtl-0.1-s2/log.txt");
    const bool same = pretrained && run &&
                      strncmp(pretrained, run, strlen(pretrained) - 3) == 0 &&
                      strstr(run + strlen(pretrained) - 3, "\"stage\": \"adapt\"");
    const bool once = log && !strstr(log, "pretrain: 64 fresh samples") &&
                      strstr(log, "adapt: 64 fresh samples");
    free(pretrained);
    free(run);
    free(log);
    FTL_CHECK(same && once);
    FTL_CHECK(whole_run_exists("whole/runs/fairtl-0.1-s2/samples/before-after.png"));
    FTL_CHECK(!whole_run_same_file("whole/runs/fairtl-0.1-s1/samples/adapt-final.png",
            "whole/runs/fairtl-0.1-s2/samples/adapt-final.png"));
}

static void nothing_is_done_twice(void) {
    whole_run_copy("whole/compare.csv", "was.csv");
    FTL_CHECK(whole_run(COMPARE "whole") == 0);
    FTL_CHECK(whole_run_printed("lp-ft           0.1         2 "));
    char *out = whole_run_read("out.txt"), *err = whole_run_read("err.txt");
    const bool idle = out && !strstr(out, "before") && err && !strstr(err, "adapt");
    free(out);
    free(err);
    FTL_CHECK(idle);
    FTL_CHECK(whole_run_same_file("whole/compare.csv", "was.csv"));
    FTL_CHECK(whole_run(COMPARE "whole --set run.adapt.kimg=0.02") == 2);
    FTL_CHECK(whole_run_complained("was written with another configuration: "));
    FTL_CHECK(whole_run(COMPARE "whole --set run.pretrain.kimg=0.16") == 2);
    FTL_CHECK(whole_run_complained("was written with another configuration: "));
    FTL_CHECK(whole_run_same_file("whole/compare.csv", "was.csv"));
}

static bool stop(const char *out, const char *run, const char *part, int with) {
    char folder[256];
    pid_t process = whole_run_start(COMPARE "%s", out);
    snprintf(folder, sizeof folder, "%s/%s", out, run);
    const bool there = whole_run_await(process, folder, part);
    kill(process, with);
    const int status = whole_run_end(process);
    const int want = with == SIGINT ? 130 : 128 + with;
    if (there && status == want) return true;
    fprintf(stderr, "%s: %d instead of %d\n", folder, status, want);
    return whole_run_complained("(it should have been stopped)") && false;
}

static void goes_on_wherever_it_was_killed(void) {
    FTL_CHECK(stop("stopped", "pretrained", "data.h5.tmp-", SIGKILL));
    FTL_CHECK(stop("stopped", "pretrained/checkpoints", "step-", SIGKILL));
    FTL_CHECK(stop("stopped", "pretrained/checkpoints", "classifier.h5", SIGINT));
    FTL_CHECK(whole_run_complained("pretrained: interrupted, 0 of 4 runs are done; the "
                                   "state was saved: the same command goes on"));
    FTL_CHECK(stop("stopped", "runs/fairtl-0.1-s1/checkpoints", "step-", SIGKILL));
    FTL_CHECK(stop("stopped", "runs/lp-ft-0.1-s1/checkpoints", "step-", SIGINT));
    FTL_CHECK(whole_run_complained("lp-ft-0.1-s1: interrupted, 1 of 4 runs are done"));
    FTL_CHECK(lines_of("stopped/compare.csv") == 4);
    FTL_CHECK(whole_run(COMPARE "stopped --threads 2") == 2);
    FTL_CHECK(whole_run_complained("fairtl: lp-ft-0.1-s1: stopped/runs/lp-ft-0.1-s1"));
    FTL_CHECK(whole_run_complained("threads"));
    FTL_CHECK(whole_run(COMPARE "stopped --dry-run") == 0);
    FTL_CHECK(
            whole_run_printed("lp-ft-0.1-s1                             interrupted"));
    FTL_CHECK(stop("stopped", "runs/fairtl-0.1-s2", "metrics.json", SIGKILL));
    FTL_CHECK(whole_run(COMPARE "stopped") == 0);
    FTL_CHECK(same_csv("whole", "stopped"));
    for (int i = 0; i < 5; i++) {
        char a[128], b[128];
        snprintf(a, sizeof a, "whole/%s", names[i]);
        snprintf(b, sizeof b, "stopped/%s", names[i]);
        if (i == 0) FTL_CHECK(whole_run_same(a, b));
        if (i == 0) continue;
        snprintf(a, sizeof a, "whole/%s/metrics.json", names[i]);
        snprintf(b, sizeof b, "stopped/%s/metrics.json", names[i]);
        FTL_CHECK(whole_run_same_file(a, b));
        snprintf(a, sizeof a, "whole/%s/samples/adapt-final.png", names[i]);
        snprintf(b, sizeof b, "stopped/%s/samples/adapt-final.png", names[i]);
        FTL_CHECK(whole_run_same_file(a, b));
    }
}

static void lists_may_grow(void) {
    static const char more[] =
            COMPARE "whole --set compare.ratios=[0.1,0.05] --set compare.seeds=[1]";
    FTL_CHECK(whole_run("%s", more) == 0);
    FTL_CHECK(whole_run_printed("fairtl         0.05         1 "));
    FTL_CHECK(whole_run_exists("whole/runs/lp-ft-0.05-s1/metrics.json"));
    FTL_CHECK(lines_of("whole/compare.csv") == 10);
    FTL_CHECK(whole_run(COMPARE "whole") == 0); /* seed 2 was not forgotten */
    FTL_CHECK(same_csv("whole", "stopped"));
    FTL_CHECK(whole_run(COMPARE "whole --set data.ref_pool=0.2") == 2);
    FTL_CHECK(whole_run_complained("was written with another configuration: "));
}

/* What cannot be done is refused before the first step. */
static void refuses_early(void) {
    FTL_CHECK(whole_run(COMPARE "no --set "
                                "compare.methods=[{name:~fairtl},~{name:~x,~set:~\"lamb"
                                "da=1\"}]") == 2);
    FTL_CHECK(whole_run_complained("fairtl: x-0.1-s1: "));
    FTL_CHECK(whole_run_complained("did you mean method: fairtl++?"));
    FTL_CHECK(whole_run(COMPARE
                      "no --set "
                      "compare.methods=[{name:~x,~set:~\"freeze=[D@7]\"}]") == 2);
    FTL_CHECK(whole_run_complained("x-0.1-s1: --set run.adapt.freeze=[D@7]: "));
    FTL_CHECK(whole_run(COMPARE "no --set compare.ratios=0.01") == 2);
    FTL_CHECK(whole_run_complained("fairtl-0.01-s1: the reference set would have 2 "));
    FTL_CHECK(!whole_run_exists("no"));
    pid_t process = whole_run_start(COMPARE "two");
    const bool there = whole_run_await(process, "two", ".lock");
    const int second = whole_run(COMPARE "two");
    const bool told = whole_run_complained("is in use by process");
    FTL_CHECK(whole_run_end(process) == 0 && there && second == 2 && told);
}

/* One run that meets infinity: the others are done, and the status tells. */
static void others_go_on_after_a_failure(void) {
    static const char run[] = "failing/runs/fairtl-0.1-s1";
    FTL_CHECK(
            stop("failing", "runs/fairtl-0.1-s1/checkpoints", "step-00000004", SIGINT));
    char newest[256] = "", path[256];
    for (int step = 4; step <= 10; step++) {
        snprintf(path, sizeof path, "%s/checkpoints/step-%08d.h5", run, step);
        if (whole_run_exists(path)) snprintf(newest, sizeof newest, "%s", path);
    }
    FTL_CHECK(newest[0]);
    whole_run_copy(newest, "good.h5");
    FTL_CHECK(whole_run_fixture("huge good.h5 %s D.linear.weight", newest));
    FTL_CHECK(whole_run(COMPARE "failing") == 1);
    FTL_CHECK(whole_run_complained("1 of 4 runs failed: fairtl-0.1-s1; outcome.json"));
    FTL_CHECK(whole_run_printed("  1 failed"));
    char *csv = whole_run_read("failing/compare.csv");
    const bool noted = csv && strstr(csv, "\nfairtl,0.1,1,,,,,,,failed,") &&
                       strstr(csv, "\nlp-ft,0.1,2,0.");
    free(csv);
    FTL_CHECK(noted);
    char *outcome = whole_run_read("failing/runs/fairtl-0.1-s1/outcome.json");
    const bool told = outcome && strstr(outcome, "\"outcome\": \"failed\"") &&
                      strstr(outcome, "the discriminator step: D.linear") &&
                      !strstr(outcome, "--resume");
    free(outcome);
    FTL_CHECK(told);
    FTL_CHECK(whole_run(COMPARE "failing") == 1); /* not tried again */
    whole_run_remove(run);
    FTL_CHECK(stop("failing", "runs/fairtl-0.1-s1/checkpoints", "step-", SIGINT));
    FTL_CHECK(whole_run(COMPARE "failing --threads 2 --inexact") == 0);
    FTL_CHECK(whole_run(COMPARE "failing") == 0);
    char *metrics = whole_run_read("failing/runs/fairtl-0.1-s1/metrics.json");
    const bool says = metrics && strstr(metrics, "threads");
    free(metrics);
    FTL_CHECK(says);
}

/* From a checkpoint: nothing is pre-trained, and figures are the same. */
static void from_a_checkpoint(void) {
    static const char words[] = COMPARE
            "from --from %s/pretrained/checkpoints/pretrain.h5 --set run=[{adapt:~{kimg"
            ":~0.04,~batch:~4,~samples:~4,~evaluate:~{every:~0.012,~samples:~32}}},~{"
            "evaluate:~{samples:~64,~metrics:~[frechet"
            "]}}] --set compare.seeds=2";
    FTL_CHECK(whole_run(words, "whole") == 0);
    FTL_CHECK(!whole_run_exists("from/pretrained/checkpoints/pretrain.h5"));
    char *ours = read_csv("from"), *theirs = read_csv("whole");
    const char *line = ours ? strstr(ours, "\nlp-ft,0.1,2,") : NULL;
    const bool same = line && theirs && strstr(theirs, line) &&
                      strncmp(ours, theirs, strcspn(strchr(ours, '\n') + 1, "\n")) == 0;
    free(ours);
    free(theirs);
    FTL_CHECK(same);
    FTL_CHECK(whole_run(COMPARE "other --set run.pretrain.kimg=0.04 --set "
                                "compare.seeds=1") == 0);
    FTL_CHECK(whole_run(words, "other") == 2);
    FTL_CHECK(whole_run_complained("began with another checkpoint than other/pretr"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(all_of_it);
    FTL_TEST(before_is_taken_over);
    FTL_TEST(nothing_is_done_twice);
    FTL_TEST(goes_on_wherever_it_was_killed);
    FTL_TEST(lists_may_grow);
    FTL_TEST(refuses_early);
    FTL_TEST(others_go_on_after_a_failure);
    FTL_TEST(from_a_checkpoint);
    return ftl_test_finish();
}
