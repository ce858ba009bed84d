/* test_config_write.c - what is written reads back to the same, and the help. */
#include "test/configs/config_fixture.h"
#include "test/harness.h"

#include "configs/config_internal.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

/* Read the text, write it, read that, write again: the same bytes both times. The first
 * writing is returned; free() it. */
static ftl_status write_twice(char **first, bool *same, const char *text) {
    all_settings v;
    ftl_config *config = NULL;
    FTL_TRY(read_all(&config, &v, text));
    FTL_TRY(ftl_config_write(first, all_options, &v));
    ftl_config_free(config);
    FTL_TRY(read_all(&config, &v, *first));
    char *second = NULL;
    FTL_TRY(ftl_config_write(&second, all_options, &v));
    ftl_config_free(config);
    *same = strcmp(*first, second) == 0;
    free(second);
    return FTL_OK;
}

static void check_written(int line, const char *text, const char *wanted) {
    char *written = NULL;
    bool same = false;
    ftl_status status = write_twice(&written, &same, text);
    if (status != FTL_OK) ftl_test_fail(__FILE__, line, "%s", ftl_message());
    if (status == FTL_OK && !same)
        ftl_test_fail(__FILE__, line, "differs when read back");
    if (written && strcmp(written, wanted) != 0)
        ftl_test_fail(__FILE__, line, "wrote\n%s\nnot\n%s", written, wanted);
    free(written);
}

#define WRITTEN(text, wanted) check_written(__LINE__, text, wanted)

static void defaults_are_written(void) {
    WRITTEN("", "seed: 1\n"
                "mirror: true\n"
                "rate: 0.0002\n"
                "note: \"a note\"\n"
                "resolution: 64\n"
                "tune: \"off\"\n"
                "tags: [x, \"y\"]\n"
                "data:\n"
                "  format: folder\n"
                "  bias: 0.9\n");
}

static void everything_is_written(void) {
    WRITTEN("seed: -9223372036854775808\n"
            "mirror: false\n"
            "rate: 1e-7\n"
            "note: null\n"
            "resolution: 32\n"
            "tune: cache\n"
            "tags: []\n"
            "data: {source: faces/, format: '', groups: {male: [0, 2], \"a b\": [1]}}\n"
            "extra: [{name: '5'}, {name: b, freeze: ['D.*', D@64]}]\n"
            "run: [evaluate, {pretrain: {kimg: 0.1}}, {adapt: {method: fairtl++}},\n"
            "  {adapt: {method: fairtl, stages: []}}]\n",
            "seed: -9223372036854775808\n"
            "mirror: false\n"
            "rate: 1.0e-07\n"
            "note: null\n"
            "resolution: 32\n"
            "tune: cache\n"
            "tags: []\n"
            "data:\n"
            "  source: faces/\n"
            "  format: \"\"\n"
            "  groups:\n"
            "    male: [0, 2]\n"
            "    \"a b\": [1]\n"
            "  bias: 0.9\n"
            "extra:\n"
            "  - name: \"5\"\n"
            "    kimg: 1\n"
            "  - name: b\n"
            "    kimg: 1\n"
            "    freeze: [\"D.*\", \"D@64\"]\n"
            "run:\n"
            "  - evaluate:\n"
            "      samples: 10000\n"
            "  - pretrain:\n"
            "      kimg: 0.1\n"
            "      batch: 32\n"
            "  - adapt:\n"
            "      method: fairtl++\n"
            "      lambda: 0.5\n"
            "      stages:\n"
            "        - name: linear-probe\n"
            "          kimg: 10\n"
            "          freeze: [\"D@64\"]\n"
            "        - name: tune\n"
            "          kimg: 1\n"
            "  - adapt:\n"
            "      method: fairtl\n"
            "      lambda: 0.5\n"
            "      stages: []\n");
}

static void groups_are_written(void) {
    WRITTEN("data:\n"
            "  groups:\n"
            "    old: 40..\n"
            "    young: [..17, 18..39, 5..5]\n"
            "    words: [Black, '3', \"a \\\"b\\\"\"]\n"
            "    both: {Black_Hair: 1, \"is male\": [0, 2..3]}\n"
            "    one: {gender: [female]}\n",
            "seed: 1\n"
            "mirror: true\n"
            "rate: 0.0002\n"
            "note: \"a note\"\n"
            "resolution: 64\n"
            "tune: \"off\"\n"
            "tags: [x, \"y\"]\n"
            "data:\n"
            "  format: folder\n"
            "  groups:\n"
            "    old: [40..]\n"
            "    young: [..17, 18..39, 5]\n"
            "    words: [\"Black\", \"3\", \"a \\\"b\\\"\"]\n"
            "    both: {Black_Hair: [1], \"is male\": [0, 2..3]}\n"
            "    one: {gender: [\"female\"]}\n"
            "  bias: 0.9\n");
}

