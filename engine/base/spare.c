/* spare.c - see spare.h. */
#include "engine/base/spare.h"

#include <sys/mman.h>

bool ftl_spare_memory(size_t n_bytes) {
    void *block = mmap(
            NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return false;
    (void)munmap(block, n_bytes);
    return true;
}
