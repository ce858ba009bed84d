/* test_config_read.c - every type of row: values, defaults, refusals word by word. */
#include "test/configs/config_fixture.h"
#include "test/harness.h"

#include "engine/base/file.h"

#include <float.h>
#include <stdio.h>

/* The text must be refused with this message. */
#define REFUSED(text, wanted)                                                          \
    do {                                                                               \
        ftl_config *refused_ = NULL;                                                   \
        all_settings unused_;                                                          \
        CHECK_MESSAGE(read_all(&refused_, &unused_, text), wanted);                    \
    } while (0)

static void defaults_are_read(void) {
    ftl_config *config = NULL;
    all_settings v;
    FTL_CHECK_OK(read_all(&config, &v, ""));
    FTL_CHECK(v.seed == 1 && v.mirror && v.resolution == 1 && v.tune == 0);
    FTL_CHECK_NEAR(v.rate, 2e-4, 0);
    FTL_CHECK(strcmp(v.note, "a note") == 0);
    FTL_CHECK(v.tags.n == 2 && strcmp(v.tags.item[1], "y") == 0);
    FTL_CHECK(!v.data.source && !v.data.biased);
    FTL_CHECK(strcmp(v.data.format, "folder") == 0);
    FTL_CHECK(v.data.groups.n == 0 && !v.data.groups.item);
    FTL_CHECK_NEAR(v.data.bias, 0.9, 0);
    FTL_CHECK(v.extra.n == 0 && !v.extra.item);
    FTL_CHECK(v.run.n == 0 && !v.run.item);
    FTL_CHECK(!ftl_config_given(config, "seed") && !ftl_config_given(config, "data"));
    ftl_config_free(config);
}

static void values_are_read(void) {
    ftl_config *config = NULL;
    all_settings v;
    FTL_CHECK_OK(read_all(&config, &v,
            "seed: -12\n"
            "mirror: off\n"
            "rate: 1e3\n"
            "note: 3\n"
            "resolution: 128\n"
            "tune: measure\n"
            "tags: D@64\n"
            "data:\n"
            "  source: 'a \"quoted\" path'\n"
            "  groups: {male: [0, 2], female: 1}\n"
            "extra:\n"
            "- {name: a}\n"
            "- name: b\n"
            "  kimg: .5\n"
            "  freeze: [\"D.*\", no]\n"
            "run:\n"
            "  - pretrain: {kimg: 20}\n"
            "  - evaluate\n"
            "  - adapt:\n"
            "      method: fairtl++\n"
            "  - evaluate:\n"));
    FTL_CHECK(v.seed == -12 && !v.mirror && v.resolution == 2 && v.tune == 2);
    FTL_CHECK_NEAR(v.rate, 1000, 0);
    FTL_CHECK(strcmp(v.note, "3") == 0);
    FTL_CHECK(v.tags.n == 1 && strcmp(v.tags.item[0], "D@64") == 0);
    FTL_CHECK(strcmp(v.data.source, "a \"quoted\" path") == 0);
    const ftl_group *groups = v.data.groups.item;
    FTL_CHECK(v.data.groups.n == 2 && strcmp(groups[0].name, "male") == 0);
    FTL_CHECK(groups[0].n_conditions == 1 && !groups[0].condition->attribute &&
              groups[0].condition->n_ranges == 2 &&
              groups[0].condition->range[1].first == 2 &&
              groups[0].condition->range[1].last == 2);
    FTL_CHECK(strcmp(groups[1].name, "female") == 0);
    FTL_CHECK(groups[1].condition->n_ranges == 1 &&
              groups[1].condition->range->first == 1);
    const stage_settings *extra = v.extra.item;
    FTL_CHECK(v.extra.n == 2 && strcmp(extra[1].name, "b") == 0);
    FTL_CHECK_NEAR(extra[0].kimg, 1, 0);
    FTL_CHECK_NEAR(extra[1].kimg, 0.5, 0);
    FTL_CHECK(extra[1].freeze.n == 2 && strcmp(extra[1].freeze.item[1], "no") == 0);
    const ftl_variant *run = v.run.item;
    FTL_CHECK(v.run.n == 4 && run[0].kind == RUN_PRETRAIN && run[0].line == 17);
    const pretrain_settings *pretrain = run[0].section;
    FTL_CHECK_NEAR(pretrain->kimg, 20, 0);
    FTL_CHECK(pretrain->batch == 32);
    FTL_CHECK(run[1].kind == RUN_EVALUATE && run[1].line == 18);
    FTL_CHECK(((const evaluate_settings *)run[1].section)->samples == 10000);
    const adapt_settings *adapt = run[2].section;
    FTL_CHECK(run[2].kind == RUN_ADAPT && adapt->method == METHOD_FAIRTL_PP);
    const stage_settings *stages = adapt->stages.item;
    FTL_CHECK(adapt->stages.n == 2 && strcmp(stages[0].name, "linear-probe") == 0);
    FTL_CHECK(stages[0].freeze.n == 1 && stages[1].freeze.n == 0);
    FTL_CHECK(run[3].kind == RUN_EVALUATE);
    FTL_CHECK(((const evaluate_settings *)run[3].section)->samples == 10000);
    ftl_config_free(config);
}

