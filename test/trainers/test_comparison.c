/* test_comparison.c - the grid of runs, what they came to as CSV and table, outcomes.
 */
#include "engine/base/file.h"
#include "test/harness.h"
#include "trainers/comparison/comparison_results.h"
#include "trainers/comparison/comparison_state.h"
#include "trainers/metrics/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -------------------------------------------------------------------------- grid */

static const char base[] =
        "seed: 5\n"
        "data: {source: \"a \\\\ b\", format: idx, attribute: label, majority: x,\n"
        "       groups: {x: [0], y: [1]}}\n"
        "run:\n"
        "  - classifier\n"
        "  - pretrain: {kimg: 1}\n"
        "  - adapt: {kimg: 1}\n"
        "  - evaluate\n";
static const char compare[] =
        "compare:\n"
        "  methods:\n"
        "    - {name: fairtl}\n"
        "    - {name: lp-ft, set: [\"method=fairtl++\", \"lambda=1\"]}\n"
        "  ratios: [0.1, 0.025]\n"
        "  seeds: [3, 1]\n";

static ftl_comparison c;
static ftl_comparison_options options;

/* Open what these texts and overrides say. */
static ftl_status open_all(
        const char *text, const char *section, const char *const *set) {
    static char path[512];
    char all[4096];
    ftl_comparison_close(&c);
    snprintf(path, sizeof path, "%s/c.yaml", ftl_test_directory());
    snprintf(all, sizeof all, "%s%s", text, section);
    FTL_TRY(ftl_file_write(path, all, strlen(all)));
    options = (ftl_comparison_options) {.config = path, .out = "o", .set = set};
    while (set && set[options.n_set])
        options.n_set++;
    return ftl_comparison_open(&c, &options);
}

static ftl_status open_section(const char *section) {
    return open_all(base, section, NULL);
}

static bool has_set(const ftl_compared_run *run, const char *text) {
    int n = 0;
    for (int i = 0; i < run->n_set; i++)
        n += strcmp(run->set[i], text) == 0;
    return n == 1;
}

static void seeds_come_last(void) {
    static const char *const names[] = {"fairtl-0.1-s3", "lp-ft-0.1-s3",
            "fairtl-0.025-s3", "lp-ft-0.025-s3", "fairtl-0.1-s1", "lp-ft-0.1-s1",
            "fairtl-0.025-s1", "lp-ft-0.025-s1"};
    FTL_CHECK_OK(open_section(compare));
    FTL_CHECK(c.n_runs == 8);
    for (int i = 0; i < 8; i++)
        FTL_CHECK(strcmp(c.run[i].name, names[i]) == 0);
    FTL_CHECK(strcmp(c.run[1].directory, "o/runs/lp-ft-0.1-s3") == 0);
    FTL_CHECK(strcmp(c.pretrained.directory, "o/pretrained") == 0);
}

/* A part of the lists, in the order of the whole. */
static void a_method_may_have_fewer_runs(void) {
    static const char *const names[] = {"fairtl-0.1-s3", "ewc-0.1-s3", "lp-ft-0.1-s3",
            "lp-ft-0.025-s3", "fairtl-0.1-s1", "lp-ft-0.1-s1", "fairtl-0.1-s2"};
    FTL_CHECK_OK(open_section(
            "compare:\n"
            "  methods:\n"
            "    - {name: fairtl, ratios: [1e-1]}\n"
            "    - {name: ewc, set: [ewc=1], ratios: [0.1], seeds: [3]}\n"
            "    - {name: lp-ft, set: [\"method=fairtl++\"], seeds: [3, 1]}\n"
            "  ratios: [0.1, 0.025]\n"
            "  seeds: [3, 1, 2]\n"));
    FTL_CHECK(c.n_runs == 8);
    for (int i = 0; i < 6; i++)
        FTL_CHECK(strcmp(c.run[i].name, names[i]) == 0);
    FTL_CHECK(strcmp(c.run[6].name, "lp-ft-0.025-s1") == 0);
    FTL_CHECK(strcmp(c.run[7].name, names[6]) == 0);
}

