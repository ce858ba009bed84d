/* Advice on pages: what memory holds stays, whatever its size and place. */
#include "engine/base/pages.h"
#include "test/harness.h"

#include <stdlib.h>

static void memory_keeps_what_it_holds(void) {
    static const size_t sizes[] = {
            1, 4096, FTL_LARGE_PAGE - 1, FTL_LARGE_PAGE, 3 * FTL_LARGE_PAGE + 12345};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t skip = 0; skip < 8192; skip += 1000) {
            unsigned char *block = malloc(sizes[i] + skip), *memory = block + skip;
            FTL_CHECK(block);
            for (size_t k = 0; k < sizes[i]; k += 997)
                memory[k] = (unsigned char)(k % 251);
            ftl_pages_want_large(memory, sizes[i]);
            size_t wrong = 0;
            for (size_t k = 0; k < sizes[i]; k += 997)
                wrong += memory[k] != (unsigned char)(k % 251);
            FTL_CHECK(wrong == 0);
            free(block);
        }
}

int main(void) {
    FTL_TEST(memory_keeps_what_it_holds);
    return ftl_test_finish();
}
