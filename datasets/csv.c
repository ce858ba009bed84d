/* csv.c - see csv.h. Cells are unquoted in place, in one copy of the text. */
#include "datasets/csv.h"

#include "engine/base/file.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 4096

typedef struct parser {
    ftl_csv *csv;
    const char *from, *end; /* what is still to be read */
    char *to;               /* where the next cell goes; never ahead of from */
    int64_t line;
    int64_t n_cells, cells_capacity, lines_capacity;
} parser;

static ftl_status fail_memory(const parser *p) {
    return ftl_fail(FTL_ENOMEM, "%s: no memory left", p->csv->name);
}

static bool at_line_end(const parser *p) {
    return p->from == p->end || *p->from == '\n' || *p->from == '\r';
}

static void skip_line_end(parser *p) {
    if (p->from == p->end) return;
    if (*p->from == '\r' && p->from + 1 < p->end && p->from[1] == '\n') p->from++;
    p->from++;
    p->line++;
}

static ftl_status add_cell(parser *p, const char *cell) {
    if (p->n_cells == p->cells_capacity) {
        int64_t capacity = p->cells_capacity ? 2 * p->cells_capacity : 64;
        const char **grown = realloc(p->csv->cell, sizeof *grown * (size_t)capacity);
        if (!grown) return fail_memory(p);
        p->csv->cell = grown;
        p->cells_capacity = capacity;
    }
    p->csv->cell[p->n_cells++] = cell;
    return FTL_OK;
}