static void runs_differ_in_what_they_should(void) {
    FTL_CHECK_OK(open_all(base, compare,
            (const char *const[]) {"seed=7", "run.adapt.batch=4", NULL}));
    const ftl_compared_run *run = &c.run[7]; /* lp-ft-0.025-s1 */
    FTL_CHECK(has_set(run, "seed=7") && has_set(run, "run.adapt.batch=4"));
    FTL_CHECK(has_set(run, "run.adapt.method=fairtl++"));
    FTL_CHECK(has_set(run, "run.adapt.lambda=1") && has_set(run, "run.adapt.seed=1"));
    FTL_CHECK(has_set(run, "data.ref_draw=1") && has_set(&c.run[0], "data.ref_draw=3"));
    FTL_CHECK(has_set(run, "data.ref_ratio=0.025000000000000001"));
    FTL_CHECK(has_set(run, "data.ref_pool=0.10000000000000001"));
    FTL_CHECK(has_set(run, "data.pack=\"o/pretrained/data.h5\""));
    FTL_CHECK(has_set(run, "data.source=null"));
    FTL_CHECK(has_set(&c.run[0], "run.adapt.method=fairtl"));
    /* The pre-trained model depends on the room alone. */
    FTL_CHECK(has_set(&c.pretrained, "data.ref_ratio=0.10000000000000001"));
    FTL_CHECK(c.pretrained.n_set == 4);
    FTL_CHECK_OK(ftl_comparison_use_pack(&c, &c.run[7], "x\"\\y"));
    FTL_CHECK(has_set(run, "data.pack=\"x\\\"\\\\y\""));
    FTL_CHECK(!has_set(run, "data.pack=\"o/pretrained/data.h5\""));
}

/* Nothing said: the ratio of the data, one seed. */
static void defaults(void) {
    FTL_CHECK_OK(open_section("compare: {methods: [{name: ewc, set: \"ewc=3\"}]}\n"));
    FTL_CHECK(c.n_runs == 1 && strcmp(c.run[0].name, "ewc-0.05-s1") == 0);
    FTL_CHECK(has_set(&c.run[0], "run.adapt.method=ewc"));
    FTL_CHECK(has_set(&c.run[0], "run.adapt.ewc=3"));
}

