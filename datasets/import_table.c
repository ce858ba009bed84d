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

/* What is found out about a row before it is taken. */
typedef struct fate {
    int64_t twin; /* another row of the same name; -1 */
    bool clashes; /* rows of its name are not all alike */
} fate;

/* A table while it is matched with the files. */
typedef struct matching {
    ftl_import_files *files;
    const ftl_csv *table;
    fate *fate;     /* [table->n_rows] */
    int64_t *image; /* [table->n_rows] the file that each row is about; -1 none */
} matching;

static int compare_words(const void *a, const void *b) {
    const word *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool are_alike(const ftl_csv *table, int64_t a, int64_t b) {
    for (int i = 1; i < table->n_columns; i++)
        if (strcmp(ftl_csv_cell(table, a, i), ftl_csv_cell(table, b, i)) != 0)
            return false;
    return true;
}

/* Rows of one name, in their order. */
static void judge_twins(const matching *m, const word *of, int64_t n) {
    bool clash = false;
    for (int64_t i = 1; i < n; i++)
        clash |= !are_alike(m->table, of[0].row, of[i].row);
    for (int64_t i = 0; i < n; i++)
        m->fate[of[i].row] = (fate) {n == 1 ? -1 : of[i ? 0 : 1].row, clash};
}

static ftl_status judge_rows(const matching *m) {
    const ftl_csv *table = m->table;
    size_t n = (size_t)table->n_rows;
    word *names = malloc(sizeof *names * n);
    if (!names) return ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
    for (size_t i = 0; i < n; i++)
        names[i] = (word) {ftl_csv_cell(table, (int64_t)i, 0), (int64_t)i};
    qsort(names, n, sizeof *names, compare_words);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && !strcmp(names[to].text, names[from].text); to++) {
        }
        judge_twins(m, &names[from], (int64_t)(to - from));
    }
    free(names);
    return FTL_OK;
}

static ftl_status name_ragged_rows(const matching *m) {
    for (int64_t i = 0; i < m->table->n_ragged; i++) {
        const ftl_csv_ragged *row = &m->table->ragged[i];
        ftl_import_file *file = ftl_import_files_find(m->files, row->first);
        if (file) file->left_out = true;
        FTL_TRY(ftl_import_problem(m->files->import,
                &m->files->import->counts.rows_left_out,
                "%s:%lld: %lld cells; the header has %d: left out", m->table->name,
                (long long)row->line, (long long)row->n_cells, m->table->n_columns));
    }
    return FTL_OK;
}

static ftl_status match_row(const matching *m, int64_t row, ftl_import_file *file) {
    const ftl_csv *table = m->table;
    ftl_import *import = m->files->import;
    fate f = m->fate[row];
    long long line = table->line[row], other = f.twin < 0 ? 0 : table->line[f.twin];
    const char *name = ftl_csv_cell(table, row, 0);
    if (!file)
        return ftl_import_problem(import, &import->counts.rows_without_image,
                "%s:%lld: no image \"%s\"%s", table->name, line, name,
                ftl_import_files_why(name));
    if (f.clashes) {
        file->left_out = true;
        return ftl_import_problem(import, &import->counts.rows_left_out,
                "%s:%lld: \"%s\" has another row, line %lld, and they differ: left out",
                table->name, line, name, other);
    }
    if (f.twin >= 0 && f.twin < row)
        return ftl_import_note(import, NULL,
                "%s:%lld: \"%s\" has the same row already, line %lld", table->name,
                line, name, other);
    file->row = row;
    file->left_out = false;
    m->image[row] = file - m->files->item;
    return FTL_OK;
}

/* Rows are matched in their own order, so that the report is in order of lines. */
static ftl_status match_rows(const matching *m) {
    const ftl_csv *table = m->table;
    ftl_import *import = m->files->import;
    int64_t n_found = 0;
    FTL_TRY(name_ragged_rows(m));
    for (int64_t row = 0; row < table->n_rows; row++) {
        ftl_import_file *file =
                ftl_import_files_find(m->files, ftl_csv_cell(table, row, 0));
        n_found += file != NULL;
        m->image[row] = -1;
        FTL_TRY(match_row(m, row, file));
    }
    if (!n_found)
        return ftl_fail(FTL_EINPUT,
                "%s: none of its rows names an image of %s: its first column has names "
                "such as \"%s\", the folder such as \"%s\"",
                table->name, m->files->root, ftl_csv_cell(table, 0, 0),
                m->files->item[0].name);
    return ftl_import_files_check_rows(
            m->files, table->name, &import->counts.images_without_row);
}

static ftl_status check_header(const ftl_import_files *files, const ftl_csv *table) {
    if (ftl_import_files_find(files, table->header[0]))
        return ftl_fail(FTL_EFORMAT,
                "%s: has no header line: its first one is the row of \"%s\"; write one "
                "above it, such as file,label",
                table->name, table->header[0]);
    if (table->n_rows) return FTL_OK;
    return ftl_fail(FTL_EFORMAT, "%s: no row below its header", table->name);
}

static ftl_status take_table(ftl_import_files *files, const ftl_csv *table) {
    matching m = {.files = files, .table = table};
    ftl_status status;
    FTL_TRY(check_header(files, table));
    m.fate = malloc(sizeof *m.fate * (size_t)table->n_rows);
    m.image = malloc(sizeof *m.image * (size_t)table->n_rows);
    if (!m.fate || !m.image) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
        goto out;
    }
    FTL_TRY_OUT(judge_rows(&m));
    FTL_TRY_OUT(match_rows(&m));
    FTL_TRY_OUT(ftl_import_columns_take(files->import, table, m.image, files->n));
out:
    free(m.fate);
    free(m.image);
    return status;
}

ftl_status ftl_import_table_take(ftl_import_files *files, const char *path) {
    ftl_csv table;
    FTL_TRY(ftl_csv_read(&table, path));
    ftl_status status = take_table(files, &table);
    ftl_csv_deinit(&table);
    return status;
}