/* Tables that may have nothing to write. */
typedef struct hollow_settings {
    ftl_sections list; /* wish_settings */
    ftl_variants run;
} hollow_settings;

typedef struct wish_settings {
    const char *wish;
} wish_settings;

static const ftl_option wish_options[] = {
        {.key = "wish",
                .type = FTL_OPTION_TEXT,
                .offset = offsetof(wish_settings, wish)},
        {0},
};

static const ftl_option_variant wish_variants[] = {
        {.name = "wish", .table = wish_options, .table_bytes = sizeof(wish_settings)},
        {0},
};

static const ftl_option hollow_options[] = {
        {.key = "list",
                .type = FTL_OPTION_SECTIONS,
                .table = wish_options,
                .table_bytes = sizeof(wish_settings),
                .required = true,
                .offset = offsetof(hollow_settings, list)},
        {.key = "run",
                .type = FTL_OPTION_VARIANTS,
                .variants = wish_variants,
                .fallback = "[wish, {wish: {wish: no}}]",
                .offset = offsetof(hollow_settings, run)},
        {0},
};

static void hollow_sections_are_written(void) {
    static const struct {
        const char *text, *wanted;
    } cases[] = {{"list: [{}, {wish: a}, null]",
                         "list:\n  - {}\n  - wish: a\n  - {}\n"
                         "run:\n  - wish: {}\n  - wish:\n      wish: \"no\"\n"},
            {"list: []\nrun: []", "list: []\nrun: []\n"}};
    for (size_t i = 0; i < 2; i++) {
        ftl_config *config = NULL;
        hollow_settings v;
        char *written = NULL, *again = NULL;
        FTL_CHECK_OK(ftl_config_parse(&config, cases[i].text, "c.yaml"));
        FTL_CHECK_OK(ftl_config_read(config, hollow_options, &v));
        FTL_CHECK_OK(ftl_config_write(&written, hollow_options, &v));
        ftl_config_free(config);
        if (strcmp(written, cases[i].wanted) != 0)
            ftl_test_fail(__FILE__, __LINE__, "wrote\n%s", written);
        FTL_CHECK_OK(ftl_config_parse(&config, written, "again"));
        FTL_CHECK_OK(ftl_config_read(config, hollow_options, &v));
        FTL_CHECK_OK(ftl_config_write(&again, hollow_options, &v));
        FTL_CHECK(strcmp(written, again) == 0);
        ftl_config_free(config);
        free(written);
        free(again);
    }
}

/* Write one text, read it back. */
static ftl_status round_trip(bool *same, const char *text) {
    wish_settings v = {.wish = text};
    char *written = NULL;
    ftl_config *config = NULL;
    FTL_TRY(ftl_config_write(&written, wish_options, &v));
    ftl_status status = ftl_config_parse(&config, written, "written");
    if (status == FTL_OK) status = ftl_config_read(config, wish_options, &v);
    *same = status == FTL_OK && v.wish && strcmp(v.wish, text) == 0;
    if (!*same) fprintf(stderr, "%s", written);
    ftl_config_free(config);
    free(written);
    return status;
}

static void any_text_reads_back(void) {
    static const char *const texts[] = {"", " ", "a", " a", "a ", "null", "~", "NULL",
            "true", "off", "12", "1e3", "-", "--- a", "- a", "a: b", "a #b", "#a", "&a",
            "*a", "!a", "%a", "@a", "`a", "'a'", "\"a\"", "\\", "\\n", "a\nb", "\n",
            "a\n\n b\n", "a\tb", "\r", "\x01\x1f\x7f", "[a]", "{a}", "a, b", "?", ":",
            "=", "<<", ".inf", "2024-01-01", "/a/b.c", "D.blocks.0.*",
            "\xc3\xa9t\xc3\xa9", "\xc2\x85", "\xc2\x80", "\xc2\xa0", "\xe2\x80\xa8",
            "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbb\xbf a", "\xef\xbf\xbe",
            "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xe6\x97\xa5"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool same = false;
        FTL_CHECK_OK(round_trip(&same, texts[i]));
        if (!same) ftl_test_fail(__FILE__, __LINE__, "text %zu came back changed", i);
    }
    /* every character by itself */
    for (unsigned c = 1; c < 0x800; c++) {
        char text[3] = {(char)c, 0, 0};
        if (c >= 0x80) {
            text[0] = (char)(0xc0 | c >> 6);
            text[1] = (char)(0x80 | (c & 0x3f));
        }
        bool same = false;
        FTL_CHECK_OK(round_trip(&same, text));
        if (!same) ftl_test_fail(__FILE__, __LINE__, "U+%04X came back changed", c);
    }
}