static void senseless_comparisons_are_refused(void) {
#define REFUSED(section, message)                                                      \
    FTL_CHECK_FAILS(open_section("compare: " section "\n"), FTL_ECONFIG, message)
    REFUSED("{}", "c.yaml:9: compare: nothing to compare");
    REFUSED("{methods: [{name: fairtl+}]}",
            "c.yaml:9: compare.methods[0]: \"fairtl+\" is no method of adaptation");
    REFUSED("{methods: [{name: fairtl}, {name: fairtl}]}", "is there twice");
    REFUSED("{methods: [{name: a/b, set: \"kimg=1\"}]}", "\"a/b\" is no name");
    REFUSED("{methods: [{name: pre-trained, set: \"kimg=1\"}]}", "all begin with");
    REFUSED("{methods: [{name: fairtl, set: \"seed=2\"}]}", "sets a seed");
    REFUSED("{methods: [{name: fairtl}], ratios: [0.1, 1e-1]}",
            "compare.ratios[1]: \"1e-1\" is there twice");
    REFUSED("{methods: [{name: fairtl}], ratios: [0.1, 0.10000001]}", "is there twice");
    REFUSED("{methods: [{name: fairtl}], ratios: 0}", "\"0\" is no ratio");
    REFUSED("{methods: [{name: fairtl}], ratios: [0.1x]}", "\"0.1x\" is no ratio");
    REFUSED("{methods: [{name: fairtl}], ratios: [nan]}", "\"nan\" is no ratio");
    REFUSED("{methods: [{name: fairtl}], seeds: [1, 2.5]}",
            "compare.seeds[1]: \"2.5\" is no whole number of 1..1000000");
    REFUSED("{methods: [{name: fairtl}], seeds: [0]}", "\"0\" is no whole");
    REFUSED("{methods: [{name: fairtl}], seeds: [4, 4]}", "\"4\" is there twice");
    REFUSED("{methods: [{name: fairtl, seeds: [4]}]}",
            "compare.methods[0].seeds[0]: \"4\" is none of the comparison's");
    REFUSED("{methods: [{name: fairtl, seeds: [1, 1]}]}", "\"1\" is there twice");
    REFUSED("{methods: [{name: fairtl, ratios: [0.2]}]}",
            "compare.methods[0].ratios[0]: \"0.2\" is none of the comparison's");
    REFUSED("{methods: [{name: fairtl, ratios: [much]}]}", "\"much\" is none of");
    REFUSED("{methods: [{name: fairtl}], seed: [4]}", "did you mean seeds?");
    FTL_CHECK_FAILS(
            open_all(base, compare, (const char *const[]) {"data.ref_pool=0.05", NULL}),
            FTL_ECONFIG, "data.ref_pool: 0.05 is below 0.1 of compare.ratios");
    FTL_CHECK_FAILS(
            open_all(base, compare, (const char *const[]) {"data.ref_draw=2", NULL}),
            FTL_ECONFIG, "data.ref_draw: not in a comparison");
    FTL_CHECK_FAILS(
            open_all(base, compare, (const char *const[]) {"run=[{adapt: {}}]", NULL}),
            FTL_ECONFIG, "run: a comparison needs a stage adapt");
    FTL_CHECK_FAILS(
            open_all(base, compare,
                    (const char *const[]) {"run=[{adapt: {}}, {evaluate: {}}]", NULL}),
            FTL_ECONFIG, "run: no stage pretrain");
    FTL_CHECK_FAILS(open_all(base, compare,
                            (const char *const[]) {"data={reference: r.h5, groups: {a: "
                                                   "1, b: 2}}",
                                    NULL}),
            FTL_ECONFIG, "data: a comparison draws reference sets");
}

/* ----------------------------------------------------------------------- results */

static ftl_evaluation make(const char *stage, int kept, int64_t count, double frechet) {
    static const char *const names[] = {"x", "y"};
    const int64_t counts[] = {count, 1000 - count}, confusion[] = {100, 0, 0, 100};
    ftl_fairness fairness;
    ftl_evaluation e = {.stage = stage, .kimg = 1, .classifier = "01"};
    if (ftl_fairness_measure(&fairness, 2, counts, confusion, 1)) abort();
    ftl_evaluation_fill(&e, &fairness, names, confusion);
    e.checkpoint = kept;
    if (frechet > 0) {
        e.quality = (ftl_evaluation_quality) {.extractor = "resnet18",
                .hash = "ab",
                .resizer = "none",
                .split = "evaluation",
                .features = 4};
        e.quality.figure = (ftl_quality) {.n_real = 20, .n_generated = 20};
        e.quality.figure.has[FTL_QUALITY_FRECHET] = true;
        e.quality.figure.frechet = frechet;
    }
    return e;
}

/* Write metrics.json of these; gives its path. */
static const char *write_metrics(const ftl_evaluation *e, int n) {
    static char path[512];
    ftl_metrics metrics;
    snprintf(path, sizeof path, "%s/metrics.json", ftl_test_directory());
    if (ftl_metrics_init(&metrics)) abort();
    for (int i = 0; i < n; i++)
        if (ftl_metrics_add(&metrics, &e[i])) abort();
    if (ftl_metrics_save(&metrics, path)) abort();
    ftl_metrics_deinit(&metrics);
    return path;
}

