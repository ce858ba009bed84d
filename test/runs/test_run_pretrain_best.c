/* test_run_pretrain_best.c - the best generators of a pre-training: kept, measured
 * beside its last, and still there after a kill. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* It learns so fast that it gets worse: its best come early. Saved after each step. */
#define RUN                                                                            \
    "run tiny.yaml --set run.pretrain.g_lr=0.05 --set run.pretrain.settle.count=0 "    \
    "--set run.pretrain.evaluate=" LOOKS                                               \
    " --set run.pretrain.save_every=0.008 --set run.evaluate.metrics=[frechet] "       \
    "--out "
#define LOOKS "{every:~0.008,~samples:~32,~frechet:~true}"

/* The object of metrics.json whose beginning holds both; free() it. NULL: there is
 * none. */
static char *find(const char *run, const char *stage, const char *checkpoint) {
    char path[64], a[64], b[64], *found = NULL;
    snprintf(path, sizeof path, "%s/metrics.json", run);
    snprintf(a, sizeof a, "\"stage\": \"%s\",", stage);
    snprintf(b, sizeof b, "\"%s\"", checkpoint);
    char *text = whole_run_read(path);
    for (char *line = text ? strtok(text, "\n") : NULL; line && !found;
            line = strtok(NULL, "\n"))
        if (strstr(line, a) && strstr(line, b)) found = strdup(line);
    free(text);
    return found;
}

/* Of the object that find finds; -1: there is none. */
static double figure(
        const char *run, const char *stage, const char *checkpoint, const char *name) {
    char *line = find(run, stage, checkpoint), key[64];
    snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = line ? strstr(line, key) : NULL;
    const double value = at ? strtod(at + strlen(key), NULL) : -1;
    free(line);
    return value;
}

/* From the samples on, which come behind what it is called. */
static bool same_figures(
        const char *run, const char *other, const char *stage, const char *checkpoint) {
    char *a = find(run, stage, checkpoint), *b = find(other, stage, checkpoint);
    const char *x = a ? strstr(a, "\"n_samples\"") : NULL,
               *y = b ? strstr(b, "\"n_samples\"") : NULL;
    /* The last object has no comma behind it. */
    const bool same = x && y && strncmp(x, y, strcspn(x, "}")) == 0;
    free(a);
    free(b);
    return same;
}

/* Of the looks of pre-training; -1: there was none. */
static double least_frechet(const char *path) {
    static const char key[] = "\"frechet\": ";
    char *text = whole_run_read(path);
    double least = -1;
    for (char *line = text ? strtok(text, "\n") : NULL; line;
            line = strtok(NULL, "\n")) {
        const char *at = strstr(line, key);
        if (!at || !strstr(line, "\"pretrain\"")) continue;
        const double value = strtod(at + strlen(key), NULL);
        if (least < 0 || value < least) least = value;
    }
    free(text);
    return least;
}

static void are_measured_beside_the_last(void) {
    FTL_CHECK(whole_run(RUN "whole") == 0);
    FTL_CHECK(whole_run_printed("before: last "));
    FTL_CHECK(whole_run_printed("before: best "));
    FTL_CHECK(whole_run_printed("before: best frechet "));
    FTL_CHECK(whole_run_printed("after: best"));
    FTL_CHECK(figure("whole", "pretrain", "last", "kimg") == 0.12);
    const double fd = figure("whole", "pretrain", "best_fd", "kimg"),
                 frechet = figure("whole", "pretrain", "best_frechet", "kimg");
    printf("of 0.12 kimg, %.3f and %.3f were best\n", fd, frechet);
    FTL_CHECK(fd > 0 && fd < 0.12 && frechet > 0 && frechet < 0.12 && fd != frechet);
}

/* What the classifier thinks of a checkpoint on the latents of the run's first
 * measurement, which `evaluate` has too; -1: it failed. */
