/* test_csv.c - tables as people have them, and those that are refused. */
#include "datasets/csv.h"
#include "engine/base/file.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ftl_status parse(ftl_csv *csv, const char *text) {
    return ftl_csv_parse(csv, text, strlen(text), "t.csv");
}

static void reads_a_table(void) {
    ftl_csv csv;
    FTL_CHECK_OK(parse(&csv, "file,age\na.jpg,3\n\nb.jpg,-1"));
    FTL_CHECK(csv.n_columns == 2 && csv.n_rows == 2);
    FTL_CHECK(!strcmp(csv.header[1], "age"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 0), "a.jpg"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 0), "b.jpg"));
    FTL_CHECK(csv.line[0] == 2 && csv.line[1] == 4);
    int32_t value;
    FTL_CHECK_OK(ftl_csv_value(&value, &csv, 0, 1));
    FTL_CHECK(value == 3);
    FTL_CHECK_OK(ftl_csv_value(&value, &csv, 1, 1));
    FTL_CHECK(value == -1);
    ftl_csv_deinit(&csv);
}

static void reads_mark_crlf_and_quotes(void) {
    ftl_csv csv;
    FTL_CHECK_OK(parse(&csv, "\xef\xbb\xbf\"file\",a,b\r\n"
                             "\"x, \"\"y\"\".jpg\",,\"\"\r\n"
                             "\"two\r\nlines\",1,2\r\n"
                             "last,5,\r\n"));
    FTL_CHECK(csv.n_columns == 3 && csv.n_rows == 3);
    FTL_CHECK(!strcmp(csv.header[0], "file"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 0), "x, \"y\".jpg"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 1), ""));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 2), ""));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 0), "two\r\nlines"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 2, 1), "5"));
    FTL_CHECK(csv.line[1] == 3 && csv.line[2] == 5);
    int32_t value;
    FTL_CHECK_OK(ftl_csv_value(&value, &csv, 0, 1));
    FTL_CHECK(value == -1);
    ftl_csv_deinit(&csv);
}

/* Blanks around cells are none of theirs, but a file may have them in its name. */
static void trims_cells(void) {
    ftl_csv csv;
    int32_t value;
    FTL_CHECK_OK(parse(&csv, "file, \tage,\" x \" \n a b , 25.0 ,\" 4\"\t\n"
                             "c\t,\t-1.\t , \"a,\"\"\" \n"));
    FTL_CHECK(!strcmp(csv.header[1], "age") && !strcmp(csv.header[2], "x"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 0), " a b "));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 0), "c\t"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 0, 2), "4"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 2), "a,\""));
    FTL_CHECK_OK(ftl_csv_value(&value, &csv, 0, 1));
    FTL_CHECK(value == 25);
    FTL_CHECK_OK(ftl_csv_value(&value, &csv, 1, 1));
    FTL_CHECK(value == -1);
    ftl_csv_deinit(&csv);
}

static void sets_ragged_rows_aside(void) {
    ftl_csv csv;
    FTL_CHECK_OK(parse(&csv, "a,b\n1,2\nx\n3,4\n\ny,5,6\nz\n"));
    FTL_CHECK(csv.n_rows == 2 && csv.line[1] == 4 && csv.n_ragged == 3);
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 0), "3"));
    FTL_CHECK(!strcmp(ftl_csv_cell(&csv, 1, 1), "4"));
    FTL_CHECK(csv.ragged[0].line == 3 && csv.ragged[0].n_cells == 1);
    FTL_CHECK(csv.ragged[1].line == 6 && csv.ragged[1].n_cells == 3);
    FTL_CHECK(!strcmp(csv.ragged[1].first, "y") && csv.ragged[2].line == 7);
    ftl_csv_deinit(&csv);
}

static void reads_a_header_alone(void) {
    ftl_csv csv;
    FTL_CHECK_OK(parse(&csv, "file"));
    FTL_CHECK(csv.n_columns == 1 && csv.n_rows == 0);
    ftl_csv_deinit(&csv);
}

static void refuses(void) {
    ftl_csv csv;
    FTL_CHECK_FAILS(parse(&csv, ""), FTL_EFORMAT, "t.csv: empty");
    FTL_CHECK_FAILS(parse(&csv, "\n\r\n"), FTL_EFORMAT, "t.csv: empty");
    FTL_CHECK_FAILS(parse(&csv, "a,b\r\n1\r\n1,2,3\r\n"), FTL_EFORMAT,
            "t.csv:2: 1 cells; the header has 2, and no row has as many");
    FTL_CHECK_FAILS(
            parse(&csv, "a,b\n1,\"2\n3,4\n"), FTL_EFORMAT, "t.csv:2: the quote");
    FTL_CHECK_FAILS(
            parse(&csv, "a,b\n1,\"2\"3\n"), FTL_EFORMAT, "t.csv:2: text behind");
    FTL_CHECK_FAILS(parse(&csv, "a,b,a\n"), FTL_EFORMAT,
            "t.csv:1: column \"a\" is there twice");
    FTL_CHECK_FAILS(ftl_csv_parse(&csv, "a\nb\0c", 5, "t.csv"), FTL_EFORMAT,
            "t.csv:2: a zero byte");
    FTL_CHECK(!csv.cell && !csv.header);
    FTL_CHECK_FAILS(ftl_csv_read(&csv, "/nowhere/t.csv"), FTL_EINPUT, "/nowhere/t.csv");
}

static void refuses_values(void) {
    const char *const bad[] = {"x", "1.5", "-2", "1.00x", "62 years", "1e3", ".0", "NA",
            "2147483648", "1 2", "0x1", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64], want[96];
        ftl_csv csv;
        int32_t value;
        snprintf(text, sizeof text, "f,race\na,%s\n", bad[i]);
        snprintf(want, sizeof want, "t.csv:2: column \"race\": \"%s\"", bad[i]);
        FTL_CHECK_OK(parse(&csv, text));
        ftl_status status = ftl_csv_value(&value, &csv, 0, 1);
        ftl_csv_deinit(&csv);
        FTL_CHECK_FAILS(status, FTL_EFORMAT, want);
    }
}

/* Every cut of a table is read or refused, never overrun. */
static void survives_every_cut(void) {
    static const char text[] = "\xef\xbb\xbf\"a\"\"b\",c\r\n\"1\r\n2\",\"3\"\r4,5\n";
    for (size_t n = 0; n < sizeof text; n++) {
        char *part = malloc(n + 1);
        ftl_csv csv;
        if (!part) abort();
        memcpy(part, text, n);
        if (ftl_csv_parse(&csv, part, n, "t.csv") == FTL_OK) ftl_csv_deinit(&csv);
        ftl_clear();
        free(part);
    }
}

int main(void) {
    FTL_TEST(reads_a_table);
    FTL_TEST(reads_mark_crlf_and_quotes);
    FTL_TEST(trims_cells);
    FTL_TEST(sets_ragged_rows_aside);
    FTL_TEST(reads_a_header_alone);
    FTL_TEST(refuses);
    FTL_TEST(refuses_values);
    FTL_TEST(survives_every_cut);
    return ftl_test_finish();
}
