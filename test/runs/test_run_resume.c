/* test_run_resume.c - a run that was stopped or killed ends with the same bytes as one
 * that was left alone. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Send a signal when a file is there. A machine may be so busy that the run ends first:
 * gives 0 then. */
static int stop(pid_t process, const char *folder, const char *part, int signal) {
    whole_run_await(process, folder, part);
    kill(process, signal);
    return whole_run_end(process);
}

static void leaves_what_it_should(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0);
    FTL_CHECK(whole_run_printed("both generators, side by side: "
                                "whole/samples/before-after.png"));
    static const char *const files[] = {"whole/config.yaml", "whole/log.txt",
            "whole/stats.jsonl", "whole/metrics.json",
            "whole/checkpoints/classifier.h5", "whole/checkpoints/pretrain.h5",
            "whole/checkpoints/pretrain-best-fd.h5",
            "whole/checkpoints/pretrain-best-frechet.h5", "whole/checkpoints/adapt.h5",
            "whole/checkpoints/adapt-best-fd.h5",
            "whole/checkpoints/adapt-best-frechet.h5",
            "whole/samples/pretrain-final.png", "whole/samples/adapt-final.png"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!whole_run_exists(files[i]))
            ftl_test_fail(__FILE__, __LINE__, "%s is not there", files[i]);
    FTL_CHECK(!whole_run_has("whole/checkpoints", "step-"));
    FTL_CHECK(!whole_run_exists("whole/.lock"));
    FTL_CHECK(whole_run_logs_once("whole"));
}

/* SIGINT while the classifier trains, SIGTERM while the GAN does, SIGINT while it is
 * adapted. False if a signal came too late for that. */
static bool stop_three_times(const char *run, int status[3]) {
    static const char *const part[] = {"step-", "classifier.h5", "pretrain.h5"};
    static const char *const not_yet[] = {"classifier.h5", "pretrain.h5", "adapt.h5"};
    char folder[64];
    snprintf(folder, sizeof folder, "%s/checkpoints", run);
    for (int i = 0; i < 3; i++) {
        status[i] = stop(whole_run_start("run tiny.yaml --out %s --resume", run),
                folder, part[i], i == 1 ? SIGTERM : SIGINT);
        if (status[i] == 0 || whole_run_has(folder, not_yet[i])) return false;
    }
    return true;
}

static void resumes_after_signals(void) {
    static const char *const runs[] = {"stopped", "stopped2", "stopped3", "stopped4"};
    int i = 0, status[3];
    while (i < 3 && !stop_three_times(runs[i], status))
        i++;
    FTL_CHECK(status[0] == 130 && status[1] == 143 && status[2] == 130);
    FTL_CHECK(whole_run_complained("; the state was saved: the same command with "
                                   "--resume goes on"));
    FTL_CHECK(whole_run("run tiny.yaml --out %s --resume", runs[i]) == 0);
    FTL_CHECK(whole_run_same("whole", runs[i]));
    FTL_CHECK(whole_run_logs_once(runs[i]));
}

static void resumes_after_kills(void) {
    FTL_CHECK(whole_run_kill("killed", "run tiny.yaml", 5, 1));
    FTL_CHECK(whole_run_same("whole", "killed"));
    FTL_CHECK(whole_run_logs_once("killed"));
    FTL_CHECK(!whole_run_has("killed", ".tmp-"));
    FTL_CHECK(!whole_run_has("killed/checkpoints", ".tmp-"));
}