static double confidence_on_first(const char *checkpoint) {
    static const char key[] = "\"confidence\": ";
    if (whole_run("evaluate whole/checkpoints/%s.h5 --samples 64 --seed 5 --json "
                  "one.json",
                checkpoint) != 0)
        return -1;
    char *text = whole_run_read("one.json");
    const char *at = text ? strstr(text, key) : NULL;
    const double value = at ? strtod(at + strlen(key), NULL) : -1;
    free(text);
    return value;
}

/* A report on the latents of looks, or of the last, would give what they gave. */
static void are_measured_on_fresh_latents(void) {
    const double last = figure("whole", "pretrain", "last", "confidence"),
                 fd = figure("whole", "pretrain", "best_fd", "confidence"),
                 best = figure("whole", "pretrain", "best_frechet", "confidence");
    FTL_CHECK_NEAR(confidence_on_first("pretrain"), last, 1e-5);
    FTL_CHECK(!(fabs(confidence_on_first("pretrain-best-fd") - fd) <= 1e-5));
    FTL_CHECK(!(fabs(confidence_on_first("pretrain-best-frechet") - best) <= 1e-5));
    const double seen = least_frechet("whole/stats.jsonl"),
                 reported = figure("whole", "pretrain", "best_frechet", "frechet");
    FTL_CHECK(seen > 0 && reported > 0);
    FTL_CHECK(!(fabs(seen - reported) <= 1e-5 * reported)); /* six digits are logged */
}

/* Draw from a checkpoint of a run. */
static bool draw(const char *run, const char *checkpoint, const char *out) {
    return whole_run("sample %s/checkpoints/%s.h5 --n 16 --out %s", run, checkpoint,
                   out) == 0;
}

/* ... which had that one as its G_ema. */
static void are_those_of_a_run_that_ends_there(void) {
    FTL_CHECK(whole_run(RUN "short --set run.pretrain.kimg=%.3f",
                      figure("whole", "pretrain", "best_frechet", "kimg")) == 0);
    FTL_CHECK(draw("whole", "pretrain-best-frechet", "best.png"));
    FTL_CHECK(draw("short", "pretrain", "short.png"));
    FTL_CHECK(draw("whole", "pretrain", "last.png"));
    FTL_CHECK(whole_run_same_file("best.png", "short.png"));
    FTL_CHECK(!whole_run_same_file("best.png", "last.png"));
    FTL_CHECK(draw("whole", "pretrain-best-fd", "fd.png"));
    FTL_CHECK(!whole_run_same_file("best.png", "fd.png"));
}

/* Pre-training ends with its last all the same, and what is measured after it is
 * measured on the latents of a run without looks. */
static void change_no_other_figure(void) {
    FTL_CHECK(whole_run(RUN "blind --set run.pretrain.evaluate={every:~0}") == 0);
    FTL_CHECK(whole_run_printed("before  "));
    FTL_CHECK(!whole_run_has("blind/checkpoints", "pretrain-best"));
    FTL_CHECK(!find("blind", "pretrain", "best_fd"));
    FTL_CHECK(same_figures("whole", "blind", "pretrain", "last"));
    FTL_CHECK(same_figures("whole", "blind", "adapt", "last"));
    FTL_CHECK(same_figures("whole", "blind", "adapt", "best_fd"));
    FTL_CHECK(same_figures("whole", "blind", "adapt", "best_frechet"));
    FTL_CHECK(whole_run_same_file(
            "whole/samples/before-after.png", "blind/samples/before-after.png"));
}

/* The number of the last state whose look was the best in something: the classifier has
 * 4 epochs of 4 steps, and a look of pre-training comes with each step, of 8 images. On
 * which step it falls is a matter of rounding, and so of the processor. */
static int last_best(void) {
    const double fd = figure("whole", "pretrain", "best_fd", "kimg"),
                 frechet = figure("whole", "pretrain", "best_frechet", "kimg");
    return 4 * 4 + (int)lround(fmax(fd, frechet) / 0.008);
}

