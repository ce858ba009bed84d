/* test_metrics_report.c - metrics.json to the byte, there and back, and the table. */
#include "engine/base/file.h"
#include "test/harness.h"
#include "trainers/metrics/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const garments[] = {"sneakers", "bags"};

/* 900 and 100 of 1,000, by a classifier right on 95 and 90 of 100. */
static ftl_evaluation make(const char *stage, double kimg, int64_t sneakers) {
    const int64_t counts[] = {sneakers, 1000 - sneakers}, confusion[] = {95, 5, 10, 90};
    ftl_fairness fairness;
    ftl_evaluation e = {.stage = stage, .kimg = kimg, .classifier = "0123abcd"};
    if (ftl_fairness_measure(&fairness, 2, counts, confusion, 1)) abort();
    ftl_evaluation_fill(&e, &fairness, garments, confusion);
    return e;
}

static const char *const rendered =
        "[\n"
        "{\"stage\": \"pretrain\", \"kimg\": 600.0, \"checkpoint\": \"last\", "
        "\"n_samples\": 1000, "
        "\"groups\": [\"sneakers\", \"bags\"], \"counts\": [900, 100], "
        "\"share\": [0.9, 0.1], \"fd\": 0.565685425, \"l1\": 0.8, \"kl\": 0.368064207, "
        "\"fd_corrected\": 0.623917748, \"fd_interval\": [0.559461604, 0.707106781], "
        "\"classifier\": {\"hash\": \"0123abcd\", \"accuracy\": [0.95, 0.9], "
        "\"n\": [100, 100]}},\n"
        "{\"stage\": \"adapt\", \"kimg\": 12.5, \"checkpoint\": \"last\", "
        "\"n_samples\": 1000, "
        "\"groups\": [\"sneakers\", \"bags\"], \"counts\": [520, 480], "
        "\"share\": [0.52, 0.48], \"fd\": 0.0282842712, \"l1\": 0.04, \"kl\": "
        "0.00080021347, "
        "\"fd_corrected\": 0.00831890331, \"fd_interval\": [0.0, 0.0930310469], "
        "\"classifier\": {\"hash\": \"0123abcd\", \"accuracy\": [0.95, 0.9], "
        "\"n\": [100, 100]}}\n"
        "]\n";

static ftl_status fill_two(ftl_metrics *metrics) {
    const ftl_evaluation before = make("pretrain", 600, 900);
    const ftl_evaluation after = make("adapt", 12.5, 520);
    FTL_TRY(ftl_metrics_init(metrics));
    FTL_TRY(ftl_metrics_add(metrics, &before));
    return ftl_metrics_add(metrics, &after);
}

/* Renders, parses, renders: true if both texts are equal and, unless NULL, as wanted.
 */
static bool survives(const ftl_metrics *metrics, const char *want) {
    char *first = NULL, *second = NULL;
    ftl_metrics back;
    bool good = !ftl_metrics_init(&back) && !ftl_metrics_render(metrics, &first) &&
                !ftl_metrics_parse(&back, first) &&
                !ftl_metrics_render(&back, &second) && !strcmp(first, second) &&
                back.n == metrics->n;
    if (good && want) good = !strcmp(first, want);
    if (!good) fprintf(stderr, "%s: %s\n%s\n", ftl_message(), first, second);
    free(first);
    free(second);
    ftl_metrics_deinit(&back);
    return good;
}