/* Reads `key: text` and gives seed or rate. */
static ftl_status read_seed(int64_t *seed, const char *text) {
    ftl_config *config = NULL;
    all_settings v;
    char line[128];
    snprintf(line, sizeof line, "seed: %s", text);
    FTL_TRY(read_all(&config, &v, line));
    *seed = v.seed;
    ftl_config_free(config);
    return FTL_OK;
}

static void integers_are_exact(void) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0}, {"+7", 7}, {"007", 7}, {"2e3", 2000}, {"2E+3", 2000},
            {"-0", 0}, {"0e99999999999999999999", 0},
            {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN},
            {"9007199254740993", 9007199254740993}, {"-9e18", -9000000000000000000}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t seed = 99;
        FTL_CHECK_OK(read_seed(&seed, good[i].text));
        if (seed != good[i].value)
            ftl_test_fail(
                    __FILE__, __LINE__, "%s gave %lld", good[i].text, (long long)seed);
    }
    static const char *const bad[] = {"1.5", "1.", "1e-3", "0x10", "1_000", "e3", "1e",
            "--1", "+", "'3'", "1 2", "true", "[1]", "{a: 1}", "null", "~", "", "1k"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t seed = 99;
        FTL_CHECK_FAILS(read_seed(&seed, bad[i]), FTL_ECONFIG, "c.yaml:1: seed: ");
    }
    REFUSED("seed: 1.5", "c.yaml:1: seed: expected an integer, got 1.5");
    REFUSED("seed: '3'", "c.yaml:1: seed: expected an integer, got \"3\" in quotes");
    REFUSED("\nseed:\n", "c.yaml:2: seed: has no value; expected an integer");
    REFUSED("seed: [1]", "c.yaml:1: seed: expected an integer, got a list");
    REFUSED("seed: {a: 1}", "c.yaml:1: seed: expected an integer, got a map");
    REFUSED("seed: 9223372036854775808",
            "c.yaml:1: seed: 9223372036854775808 does not fit into 64 bits");
    REFUSED("seed: 1e19", "c.yaml:1: seed: 1e19 does not fit into 64 bits");
}

static void reals_are_finite(void) {
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0.1", 0.1}, {".5", 0.5}, {"5.", 5}, {"-3", -3}, {"+1.5E+2", 150},
            {"1e-400", 0}, {"1.7976931348623157e308", DBL_MAX}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ftl_config *config = NULL;
        all_settings v;
        char line[64];
        snprintf(line, sizeof line, "rate: %s", good[i].text);
        FTL_CHECK_OK(read_all(&config, &v, line));
        FTL_CHECK_NEAR(v.rate, good[i].value, 0);
        ftl_config_free(config);
    }
    REFUSED("rate: nan", "c.yaml:1: rate: expected a finite number, got nan");
    REFUSED("rate: .inf", "c.yaml:1: rate: expected a finite number, got .inf");
    REFUSED("rate: -inf", "c.yaml:1: rate: expected a finite number, got -inf");
    REFUSED("rate: 0x1p3", "c.yaml:1: rate: expected a finite number, got 0x1p3");
    REFUSED("rate: 1,5", "c.yaml:1: rate: expected a finite number, got 1,5");
    REFUSED("rate: .", "c.yaml:1: rate: expected a finite number, got .");
    REFUSED("rate: 1e999", "c.yaml:1: rate: 1e999 is too large for a double");
    REFUSED("rate: \"1\"",
            "c.yaml:1: rate: expected a finite number, got \"1\" in quotes");
}

