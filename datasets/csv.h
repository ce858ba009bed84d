/* csv.h - tables of text: a header line, then rows of as many cells.
 *
 * Cells are parted by commas. A cell in double quotes may hold commas, line ends and,
 * doubled, quotes. Lines end in LF, CRLF or CR; empty lines are skipped; a byte order
 * mark is skipped. Spaces and tabs around a cell are no part of it, but for those of
 * the first column, which names files: they may have them. Messages are "file:line:
 * ...".
 */
#ifndef FTL_DATASETS_CSV_H
#define FTL_DATASETS_CSV_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row that has another number of cells than the header. */
typedef struct ftl_csv_ragged {
    int64_t line, n_cells;
    const char *first; /* its first cell */
} ftl_csv_ragged;

typedef struct ftl_csv {
    const char *name; /* what messages call the file */
    int n_columns;
    int64_t n_rows;      /* the header not counted */
    const char **header; /* [n_columns], none twice */
    int64_t header_line; /* from 1 */
    const char **cell;   /* [n_rows, n_columns] */
    int64_t *line;       /* [n_rows] where each row began, from 1 */
    int64_t n_ragged;    /* rows that are not among n_rows */
    ftl_csv_ragged *ragged;
    char *text; /* what the pointers above point into, but for name */
} ftl_csv;

/* Read a table. Release with ftl_csv_deinit. Fails with FTL_EINPUT (cannot be opened),
 * FTL_EIO, FTL_ENOMEM, FTL_EFORMAT (no header, no row of as many cells as it has among
 * those that there are, a column twice, an open quote, a zero byte); *out is then
 * empty. */
ftl_status ftl_csv_read(ftl_csv *out, const char *path);

/* The same from memory. */
ftl_status ftl_csv_parse(
        ftl_csv *out, const char *bytes, size_t n_bytes, const char *name);

void ftl_csv_deinit(ftl_csv *csv);

/* Borrowed. */
const char *ftl_csv_cell(const ftl_csv *csv, int64_t row, int column);

/* Can ftl_csv_value read this cell? */
bool ftl_csv_is_value(const char *cell);

/* A cell as an attribute value: an integer from -1 to 2^31 - 1, with zeros behind a
 * point or not ("25.0" is 25); an empty cell is -1, which means missing. Fails with
 * FTL_EFORMAT, naming file, line and column. */
ftl_status ftl_csv_value(int32_t *out, const ftl_csv *csv, int64_t row, int column);

#endif
