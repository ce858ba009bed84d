/* pages.c - see pages.h. */
#include "engine/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void ftl_pages_want_large(void *memory, size_t n_bytes) {
    const size_t skip = (size_t)(-(uintptr_t)memory % FTL_LARGE_PAGE);
    if (n_bytes < skip + FTL_LARGE_PAGE) return;
    const size_t whole = (n_bytes - skip) / FTL_LARGE_PAGE * FTL_LARGE_PAGE;
    (void)madvise((char *)memory + skip, whole, MADV_HUGEPAGE);
}

void ftl_pages_give_back(void *memory, size_t n_bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t skip = (size_t)(-(uintptr_t)memory % page);
    if (n_bytes < skip + page) return;
    (void)madvise((char *)memory + skip, (n_bytes - skip) / page * page, MADV_DONTNEED);
}
