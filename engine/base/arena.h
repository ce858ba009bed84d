/* arena.h - memory that is freed all at once.
 *
 * Graphs, plans, parsed files and configurations are made of many small objects that
 * die together: they live in an arena. Under AddressSanitizer each object has a
 * poisoned gap behind it, so that overruns are seen. */
#ifndef FTL_ENGINE_BASE_ARENA_H
#define FTL_ENGINE_BASE_ARENA_H

#include "engine/base/status.h"

#include <stddef.h>

typedef struct ftl_arena ftl_arena;

/* Create an empty arena. *out is owned by the caller. Fails with FTL_ENOMEM. */
ftl_status ftl_arena_create(ftl_arena **out);

/* Free the arena and everything in it. NULL is fine. */
void ftl_arena_free(ftl_arena *arena);

/* n_bytes of zeroed memory, 64-byte aligned, owned by the arena; NULL (message set)
 * when memory is out. n_bytes 0 gives a valid pointer. */
void *ftl_arena_alloc(ftl_arena *arena, size_t n_bytes);

/* A copy of the string; NULL when memory is out. */
char *ftl_arena_strdup(ftl_arena *arena, const char *text);

/* printf into the arena; NULL when memory is out. */
char *ftl_arena_printf(ftl_arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far, gaps and headers not counted. */
size_t ftl_arena_used(const ftl_arena *arena);

#endif