static void text_is_as_specified(void) {
    ftl_metrics metrics;
    FTL_CHECK_OK(fill_two(&metrics));
    const bool good = survives(&metrics, rendered);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

static void nothing_is_an_empty_list(void) {
    ftl_metrics metrics;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    const bool good = survives(&metrics, "[]\n");
    ftl_metrics_deinit(&metrics);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

static void all_of_it_is_parsed(void) {
    ftl_metrics metrics;
    char *text;
    FTL_CHECK_OK(fill_two(&metrics));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    free(text);
    FTL_CHECK(metrics.n == 2);
    const ftl_evaluation want = make("adapt", 12.5, 520), *got = metrics.evaluation[1];
    FTL_CHECK(!strcmp(got->stage, "adapt") && !strcmp(got->classifier, "0123abcd"));
    FTL_CHECK(got->n_samples == 1000 && got->n_groups == 2 && !got->note);
    for (int i = 0; i < 2; i++) {
        FTL_CHECK(!strcmp(got->group[i], garments[i]));
        FTL_CHECK(got->counts[i] == want.counts[i]);
        FTL_CHECK(got->n_validation[i] == 100);
        FTL_CHECK_NEAR(got->share[i], want.share[i], 1e-9);
        FTL_CHECK_NEAR(got->accuracy[i], want.accuracy[i], 1e-9);
        FTL_CHECK_NEAR(got->fd_interval[i], want.fd_interval[i], 1e-9);
    }
    FTL_CHECK_NEAR(got->kimg, 12.5, 0);
    FTL_CHECK_NEAR(got->fd, want.fd, 1e-9);
    FTL_CHECK_NEAR(got->l1, want.l1, 1e-9);
    FTL_CHECK_NEAR(got->kl, want.kl, 1e-9);
    FTL_CHECK_NEAR(got->fd_corrected, want.fd_corrected, 1e-9);
    ftl_metrics_deinit(&metrics);
}

static const char *with(const char *old, const char *new);

static void checkpoint_is_named(void) {
    ftl_evaluation e = make("adapt", 12.5, 520);
    ftl_metrics metrics;
    char *text;
    e.checkpoint = FTL_KEPT_BEST_FD;
    e.also = 1U << FTL_KEPT_LAST | 1U << FTL_KEPT_BEST_FRECHET;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    e.also = 0;
    e.checkpoint = FTL_KEPT_BEST_FRECHET;
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK(survives(&metrics, NULL));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    FTL_CHECK(strstr(text, "\"kimg\": 12.5, \"checkpoint\": \"best_fd\", "
                           "\"also\": [\"last\", \"best_frechet\"], \"n_samples\""));
    free(text);
    FTL_CHECK(metrics.evaluation[0]->checkpoint == FTL_KEPT_BEST_FD);
    FTL_CHECK(metrics.evaluation[0]->also == 5);
    FTL_CHECK(metrics.evaluation[1]->checkpoint == FTL_KEPT_BEST_FRECHET);
    FTL_CHECK(metrics.evaluation[1]->also == 0);
    ftl_metrics_deinit(&metrics);
}

/* As texts were before there was the key. */
static void without_checkpoint_it_is_the_last(void) {
    ftl_metrics metrics;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics,
            with("\"checkpoint\": \"last\", \"n_samples\"", "\"n_samples\"")));
    FTL_CHECK(metrics.n == 2 && metrics.evaluation[0]->checkpoint == FTL_KEPT_LAST);
    FTL_CHECK(metrics.evaluation[0]->also == 0);
    FTL_CHECK(survives(&metrics, rendered));
    ftl_metrics_deinit(&metrics);
}

/* As texts were before there were the keys: the shares tell. Where they are there, they
 * are not made from the shares. */
static void without_l1_and_kl_the_shares_tell(void) {
    ftl_metrics metrics;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_parse(
            &metrics, with("\"l1\": 0.8, \"kl\": 0.368064207, ", "")));
    FTL_CHECK(survives(&metrics, rendered));
    FTL_CHECK_OK(
            ftl_metrics_parse(&metrics, with("0.8, \"kl\": 0", "0.75, \"kl\": 2")));
    FTL_CHECK_NEAR(metrics.evaluation[0]->l1, 0.75, 0);
    FTL_CHECK_NEAR(metrics.evaluation[0]->kl, 2 + 0.368064207, 1e-9);
    ftl_metrics_deinit(&metrics);
}

static void confidence_is_kept(void) {
    ftl_evaluation e = make("adapt", 12.5, 520);
    const ftl_evaluation *all[] = {&e};
    const char *const title = "after";
    ftl_metrics metrics;
    char *text, *table;
    e.confidence = 0.9375;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK(survives(&metrics, NULL));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_report_table(&table, all, &title, 1));
    const bool good = strstr(text, "0.48], \"confidence\": 0.9375, \"fd\"") &&
                      strstr(table, "classifier's confidence");
    free(text);
    free(table);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

