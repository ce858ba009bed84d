/* import_table.c - see import_table.h. */
#include "datasets/import_table.h"

#include "datasets/csv.h"
#include "engine/base/log.h"

#include <stdlib.h>
#include <string.h>

/* A cell of the column that is looked at, for sorting. */
typedef struct word {
    const char *text;
    int64_t row;
} word;

static int compare_words(const void *a, const void *b) {
    const word *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int compare_texts(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* The cells of a column in bytewise order. *out is malloc'ed. */
static ftl_status sort_column(word **out, const ftl_csv *table, int column) {
    *out = malloc(sizeof **out * (size_t)(table->n_rows + 1));
    if (!*out) return ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
    for (int64_t i = 0; i < table->n_rows; i++)
        (*out)[i] = (word) {ftl_csv_cell(table, i, column), i};
    qsort(*out, (size_t)table->n_rows, sizeof **out, compare_words);
    return FTL_OK;
}

static ftl_status check_rows_unique(const ftl_csv *table) {
    word *names;
    FTL_TRY(sort_column(&names, table, 0));
    ftl_status status = FTL_OK;
    for (int64_t i = 1; i < table->n_rows && status == FTL_OK; i++)
        if (strcmp(names[i].text, names[i - 1].text) == 0)
            status = ftl_fail(FTL_EFORMAT,
                    "%s:%lld: \"%s\" has a row already, line %lld", table->name,
                    (long long)table->line[names[i].row], names[i].text,
                    (long long)table->line[names[i - 1].row]);
    free(names);
    return status;
}

/* Rows are matched in their own order, so that the report is in order of lines. */
static ftl_status match_rows(ftl_import_files *files, const ftl_csv *table) {
    ftl_import *import = files->import;
    int64_t n_found = 0;
    for (int64_t row = 0; row < table->n_rows; row++) {
        const char *name = ftl_csv_cell(table, row, 0);
        ftl_import_file *found = ftl_import_files_find(files, name);
        n_found += found != NULL;
        if (found)
            found->row = row;
        else
            FTL_TRY(ftl_import_problem(import, &import->counts.rows_without_image,
                    "%s:%lld: no image \"%s\"", table->name,
                    (long long)table->line[row], name));
    }
    if (table->n_rows && !n_found)
        return ftl_fail(FTL_EINPUT,
                "%s: none of its rows names an image of %s: its first column has names "
                "such as \"%s\", the folder such as \"%s\"",
                table->name, files->root, ftl_csv_cell(table, 0, 0),
                files->item[0].name);
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].row < 0)
            FTL_TRY(ftl_import_problem(import, &import->counts.images_without_row,
                    "%s: no row in %s", files->item[i].name, table->name));
    return FTL_OK;
}

/* ---------------------------------------------------------------- columns of numbers
 */

static bool is_numeric(const ftl_csv *table, int column) {
    for (int64_t row = 0; row < table->n_rows; row++)
        if (!ftl_csv_is_value(ftl_csv_cell(table, row, column))) return false;
    return true;
}

/* In many tables -1 means no. Here it would be lost without a word. */
static ftl_status check_signs(ftl_import *import, const ftl_csv *table, int column) {
    bool minus_one = false, one = false, other = false;
    for (int64_t row = 0; row < table->n_rows; row++) {
        const char *cell = ftl_csv_cell(table, row, column);
        int32_t value = -1;
        if (!cell[0] || ftl_csv_value(&value, table, row, column)) continue;
        minus_one |= value == -1;
        one |= value == 1;
        other |= value != -1 && value != 1;
    }
    if (!minus_one || !one || other) return FTL_OK;
    static const char text[] = "%s: column \"%s\" holds -1 and 1 only; -1 is taken as "
                               "missing: write 0 if it means no";
    ftl_log_warning(text, table->name, table->header[column]);
    return ftl_import_problem(import, NULL, text, table->name, table->header[column]);
}

static ftl_status take_numbers(
        const ftl_import_files *files, const ftl_csv *table, int column) {
    int32_t *values;
    FTL_TRY(check_signs(files->import, table, column));
    FTL_TRY(ftl_import_attribute_add(
            files->import, table->header[column], files->n, true, &values));
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].row >= 0)
            FTL_TRY(ftl_csv_value(&values[i], table, files->item[i].row, column));
    return FTL_OK;
}

/* ------------------------------------------------------------------ columns of texts
 */

/* Each text once, without the empty one, in bytewise order; at most one more than the
 * limit. Texts point into the table. */
static ftl_status find_texts(const ftl_csv *table, int column,
        const char *texts[FTL_IMPORT_MAX_TEXTS + 1], int *n_texts) {
    word *cells;
    FTL_TRY(sort_column(&cells, table, column));
    *n_texts = 0;
    for (int64_t i = 0; i < table->n_rows && *n_texts <= FTL_IMPORT_MAX_TEXTS; i++) {
        const char *text = cells[i].text;
        if (!text[0] || (*n_texts && strcmp(text, texts[*n_texts - 1]) == 0)) continue;
        texts[(*n_texts)++] = text;
    }
    free(cells);
    return FTL_OK;
}

static ftl_status take_texts(
        const ftl_import_files *files, const ftl_csv *table, int column) {
    const char *texts[FTL_IMPORT_MAX_TEXTS + 1], *title = table->header[column];
    ftl_import *import = files->import;
    int32_t *values;
    int n_texts;
    FTL_TRY(find_texts(table, column, texts, &n_texts));
    if (n_texts > FTL_IMPORT_MAX_TEXTS)
        return ftl_import_problem(import, NULL,
                "%s: column \"%s\": not taken: more than %d different texts are no "
                "attribute",
                table->name, title, FTL_IMPORT_MAX_TEXTS);
    FTL_TRY(ftl_import_attribute_add(import, title, files->n, true, &values));
    FTL_TRY(ftl_import_name_values(import, texts, n_texts));
    for (int64_t i = 0; i < files->n; i++) {
        if (files->item[i].row < 0) continue;
        const char *cell = ftl_csv_cell(table, files->item[i].row, column);
        const char **found =
                bsearch(&cell, texts, (size_t)n_texts, sizeof *texts, compare_texts);
        if (found) values[i] = (int32_t)(found - texts);
    }
    return ftl_import_note(import, NULL,
            "%s: column \"%s\" holds text: its %d values are numbered from 0, \"%s\"",
            table->name, title, n_texts, texts[0]);
}

static ftl_status take_columns(ftl_import_files *files, const ftl_csv *table) {
    FTL_TRY(check_rows_unique(table));
    FTL_TRY(match_rows(files, table));
    for (int i = 1; i < table->n_columns; i++) {
        if (!table->header[i][0])
            return ftl_fail(FTL_EFORMAT, "%s: column %d of the header has no name",
                    table->name, i + 1);
        FTL_TRY(is_numeric(table, i) ? take_numbers(files, table, i)
                                     : take_texts(files, table, i));
    }
    return FTL_OK;
}

ftl_status ftl_import_table_take(ftl_import_files *files, const char *path) {
    ftl_csv table;
    FTL_TRY(ftl_csv_read(&table, path));
    ftl_status status = take_columns(files, &table);
    ftl_csv_deinit(&table);
    return status;
}
