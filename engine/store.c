/* store.c - named state tensors in one block; see store.h. */
#include "engine/store.h"

#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "engine/base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEGMENT_FLOATS = 16 }; /* 64 bytes: a cache line, and the widest vector */

ftl_status ftl_store_create(ftl_store **out, const char *name) {
    ftl_arena *arena;
    FTL_TRY(ftl_arena_create(&arena));
    ftl_store *store = ftl_arena_alloc(arena, sizeof *store);
    char *copy = ftl_arena_strdup(arena, name);
    if (!store || !copy) {
        ftl_arena_free(arena);
        return FTL_ENOMEM;
    }
    store->name = copy;
    store->arena = arena;
    *out = store;
    return FTL_OK;
}

void ftl_store_free(ftl_store *store) {
    if (store) ftl_arena_free(store->arena); /* the store itself lies in it */
}

ftl_state *ftl_store_find(const ftl_store *store, const char *name) {
    for (int i = 0; i < store->n_states; i++)
        if (!strcmp(store->state[i]->name, name)) return store->state[i];
    return NULL;
}

static const char *kind_name(ftl_state_kind kind) {
    return kind == FTL_PARAMETER ? "parameter" : "buffer";
}

static ftl_status agree(const ftl_store *store, const ftl_state *state,
        ftl_state_kind kind, ftl_shape shape) {
    if (state->kind != kind)
        return ftl_fail(FTL_ESHAPE, "%s.%s: declared as a %s, used as a %s",
                store->name, state->name, kind_name(state->kind), kind_name(kind));
    if (!ftl_shape_equal(state->shape, shape)) {
        char was[FTL_SHAPE_TEXT], is[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "%s.%s: declared as %s, used as %s", store->name,
                state->name, ftl_shape_format(was, state->shape),
                ftl_shape_format(is, shape));
    }
    return FTL_OK;
}

/* Append; the array doubles whenever its length is a power of two. */
static ftl_status append(ftl_store *store, ftl_state *state) {
    const int n = store->n_states;
    if ((n & (n - 1)) == 0) {
        ftl_state **grown =
                ftl_arena_alloc(store->arena, (size_t)(n ? 2 * n : 1) * sizeof(*grown));
        if (!grown) return FTL_ENOMEM;
        for (int i = 0; i < n; i++)
            grown[i] = store->state[i];
        store->state = grown;
    }
    store->state[store->n_states++] = state;
    return FTL_OK;
}

ftl_status ftl_store_declare(ftl_state **out, ftl_store *store, const char *name,
        ftl_state_kind kind, ftl_shape shape, ftl_init init) {
    ftl_state *state = ftl_store_find(store, name);
    if (state) {
        FTL_TRY(agree(store, state, kind, shape));
        *out = state;
        return FTL_OK;
    }
    if (store->block)
        return ftl_fail(FTL_EINPUT, "%s: has no tensor %s", store->name, name);
    state = ftl_arena_alloc(store->arena, sizeof *state);
    char *copy = ftl_arena_strdup(store->arena, name);
    if (!state || !copy) return FTL_ENOMEM;
    state->name = copy;
    state->kind = kind;
    state->shape = shape;
    state->init = init;
    FTL_TRY(append(store, state));
    *out = state;
    return FTL_OK;
}

/* Give all tensors of a kind their places from `offset` on; returns the end. */
static int64_t place(ftl_store *store, ftl_state_kind kind, int64_t offset) {
    for (int i = 0; i < store->n_states; i++) {
        ftl_state *state = store->state[i];
        if (state->kind != kind) continue;
        state->offset = offset;
        const int64_t count = ftl_shape_count(state->shape);
        offset += (count + SEGMENT_FLOATS - 1) / SEGMENT_FLOATS * SEGMENT_FLOATS;
    }
    return offset;
}

/* Standard deviation of He et al. 2015, equation 14: the one that keeps the variance of
 * gradients, so it counts outputs. */
static float he_deviation(ftl_shape shape) {
    int64_t fan_out = shape.dim[0];
    for (int i = 2; i < shape.rank; i++)
        fan_out *= shape.dim[i];
    return (float)sqrt(2.0 / (double)fan_out);
}