static void bounds_hold(void) {
    REFUSED("run:\n- pretrain:\n    batch: 0\n",
            "c.yaml:3: run[0].pretrain.batch: 0 is below 1");
    REFUSED("run: [{pretrain: {batch: 5e3}}]",
            "c.yaml:1: run[0].pretrain.batch: 5e3 is above 4096");
    REFUSED("run: [{pretrain: {kimg: -1}}]",
            "c.yaml:1: run[0].pretrain.kimg: -1 is below 0");
    REFUSED("data: {bias: 0.49}", "c.yaml:1: data.bias: 0.49 is below 0.5");
    REFUSED("data: {bias: 1.01}", "c.yaml:1: data.bias: 1.01 is above 1");
    REFUSED("extra: [{name: a, kimg: 0}]", "c.yaml:1: extra[0].kimg: 0 is below 0.001");
    REFUSED("run:\n- evaluate\n- evaluate\n- adapt: {method: fairtl,\n   lambda: -1}\n",
            "c.yaml:5: run[2].adapt.lambda: -1 is below 0");
    REFUSED("data: {groups: {a: [0, 100]}}",
            "c.yaml:1: data.groups.a[1]: 100 is above 99");
    ftl_config *config = NULL;
    all_settings v;
    FTL_CHECK_OK(read_all(
            &config, &v, "data: {bias: 0.5}\nextra: [{name: a, kimg: 1e300}]"));
    ftl_config_free(config);
    FTL_CHECK_OK(read_all(&config, &v, "data: {bias: 1}"));
    ftl_config_free(config);
}

static void words_are_checked(void) {
    REFUSED("mirror: maybe", "c.yaml:1: mirror: expected true or false, got maybe");
    REFUSED("mirror: 1", "c.yaml:1: mirror: expected true or false, got 1");
    REFUSED("mirror: 'true'",
            "c.yaml:1: mirror: expected true or false, got \"true\" in quotes");
    REFUSED("tune: cahce", "c.yaml:1: tune: cahce is none of off, cache, measure; did "
                           "you mean cache?");
    REFUSED("tune: yes", "c.yaml:1: tune: yes is none of off, cache, measure");
    REFUSED("tune:", "c.yaml:1: tune: has no value; expected off, cache, measure");
    REFUSED("resolution: 256", "c.yaml:1: resolution: 256 is none of 32, 64, 128");
    REFUSED("note:", "c.yaml:1: note: has no value; expected a text");
    REFUSED("note: [a]", "c.yaml:1: note: expected a text, got a list");
    REFUSED("tags: {a: 1}", "c.yaml:1: tags: expected a list of texts, got a map");
    REFUSED("tags: null", "c.yaml:1: tags: expected a list of texts, got null");
    REFUSED("tags:\n- a\n- \n", "c.yaml:3: tags[1]: has no value; expected a text");
    REFUSED("tags:\n- a\n- [b]\n", "c.yaml:3: tags[1]: expected a text, got a list");
    REFUSED("tags: [~]", "c.yaml:1: tags[0]: expected a text, got ~");
    ftl_config *config = NULL;
    all_settings v;
    FTL_CHECK_OK(read_all(
            &config, &v, "mirror: No\nnote: null\nresolution: '32'\ntags: []\n"));
    FTL_CHECK(!v.mirror && !v.note && v.resolution == 0 && v.tags.n == 0);
    FTL_CHECK(!ftl_config_given(config, "note"));
    ftl_config_free(config);
    FTL_CHECK_OK(read_all(&config, &v, "note: \"null\"\n"));
    FTL_CHECK(v.note && strcmp(v.note, "null") == 0);
    ftl_config_free(config);
    FTL_CHECK_OK(read_all(&config, &v, "note: ''\n"));
    FTL_CHECK(v.note && v.note[0] == 0 && ftl_config_given(config, "note"));
    ftl_config_free(config);
}

