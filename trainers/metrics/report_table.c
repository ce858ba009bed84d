/* report_table.c - evaluations side by side, for people; see report.h. */
#include "trainers/metrics/report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 512, GAP = 3 };

/* Rows, of which SHARE is one for each group. */
enum { TITLE, STAGE, KIMG, IMAGES, SHARE, NAIVE, CORRECTED, INTERVAL, N_KINDS };

typedef struct table {
    const ftl_evaluation *const *evaluation;
    const char *const *title;
    int n, n_groups;
} table;

/* Which kind of row this is, and of which group. */
static int row_kind(const table *t, int row, int *group) {
    *group = row - SHARE;
    if (row < SHARE) return row;
    return *group < t->n_groups ? SHARE : row - t->n_groups + 1;
}

static int n_rows(const table *t) { return N_KINDS - 1 + t->n_groups; }

static void write_label(char cell[CELL], const table *t, int row) {
    static const char *const label[N_KINDS] = {"", "stage", "kimg", "images", "share",
            "FD, naive", "FD, corrected", "  95 % interval"};
    int group;
    const int kind = row_kind(t, row, &group);
    snprintf(cell, CELL, "%s%s%s", label[kind], kind == SHARE ? " of " : "",
            kind == SHARE ? t->evaluation[0]->group[group] : "");
}

static void write_cell(char cell[CELL], const table *t, int row, int column) {
    const ftl_evaluation *e = t->evaluation[column];
    int group;
    switch (row_kind(t, row, &group)) {
    case TITLE:
        snprintf(cell, CELL, "%s", t->title[column]);
        break;
    case STAGE:
        snprintf(cell, CELL, "%s", e->stage);
        break;
    case KIMG:
        snprintf(cell, CELL, e->kimg < 0 ? "-" : "%.6g", e->kimg);
        break;
    case IMAGES:
        snprintf(cell, CELL, "%" PRId64, e->n_samples);
        break;
    case SHARE:
        snprintf(cell, CELL, "%.4f", e->share[group]);
        break;
    case NAIVE:
        snprintf(cell, CELL, "%.4f", e->fd);
        break;
    case CORRECTED:
        snprintf(cell, CELL, "%.4f", e->fd_corrected);
        break;
    default:
        snprintf(cell, CELL, "[%.4f, %.4f]", e->fd_interval[0], e->fd_interval[1]);
    }
}

/* Characters of UTF-8, each taken to be one column wide. */
static int width(const char *text) {
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Width of the labels (column -1) or of a column's cells. */
static int column_width(const table *t, int column) {
    int widest = 0;
    for (int row = 0; row < n_rows(t); row++) {
        char cell[CELL];
        if (column < 0)
            write_label(cell, t, row);
        else
            write_cell(cell, t, row, column);
        if (width(cell) > widest) widest = width(cell);
    }
    return widest;
}

static void print_table(FILE *file, const table *t) {
    for (int row = 0; row < n_rows(t); row++) {
        char cell[CELL];
        write_label(cell, t, row);
        int missing = column_width(t, -1) - width(cell);
        fputs(cell, file);
        for (int column = 0; column < t->n; column++) {
            write_cell(cell, t, row, column);
            fprintf(file, "%*s%s", missing + GAP, "", cell);
            missing = column_width(t, column) - width(cell);
        }
        fputc('\n', file);
    }
    for (int i = 0; i < t->n; i++)
        if (t->evaluation[i]->note)
            fprintf(file, "note (%s): %s\n", t->title[i], t->evaluation[i]->note);
}

ftl_status ftl_report_table(char **text, const ftl_evaluation *const *evaluation,
        const char *const *title, int n) {
    assert(n > 0);
    const table t = {evaluation, title, n, evaluation[0]->n_groups};
    for (int i = 1; i < n; i++)
        assert(evaluation[i]->n_groups == t.n_groups);
    size_t n_bytes;
    FILE *file = open_memstream(text, &n_bytes);
    if (file) {
        print_table(file, &t);
        const int failed = ferror(file);
        if (!fclose(file) && !failed) return FTL_OK;
        free(*text);
    }
    *text = NULL;
    return ftl_fail(FTL_ENOMEM, "no memory left for the table of metrics");
}