/* All of 1,000 called sneakers, by a classifier that errs in 5 of 100 sneakers. */
static void contradiction_is_said(void) {
    const ftl_evaluation e = make("adapt", 12.5, 1000), *all[] = {&e};
    const char *const title = "after";
    ftl_metrics metrics;
    char *text, *table;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK(survives(&metrics, NULL));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    FTL_CHECK_OK(ftl_report_table(&table, all, &title, 1));
    const bool good = strstr(text, "\"contradicted\": true, \"classifier\"") &&
                      metrics.evaluation[0]->contradicted &&
                      strstr(table, "note (after): no mixture of these groups");
    free(text);
    free(table);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

static void file_holds_the_text(void) {
    char path[5000], *bytes;
    size_t n;
    ftl_metrics metrics;
    FTL_CHECK_OK(fill_two(&metrics));
    snprintf(path, sizeof path, "%s/metrics.json", ftl_test_directory());
    FTL_CHECK_OK(ftl_metrics_save(&metrics, path));
    ftl_metrics_deinit(&metrics);
    FTL_CHECK_OK(ftl_file_read(&bytes, &n, path));
    const bool equal = n == strlen(rendered) && !memcmp(bytes, rendered, n);
    free(bytes);
    FTL_CHECK(equal);
}

static void one_object_is_one_line(void) {
    const ftl_evaluation before = make("pretrain", 600, 900);
    char *text;
    FTL_CHECK_OK(ftl_evaluation_render(&before, &text));
    const bool good = strstr(rendered, text) && !strchr(text, '\n') && text[0] == '{' &&
                      text[strlen(text) - 1] == '}';
    free(text);
    FTL_CHECK(good);
}

/* Texts of any kind, awkward numbers, and more groups than two. */
static void hard_cases_survive(void) {
    enum { K = FTL_FAIRNESS_MAX_GROUPS };
    ftl_evaluation e = {.stage = "a \"stage\"\n\\",
            .kimg = 1.0 / 3,
            .n_groups = K,
            .classifier = "",
            .fd = 1e-300,
            .fd_corrected = 0.1 + 0.2,
            .fd_interval = {-0.0, 1e300},
            .n_samples = INT64_MAX};
    char name[K][32];
    for (int i = 0; i < K; i++) {
        snprintf(name[i], sizeof name[i], "Gr\xc3\xbc\xc3\x9f\x65 %d \xe2\x82\xac", i);
        e.group[i] = name[i];
        e.counts[i] = (int64_t)1 << i;
        e.share[i] = pow(3, -i);
        e.accuracy[i] = 1 - pow(7, -i);
        e.n_validation[i] = i;
    }
    ftl_metrics metrics;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    for (int i = 0; i < 9; i++)
        FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    memset(name, 'x', sizeof name); /* copies were made */
    FTL_CHECK(!strncmp(metrics.evaluation[8]->group[3], "Gr\xc3\xbc", 4));
    const bool good = survives(&metrics, NULL);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

static void notes_stay(void) {
    const ftl_evaluation e = make("pretrain", 600, 900);
    ftl_metrics metrics;
    char *text;
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK_OK(ftl_metrics_note(&metrics, "oneDNN 2.6.3 became 3.7"));
    FTL_CHECK(survives(&metrics, NULL)); /* no evaluation carries it yet */
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    FTL_CHECK(strstr(text, "},\n{\"note\": \"oneDNN 2.6.3 became 3.7\"}\n]\n"));
    free(text);
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK_OK(ftl_metrics_note(&metrics, "2 threads became 8"));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK(!metrics.evaluation[0]->note);
    FTL_CHECK(!strcmp(metrics.evaluation[1]->note, "oneDNN 2.6.3 became 3.7"));
    FTL_CHECK(!strcmp(metrics.evaluation[2]->note,
            "oneDNN 2.6.3 became 3.7; 2 threads became 8"));
    FTL_CHECK(survives(&metrics, NULL));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK(strstr(
            text, "\"note\": \"oneDNN 2.6.3 became 3.7; 2 threads became 8\"}\n]"));
    free(text);
    ftl_metrics_deinit(&metrics);
}

static void what_json_cannot_say_is_refused(void) {
    ftl_metrics metrics;
    FTL_CHECK_OK(fill_two(&metrics));
    ftl_evaluation e = make("adapt", NAN, 500);
    FTL_CHECK_FAILS(ftl_metrics_add(&metrics, &e), FTL_ENUMERIC, "stage adapt");
    e = make("adapt", 1, 500);
    e.accuracy[1] = INFINITY;
    FTL_CHECK_FAILS(ftl_metrics_add(&metrics, &e), FTL_ENUMERIC, "stage adapt");
    e = make("adapt", 1, 500);
    e.group[1] = "\xff";
    FTL_CHECK_FAILS(
            ftl_metrics_add(&metrics, &e), FTL_EINPUT, "name of a group is not valid");
    FTL_CHECK_FAILS(ftl_metrics_note(&metrics, "\xc3"), FTL_EINPUT, "note");
    const bool good = metrics.n == 2 && survives(&metrics, rendered);
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

/* The rendered text with the first `old` replaced by `new`. */
static const char *with(const char *old, const char *new) {
    static char text[4000];
    const char *at = strstr(rendered, old);
    if (!at) abort();
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - rendered), rendered, new,
            at + strlen(old));
    return text;
}

static void other_texts_are_refused(void) {
    static const struct {
        const char *old, *new, *message;
    } bad[] = {
            {"\"pretrain\"", "3", "evaluation 1: stage: a text is needed"},
            {"\"stage\"", "\"stages\"", "evaluation 1: stage: a text is needed"},
            {"600.0", "\"600\"", "evaluation 1: kimg: a number"},
            {"\"last\"", "\"first\"", "evaluation 1: checkpoint: last, best_fd or"},
            {"\"last\"", "\"last\", \"also\": [1]", "evaluation 1: also: last, best"},
            {"\"last\"", "\"last\", \"also\": []", "also: names beside"},
            {"\"last\"", "\"last\", \"also\": [\"last\"]", "also: names beside"},
            {"\"kimg\": 600.0, ", "", "checkpoint: kimg is needed"},
            {"1000", "1000.5", "n_samples: a whole number"},
            {"1000", "-1", "n_samples: a whole number"},
            {"\"bags\"", "1", "groups: names"},
            {"\"bags\"", "\"bags\", \"hats\"", "counts: a list as long as"},
            {"[\"sneakers\", \"bags\"]", "[\"sneakers\"]", "groups: a list of 2"},
            {"[900, 100]", "[900, 100, 0]", "counts: a list as long as"},
            {"[900, 100]", "[900, 0.5]", "counts: whole numbers"},
            {"[0.9, 0.1]", "7", "share: a list"},
            {"[0.9, 0.1]", "[0.9, null]", "share: numbers"},
            {"\"fd\": 0.565685425, ", "", "fd: a number"},
            {"0.8, \"kl\"", "true, \"kl\"", "l1: a number"},
            {"\"kl\": ", "\"kl\": null, \"note\": ", "kl: a number"},
            {"\"fd_interval\": [", "\"fd_interval\": [0, ", "fd_interval: two"},
            {"{\"hash\": \"0123abcd\", ", "{", "classifier.hash: a text"},
            {"[100, 100]", "[100]", "classifier.n: a list"},
            {"\"hash\"", "\"extra\": 1, \"hash\"", "classifier.extra: there is no"},
            {"\"kimg\"", "\"extra\": 1, \"kimg\"", "extra: there is no such key"},
            {"\"kimg\"", "\"note\": 1, \"kimg\"", "note: a text"},
            {"\"kimg\"", "\"stage\": \"a\", \"kimg\"", "line 2: duplicate"},
            {"[\n{", "[\n{\"note\": \"early\"},\n{", "evaluation 1: stage"},
            {"[\n{", "[\n7,\n{", "evaluation 1 is no object"},
            {"}\n]\n", "}\n", "metrics: line"},
            {"}\n]\n", "}\n]]\n", "metrics: line"},
    };
    ftl_metrics metrics;
    FTL_CHECK_OK(fill_two(&metrics));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *text = with(bad[i].old, bad[i].new);
        FTL_CHECK_FAILS(ftl_metrics_parse(&metrics, text), FTL_EFORMAT, bad[i].message);
    }
    FTL_CHECK_FAILS(ftl_metrics_parse(&metrics, ""), FTL_EFORMAT, "metrics: line");
    FTL_CHECK_FAILS(ftl_metrics_parse(&metrics, "{}"), FTL_EFORMAT, "a list");
    const bool good = metrics.n == 2 && survives(&metrics, rendered); /* unchanged */
    ftl_metrics_deinit(&metrics);
    FTL_CHECK(good);
}