static ftl_status add_row(parser *p, int64_t line) {
    ftl_csv *csv = p->csv;
    if (csv->n_rows == p->lines_capacity) {
        int64_t capacity = p->lines_capacity ? 2 * p->lines_capacity : 64;
        int64_t *grown = realloc(csv->line, sizeof *grown * (size_t)capacity);
        if (!grown) return fail_memory(p);
        csv->line = grown;
        p->lines_capacity = capacity;
    }
    csv->line[csv->n_rows++] = line;
    return FTL_OK;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static void skip_blanks(parser *p) {
    while (p->from < p->end && is_blank(*p->from))
        p->from++;
}

/* The cells from `from` on are a row of the wrong length: they are taken back. */
static ftl_status set_ragged_aside(parser *p, int64_t line, int64_t from) {
    ftl_csv *csv = p->csv;
    int64_t n = csv->n_ragged;
    if ((n & (n - 1)) == 0) { /* room for a power of two */
        size_t capacity = n ? 2 * (size_t)n : 1;
        ftl_csv_ragged *grown = realloc(csv->ragged, sizeof *grown * capacity);
        if (!grown) return fail_memory(p);
        csv->ragged = grown;
    }
    csv->ragged[csv->n_ragged++] =
            (ftl_csv_ragged) {line, p->n_cells - from, csv->cell[from]};
    p->n_cells = from;
    return FTL_OK;
}

/* The opening quote is the next byte. */
static ftl_status take_quoted(parser *p) {
    int64_t opened = p->line;
    p->from++;
    for (;; p->from++) {
        if (p->from == p->end)
            return ftl_fail(FTL_EFORMAT,
                    "%s:%lld: the quote that opens here never closes", p->csv->name,
                    (long long)opened);
        if (*p->from == '"') {
            p->from++;
            if (p->from == p->end || *p->from != '"') break;
        }
        if (*p->from == '\n' ||
                (*p->from == '\r' && p->from + 1 < p->end && p->from[1] != '\n'))
            p->line++;
        *p->to++ = *p->from;
    }
    skip_blanks(p);
    if (!at_line_end(p) && *p->from != ',')
        return ftl_fail(FTL_EFORMAT, "%s:%lld: text behind a closing quote",
                p->csv->name, (long long)p->line);
    return FTL_OK;
}

static ftl_status take_cell(parser *p, bool trimmed) {
    char *cell = p->to;
    if (trimmed) skip_blanks(p);
    if (!at_line_end(p) && *p->from == '"') {
        FTL_TRY(take_quoted(p));
    } else {
        while (!at_line_end(p) && *p->from != ',')
            *p->to++ = *p->from++;
    }
    while (trimmed && cell < p->to && is_blank(*cell))
        cell++;
    while (trimmed && cell < p->to && is_blank(p->to[-1]))
        p->to--;
    return add_cell(p, cell);
}

/* One line of cells. The byte behind a cell, a comma or a line end, has been read when
 * the cell's zero is written over it, or lies where it was. */
static ftl_status take_row(parser *p) {
    for (bool first = true;; first = false) {
        FTL_TRY(take_cell(p, !first));
        bool more = p->from < p->end && *p->from == ',';
        if (more)
            p->from++;
        else
            skip_line_end(p);
        *p->to++ = '\0';
        if (!more) return FTL_OK;
    }
}

static ftl_status take_header(parser *p) {
    ftl_csv *csv = p->csv;
    while (p->from < p->end && at_line_end(p))
        skip_line_end(p);
    if (p->from == p->end)
        return ftl_fail(FTL_EFORMAT, "%s: empty; a header line is needed", csv->name);
    int64_t line = p->line;
    csv->header_line = line;
    FTL_TRY(take_row(p));
    if (p->n_cells > MAX_COLUMNS)
        return ftl_fail(FTL_EFORMAT, "%s:%lld: %lld columns; at most %d are read",
                csv->name, (long long)line, (long long)p->n_cells, MAX_COLUMNS);
    csv->n_columns = (int)p->n_cells;
    csv->header = csv->cell;
    csv->cell = NULL;
    p->n_cells = p->cells_capacity = 0;
    for (int i = 0; i < csv->n_columns; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(csv->header[i], csv->header[k]) == 0)
                return ftl_fail(FTL_EFORMAT, "%s:%lld: column \"%s\" is there twice",
                        csv->name, (long long)line, csv->header[i]);
    return FTL_OK;
}

static ftl_status take_rows(parser *p) {
    const ftl_csv *csv = p->csv;
    while (p->from < p->end) {
        if (at_line_end(p)) {
            skip_line_end(p);
            continue;
        }
        int64_t line = p->line, before = p->n_cells;
        FTL_TRY(take_row(p));
        if (p->n_cells - before != csv->n_columns)
            FTL_TRY(set_ragged_aside(p, line, before));
        else
            FTL_TRY(add_row(p, line));
    }
    if (csv->n_rows || !csv->n_ragged) return FTL_OK;
    return ftl_fail(FTL_EFORMAT,
            "%s:%lld: %lld cells; the header has %d, and no row has as many", csv->name,
            (long long)csv->ragged->line, (long long)csv->ragged->n_cells,
            csv->n_columns);
}

/* Takes the text over: n_bytes and one more. */
static ftl_status parse(ftl_csv *out, char *text, size_t n_bytes, const char *name) {
    *out = (ftl_csv) {.name = name, .text = text};
    parser p = {.csv = out, .from = text, .end = text + n_bytes, .to = text, .line = 1};
    ftl_status status;
    const char *zero = memchr(text, '\0', n_bytes);
    if (zero) {
        for (const char *c = text; c < zero; c++)
            p.line += *c == '\n';
        status = ftl_fail(FTL_EFORMAT, "%s:%lld: a zero byte; this is no text file",
                name, (long long)p.line);
        goto out;
    }
    if (n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) p.from += 3;
    FTL_TRY_OUT(take_header(&p));
    FTL_TRY_OUT(take_rows(&p));
out:
    if (status != FTL_OK) ftl_csv_deinit(out);
    return status;
}

ftl_status ftl_csv_parse(
        ftl_csv *out, const char *bytes, size_t n_bytes, const char *name) {
    *out = (ftl_csv) {0};
    char *text = malloc(n_bytes + 1);
    if (!text) return ftl_fail(FTL_ENOMEM, "%s: no memory left", name);
    memcpy(text, bytes, n_bytes);
    text[n_bytes] = '\0';
    return parse(out, text, n_bytes, name);
}

ftl_status ftl_csv_read(ftl_csv *out, const char *path) {
    *out = (ftl_csv) {0};
    char *text;
    size_t n_bytes;
    FTL_TRY(ftl_file_read(&text, &n_bytes, path));
    return parse(out, text, n_bytes, path);
}

void ftl_csv_deinit(ftl_csv *csv) {
    free(csv->header);
    free(csv->cell);
    free(csv->line);
    free(csv->ragged);
    free(csv->text);
    *csv = (ftl_csv) {0};
}

const char *ftl_csv_cell(const ftl_csv *csv, int64_t row, int column) {
    assert(row >= 0 && row < csv->n_rows && column >= 0 && column < csv->n_columns);
    return csv->cell[row * csv->n_columns + column];
}