/* A run that is done, a directory that is empty or not there, a log that is lost. */
static void resumes_at_the_ends(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out killed --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "killed"));
    whole_run_remove("killed/log.txt");
    whole_run_remove("killed/data.h5"); /* is imported again */
    FTL_CHECK(whole_run("run tiny.yaml --out killed --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "killed"));
    FTL_CHECK(stop(whole_run_start("run tiny.yaml --out deep/er --resume"),
                      "deep/er/checkpoints", "step-", SIGKILL) == 128 + SIGKILL);
    FTL_CHECK(whole_run("run tiny.yaml --out deep/er") == 2);
    FTL_CHECK(whole_run_complained("deep/er holds a run: --resume goes on with it"));
}

/* Take bytes out of a text file: at its `from`-th line, from 0, so many. */
static bool take_out(const char *path, int from, size_t n_bytes) {
    char *text = whole_run_read(path), *at = text;
    for (int i = 0; i < from && at; i++) {
        at = strchr(at, '\n');
        if (at) at++;
    }
    const bool good = at && strlen(at) >= n_bytes;
    FILE *file = good ? fopen(whole_run_path("%s", path), "w") : NULL;
    if (file) {
        fprintf(file, "%.*s%s", (int)(at - text), text, at + n_bytes);
        fclose(file);
    }
    free(text);
    return file != NULL;
}

/* The run goes on to the same bytes, and this is said if it is not NULL; else nothing.
 */
static bool goes_on_saying(const char *said) {
    if (whole_run("run tiny.yaml --out killed --resume") != 0) return false;
    char *err = whole_run_read("err.txt"), *log = whole_run_read("killed/log.txt");
    const bool right =
            err && log &&
            (said ? strstr(err, said) && strstr(log, said) : !strstr(err, "missing"));
    if (!right) fprintf(stderr, "not \"%s\":\n%s", said ? said : "", err ? err : "");
    free(err);
    free(log);
    return right && whole_run_same("whole", "killed");
}

/* Lines of stats.jsonl and log.txt that somebody, or a disk, lost. There are 4 of the
 * classifier, at each 4th step; in each a look at each 5th step, and losses at 20. */
static void tells_of_lost_lines(void) {
    whole_run_copy("killed/stats.jsonl", "stats.jsonl");
    FTL_CHECK(goes_on_saying(NULL));
    FTL_CHECK(take_out("killed/stats.jsonl", 0, 1)); /* one byte */
    FTL_CHECK(goes_on_saying("killed/stats.jsonl: 1 of the "));
    whole_run_copy("stats.jsonl", "killed/stats.jsonl");
    FTL_CHECK(take_out("killed/stats.jsonl", 4, 100)); /* in the middle */
    FTL_CHECK(goes_on_saying(" are missing or damaged, the widest gap is from step "));
    FTL_CHECK(!truncate(whole_run_path("killed/stats.jsonl"), 20)); /* its end */
    FTL_CHECK(goes_on_saying("the widest gap is from step 0 to "));
    whole_run_remove("killed/stats.jsonl");
    FTL_CHECK(goes_on_saying("the widest gap is from step 0 to "));
    whole_run_copy("stats.jsonl", "killed/stats.jsonl");
    FTL_CHECK(goes_on_saying(NULL));
    FTL_CHECK(!truncate(whole_run_path("killed/log.txt"), 30));
    FTL_CHECK(goes_on_saying("killed/log.txt: the line that tells of "
                             "checkpoints/adapt.h5 is missing"));
    FTL_CHECK(goes_on_saying(NULL)); /* it has been said */
}

/* What would not end with the same bytes is refused, and nothing changes. */
static void refuses_other_circumstances(void) {
    whole_run_copy("whole/metrics.json", "before.json");
    FTL_CHECK(whole_run("run tiny.yaml --out whole --resume --set seed=6") == 2);
    FTL_CHECK(whole_run_complained("\"seed: 5\" there, \"seed: 6\" here"));
    FTL_CHECK(
            whole_run("run tiny.yaml --out whole --resume --set run.adapt.g_lr=1e-3") ==
            2);
    FTL_CHECK(
            whole_run_complained("(with --inexact a run goes on with other learning"));
    FTL_CHECK(whole_run("run tiny.yaml --out whole --resume --threads 2") == 2);
    FTL_CHECK(whole_run_complained("threads: 2 (was 1)"));
    /* Other images under the same name. */
    FTL_CHECK(whole_run_fixture("idx idx2 602"));
    FTL_CHECK(whole_run("dataset import idx2 --format idx --size 32 --out other.h5") ==
              0);
    whole_run_copy("whole/data.h5", "own.h5");
    whole_run_copy("other.h5", "whole/data.h5");
    FTL_CHECK(whole_run("run tiny.yaml --out whole --resume") == 2);
    FTL_CHECK(whole_run_complained("was written by a run on other files: biased: "));
    whole_run_copy("own.h5", "whole/data.h5");
    FTL_CHECK(whole_run("run tiny.yaml --out whole --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "killed"));
}

/* --inexact goes on, and says so where results are read. */
static void resumes_inexactly(void) {
    /* As it stood when the classifier was ready. */
    FTL_CHECK(mkdir(whole_run_path("inexact"), 0777) == 0);
    FTL_CHECK(mkdir(whole_run_path("inexact/checkpoints"), 0777) == 0);
    whole_run_copy("whole/config.yaml", "inexact/config.yaml");
    whole_run_copy(
            "whole/checkpoints/classifier.h5", "inexact/checkpoints/classifier.h5");
    FTL_CHECK(whole_run("run tiny.yaml --out inexact --resume --inexact --threads 2 "
                        "--set run.adapt.g_lr=1e-3") == 0);
    char *log = whole_run_read("inexact/log.txt"),
         *metrics = whole_run_read("inexact/metrics.json"),
         *config = whole_run_read("inexact/config.yaml");
    bool noted = log && metrics && config &&
                 strstr(log, "resuming under other circumstances: g_lr: 0.001 (was "
                             "0.0005), threads: 2 (was 1)") &&
                 strstr(metrics, "\"note\": \"g_lr: 0.001 (was 0.0005), threads: 2 "
                                 "(was 1)\"") &&
                 strstr(config, "g_lr: 0.001");
    free(log);
    free(metrics);
    free(config);
    FTL_CHECK(noted);
    /* From here on it is a run like others. */
    FTL_CHECK(whole_run("run tiny.yaml --out inexact --resume --threads 2 "
                        "--set run.adapt.g_lr=1e-3") == 0);
}

/* Two processes never share a directory. */
static void is_alone(void) {
    pid_t first = whole_run_start(
            "run tiny.yaml --out shared --set run.classifier.epochs=1000");
    bool begun = whole_run_await(first, "shared/checkpoints", "step-");
    int second = whole_run("run tiny.yaml --out shared --resume --set "
                           "run.classifier.epochs=1000");
    bool said = whole_run_complained("shared is in use by process ");
    kill(first, SIGTERM);
    FTL_CHECK(whole_run_end(first) == 143 && begun && second == 2 && said);
}

/* The other method, without pictures and looks on the way, from a pack, on 2 threads.
 */
static void resumes_fairtl(void) {
    static const char run[] =
            "run tiny.yaml --threads 2 --set data.source=null --set "
            "data.format=null --set data.pack=own.h5 --set "
            "run.adapt={method:~fairtl,~kimg:~0.02,~batch:~4,~beta1:~0.9} "
            "--set run.classifier.epochs=3 --set "
            "run.pretrain={kimg:~0.04,~batch:~8,~samples:~4}";
    FTL_CHECK(whole_run("%s --out a", run) == 0);
    int status = stop(whole_run_start("%s --out b", run), "b/checkpoints",
            "pretrain.h5", SIGTERM);
    FTL_CHECK(status == 143 || status == 0);
    FTL_CHECK(whole_run("%s --out b --resume", run) == 0);
    FTL_CHECK(whole_run_same("a", "b"));
    FTL_CHECK(!whole_run_exists("a/data.h5"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(leaves_what_it_should);
    FTL_TEST(resumes_after_signals);
    FTL_TEST(resumes_after_kills);
    FTL_TEST(resumes_at_the_ends);
    FTL_TEST(tells_of_lost_lines);
    FTL_TEST(refuses_other_circumstances);
    FTL_TEST(resumes_inexactly);
    FTL_TEST(is_alone);
    FTL_TEST(resumes_fairtl);
    return ftl_test_finish();
}
