/* test_config_hostile.c - bytes that nobody meant as a configuration: each is read or
 * refused with one line that names the file; the sanitizers watch. Nothing of it takes
 * long. */
#include "test/configs/config_fixture.h"
#include "test/harness.h"

#include "engine/base/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char good[] = "seed: 5\n"
                           "mirror: off\n"
                           "note: \"a \\u00e9 \\\"b\\\"\"\n"
                           "tags: [x, 'y', D.*]\n"
                           "data: {source: faces/, groups: {male: [0], female: [1]}}\n"
                           "extra:\n"
                           "- name: |\n"
                           "    text\n"
                           "- {name: b, kimg: 2e1}\n"
                           "run:\n"
                           "- pretrain: {kimg: 20} # some\n"
                           "- evaluate\n"
                           "- adapt:\n"
                           "    method: fairtl++\n"
                           "    stages: [{name: a, freeze: D@64}]\n";

static uint64_t state = 0x9e3779b97f4a7c15u;

static unsigned draw(unsigned bound) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (unsigned)(state >> 33) % bound;
}

static int n_read, n_refused;

/* Parse and read, override and read again. False if a rule was broken. */
static bool survives(const char *text) {
    static const char *const assignments[] = {"seed=3", "data.bias=0.7",
            "run.adapt.stages[0].kimg=2", "run[1]=evaluate", "data.groups.x=[1]"};
    ftl_config *config = NULL;
    all_settings v;
    ftl_clear();
    ftl_status status = read_all(&config, &v, text);
    if (status == FTL_OK) {
        n_read++;
        char *written = NULL;
        if (ftl_config_write(&written, all_options, &v) != FTL_OK) return false;
        ftl_config *again = NULL;
        status = read_all(&again, &v, written);
        ftl_config_free(again);
        free(written);
        if (status != FTL_OK) return false;
        for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++) {
            status = ftl_config_set(config, assignments[i], all_options);
            if (status != FTL_OK && status != FTL_ECONFIG) return false;
        }
        ftl_clear();
        ftl_config_free(config);
        return true;
    }
    n_refused++;
    bool fine = status == FTL_ECONFIG && strncmp(ftl_message(), "c.yaml", 6) == 0 &&
                !strchr(ftl_message(), '\n');
    if (!fine) ftl_test_fail(__FILE__, __LINE__, "%d: %s", (int)status, ftl_message());
    ftl_clear();
    return fine;
}

static void damaged_text_is_survived(void) {
    static const char *const splinters[] = {"{", "}", "[", "]", ":", "- ", "\n", "  ",
            "'", "\"", "&a ", "*a", "!", "|", ">", "#", ",", "? ", "%", "\t", "null",
            "\\x", "--- ", "1e999", "\xff", "\xc3\xa9", "\x01"};
    char text[4096];
    for (int round = 0; round < 20000; round++) {
        size_t n = sizeof good - 1;
        memcpy(text, good, sizeof good);
        for (unsigned hits = 1 + draw(4); hits > 0; hits--) {
            size_t at = draw((unsigned)n);
            unsigned kind = draw(4);
            if (kind == 0) {
                text[at] = (char)(1 + draw(255));
            } else if (kind == 1) {
                const char *splinter =
                        splinters[draw(sizeof splinters / sizeof *splinters)];
                size_t m = strlen(splinter);
                memmove(text + at + m, text + at, n - at + 1);
                memcpy(text + at, splinter, m);
                n += m;
            } else if (kind == 2) {
                size_t m = 1 + draw(12);
                if (at + m > n) m = n - at;
                memmove(text + at, text + at + m, n - at - m + 1);
                n -= m;
            } else {
                size_t m = draw(60), from = draw((unsigned)n);
                if (from + m > n) m = n - from;
                char piece[64];
                memcpy(piece, text + from, m);
                memmove(text + at + m, text + at, n - at + 1);
                memcpy(text + at, piece, m);
                n += m;
            }
        }
        FTL_CHECK(survives(text));
    }
    /* otherwise the damage is too light or too heavy to show anything */
    FTL_CHECK(n_read > 500 && n_refused > 5000);
}

static void every_prefix_is_survived(void) {
    char text[sizeof good];
    for (size_t n = 0; n < sizeof good; n++) {
        memcpy(text, good, n);
        text[n] = 0;
        FTL_CHECK(survives(text));
    }
}

static void garbage_files_are_refused(void) {
    char path[4200];
    snprintf(path, sizeof path, "%s/garbage.yaml", ftl_test_directory());
    size_t n = 1 << 16;
    char *bytes = malloc(n);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)draw(256);
        if (round % 2) memcpy(bytes, round % 4 == 1 ? "\xff\xfe" : "\xfe\xff", 2);
        FTL_CHECK_OK(ftl_file_write(path, bytes, n));
        ftl_config *config = NULL;
        FTL_CHECK_FAILS(ftl_config_open(&config, path), FTL_ECONFIG, "garbage.yaml:");
        FTL_CHECK(!config);
    }
    free(bytes);
}

