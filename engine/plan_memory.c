/* plan_memory.c - see plan_memory.h. */
#include "engine/plan_memory.h"

#include "engine/base/pages.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

struct ftl_plan_memory {
    unsigned char *start;
    size_t n_bytes; /* a multiple of FTL_LARGE_PAGE once it is that large */
    int n_owners;
};

ftl_status ftl_plan_memory_create(ftl_plan_memory **out) {
    *out = calloc(1, sizeof **out);
    if (!*out) return ftl_fail(FTL_ENOMEM, "out of memory for a plan");
    (*out)->n_owners = 1;
    return FTL_OK;
}

ftl_plan_memory *ftl_plan_memory_share(ftl_plan_memory *memory) {
    assert(memory->n_owners > 0);
    memory->n_owners++;
    return memory;
}

void ftl_plan_memory_free(ftl_plan_memory *memory) {
    if (!memory || --memory->n_owners > 0) return;
    free(memory->start);
    free(memory);
}

/* Nothing is written to it: the system gives it pages when a plan first touches them,
 * so the old block and the new one are never both in memory. */
ftl_status ftl_plan_memory_reserve(ftl_plan_memory *memory, size_t n_bytes) {
    if (n_bytes <= memory->n_bytes) return FTL_OK;
    const size_t unit = n_bytes < FTL_LARGE_PAGE ? 64 : FTL_LARGE_PAGE;
    const size_t whole = (n_bytes + unit - 1) / unit * unit;
    unsigned char *start = aligned_alloc(unit, whole);
    if (!start)
        return ftl_fail(
                FTL_ENOMEM, "out of memory for a plan of %zu MiB", n_bytes >> 20);
    ftl_pages_want_large(start, whole);
    free(memory->start);
    memory->start = start;
    memory->n_bytes = whole;
    return FTL_OK;
}

unsigned char *ftl_plan_memory_start(const ftl_plan_memory *memory) {
    return memory->start;
}

size_t ftl_plan_memory_bytes(const ftl_plan_memory *memory) { return memory->n_bytes; }

void ftl_plan_memory_rest(ftl_plan_memory *memory) {
    if (memory->n_bytes >= FTL_LARGE_PAGE)
        (void)madvise(memory->start, memory->n_bytes, MADV_DONTNEED);
}
