/* pages.h - large pages for large blocks of memory, and pages that go back.
 *
 * Weights are walked in steps of a row, some KiB: with pages of 4 KiB nearly every step
 * is a miss of the processor's table of pages. */
#ifndef FTL_ENGINE_BASE_PAGES_H
#define FTL_ENGINE_BASE_PAGES_H

#include <stddef.h>

#define FTL_LARGE_PAGE ((size_t)1 << 21)

/* Ask for pages of FTL_LARGE_PAGE where whole ones lie between memory and memory +
 * n_bytes. To be called before the memory is first touched; what it holds stays. Advice
 * only: where the system has no such pages, nothing happens. */
void ftl_pages_want_large(void *memory, size_t n_bytes);

/* Give the whole pages between memory and memory + n_bytes, of a block that malloc
 * gave, back to the system. What was there is lost: it may be written anew, and read
 * then. The block is still to be freed, as ever. Where this cannot be done, nothing
 * happens.
 */
void ftl_pages_give_back(void *memory, size_t n_bytes);

#endif