static void broken_text_is_refused(void) {
    static const char *const texts[] = {"a\xff", "\x80", "\xc3", "\xc0\x80",
            "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80", "\xf8\x88\x80\x80\x80"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wish_settings v = {.wish = texts[i]};
        char *written = NULL;
        FTL_CHECK_FAILS(ftl_config_write(&written, wish_options, &v), FTL_EINPUT,
                "not valid UTF-8");
        FTL_CHECK(!written);
    }
}

static void reals_are_shortest(void) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"}, {3, "3"}, {-3, "-3"}, {0.1, "0.1"}, {2e-4, "0.0002"},
            {1e-5, "1.0e-05"}, {1.5e-5, "1.5e-05"}, {1e6, "1000000"}, {1e15, "1.0e+15"},
            {1.0 / 3, "0.3333333333333333"}, {0.1 + 0.2, "0.30000000000000004"},
            {DBL_MAX, "1.7976931348623157e+308"},
            {-DBL_MIN, "-2.2250738585072014e-308"}, {5e-324, "5.0e-324"}};
    char out[FTL_CONFIG_REAL_CHARS];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(ftl_config_format_real(out, cases[i].value), cases[i].text) != 0)
            ftl_test_fail(__FILE__, __LINE__, "%s is not %s", out, cases[i].text);
    FTL_CHECK(strcmp(ftl_config_format_real(out, -0.0), "-0") == 0);
    /* doubles of all magnitudes come back bit for bit */
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        ftl_config_format_real(out, value);
        FTL_CHECK(ftl_config_is_real(out));
        back = strtod(out, NULL);
        FTL_CHECK(memcmp(&value, &back, sizeof value) == 0);
    }
}

static void help_names_everything(void) {
    char *help = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&help, &n);
    ftl_config_help(file, all_options);
    fclose(file);
    static const char wanted[] =
            "seed: integer; default 1\n"
            "    of all randomness\n"
            "mirror: true or false; default true\n"
            "rate: number; default 2e-4\n"
            "note: text; default a note\n"
            "resolution: one of 32, 64, 128 px; default 64\n"
            "tune: one of off, cache, measure; default off\n"
            "tags: list of texts; default [x, y]\n"
            "data: section\n"
            "    the images\n"
            "  source: text\n"
            "      where the images are\n"
            "  biased: text\n"
            "  format: text; default folder\n"
            "  groups: map of groups, {name: [values]}, from 0 to 99\n"
            "  bias: number from 0.5 to 1; default 0.9\n"
            "      share of the majority\n"
            "extra: list of sections\n"
            "  name: text; required\n"
            "  kimg: number from 0.001 kimg; default 1\n"
            "  freeze: list of texts\n"
            "run: list of entries, each one of\n"
            "    what is done, in order\n"
            "  - pretrain:\n"
            "        train on biased data\n"
            "      kimg: number from 0 to 1000000; default 600\n"
            "      batch: integer from 1 to 4096; default 32\n"
            "  - adapt:\n"
            "      method: one of fairtl, fairtl++; required\n"
            "      lambda: number from 0 to 1; default 0.5\n"
            "      stages: list of sections; default [{name: linear-probe, kimg: 10, "
            "freeze: D@64}, {name: tune}]\n"
            "        name: text; required\n"
            "        kimg: number from 0.001 kimg; default 1\n"
            "        freeze: list of texts\n"
            "  - evaluate:\n"
            "      samples: integer from 1; default 10e3\n";
    if (strcmp(help, wanted) != 0) ftl_test_fail(__FILE__, __LINE__, "%s", help);
    free(help);
}

int main(void) {
    FTL_TEST(defaults_are_written);
    FTL_TEST(everything_is_written);
    FTL_TEST(groups_are_written);
    FTL_TEST(hollow_sections_are_written);
    FTL_TEST(any_text_reads_back);
    FTL_TEST(broken_text_is_refused);
    FTL_TEST(reals_are_shortest);
    FTL_TEST(help_names_everything);
    return ftl_test_finish();
}