/* Of the state with this number; borrowed, till the next. */
static const char *state_of(const char *run, int number) {
    static char path[64];
    snprintf(path, sizeof path, "%s/checkpoints/step-%08d.h5", run, number);
    return path;
}

/* Kill it behind the best looks: while a state is written, the one before is there.
 * False if that came too late. */
static bool kill_in_the_middle(const char *run) {
    char folder[64], part[32];
    snprintf(folder, sizeof folder, "%s/checkpoints", run);
    snprintf(part, sizeof part, "step-%08d.h5", last_best() + 2);
    pid_t process = whole_run_start(RUN "%s", run);
    whole_run_await(process, folder, part);
    kill(process, SIGKILL);
    return whole_run_end(process) == 128 + SIGKILL &&
           !whole_run_has(folder, "pretrain");
}

static const char *killed;

static void outlive_a_kill(void) {
    static const char *const runs[] = {"killed", "killed2", "killed3", "killed4"};
    for (int i = 0; !killed && i < 4; i++)
        if (kill_in_the_middle(runs[i])) killed = runs[i];
    FTL_CHECK(killed);
    /* The newest state, for the next test. */
    int newest = 4 * 4 + 15;
    while (newest > last_best() && !whole_run_exists(state_of(killed, newest)))
        newest--;
    FTL_CHECK(newest > last_best());
    whole_run_copy(state_of(killed, newest), "middle.h5");
    FTL_CHECK(whole_run(RUN "%s --resume", killed) == 0);
    FTL_CHECK(whole_run_same("whole", killed));
}

/* As programs wrote it that kept none in pre-training: the looks are remembered, so
 * what is worse than their best does not become it. */
static void are_not_made_up(void) {
    FTL_CHECK(mkdir(whole_run_path("old"), 0777) == 0);
    FTL_CHECK(mkdir(whole_run_path("old/checkpoints"), 0777) == 0);
    whole_run_copy("whole/config.yaml", "old/config.yaml");
    FTL_CHECK(whole_run_fixture("drop middle.h5 less.h5 G_best_fd."));
    FTL_CHECK(whole_run_fixture(
            "drop less.h5 old/checkpoints/step-00000022.h5 G_best_frechet."));
    FTL_CHECK(whole_run(RUN "old --resume") == 0);
    FTL_CHECK(whole_run_complained("the generator of the best look so far (best_fd) is "
                                   "not in it: another is kept if it is better"));
    FTL_CHECK(!whole_run_has("old/checkpoints", "pretrain-best"));
    FTL_CHECK(!find("old", "pretrain", "best_fd"));
    FTL_CHECK(!find("old", "pretrain", "best_frechet"));
    FTL_CHECK(same_figures("whole", "old", "pretrain", "last"));
    FTL_CHECK(same_figures("whole", "old", "adapt", "last"));
}

/* A run that adapts nothing ends with the last, and shows the best beside it. */
static void are_shown_without_an_adaptation(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out only --set run=[{classifier:~{width:~2,~"
                        "epochs:~2,~batch:~16}},~{pretrain:~{kimg:~0.12,~batch:~8,~"
                        "d_steps:~1,~g_lr:~0.05,~ema_half_life:~0.1,~samples:~4,~"
                        "evaluate:~" LOOKS "}},~{evaluate:~{samples:~64}}]") == 0);
    FTL_CHECK(whole_run_printed("after: last "));
    FTL_CHECK(whole_run_printed(" best"));
    FTL_CHECK(figure("only", "pretrain", "best_fd", "kimg") < 0.12);
    FTL_CHECK(whole_run_exists("only/checkpoints/pretrain-best-fd.h5"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(are_measured_beside_the_last);
    FTL_TEST(are_measured_on_fresh_latents);
    FTL_TEST(are_those_of_a_run_that_ends_there);
    FTL_TEST(change_no_other_figure);
    FTL_TEST(outlive_a_kill);
    FTL_TEST(are_not_made_up);
    FTL_TEST(are_shown_without_an_adaptation);
    return ftl_test_finish();
}