static void figures_are_those_of_the_last_stage(void) {
    ftl_result r = {0};
    const ftl_evaluation list[] = {make("pretrain", FTL_KEPT_LAST, 900, 7),
            make("pretrain", FTL_KEPT_BEST_FD, 880, 8),
            make("adapt", FTL_KEPT_BEST_FD, 600, 6),
            make("adapt", FTL_KEPT_LAST, 620, 5),
            make("adapt-2", FTL_KEPT_LAST, 700, 4),
            make("adapt-2", FTL_KEPT_BEST_FD, 650, 3),
            make("adapt-2", FTL_KEPT_BEST_FRECHET, 800, 2)};
    FTL_CHECK_OK(ftl_result_read(&r, write_metrics(list, 7), true));
    FTL_CHECK_NEAR(r.last.frechet, 4, 0);
    FTL_CHECK_NEAR(r.best.frechet, 3, 0);
    FTL_CHECK_NEAR(r.last.fd, 0.2 * sqrt(2), 1e-8);
    FTL_CHECK(r.last.fd_interval[0] < r.last.fd && r.last.fd < r.last.fd_interval[1]);
    FTL_CHECK(strcmp(r.last.extractor, "resnet18") == 0);
    FTL_CHECK_OK(ftl_result_read(&r, write_metrics(list, 5), true));
    FTL_CHECK(!r.best.has); /* the last stage had no looks */
    FTL_CHECK_OK(ftl_result_read(&r, write_metrics(list, 7), false));
    FTL_CHECK_NEAR(r.last.frechet, 7, 0);
    FTL_CHECK(!r.best.has); /* methods begin with the last */
    FTL_CHECK_FAILS(ftl_result_read(&r, write_metrics(list, 1), true), FTL_EFORMAT,
            "has no evaluation of the last generator");
    /* One that is both. */
    ftl_evaluation both = make("adapt", FTL_KEPT_LAST, 600, 0);
    both.also = 1u << FTL_KEPT_BEST_FD;
    FTL_CHECK_OK(ftl_result_read(&r, write_metrics(&both, 1), true));
    FTL_CHECK(r.last.has && r.best.has && isnan(r.best.frechet));
}

static ftl_compared_figures figures(double fd, double frechet) {
    return (ftl_compared_figures) {.has = true,
            .fd = fd,
            .fd_corrected = fd + 0.01,
            .fd_interval = {fd - 0.02, fd + 0.03},
            .frechet = frechet,
            .extractor = "resnet18"};
}

static const char *const method_names[] = {"fairtl", "lp-ft"};
static const double ratios[] = {0.1, 0.025};
static const int64_t seeds[] = {3, 1};
static ftl_result list[6];
static const int two_each[] = {2, 2, 2, 2};
static ftl_results results = {.method = method_names,
        .ratio = ratios,
        .seed = seeds,
        .n_methods = 2,
        .n_ratios = 2,
        .n_seeds = 2,
        .n_runs = two_each,
        .result = list,
        .n_results = 6};

static void fill_results(void) {
    list[0] = (ftl_result) {-1, -1, -1, false, figures(0.5, 20), {0}, 100.04};
    list[1] = (ftl_result) {
            1, 0, 0, false, figures(0.2, 12), figures(0.1, 14), 10}; /* lp-ft */
    list[2] = (ftl_result) {0, 0, 1, false, figures(0.3, 10), {0}, 11};
    list[3] = (ftl_result) {0, 0, 0, false, figures(0.4, 13), {0}, 12};
    list[4] = (ftl_result) {0, 1, 0, true, {0}, {0}, 13};
    list[5] = (ftl_result) {1, 0, 1, false, figures(0.25, (double)NAN), {0}, 14};
    list[5].last.extractor[0] = 0;
}

