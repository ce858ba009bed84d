/* plan_memory.h - a block of memory that plans compute in, one after the other.
 *
 * What a plan computes on the way to its outputs is worth nothing once it has run. So
 * plans that never run at the same time (the phases of a training step, sampling,
 * evaluation) can share one block, as large as the largest of them needs. Inputs,
 * outputs and staged state are not in it: they stay until their plan runs again. */
#ifndef FTL_ENGINE_PLAN_MEMORY_H
#define FTL_ENGINE_PLAN_MEMORY_H

#include "engine/base/status.h"

#include <stddef.h>

typedef struct ftl_plan_memory ftl_plan_memory;

/* An empty block with one owner. Fails with FTL_ENOMEM. */
ftl_status ftl_plan_memory_create(ftl_plan_memory **out);

/* One more owner, who calls ftl_plan_memory_free too; returns its argument. */
ftl_plan_memory *ftl_plan_memory_share(ftl_plan_memory *memory);

/* One owner less; the last one frees the block. NULL is fine. */
void ftl_plan_memory_free(ftl_plan_memory *memory);

/* Make it hold at least n_bytes: its start may move, what is in it is lost. Fails with
 * FTL_ENOMEM; it is then unchanged. */
ftl_status ftl_plan_memory_reserve(ftl_plan_memory *memory, size_t n_bytes);

/* Where it starts now, 64-byte aligned; NULL while it is empty. */
unsigned char *ftl_plan_memory_start(const ftl_plan_memory *memory);

/* How large it is. */
size_t ftl_plan_memory_bytes(const ftl_plan_memory *memory);

/* Give its pages back to the system until a plan runs again, which costs that run a few
 * hundredths of a second for each 100 MiB. */
void ftl_plan_memory_rest(ftl_plan_memory *memory);

#endif
