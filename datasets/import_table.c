/* import_table.c - see import_table.h. */
#include "datasets/import_table.h"

#include "datasets/csv.h"
#include "datasets/import_columns.h"

#include <stdlib.h>
#include <string.h>

/* The name in a row, for sorting. */
typedef struct word {
    const char *text;
    int64_t row;
} word;

static int compare_words(const void *a, const void *b) {
    const word *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* The names of all rows in bytewise order. *out is malloc'ed. */
static ftl_status sort_names(word **out, const ftl_csv *table) {
    *out = malloc(sizeof **out * (size_t)(table->n_rows + 1));
    if (!*out) return ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
    for (int64_t i = 0; i < table->n_rows; i++)
        (*out)[i] = (word) {ftl_csv_cell(table, i, 0), i};
    qsort(*out, (size_t)table->n_rows, sizeof **out, compare_words);
    return FTL_OK;
}

static ftl_status check_rows_unique(const ftl_csv *table) {
    word *names;
    FTL_TRY(sort_names(&names, table));
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

/* image[row] = the file that it is about, or -1. Rows are matched in their own order,
 * so that the report is in order of lines. */
static ftl_status match_rows(
        ftl_import_files *files, const ftl_csv *table, int64_t *image) {
    ftl_import *import = files->import;
    int64_t n_found = 0;
    for (int64_t row = 0; row < table->n_rows; row++) {
        const char *name = ftl_csv_cell(table, row, 0);
        ftl_import_file *found = ftl_import_files_find(files, name);
        n_found += found != NULL;
        image[row] = found ? found - files->item : -1;
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

static ftl_status take_table(ftl_import_files *files, const ftl_csv *table) {
    ftl_status status;
    int64_t *image = malloc(sizeof *image * (size_t)(table->n_rows + 1));
    if (!image) return ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
    FTL_TRY_OUT(check_rows_unique(table));
    FTL_TRY_OUT(match_rows(files, table, image));
    FTL_TRY_OUT(ftl_import_columns_take(files->import, table, image, files->n));
out:
    free(image);
    return status;
}

ftl_status ftl_import_table_take(ftl_import_files *files, const char *path) {
    ftl_csv table;
    FTL_TRY(ftl_csv_read(&table, path));
    ftl_status status = take_table(files, &table);
    ftl_csv_deinit(&table);
    return status;
}
