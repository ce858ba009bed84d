/* arena.c - a list of zeroed chunks, handed out from front to back.
 *
 *     chunk: [ object | gap | object | gap | ... | free ]
 *
 * Objects begin at multiples of 64 bytes. Under AddressSanitizer a chunk is poisoned
 * whole and each object unpoisoned to the byte, so the rounding, the gap behind it and
 * the free end are all out of bounds. */
#include "engine/base/arena.h"

#include "engine/base/pages.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP = 64 };
#define POISON(at, n) __asan_poison_memory_region(at, n)
#define UNPOISON(at, n) __asan_unpoison_memory_region(at, n)
#else
enum { GAP = 0 };
#define POISON(at, n) ((void)(at), (void)(n))
#define UNPOISON(at, n) ((void)(at), (void)(n))
#endif

enum { ALIGNMENT = 64, FIRST_CHUNK = 16 << 10, LARGEST_CHUNK = 1 << 20 };

typedef struct chunk {
    struct chunk *next;
    char *memory; /* from calloc: large chunks cost nothing until they are touched */
    char *at;     /* next object; a multiple of ALIGNMENT */
    size_t left;  /* bytes from `at` to the end */
    size_t n_bytes;
} chunk;

struct ftl_arena {
    chunk *chunks; /* the one that is being filled comes first */
    size_t next_chunk;
    size_t used;
};

static chunk *chunk_create(size_t n_bytes) {
    chunk *c = malloc(sizeof *c);
    if (!c) return NULL;
    c->n_bytes = n_bytes + ALIGNMENT;
    c->memory = calloc(1, c->n_bytes);
    if (!c->memory) {
        free(c);
        return NULL;
    }
    ftl_pages_want_large(c->memory, c->n_bytes);
    size_t skip = (size_t)(-(uintptr_t)c->memory % ALIGNMENT);
    c->at = c->memory + skip;
    c->left = c->n_bytes - skip;
    c->next = NULL;
    POISON(c->memory, c->n_bytes);
    return c;
}

static void chunk_free(chunk *c) {
    UNPOISON(c->memory, c->n_bytes);
    free(c->memory);
    free(c);
}

/* A chunk with n_bytes left, NULL when memory is out. One for a large object goes
 * behind the first, which then keeps being filled. */
static chunk *chunk_with(ftl_arena *arena, size_t n_bytes) {
    if (arena->chunks && arena->chunks->left >= n_bytes) return arena->chunks;
    bool large = n_bytes > arena->next_chunk / 4;
    chunk *c = chunk_create(large ? n_bytes : arena->next_chunk);
    if (!c) return NULL;
    if (large && arena->chunks) {
        c->next = arena->chunks->next;
        arena->chunks->next = c;
        return c;
    }
    c->next = arena->chunks;
    arena->chunks = c;
    if (!large && arena->next_chunk < LARGEST_CHUNK) arena->next_chunk *= 2;
    return c;
}

ftl_status ftl_arena_create(ftl_arena **out) {
    *out = calloc(1, sizeof **out);
    if (!*out) return ftl_fail(FTL_ENOMEM, "no memory for an arena");
    (*out)->next_chunk = FIRST_CHUNK;
    return FTL_OK;
}

void ftl_arena_free(ftl_arena *arena) {
    if (!arena) return;
    for (chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        chunk_free(c);
    }
    free(arena);
}

void *ftl_arena_alloc(ftl_arena *arena, size_t n_bytes) {
    assert(arena);
    chunk *c = NULL;
    size_t n = 0;
    if (n_bytes < SIZE_MAX / 2) {
        n = (n_bytes + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (!n) n = ALIGNMENT; /* so that no two objects share an address */
        c = chunk_with(arena, n);
    }
    if (!c) {
        ftl_fail(FTL_ENOMEM, "no memory for another %zu bytes", n_bytes);
        return NULL;
    }
    void *object = c->at;
    c->at += n;
    c->left -= n;
    arena->used += n_bytes;
    UNPOISON(object, n_bytes);
    return object;
}

char *ftl_arena_strdup(ftl_arena *arena, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = ftl_arena_alloc(arena, n);
    return copy ? memcpy(copy, text, n) : NULL;
}

char *ftl_arena_printf(ftl_arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    assert(n >= 0);
    char *text = ftl_arena_alloc(arena, (size_t)n + 1);
    if (text) vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

size_t ftl_arena_used(const ftl_arena *arena) { return arena->used; }
