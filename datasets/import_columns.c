/* import_columns.c - see import_columns.h. */
#include "datasets/import_columns.h"

#include "datasets/import_table.h"
#include "engine/base/log.h"

#include <stdlib.h>
#include <string.h>

/* What a column becomes. */
typedef struct column {
    const ftl_csv *table;
    const int64_t *image; /* [table->n_rows], -1 none */
    int64_t n;            /* images */
    int at;
    const char *where; /* the header */
} column;

static const char *cell_of(const column *c, int64_t row) {
    return ftl_csv_cell(c->table, row, c->at);
}

/* ---------------------------------------------------------------------------- numbers
 */

/* One word among numbers must not turn all of them into words: words are numbered, and
 * ranges would then be about those numbers. */
static bool is_of_numbers(const column *c) {
    int64_t n_numbers = 0, n_others = 0;
    for (int64_t row = 0; row < c->table->n_rows; row++) {
        const char *cell = cell_of(c, row);
        if (!cell[0]) continue;
        if (ftl_csv_is_value(cell))
            n_numbers++;
        else
            n_others++;
    }
    return n_numbers >= n_others;
}

/* In many tables -1 means no. Here it would be lost without a word. */
static ftl_status check_signs(ftl_import *import, const column *c) {
    bool minus_one = false, one = false, other = false;
    for (int64_t row = 0; row < c->table->n_rows; row++) {
        int32_t value;
        if (!cell_of(c, row)[0] || !ftl_csv_is_value(cell_of(c, row))) continue;
        FTL_TRY(ftl_csv_value(&value, c->table, row, c->at));
        minus_one |= value == -1;
        one |= value == 1;
        other |= value != -1 && value != 1;
    }
    if (!minus_one || !one || other) return FTL_OK;
    static const char text[] = "%s: column \"%s\" holds -1 and 1 only; -1 is taken as "
                               "missing: write 0 if it means no";
    const char *name = c->table->name, *title = c->table->header[c->at];
    ftl_log_warning(text, name, title);
    return ftl_import_problem(import, NULL, text, name, title);
}

static ftl_status take_numbers(ftl_import *import, const column *c) {
    const ftl_csv *table = c->table;
    const char *title = table->header[c->at];
    int32_t *values;
    FTL_TRY(check_signs(import, c));
    FTL_TRY(ftl_import_attribute_add(import, c->where, title, c->n, true, &values));
    for (int64_t row = 0; row < table->n_rows; row++) {
        const char *cell = cell_of(c, row);
        if (c->image[row] < 0) continue;
        if (ftl_csv_is_value(cell))
            FTL_TRY(ftl_csv_value(&values[c->image[row]], table, row, c->at));
        else
            FTL_TRY(ftl_import_problem(import, &import->counts.unread,
                    "%s:%lld: column \"%s\" holds numbers, but \"%s\" is no integer "
                    "from 0 to %d: taken as missing",
                    table->name, (long long)table->line[row], title, cell, INT32_MAX));
    }
    return FTL_OK;
}

/* ------------------------------------------------------------------------------ texts
 */

static int compare_texts(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Each text once, without the empty one, in bytewise order; at most one more than the
 * limit. Texts point into the table. */
static ftl_status find_texts(
        const column *c, const char *texts[FTL_IMPORT_MAX_TEXTS + 1], int *n_texts) {
    int64_t n = c->table->n_rows;
    const char **cells = malloc(sizeof *cells * (size_t)(n + 1));
    if (!cells) return ftl_fail(FTL_ENOMEM, "%s: no memory left", c->table->name);
    for (int64_t row = 0; row < n; row++)
        cells[row] = cell_of(c, row);
    qsort(cells, (size_t)n, sizeof *cells, compare_texts);
    *n_texts = 0;
    for (int64_t i = 0; i < n && *n_texts <= FTL_IMPORT_MAX_TEXTS; i++) {
        const char *text = cells[i];
        if (!text[0] || (*n_texts && strcmp(text, texts[*n_texts - 1]) == 0)) continue;
        texts[(*n_texts)++] = text;
    }
    free(cells);
    return FTL_OK;
}

static ftl_status take_texts(ftl_import *import, const column *c) {
    const ftl_csv *table = c->table;
    const char *texts[FTL_IMPORT_MAX_TEXTS + 1], *title = table->header[c->at];
    int32_t *values;
    int n_texts = 0;
    FTL_TRY(find_texts(c, texts, &n_texts));
    if (n_texts > FTL_IMPORT_MAX_TEXTS)
        return ftl_import_problem(import, NULL,
                "%s: column \"%s\": not taken: more than %d different texts are no "
                "attribute",
                table->name, title, FTL_IMPORT_MAX_TEXTS);
    FTL_TRY(ftl_import_attribute_add(import, c->where, title, c->n, true, &values));
    FTL_TRY(ftl_import_name_values(import, texts, n_texts));
    for (int64_t row = 0; row < table->n_rows; row++) {
        const char *cell = cell_of(c, row);
        if (c->image[row] < 0) continue;
        const char **found =
                bsearch(&cell, texts, (size_t)n_texts, sizeof *texts, compare_texts);
        if (found) values[c->image[row]] = (int32_t)(found - texts);
    }
    return ftl_import_note(import, NULL,
            "%s: column \"%s\" holds text: its %d values are numbered from 0, \"%s\"",
            table->name, title, n_texts, texts[0]);
}

ftl_status ftl_import_columns_take(
        ftl_import *import, const ftl_csv *table, const int64_t *image, int64_t n) {
    const char *where = ftl_arena_printf(
            import->arena, "%s:%lld", table->name, (long long)table->header_line);
    if (!where) return FTL_ENOMEM;
    for (int i = 1; i < table->n_columns; i++) {
        const column c = {table, image, n, i, where};
        if (!table->header[i][0])
            return ftl_fail(FTL_EFORMAT, "%s: column %d of the header has no name",
                    table->name, i + 1);
        FTL_TRY(is_of_numbers(&c) ? take_numbers(import, &c) : take_texts(import, &c));
    }
    return FTL_OK;
}
