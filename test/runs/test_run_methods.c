/* test_run_methods.c - each way to adapt, as a run that is stopped and goes on: it ends
 * with the same bytes as one that is left alone. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADAPT "adapt --from whole/checkpoints/pretrain.h5 tiny.yaml --out "

/* Adapt with these settings, once in one go and once with a stop between. */
static bool resumes(const char *name, const char *settings) {
    char whole[1200], stopped[1200], a[64], b[64], folder[80];
    static const char words[] = ADAPT
            "%s --set run=[{adapt:~{batch:~4,~save_every:~0.008,~%s}},~{evaluate:~"
            "{samples:~64}}]";
    snprintf(a, sizeof a, "%s-whole", name);
    snprintf(b, sizeof b, "%s-stopped", name);
    snprintf(folder, sizeof folder, "%s/checkpoints", b);
    snprintf(whole, sizeof whole, words, a, settings);
    snprintf(stopped, sizeof stopped, words, b, settings);
    if (whole_run("%s", whole) != 0) return whole_run_complained("(nothing)");
    const pid_t process = whole_run_start("%s", stopped);
    (void)whole_run_await(process, folder, "step-");
    kill(process, SIGINT);
    const int status = whole_run_end(process);
    if (status != 130 && status != 0) return whole_run_complained("(a signal)");
    if (whole_run("%s --resume", stopped) != 0)
        return whole_run_complained("(nothing)");
    return whole_run_same(a, b);
}

static void pretrains(void) { FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0); }

static void several_discriminators(void) {
    FTL_CHECK(resumes("several",
            "kimg:~0.04,~discriminators:~[{name:~D,~weight:~0.4},~{name:~D_b,~weight:~"
            "0.4,~data:~biased},~{name:~D_both,~weight:~0.1,~data:~biased+reference},~{"
            "name:~D_s,~"
            "weight:~0.1,~train:~false}]"));
    char *log = whole_run_read("several-whole/log.txt");
    const bool tells = log && strstr(log, "D_s stands still; its mean scores of the "
                                          "reference set: standing ");
    const bool warns = log && strstr(log, "stands still and pays");
    free(log);
    FTL_CHECK(tells && !warns);
}

static double number_behind(const char *text, const char *key) {
    const char *at = text ? strstr(text, key) : NULL;
    return at ? strtod(at + strlen(key), NULL) : (double)NAN;
}

/* Each that trains has losses of its own, on images of its own. */
static void each_discriminator_has_its_losses(void) {
    FTL_CHECK(whole_run(ADAPT "losses --set run=[{adapt:~{kimg:~0.08,~batch:~4,~"
                              "discriminators:~[{name:~D},~{name:~D_s,~train:~false},~"
                              "{name:~D_b,~data:~biased}]}}]") == 0);
    char *stats = whole_run_read("losses/stats.jsonl");
    const double real = number_behind(stats, "\"d_real\": "),
                 of_b = number_behind(stats, "\"d_real_D_b\": "),
                 of_s = number_behind(stats, "\"d_real_D_s\": ");
    free(stats);
    FTL_CHECK(real >= 0 && of_b >= 0 && fabs(real - of_b) > 1e-6);
    FTL_CHECK(isnan(of_s));
}

/* With such a weight any preference is much. */
static void one_that_stands_still_is_looked_at(void) {
    FTL_CHECK(whole_run(ADAPT "prefers --set run=[{adapt:~{kimg:~0.008,~batch:~4,~"
                              "discriminators:~[{name:~D},~{name:~D_s,~weight:~1000,~"
                              "train:~false}]}}]") == 0);
    FTL_CHECK(whole_run_complained("warning: adapt: D_s stands still and pays the "
                                   "generator "));
}

static void freezed(void) {
    FTL_CHECK(resumes("freezed", "method:~freezed,~kimg:~0.04"));
}

static void lecam(void) {
    FTL_CHECK(resumes("lecam", "method:~lecam,~kimg:~0.04"));
    FTL_CHECK(whole_run(ADAPT "no --set run=[{adapt:~{method:~lecam,~kimg:~0.04,~batch:"
                              "~4,~lecam:~0}}]") == 2);
    FTL_CHECK(whole_run_complained("lecam without its regulariser"));
    FTL_CHECK(
            whole_run(ADAPT "no --set run=[{adapt:~{kimg:~0.04,~batch:~4,~lecam_decay:"
                            "~0.5}}]") == 2);
    FTL_CHECK(whole_run_complained("there is no running mean without lecam"));
}