static void table_is_aligned(void) {
    ftl_evaluation before = make("pretrain", 600, 900);
    ftl_evaluation after = make("adapt", 12.5, 520);
    const ftl_evaluation *const both[] = {&before, &after};
    const char *const title[] = {"before", "after"};
    char *text;
    before.group[1] = after.group[1] = "G\xc3\xbcrtel"; /* one column for two bytes */
    after.note = "resumed on other threads";
    FTL_CHECK_OK(ftl_report_table(&text, both, title, 2));
    const char *want = "                    before             after\n"
                       "stage               pretrain           adapt\n"
                       "kimg                600                12.5\n"
                       "images              1000               1000\n"
                       "share of sneakers   0.9000             0.5200\n"
                       "share of G\xc3\xbcrtel     0.1000             0.4800\n"
                       "FD, naive           0.5657             0.0283\n"
                       "  L1                0.8000             0.0400\n"
                       "  KL, nats          0.3681             0.0008\n"
                       "FD, corrected       0.6239             0.0083\n"
                       "  95 % interval     [0.5595, 0.7071]   [0.0000, 0.0930]\n"
                       "note (after): resumed on other threads\n";
    const bool good = !strcmp(text, want);
    if (!good) fputs(text, stderr);
    free(text);
    FTL_CHECK(good);
}

