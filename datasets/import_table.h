/* import_table.h - attributes of image files from a CSV. */
#ifndef FTL_DATASETS_IMPORT_TABLE_H
#define FTL_DATASETS_IMPORT_TABLE_H

#include "datasets/import_files.h"

/* A column with more different texts than this is no attribute. */
#define FTL_IMPORT_MAX_TEXTS 1000

/* Read the table at `path` and give the import an attribute for each column but the
 * first, which holds the names of files. A column of integers (-1 or an empty cell:
 * missing) is taken as it is; in any other each text is a value, numbered from 0 in
 * bytewise order, and the pack keeps their names (import_columns.h). Sets `row` of each
 * file that has one. Rows without an image, images without a row, cells that are no
 * number in a column of numbers and columns of -1 and 1 are problems; so are rows of
 * another length than the header and rows of one image that differ, which are left out.
 * Fails with FTL_EIO, FTL_ENOMEM, FTL_EFORMAT (no table; see csv.h; no header, no row),
 * FTL_EINPUT (names of columns; rows, but none of an image). */
ftl_status ftl_import_table_take(ftl_import_files *files, const char *path);

#endif