static ftl_status initialise(
        ftl_store *store, ftl_state *state, uint64_t seed, const char *seed_name) {
    const size_t count = (size_t)ftl_shape_count(state->shape);
    if (state->init.kind == FTL_INIT_FILL) {
        for (size_t i = 0; i < count; i++)
            state->data[i] = state->init.value;
        return FTL_OK;
    }
    const char *name = ftl_arena_printf(store->arena, "%s.%s", seed_name, state->name);
    if (!name) return FTL_ENOMEM;
    const float deviation = state->init.kind == FTL_INIT_HE ? he_deviation(state->shape)
                                                            : state->init.value;
    const ftl_random_key key = {.seed = seed,
            .stream = FTL_STREAM_INIT,
            .step = ftl_fnv1a(name) & 0xffffffffu};
    ftl_random_normal(state->data, count, key, 0);
    for (size_t i = 0; i < count; i++)
        state->data[i] *= deviation;
    return FTL_OK;
}

ftl_status ftl_store_allocate(ftl_store *store, uint64_t seed, const char *seed_name) {
    assert(!store->block);
    store->n_parameters_block = place(store, FTL_PARAMETER, 0);
    store->n_block = place(store, FTL_BUFFER, store->n_parameters_block);
    store->block =
            ftl_arena_alloc(store->arena, (size_t)store->n_block * sizeof(float));
    if (!store->block) return FTL_ENOMEM;
    for (int i = 0; i < store->n_states; i++) {
        ftl_state *state = store->state[i];
        state->data = store->block + state->offset;
        FTL_TRY(initialise(store, state, seed, seed_name));
    }
    return FTL_OK;
}

ftl_status ftl_store_copy(ftl_store *to, const ftl_store *from) {
    assert(to->block && from->block);
    if (to->n_states != from->n_states)
        return ftl_fail(FTL_ESHAPE, "%s has %d tensors, %s has %d", to->name,
                to->n_states, from->name, from->n_states);
    for (int i = 0; i < to->n_states; i++) {
        const ftl_state *state = from->state[i];
        if (strcmp(to->state[i]->name, state->name) != 0)
            return ftl_fail(FTL_ESHAPE,
                    "tensor %d is %s.%s in one and %s.%s in the other", i, to->name,
                    to->state[i]->name, from->name, state->name);
        FTL_TRY(agree(to, to->state[i], state->kind, state->shape));
    }
    memcpy(to->block, from->block, (size_t)to->n_block * sizeof(float));
    return FTL_OK;
}

bool ftl_store_matches(
        const ftl_store *store, const ftl_state *state, const char *pattern) {
    char full[512];
    const int n = snprintf(full, sizeof full, "%s.%s", store->name, state->name);
    assert(n < (int)sizeof full);
    (void)n;
    return ftl_text_match(pattern, full);
}

int ftl_store_freeze(ftl_store *store, const char *pattern) {
    int n_matched = 0;
    for (int i = 0; i < store->n_states; i++) {
        if (!ftl_store_matches(store, store->state[i], pattern)) continue;
        store->state[i]->frozen = true;
        n_matched++;
    }
    return n_matched;
}

void ftl_store_thaw(ftl_store *store) {
    for (int i = 0; i < store->n_states; i++)
        store->state[i]->frozen = false;
}

int64_t ftl_store_parameters(const ftl_store *store) {
    int64_t count = 0;
    for (int i = 0; i < store->n_states; i++)
        if (store->state[i]->kind == FTL_PARAMETER)
            count += ftl_shape_count(store->state[i]->shape);
    return count;
}

bool ftl_state_share(ftl_state *borrower, const ftl_state *owner) {
    if (!owner->frozen || !ftl_shape_equal(borrower->shape, owner->shape)) return false;
    const size_t bytes = (size_t)ftl_shape_count(owner->shape) * sizeof(float);
    if (memcmp(borrower->data, owner->data, bytes) != 0) return false;
    borrower->data = owner->data;
    return true;
}

void ftl_state_unshare(ftl_store *store, ftl_state *borrower) {
    borrower->data = store->block + borrower->offset;
}