static void table_of_many_groups(void) {
    enum { K = 6 };
    const int64_t counts[K] = {600, 200, 100, 50, 50, 0};
    int64_t confusion[K * K] = {0};
    const char *const group[K] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < K; i++)
        confusion[i * K + i] = 40 + i;
    confusion[1] = 10;
    ftl_fairness fairness;
    ftl_evaluation e = {.stage = "pretrain", .classifier = "0"};
    const ftl_evaluation *const one[] = {&e};
    const char *const title[] = {"now"};
    char *text;
    FTL_CHECK_OK(ftl_fairness_measure(&fairness, K, counts, confusion, 1));
    ftl_evaluation_fill(&e, &fairness, group, confusion);
    FTL_CHECK_NEAR(e.accuracy[0], 0.8, 1e-15);
    FTL_CHECK_NEAR(e.accuracy[5], 1, 1e-15);
    FTL_CHECK(e.n_validation[0] == 50 && e.n_validation[5] == 45);
    FTL_CHECK_OK(ftl_report_table(&text, one, title, 1));
    const bool good = strstr(text, "share of a        0.6000\n") &&
                      strstr(text, "share of f        0.0000\n") &&
                      strstr(text, "  95 % interval   [");
    free(text);
    FTL_CHECK(good);
}

/* ------------------------------------------------------------------------ quality */

static ftl_evaluation make_judged(void) {
    ftl_evaluation e = make("adapt", 12.5, 520);
    e.quality = (ftl_evaluation_quality) {.extractor = "resnet18",
            .hash = "4567cdef89012345",
            .resizer = "none",
            .split = "evaluation",
            .features = 512,
            .figure = {.has = {true, true, true},
                    .n_real = 300,
                    .n_generated = 1000,
                    .frechet = 12.25,
                    .kid = -0.0009765625,
                    .kid_error = 0.03125,
                    .kid_blocks = 10,
                    .prdc = {0.75, 0.5, 1.125, 0.875},
                    .neighbours = 5}};
    return e;
}

