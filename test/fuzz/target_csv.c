/* target_csv.c - any bytes as a table. What is read of it is a table: as many cells in
 * each row as columns, all of them texts, lines that count up. */
#include "test/fuzz/fuzz.h"

#include "datasets/csv.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ftl_csv csv;
    if (!fuzz_accepted(ftl_csv_parse(&csv, (const char *)data, size, "t.csv"))) {
        FUZZ_CHECK(!csv.text && !csv.cell && !csv.header && !csv.line);
        return 0;
    }
    size_t n_bytes = 0;
    int64_t line = 0;
    FUZZ_CHECK(csv.n_columns > 0);
    for (int k = 0; k < csv.n_columns; k++)
        n_bytes += strlen(csv.header[k]);
    for (int64_t i = 0; i < csv.n_rows; i++) {
        FUZZ_CHECK(csv.line[i] > line);
        line = csv.line[i];
        for (int k = 0; k < csv.n_columns; k++) {
            int32_t value;
            const char *cell = ftl_csv_cell(&csv, i, k);
            n_bytes += strlen(cell);
            bool is = fuzz_accepted(ftl_csv_value(&value, &csv, i, k));
            FUZZ_CHECK(is == ftl_csv_is_value(cell) && (!is || value >= -1));
        }
    }
    FUZZ_CHECK(n_bytes <= size);
    ftl_csv_deinit(&csv);
    return 0;
}