/* `n` times `unit` between head and tail; n bytes in all are a megabyte. */
static bool survives_repeated(
        const char *head, const char *unit, const char *tail, size_t n_bytes) {
    size_t n_head = strlen(head), n_unit = strlen(unit);
    size_t n = n_bytes / n_unit;
    char *text = malloc(n_head + n * n_unit + strlen(tail) + 1);
    memcpy(text, head, n_head);
    for (size_t i = 0; i < n; i++)
        memcpy(text + n_head + i * n_unit, unit, n_unit);
    strcpy(text + n_head + n * n_unit, tail);
    clock_t start = clock();
    bool fine = survives(text);
    double taken = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (taken > 20)
        ftl_test_fail(__FILE__, __LINE__, "%s%s: %.1f s", head, unit, taken);
    free(text);
    return fine;
}

static void megabytes_are_survived(void) {
    size_t mega = 1 << 20;
    n_read = 0;
    FTL_CHECK(survives_repeated("note: ", "x", "\n", mega));
    FTL_CHECK(survives_repeated("note: \"", "\\u2028", "\"\n", mega));
    FTL_CHECK(survives_repeated("note: |\n", "  a line\n", "", mega));
    FTL_CHECK(survives_repeated("tags: [", "abcdefghijklmno, ", "]\n", mega));
    FTL_CHECK(survives_repeated("run:\n", "- pretrain: {kimg: 3}\n", "", mega / 2));
    FTL_CHECK(n_read == 5);
    FTL_CHECK(survives_repeated("seed: ", "1", "\n", mega));
    FTL_CHECK(survives_repeated("seed: 1e", "9", "\n", mega));
    FTL_CHECK(survives_repeated("rate: 0.", "1", "\n", mega));
    FTL_CHECK(survives_repeated("rate: ", "1", "\n", mega));
    FTL_CHECK(survives_repeated("tune: ", "o", "\n", mega));
    FTL_CHECK(survives_repeated("", "k", ": 1\n", mega));
    FTL_CHECK(survives_repeated("? ", "k", "\n: 1\n", mega));
    FTL_CHECK(survives_repeated("data: ", "[", "", mega));
    FTL_CHECK(survives_repeated("data: ", "{a: ", "", mega));
    FTL_CHECK(survives_repeated("", "- ", "", mega));
    FTL_CHECK(survives_repeated("a: ", "!", "", mega));
    FTL_CHECK(survives_repeated("a: ", "&b ", "", mega));
    FTL_CHECK(survives_repeated("tags: [", ",", "]", mega));
    FTL_CHECK(survives_repeated("tags: [", "a, ", "]", mega));
    FTL_CHECK(survives_repeated("data: {groups: {", "a: 1, ", "}}", mega / 16));
    FTL_CHECK(survives_repeated("", "\n", "a", mega));
    FTL_CHECK(survives_repeated("a: 'b", " ", "'", mega));
    FTL_CHECK(survives_repeated("%", "A", "\n---\na: 1\n", mega));
}

static void hostile_assignments_are_survived(void) {
    static const char *const pieces[] = {"run", "data", "extra", "tags", "seed",
            "groups", "adapt", "evaluate", "stages", "kimg", ".", ".", ".", "[0]",
            "[1]", "[", "]", "=", "=", "{a: 1}", "[]", "3", "null", "*", "&", "'",
            "\xff", " "};
    int n_set = 0;
    for (int round = 0; round < 20000; round++) {
        ftl_config *config = NULL;
        FTL_CHECK_OK(ftl_config_parse(&config, good, "c.yaml"));
        char assignment[256] = "";
        for (unsigned n = draw(9); n > 0; n--)
            strcat(assignment, pieces[draw(sizeof pieces / sizeof *pieces)]);
        ftl_status status = ftl_config_set(config, assignment, all_options);
        all_settings v;
        n_set += status == FTL_OK;
        if (status == FTL_OK) status = ftl_config_read(config, all_options, &v);
        FTL_CHECK(status == FTL_OK || status == FTL_ECONFIG);
        if (status != FTL_OK) FTL_CHECK(ftl_message()[0]);
        ftl_clear();
        ftl_config_free(config);
    }
    FTL_CHECK(n_set > 20);
}

int main(void) {
    FTL_TEST(damaged_text_is_survived);
    FTL_TEST(every_prefix_is_survived);
    FTL_TEST(garbage_files_are_refused);
    FTL_TEST(megabytes_are_survived);
    FTL_TEST(hostile_assignments_are_survived);
    return ftl_test_finish();
}
