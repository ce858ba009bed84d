/* spare.h - is there memory for a library that does not bear to find none?
 *
 * Some libraries crash, or try for ever, where an allocation of theirs fails. Before
 * they are called for something large it is asked whether there is enough: so most of
 * the cases where there is not end with a message of ours. */
#ifndef FTL_ENGINE_BASE_SPARE_H
#define FTL_ENGINE_BASE_SPARE_H

#include <stdbool.h>
#include <stddef.h>

/* Could this process be given so many bytes now, in one piece? They are not taken, and
 * not touched: a system that lends more than it has says yes. Says nothing to malloc,
 * which would change its ways after a block of this size. */
bool ftl_spare_memory(size_t n_bytes);

#endif
