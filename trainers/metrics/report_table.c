/* report_table.c - evaluations side by side, for people; see report.h. */
#include "trainers/metrics/report.h"

#include "engine/base/memory_file.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 512, GAP = 3 };

/* Rows, of which SHARE is one for each group; those of quality are there if any of the
 * evaluations has them. */
enum {
    TITLE,
    STAGE,
    KIMG,
    IMAGES,
    SHARE,
    NAIVE,
    L1,
    KL,
    CORRECTED,
    INTERVAL,
    CONFIDENCE,
    FRECHET,
    KID,
    KID_ERROR,
    PRECISION,
    RECALL,
    DENSITY,
    COVERAGE,
    N_KINDS
};

typedef struct table_row {
    int kind, group; /* group: of SHARE */
} table_row;

typedef struct table {
    const ftl_evaluation *const *evaluation;
    const char *const *title;
    int n, n_rows;
    table_row row[N_KINDS + FTL_FAIRNESS_MAX_GROUPS];
} table;

static int metric_of(int kind) {
    if (kind == FRECHET) return FTL_QUALITY_FRECHET;
    return kind <= KID_ERROR ? FTL_QUALITY_KID : FTL_QUALITY_PRDC;
}

static bool has(const ftl_evaluation *e, int kind) {
    if (kind == CONFIDENCE) return e->confidence > 0;
    return kind < FRECHET ||
           (e->quality.extractor && e->quality.figure.has[metric_of(kind)]);
}

static void choose_rows(table *t) {
    for (int kind = 0; kind < N_KINDS; kind++) {
        const int copies = kind == SHARE ? t->evaluation[0]->n_groups : 1;
        bool any = false;
        for (int i = 0; i < t->n; i++)
            any |= has(t->evaluation[i], kind);
        for (int group = 0; any && group < copies; group++)
            t->row[t->n_rows++] = (table_row) {kind, group};
    }
}

/* The extractor of quality: of the first that has one. */
static const char *extractor_of(const table *t) {
    const char *name = NULL;
    for (int i = 0; !name && i < t->n; i++)
        name = t->evaluation[i]->quality.extractor;
    return name;
}

static void write_label(char cell[CELL], const table *t, int row) {
    static const char *const label[N_KINDS] = {"", "stage", "kimg", "images", "share",
            "FD, naive", "  L1", "  KL, nats", "FD, corrected", "  95 % interval",
            "classifier's confidence", "frechet", "KID", "  standard error",
            "precision", "recall", "density", "coverage"};
    const table_row *r = t->row + row;
    const char *name = label[r->kind];
    if (r->kind == SHARE)
        snprintf(cell, CELL, "%s of %s", name, t->evaluation[0]->group[r->group]);
    else if (r->kind == FRECHET && ftl_quality_is_fid(extractor_of(t)))
        snprintf(cell, CELL, "FID");
    else if (r->kind == FRECHET || r->kind == KID)
        snprintf(cell, CELL, "%s[%s]", name, extractor_of(t));
    else
        snprintf(cell, CELL, "%s", name);
}

static double quality_of(const ftl_quality *q, int kind) {
    switch (kind) {
    case FRECHET:
        return q->frechet;
    case KID:
        return q->kid;
    case KID_ERROR:
        return q->kid_error;
    case PRECISION:
        return q->prdc.precision;
    case RECALL:
        return q->prdc.recall;
    case DENSITY:
        return q->prdc.density;
    default:
        return q->prdc.coverage;
    }
}

static void write_quality(char cell[CELL], const ftl_evaluation *e, int kind) {
    const double value = quality_of(&e->quality.figure, kind);
    if (!has(e, kind))
        snprintf(cell, CELL, "-");
    else if (kind == KID || kind == KID_ERROR)
        snprintf(cell, CELL, "%.3g", value);
    else
        snprintf(cell, CELL, "%.4f", value);
}

static void write_cell(char cell[CELL], const table *t, int row, int column) {
    const ftl_evaluation *e = t->evaluation[column];
    const table_row *r = t->row + row;
    switch (r->kind) {
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
        snprintf(cell, CELL, "%.4f", e->share[r->group]);
        break;
    case NAIVE:
        snprintf(cell, CELL, "%.4f", e->fd);
        break;
    case L1:
        snprintf(cell, CELL, "%.4f", e->l1);
        break;
    case KL:
        snprintf(cell, CELL, "%.4f", e->kl);
        break;
    case CORRECTED:
        snprintf(cell, CELL, "%.4f", e->fd_corrected);
        break;
    case INTERVAL:
        snprintf(cell, CELL, "[%.4f, %.4f]", e->fd_interval[0], e->fd_interval[1]);
        break;
    case CONFIDENCE:
        if (has(e, CONFIDENCE))
            snprintf(cell, CELL, "%.4f", e->confidence);
        else
            snprintf(cell, CELL, "-");
        break;
    default:
        write_quality(cell, e, r->kind);
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
    for (int row = 0; row < t->n_rows; row++) {
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
    for (int row = 0; row < t->n_rows; row++) {
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
    for (int i = 0; i < t->n; i++) {
        const ftl_evaluation_quality *q = &t->evaluation[i]->quality;
        if (q->extractor)
            fprintf(file,
                    "quality (%s): %" PRId64 " generated, %" PRId64
                    " real images (%s); %" PRId64 " features of %s %.12s\n",
                    t->title[i], q->figure.n_generated, q->figure.n_real, q->split,
                    q->features, q->extractor, q->hash);
        if (q->extractor && strcmp(q->resizer, "none") != 0)
            fprintf(file, "images (%s): %s\n", t->title[i], q->resizer);
    }
    for (int i = 0; i < t->n; i++)
        if (t->evaluation[i]->contradicted)
            fprintf(file,
                    "note (%s): no mixture of these groups would be called like this: "
                    "the classifier's\n"
                    "  error rates, measured on real images, do not hold on these; "
                    "trust the naive FD\n",
                    t->title[i]);
    for (int i = 0; i < t->n; i++)
        if (t->evaluation[i]->note)
            fprintf(file, "note (%s): %s\n", t->title[i], t->evaluation[i]->note);
}

ftl_status ftl_report_table(char **text, const ftl_evaluation *const *evaluation,
        const char *const *title, int n) {
    assert(n > 0);
    table t = {.evaluation = evaluation, .title = title, .n = n};
    for (int i = 1; i < n; i++)
        assert(evaluation[i]->n_groups == evaluation[0]->n_groups);
    choose_rows(&t);
    ftl_memory_file memory;
    *text = NULL;
    FTL_TRY(ftl_memory_file_open(&memory, "the table of metrics"));
    print_table(memory.file, &t);
    return ftl_memory_file_close(&memory, FTL_OK, text, NULL);
}
