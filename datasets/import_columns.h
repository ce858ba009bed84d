/* import_columns.h - columns of a table as attributes. For import_table.c. */
#ifndef FTL_DATASETS_IMPORT_COLUMNS_H
#define FTL_DATASETS_IMPORT_COLUMNS_H

#include "datasets/csv.h"
#include "datasets/import.h"

/* Give the import an attribute of n values for each column but the first.
 * image  [table->n_rows] which value each row is about; -1: none, it is passed over
 * A column is one of numbers if at least half of its cells that are not empty are
 * (ftl_csv_value); what else is in it is a problem each, and missing. In any other each
 * text is a value, numbered from 0 in bytewise order of all rows. Problems are in order
 * of lines within a column. Fails with FTL_EFORMAT (a column without a name),
 * FTL_EINPUT (a name that no attribute can have), FTL_ENOMEM. */
ftl_status ftl_import_columns_take(
        ftl_import *import, const ftl_csv *table, const int64_t *image, int64_t n);

#endif