/* Whether what is behind a group reads as this one range. */
static bool reads_as(const char *value, ftl_range want) {
    char text[128];
    ftl_config *config = NULL;
    all_settings v;
    snprintf(text, sizeof text, "data: {groups: {a: %s}}", value);
    bool good = read_all(&config, &v, text) == FTL_OK && v.data.groups.n == 1;
    if (good) {
        const ftl_condition *c = v.data.groups.item->condition;
        const ftl_range *got = c->range;
        good = c->n_ranges == 1 && got->first == want.first && got->last == want.last &&
               !got->word == !want.word &&
               (!want.word || strcmp(got->word, want.word) == 0);
    }
    ftl_config_free(config);
    return good;
}

static void values_of_groups_are_read(void) {
    FTL_CHECK(reads_as("7", (ftl_range) {7, 7, NULL}));
    FTL_CHECK(reads_as("[2..9]", (ftl_range) {2, 9, NULL}));
    FTL_CHECK(reads_as("40..", (ftl_range) {40, INT64_MAX, NULL}));
    FTL_CHECK(reads_as("[..17]", (ftl_range) {INT64_MIN, 17, NULL}));
    FTL_CHECK(reads_as("Black", (ftl_range) {0, 0, "Black"}));
    FTL_CHECK(reads_as("'3'", (ftl_range) {0, 0, "3"}));
    FTL_CHECK(reads_as("\"2..3\"", (ftl_range) {0, 0, "2..3"}));
    FTL_CHECK(reads_as("[50-59]", (ftl_range) {0, 0, "50-59"}));
    FTL_CHECK(reads_as("yes", (ftl_range) {0, 0, "yes"}));
}

static void conditions_of_groups_are_read(void) {
    ftl_config *config = NULL;
    all_settings v;
    FTL_CHECK_OK(read_all(&config, &v,
            "data:\n  groups:\n    young women: {gender: 1, age: [..17, 18..39]}\n"
            "    others: [2]\n"));
    const ftl_group *g = v.data.groups.item;
    bool good = v.data.groups.n == 2 && g[0].n_conditions == 2 &&
                !strcmp(g[0].condition[0].attribute, "gender") &&
                !strcmp(g[0].condition[1].attribute, "age") &&
                g[0].condition[1].n_ranges == 2 &&
                g[0].condition[1].range[1].last == 39 && g[1].n_conditions == 1 &&
                !g[1].condition->attribute;
    ftl_config_free(config);
    FTL_CHECK(good);
}

static void unknown_keys_are_refused(void) {
    REFUSED("sede: 3", "c.yaml:1: sede: unknown key; did you mean seed?");
    REFUSED("seed: 3\ndata:\n  groups: {}\n  formt: x\n",
            "c.yaml:4: data.formt: unknown key; did you mean format?");
    REFUSED("data: {wholly: 1}",
            "c.yaml:1: data.wholly: unknown key; there are source, biased, format, "
            "groups, bias");
    REFUSED("run:\n- evaluate\n- pretrain:\n    kimgs: 3\n",
            "c.yaml:4: run[1].pretrain.kimgs: unknown key; did you mean kimg?");
    REFUSED("run: [evalute]",
            "c.yaml:1: run[0]: there is no evalute; did you mean evaluate?");
    REFUSED("run: [{other: {}}]",
            "c.yaml:1: run[0]: there is no other; there are pretrain, adapt, evaluate");
}

static void missing_keys_are_named(void) {
    REFUSED("run:\n- evaluate\n- adapt:\n    lambda: 0.1\n",
            "c.yaml:3: run[1].adapt.method: must be given: it has no default");
    REFUSED("run:\n\n- adapt\n",
            "c.yaml:3: run[0].adapt.method: must be given: it has no default");
    REFUSED("extra:\n- kimg: 3\n",
            "c.yaml:2: extra[0].name: must be given: it has no default");
    REFUSED("extra:\n- name: null\n", "c.yaml:2: extra[0].name: must not be null");
    ftl_config *config = NULL;
    stage_settings stage;
    FTL_CHECK_OK(ftl_config_parse(&config, "kimg: 3", "c.yaml"));
    CHECK_MESSAGE(ftl_config_read(config, stage_options, &stage),
            "c.yaml: name: must be given: it has no default");
    ftl_config_free(config);
}