static const char *const judged =
        "\"quality\": {\"extractor\": \"resnet18\", \"hash\": \"4567cdef89012345\", "
        "\"features\": 512, \"resizer\": \"none\", \"split\": \"evaluation\", "
        "\"n_real\": 300, \"n_generated\": 1000, \"frechet\": 12.25, "
        "\"kid\": -0.0009765625, \"kid_error\": 0.03125, \"kid_blocks\": 10, "
        "\"precision\": 0.75, \"recall\": 0.5, \"density\": 1.125, "
        "\"coverage\": 0.875, \"neighbours\": 5}}";

static void quality_goes_there_and_back(void) {
    ftl_metrics metrics;
    char *text;
    ftl_evaluation e = make_judged();
    FTL_CHECK_OK(ftl_evaluation_render(&e, &text));
    const bool as_specified = strstr(text, judged) != NULL;
    if (!as_specified) fprintf(stderr, "%s\n", text);
    free(text);
    FTL_CHECK(as_specified);
    FTL_CHECK_OK(fill_two(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    e.quality.figure.has[FTL_QUALITY_KID] = e.quality.figure.has[FTL_QUALITY_PRDC] =
            false; /* of one metric alone */
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK(survives(&metrics, NULL));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    free(text);
    const ftl_evaluation_quality *q = &metrics.evaluation[2]->quality;
    FTL_CHECK(!metrics.evaluation[1]->quality.extractor);
    FTL_CHECK(!strcmp(q->extractor, "resnet18") && !strcmp(q->split, "evaluation"));
    FTL_CHECK(q->figure.kid_blocks == 10 && q->figure.n_real == 300);
    FTL_CHECK_NEAR(q->figure.frechet, 12.25, 0);
    FTL_CHECK_NEAR(q->figure.prdc.density, 1.125, 0);
    q = &metrics.evaluation[3]->quality;
    FTL_CHECK(q->figure.has[FTL_QUALITY_FRECHET] && !q->figure.has[FTL_QUALITY_KID]);
    ftl_metrics_deinit(&metrics);
}

/* In a rendered evaluation with quality, `old` made `new`: is it refused, and how? */
static void refuse_quality(const char *old, const char *new, const char *message) {
    static char changed[4096];
    ftl_metrics metrics;
    char *text;
    const ftl_evaluation e = make_judged();
    FTL_CHECK_OK(ftl_evaluation_render(&e, &text));
    char *at = strstr(strstr(text, "\"quality\""), old);
    FTL_CHECK(at);
    snprintf(changed, sizeof changed, "[%.*s%s%s]", (int)(at - text), text, new,
            at + strlen(old));
    free(text);
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_FAILS(ftl_metrics_parse(&metrics, changed), FTL_EFORMAT, message);
    ftl_metrics_deinit(&metrics);
}

static void other_quality_is_refused(void) {
    refuse_quality("\"resnet18\"", "18", "quality.extractor: a text");
    refuse_quality("512", "512.5", "quality.features: a whole number");
    refuse_quality("1000", "-1", "quality.n_generated: a whole number");
    refuse_quality("12.25", "\"12.25\"", "quality.frechet: a number");
    refuse_quality("\"kid_error\": 0.03125, ", "", "quality.kid_error: a number");
    refuse_quality("\"density\"", "\"intensity\"", "quality.density: a number");
    refuse_quality("\"kid\"", "\"fid\": 1, \"kid\"", "quality: unknown keys");
    ftl_metrics metrics;
    ftl_evaluation e = make_judged();
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    e.quality.figure.kid = NAN;
    FTL_CHECK_FAILS(ftl_metrics_add(&metrics, &e), FTL_ENUMERIC, "kid is NaN");
    e = make_judged();
    e.quality.split = "\xff";
    FTL_CHECK_FAILS(ftl_metrics_add(&metrics, &e), FTL_EINPUT, "the split is not");
    ftl_metrics_deinit(&metrics);
}

/* The Frechet distance has that name with the features of one extractor, and there it
 * has no other. */
static void only_inception_gives_a_fid(void) {
    ftl_metrics metrics;
    char *text;
    ftl_evaluation e = make_judged();
    e.quality.extractor = "inception-2015";
    e.quality.resizer = "bilinear-299 without antialiasing";
    FTL_CHECK_OK(ftl_metrics_init(&metrics));
    FTL_CHECK_OK(ftl_metrics_add(&metrics, &e));
    FTL_CHECK_OK(ftl_metrics_render(&metrics, &text));
    FTL_CHECK(strstr(text, "\"fid\": 12.25") && !strstr(text, "\"frechet\""));
    FTL_CHECK_OK(ftl_metrics_parse(&metrics, text));
    FTL_CHECK_NEAR(metrics.evaluation[0]->quality.figure.frechet, 12.25, 0);
    memcpy(strstr(text, "\"fid\":"), "\"fod\":", 6);
    FTL_CHECK_FAILS(ftl_metrics_parse(&metrics, text), FTL_EFORMAT, "unknown keys");
    free(text);
    ftl_metrics_deinit(&metrics);
    const ftl_evaluation *all[] = {&e};
    FTL_CHECK_OK(ftl_report_table(&text, all, (const char *const[]) {"after"}, 1));
    FTL_CHECK(strstr(text, "\nFID  ") && !strstr(text, "frechet"));
    FTL_CHECK(strstr(text, "\nimages (after): bilinear-299 without antialiasing\n"));
    FTL_CHECK(strstr(text, "KID[inception-2015]"));
    free(text);
    e.quality.extractor = "inception-2014";
    FTL_CHECK_OK(ftl_report_table(&text, all, (const char *const[]) {"after"}, 1));
    FTL_CHECK(strstr(text, "\nfrechet[inception-2014]") && !strstr(text, "FID"));
    free(text);
}

static void table_shows_quality(void) {
    const ftl_evaluation before = make("pretrain", 600, 900), after = make_judged();
    const ftl_evaluation *both[] = {&before, &after};
    static const char *const title[] = {"before", "after"};
    char *text;
    FTL_CHECK_OK(ftl_report_table(&text, both, title, 2));
    const bool good =
            strstr(text, "\nfrechet[resnet18]   -                  12.2500\n") &&
            strstr(text, "\nKID[resnet18]       -                  -0.000977\n") &&
            strstr(text, "\n  standard error    -                  0.0312\n") &&
            strstr(text, "\ncoverage            -                  0.8750\n") &&
            strstr(text, "\nquality (after): 1000 generated, 300 real images "
                         "(evaluation); 512 features of resnet18 4567cdef8901\n");
    if (!good) fprintf(stderr, "%s", text);
    free(text);
    FTL_CHECK(good);
}

int main(void) {
    FTL_TEST(text_is_as_specified);
    FTL_TEST(nothing_is_an_empty_list);
    FTL_TEST(all_of_it_is_parsed);
    FTL_TEST(checkpoint_is_named);
    FTL_TEST(without_checkpoint_it_is_the_last);
    FTL_TEST(without_l1_and_kl_the_shares_tell);
    FTL_TEST(confidence_is_kept);
    FTL_TEST(contradiction_is_said);
    FTL_TEST(file_holds_the_text);
    FTL_TEST(one_object_is_one_line);
    FTL_TEST(hard_cases_survive);
    FTL_TEST(notes_stay);
    FTL_TEST(what_json_cannot_say_is_refused);
    FTL_TEST(other_texts_are_refused);
    FTL_TEST(table_is_aligned);
    FTL_TEST(table_of_many_groups);
    FTL_TEST(quality_goes_there_and_back);
    FTL_TEST(other_quality_is_refused);
    FTL_TEST(only_inception_gives_a_fid);
    FTL_TEST(table_shows_quality);
    return ftl_test_finish();
}
