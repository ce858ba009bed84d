/* csv_value.c - a cell of a table as the value of an attribute; see csv.h. */
#include "datasets/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_value(int32_t *out, const char *cell) {
    *out = -1;
    if (!cell[0]) return true;
    char *rest;
    errno = 0;
    long long value = strtoll(cell, &rest, 10);
    if (rest == cell || errno || value < -1 || value > INT32_MAX) return false;
    if (*rest == '.') rest += 1 + strspn(rest + 1, "0");
    if (*rest) return false;
    *out = (int32_t)value;
    return true;
}

bool ftl_csv_is_value(const char *cell) {
    int32_t value;
    return read_value(&value, cell);
}

ftl_status ftl_csv_value(int32_t *out, const ftl_csv *csv, int64_t row, int column) {
    const char *cell = ftl_csv_cell(csv, row, column);
    if (read_value(out, cell)) return FTL_OK;
    return ftl_fail(FTL_EFORMAT,
            "%s:%lld: column \"%s\": \"%s\" is no integer from -1 (missing) to %d",
            csv->name, (long long)csv->line[row], csv->header[column], cell, INT32_MAX);
}