static void csv_is_as_specified(void) {
    static const char want[] =
            "method,ratio,seed,fd,fd_corrected,fd_lo,fd_hi,frechet,extractor,"
            "checkpoint,seconds\n"
            "pre-trained,,,0.5,0.51,0.48,0.53,20,resnet18,last,100.0\n"
            "fairtl,0.1,3,0.4,0.41,0.38,0.43,13,resnet18,last,12.0\n"
            "fairtl,0.1,1,0.3,0.31,0.28,0.33,10,resnet18,last,11.0\n"
            "fairtl,0.025,3,,,,,,,failed,13.0\n"
            "lp-ft,0.1,3,0.2,0.21,0.18,0.23,12,resnet18,last,10.0\n"
            "lp-ft,0.1,3,0.1,0.11,0.08,0.13,14,resnet18,best,10.0\n"
            "lp-ft,0.1,1,0.25,0.26,0.23,0.28,,,last,14.0\n";
    char path[512], *text;
    size_t n;
    fill_results();
    snprintf(path, sizeof path, "%s/compare.csv", ftl_test_directory());
    FTL_CHECK_OK(ftl_results_write_csv(&results, path));
    FTL_CHECK_OK(ftl_file_read(&text, &n, path));
    const bool same = strcmp(text, want) == 0;
    if (!same) fputs(text, stderr);
    free(text);
    FTL_CHECK(same);
}

static void planned_is_as_specified(void) {
    static const int n_runs[] = {2, 1, 1, 0};
    ftl_results fewer = results;
    char path[512], *text;
    size_t n;
    fill_results();
    fewer.n_runs = n_runs;
    snprintf(path, sizeof path, "%s/planned.csv", ftl_test_directory());
    FTL_CHECK_OK(ftl_results_write_planned(&fewer, path));
    FTL_CHECK_OK(ftl_file_read(&text, &n, path));
    const bool same = strcmp(text, "method,ratio,runs\nfairtl,0.1,2\nfairtl,0.025,1\n"
                                   "lp-ft,0.1,1\n") == 0;
    free(text);
    FTL_CHECK(same);
}

static void means_leave_out_what_is_missing(void) {
    const double value[] = {1, (double)NAN, 4, 7};
    double mean, deviation;
    int n;
    ftl_results_mean(&mean, &deviation, &n, value, 4);
    FTL_CHECK(n == 3);
    FTL_CHECK_NEAR(mean, 4, 1e-15);
    FTL_CHECK_NEAR(deviation, 3, 1e-15);
    ftl_results_mean(&mean, &deviation, &n, value, 2);
    FTL_CHECK(n == 1 && mean <= 1 && mean >= 1 && isnan(deviation));
    ftl_results_mean(&mean, &deviation, &n, value + 1, 1);
    FTL_CHECK(n == 0 && isnan(mean) && isnan(deviation));
}

static char *print_results(const ftl_results *r) {
    char *text = NULL;
    size_t n;
    FILE *stream = open_memstream(&text, &n);
    ftl_results_print(r, stream);
    fclose(stream);
    return text;
}

static void table_counts_the_runs_of_a_method(void) {
    static const int n_runs[] = {3, 1, 2, 0};
    ftl_results fewer = results;
    fill_results();
    fewer.n_runs = n_runs;
    char *text = print_results(&fewer);
    const bool counts = strstr(text, "fairtl          0.1    2 of 3 ") &&
                        strstr(text, "fairtl        0.025    0 of 1 ") &&
                        strstr(text, "lp-ft           0.1         2 ");
    const bool is_left_out = !strstr(text, "lp-ft         0.025");
    free(text);
    FTL_CHECK(counts);
    FTL_CHECK(is_left_out);
}