static void structure_is_checked(void) {
    REFUSED("data: 3", "c.yaml:1: data: expected a map of keys, got 3");
    REFUSED("data: [a]", "c.yaml:1: data: expected a map of keys, got a list");
    REFUSED("data: {groups: [1]}",
            "c.yaml:1: data.groups: expected a map of groups, {name: [values]}, "
            "got a list");
    REFUSED("data: {groups: {a: []}}", "c.yaml:1: data.groups.a: a group of no values");
    REFUSED("data: {groups: {a: {}}}", "c.yaml:1: data.groups.a: a group of no values");
    REFUSED("data: {groups: {a: {b: []}}}",
            "c.yaml:1: data.groups.a.b: a group of no values");
    REFUSED("data: {groups: {a: {b: {c: 1}}}}",
            "c.yaml:1: data.groups.a.b: expected a list of values, got a map");
    REFUSED("data: {groups: {a: [[1]]}}",
            "c.yaml:1: data.groups.a[0]: expected an "
            "integer, a range (18..39, 40..) or a word, got "
            "a list");
    REFUSED("data: {groups: {a: 1.5}}",
            "c.yaml:1: data.groups.a: expected an integer, a "
            "range (18..39, 40..) or a word, got 1.5");
    REFUSED("data: {groups: {a: [null]}}",
            "c.yaml:1: data.groups.a[0]: expected an integer, a range (18..39, 40..) "
            "or a word, got null");
    REFUSED("data: {groups: {a: ''}}",
            "c.yaml:1: data.groups.a: expected an integer, a range (18..39, 40..) or a "
            "word, got \"\" in quotes");
    REFUSED("data: {groups: {a: ..}}", "c.yaml:1: data.groups.a: expected an integer, "
                                       "a range (18..39, 40..) or a word, got ..");
    REFUSED("data: {groups: {a: 3..2}}",
            "c.yaml:1: data.groups.a: 3..2 is a range of no values");
    REFUSED("data: {groups: {a: [1..2..3]}}",
            "c.yaml:1: data.groups.a[0]: expected an integer, got 2..3");
    REFUSED("data: {groups: {a: 0..100}}", "c.yaml:1: data.groups.a: 100 is above 99");
    REFUSED("extra: {name: a}", "c.yaml:1: extra: expected a list of maps, got a map");
    REFUSED("extra: [a]", "c.yaml:1: extra[0]: expected a map of keys, got a");
    REFUSED("run: {evaluate: {}}",
            "c.yaml:1: run: expected a list of entries, each - name: {...}, got a map");
    REFUSED("run:", "c.yaml:1: run: has no value; expected a list of entries, each - "
                    "name: {...}");
    REFUSED("run:\n- pretrain:\n  kimg: 3\n",
            "c.yaml:3: run[0]: kimg stands beside pretrain: indent the settings of "
            "pretrain below it, or start a new entry with a dash");
    REFUSED("run: [[evaluate]]",
            "c.yaml:1: run[0]: expected a name or a map {name: {...}}, got a list");
    REFUSED("run: [{}]",
            "c.yaml:1: run[0]: expected a name or a map {name: {...}}, got a map");
    REFUSED("run: [{evaluate: 3}]",
            "c.yaml:1: run[0].evaluate: expected a map of keys, got 3");
    REFUSED("- a", "c.yaml:1: expected keys (key: value) at the top");
    REFUSED("just words", "c.yaml:1: expected keys (key: value) at the top");
    REFUSED("# nothing\n'': 1\n", "c.yaml:2: a key is empty");
}