static void ewc(void) {
    FTL_CHECK(resumes("ewc", "method:~ewc,~kimg:~0.04,~ewc:~100,~ewc_samples:~5"));
    FTL_CHECK(
            whole_run(ADAPT "no --set run=[{adapt:~{method:~ewc,~kimg:~0.04}}]") == 2);
    FTL_CHECK(whole_run_complained("method: ewc needs the weight of its anchor"));
    FTL_CHECK(whole_run(ADAPT "no --set run=[{adapt:~{kimg:~0.04,~ewc_samples:~5}}]") ==
              2);
    FTL_CHECK(whole_run_complained("there is no anchor without ewc"));
    FTL_CHECK(whole_run(ADAPT "no --set run=[{adapt:~{method:~scratch,~kimg:~0.04,~ewc:"
                              "~1}}]") == 2);
    FTL_CHECK(whole_run_complained("there is nothing to hold"));
}

static void diffaugment(void) {
    FTL_CHECK(resumes("diffaugment", "method:~diffaugment,~kimg:~0.04"));
    FTL_CHECK(resumes("some", "method:~fairtl++,~kimg:~0.04,~augment:~[translation,~"
                              "colour],~lecam:~0.1"));
    FTL_CHECK(whole_run(ADAPT
                      "no --set run=[{adapt:~{kimg:~0.04,~augment:~[color]}}]") == 2);
    FTL_CHECK(whole_run_complained("augment: color is none of colour, translation"));
}