static void table_has_all_methods(void) {
    static const char *const want[] = {
            "pre-trained                                0.5000              0.5100  ",
            "        20.00                   -                   -\n",
            "fairtl          0.1         2     0.3500 (0.0707)     0.3600 (0.0707)  ",
            "  11.50 (2.12)                   -                   -\n",
            "fairtl        0.025    0 of 2                   -                   -  ",
            "     -  1 failed\n",
            "lp-ft           0.1         2     0.2250 (0.0354)     0.2350 (0.0354)  ",
            "             12.00              0.1100               14.00\n",
            "lp-ft         0.025    0 of 2 ", "frechet is in features of resnet18.",
            "of which there is one.\n", "fewer than two seeds"};
    fill_results();
    char *text = print_results(&results);
    bool good = true;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const bool there = strstr(text, want[i]) != NULL;
        if (!there) fprintf(stderr, "not there: %s\n", want[i]);
        good &= there;
    }
    if (!good) fputs(text, stderr);
    free(text);
    FTL_CHECK(good);
}

/* Only the Inception network's distance is called so. */
static void fid_has_its_name(void) {
    char *text = NULL;
    size_t n;
    fill_results();
    for (int i = 0; i < 6; i++)
        if (list[i].last.extractor[0])
            snprintf(list[i].last.extractor, FTL_EXTRACTOR_BYTES, "inception-2015");
    FILE *stream = open_memstream(&text, &n);
    ftl_results_print(&results, stream);
    fclose(stream);
    const bool good = strstr(text, " FID ") && !strstr(text, "frechet");
    if (!good) fputs(text, stderr);
    free(text);
    FTL_CHECK(good);
}

/* ---------------------------------------------------------------------- outcomes */

static void outcomes_are_kept(void) {
    const ftl_outcome wrote = {FTL_OUTCOME_FAILED, 12.5, "01ab", "step 3: \"NaN\""};
    ftl_outcome read;
    char path[512], folder[400];
    ftl_arena *arena;
    snprintf(folder, sizeof folder, "%s", ftl_test_directory());
    FTL_CHECK_OK(ftl_arena_create(&arena));
    ftl_status none = ftl_outcome_read(&read, folder, arena);
    const bool was_none = none == FTL_OK && read.kind == FTL_OUTCOME_NONE;
    ftl_status written = ftl_outcome_write(&wrote, folder);
    ftl_status again = ftl_outcome_read(&read, folder, arena);
    const bool same =
            written == FTL_OK && again == FTL_OK && read.kind == FTL_OUTCOME_FAILED &&
            fabs(read.seconds - 12.5) < 1e-9 && strcmp(read.start, "01ab") == 0 &&
            strcmp(read.why, wrote.why) == 0;
    ftl_arena_free(arena);
    FTL_CHECK(was_none && same);
    static const char *const damaged[] = {"", "[]",
            "{\"outcome\": \"none\", \"seconds\": 1}", "{\"outcome\": \"done\"}"};
    snprintf(path, sizeof path, "%s/outcome.json", folder);
    for (int i = 0; i < 4; i++) {
        FTL_CHECK_OK(ftl_file_write(path, damaged[i], strlen(damaged[i])));
        FTL_CHECK_FAILS(ftl_outcome_read(&read, folder, NULL), FTL_EFORMAT,
                "outcome.json: is not what a comparison wrote");
    }
    remove(path);
}

int main(void) {
    FTL_TEST(seeds_come_last);
    FTL_TEST(a_method_may_have_fewer_runs);
    FTL_TEST(runs_differ_in_what_they_should);
    FTL_TEST(defaults);
    FTL_TEST(senseless_comparisons_are_refused);
    FTL_TEST(figures_are_those_of_the_last_stage);
    FTL_TEST(csv_is_as_specified);
    FTL_TEST(planned_is_as_specified);
    FTL_TEST(means_leave_out_what_is_missing);
    FTL_TEST(table_has_all_methods);
    FTL_TEST(table_counts_the_runs_of_a_method);
    FTL_TEST(fid_has_its_name);
    FTL_TEST(outcomes_are_kept);
    ftl_comparison_close(&c);
    return ftl_test_finish();
}