static void keys_given_are_known(void) {
    ftl_config *config = NULL;
    FTL_CHECK_OK(ftl_config_parse(&config,
            "data: {source: x, biased: null}\n"
            "run:\n- evaluate\n- pretrain: {kimg: 3}\n- adapt:\n",
            "c.yaml"));
    FTL_CHECK(ftl_config_given(config, "data"));
    FTL_CHECK(ftl_config_given(config, "data.source"));
    FTL_CHECK(!ftl_config_given(config, "data.biased"));
    FTL_CHECK(!ftl_config_given(config, "data.sourc"));
    FTL_CHECK(!ftl_config_given(config, "data.source.x"));
    FTL_CHECK(ftl_config_given(config, "run[0].evaluate"));
    FTL_CHECK(!ftl_config_given(config, "run[0].evaluate.samples"));
    FTL_CHECK(ftl_config_given(config, "run[1].pretrain.kimg"));
    FTL_CHECK(!ftl_config_given(config, "run[2].adapt"));
    FTL_CHECK(!ftl_config_given(config, "run[3]"));
    FTL_CHECK(!ftl_config_given(config, "seed"));
    CHECK_MESSAGE(ftl_config_refuse(config, "data.source", "excludes %s", "biased"),
            "c.yaml:1: data.source: excludes biased");
    CHECK_MESSAGE(ftl_config_refuse(config, "run[1].pretrain.batch", "is odd"),
            "c.yaml:4: run[1].pretrain.batch: is odd");
    CHECK_MESSAGE(ftl_config_refuse(config, "model.ch", "is odd"),
            "c.yaml: model.ch: is odd");
    CHECK_MESSAGE(ftl_config_locate(config, all_options,
                          ftl_fail(FTL_ECONFIG, "data.source: is: no %s", "folder")),
            "c.yaml:1: data.source: is: no folder");
    CHECK_MESSAGE(ftl_config_locate(config, all_options,
                          ftl_fail(FTL_ECONFIG, "dat.source: is no folder")),
            "dat.source: is no folder");
    FTL_CHECK_FAILS(ftl_config_locate(config, all_options,
                            ftl_fail(FTL_EIO, "data.h5: cannot be read")),
            FTL_EIO, "data.h5: cannot be read");
    FTL_CHECK(strcmp(ftl_config_name(config), "c.yaml") == 0);
    ftl_config_free(config);
}

static void files_are_opened(void) {
    char path[4200], wanted[4300];
    snprintf(path, sizeof path, "%s/run.yaml", ftl_test_directory());
    ftl_config *config = NULL;
    FTL_CHECK_FAILS(ftl_config_open(&config, path), FTL_EINPUT, "run.yaml");
    FTL_CHECK(!config);
    static const char good[] = "seed: 5\n";
    FTL_CHECK_OK(ftl_file_write(path, good, sizeof good - 1));
    FTL_CHECK_OK(ftl_config_open(&config, path));
    all_settings v;
    FTL_CHECK_OK(ftl_config_read(config, all_options, &v));
    FTL_CHECK(v.seed == 5);
    ftl_config_free(config);
    static const char bad[] = "seed: 5\nrate: x\n";
    FTL_CHECK_OK(ftl_file_write(path, bad, sizeof bad - 1));
    FTL_CHECK_OK(ftl_config_open(&config, path));
    snprintf(
            wanted, sizeof wanted, "%s:2: rate: expected a finite number, got x", path);
    CHECK_MESSAGE(ftl_config_read(config, all_options, &v), wanted);
    ftl_config_free(config);
    static const char zero[] = "seed: 5\n\0";
    FTL_CHECK_OK(ftl_file_write(path, zero, sizeof zero - 1));
    FTL_CHECK_FAILS(ftl_config_open(&config, path), FTL_ECONFIG, "run.yaml:2: ");
    FTL_CHECK(!config);
    ftl_config_free(NULL);
}

int main(void) {
    FTL_TEST(defaults_are_read);
    FTL_TEST(values_are_read);
    FTL_TEST(integers_are_exact);
    FTL_TEST(reals_are_finite);
    FTL_TEST(bounds_hold);
    FTL_TEST(words_are_checked);
    FTL_TEST(values_of_groups_are_read);
    FTL_TEST(conditions_of_groups_are_read);
    FTL_TEST(unknown_keys_are_refused);
    FTL_TEST(missing_keys_are_named);
    FTL_TEST(structure_is_checked);
    FTL_TEST(keys_given_are_known);
    FTL_TEST(files_are_opened);
    return ftl_test_finish();
}