/* An empty list is not taken for no list. */
static void empty_lists(void) {
    static const struct {
        const char *keys, *why; /* NULL: it means something */
    } cases[] = {
            {"method:~diffaugment,~kimg:~0.04,~augment:~[]",
                    "run[0].adapt.augment: method: diffaugment without augmentation is "
                    "method: fairtl"},
            {"method:~freezed,~kimg:~0.04,~freeze:~[]",
                    "run[0].adapt.freeze: method: freezed that freezes nothing is "
                    "method: fairtl"},
            {"method:~fairtl++,~kimg:~0.04,~freeze:~[]",
                    "run[0].adapt.freeze: linear probing that freezes nothing is "
                    "fine-tuning; probe: 0 is what leaves it out"},
            {"method:~fairtl++,~stages:~[{name:~a,~kimg:~1}],~freeze:~[]",
                    "run[0].adapt.freeze: stages say themselves what they freeze"},
            {"kimg:~0.04,~stages:~[]",
                    "run[0].adapt.stages: there must be one at least; leave the key"},
            {"kimg:~0.04,~discriminators:~[]",
                    "run[0].adapt.discriminators: there must be one at least; leave"},
            {"method:~fairtl++,~kimg:~0.008,~probe:~0,~freeze:~[],~augment:~[]", NULL},
            {"kimg:~0.008,~freeze:~[],~augment:~[],~batch:~4", NULL},
            {"batch:~4,~stages:~[{name:~a,~kimg:~0.008,~freeze:~[]}]", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int status = whole_run(
                ADAPT "empty-%d --set run=[{adapt:~{%s}}]", (int)i, cases[i].keys);
        FTL_CHECK(status == (cases[i].why ? 2 : 0));
        if (cases[i].why) FTL_CHECK(whole_run_complained(cases[i].why));
    }
}

/* The mean weight of a group in the log; 0: it is not there. */
static double mean_weight(const char *log, const char *group) {
    char text[64];
    snprintf(text, sizeof text, "importance: mean weight of %s ", group);
    const char *at = log ? strstr(log, text) : NULL;
    return at ? strtod(at + strlen(text), NULL) : 0;
}

static void importance(void) {
    FTL_CHECK(resumes("importance",
            "method:~importance,~kimg:~0.04,~importance:~{alpha:~0.5,~width:~2,~epochs:"
            "~60,~batch:~16,~lr:~5e-3}"));
    char *log = whole_run_read("importance-whole/log.txt");
    const double many = mean_weight(log, "standing"), few = mean_weight(log, "lying");
    free(log);
    /* Nobody told it which images are rare. How much larger is a matter of
     * rounding: 1.8 to 6 times in 20 trials, of 5 seeds and 4 instruction sets. */
    printf("mean weights %.3f and %.3f\n", many, few);
    FTL_CHECK(many > 0 && few > 1.2 * many);
    FTL_CHECK(
            whole_run(ADAPT "no --set run=[{adapt:~{kimg:~0.04,~importance:~{alpha:~1}"
                            "}}]") == 2);
    FTL_CHECK(whole_run_complained("fairtl weighs no images"));
    FTL_CHECK(whole_run(ADAPT "no --set run=[{adapt:~{method:~importance,~kimg:~0.04,~"
                              "discriminators:~[{name:~D}]}}]") == 2);
    FTL_CHECK(whole_run_complained("none learns from the biased set"));
}

static bool same(const char *a, const char *b, const char *file) {
    char x[96], y[96];
    snprintf(x, sizeof x, "%s/%s", a, file);
    snprintf(y, sizeof y, "%s/%s", b, file);
    return whole_run_same_file(x, y);
}

/* What the adaptation draws, and nothing else. */
static void a_seed_of_its_own(void) {
    static const char *const settings[] = {"", ",~seed:~5", ",~seed:~6"};
    for (int i = 0; i < 3; i++)
        FTL_CHECK(whole_run(ADAPT "seed-%d --set run=[{adapt:~{kimg:~0.008,~batch:~4,~"
                                  "sample_every:~0.004%s}},~{evaluate:~{samples:~64}}]",
                          i, settings[i]) == 0);
    FTL_CHECK(same("seed-0", "seed-1", "samples/adapt-final.png"));
    FTL_CHECK(same("seed-0", "seed-1", "metrics.json"));
    FTL_CHECK(!same("seed-0", "seed-2", "samples/adapt-final.png"));
    char *a = whole_run_read("seed-0/metrics.json"),
         *b = whole_run_read("seed-2/metrics.json");
    /* The line of the pre-trained generator. */
    const bool before = a && b && strstr(a, "pretrain") &&
                        strncmp(a, b, strcspn(a, "\n") + strcspn(a + 2, "\n")) == 0;
    free(a);
    free(b);
    FTL_CHECK(before);
}

/* What was pre-trained leaves no trace: another start gives the same images, and none
 * is needed. */
static void scratch(void) {
    static const char alone[] =
            "run tiny.yaml --out alone --set run=[{classifier:~{width:~2,~epochs:~4,~"
            "batch:~16,~lr:~5e-3,~flip:~false}},~{adapt:~{method:~scratch,~kimg:~0.04,~"
            "batch:~4}},~{evaluate:~{samples:~64}}]";
    FTL_CHECK(resumes("scratch", "method:~scratch,~kimg:~0.04"));
    FTL_CHECK(
            whole_run("adapt --from whole/checkpoints/adapt.h5 tiny.yaml --out other "
                      "--set run=[{adapt:~{method:~scratch,~kimg:~0.04,~batch:~4}}]") ==
            0);
    FTL_CHECK(whole_run_same_file(
            "scratch-whole/samples/adapt-final.png", "other/samples/adapt-final.png"));
    FTL_CHECK(!whole_run_same_file(
            "freezed-whole/samples/adapt-final.png", "other/samples/adapt-final.png"));
    FTL_CHECK(whole_run("%s", alone) == 0);
    FTL_CHECK(whole_run_printed("                          after\n"));
    FTL_CHECK(whole_run("run tiny.yaml --out reference --set run.pretrain.on=reference "
                        "--set run.pretrain.settle.count=0") == 0);
}

int main(void) {
    whole_run_begin();
    FTL_TEST(pretrains);
    FTL_TEST(several_discriminators);
    FTL_TEST(each_discriminator_has_its_losses);
    FTL_TEST(one_that_stands_still_is_looked_at);
    FTL_TEST(freezed);
    FTL_TEST(scratch);
    FTL_TEST(lecam);
    FTL_TEST(ewc);
    FTL_TEST(diffaugment);
    FTL_TEST(importance);
    FTL_TEST(empty_lists);
    FTL_TEST(a_seed_of_its_own);
    return ftl_test_finish();
}
