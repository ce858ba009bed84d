/* pages.c - see pages.h. */
#include "engine/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

void ftl_pages_want_large(void *memory, size_t n_bytes) {
    const size_t skip = (size_t)(-(uintptr_t)memory % FTL_LARGE_PAGE);
    if (n_bytes < skip + FTL_LARGE_PAGE) return;
    const size_t whole = (n_bytes - skip) / FTL_LARGE_PAGE * FTL_LARGE_PAGE;
    (void)madvise((char *)memory + skip, whole, MADV_HUGEPAGE);
}
