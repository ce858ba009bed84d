/* store.h - named state: what a run must keep.
 *
 * A store holds the state of one network (or of anything else): its parameters, which
 * an optimiser changes, and its buffers (BN statistics, singular vectors). Tensors are
 * declared first, then allocated together: parameters as 64-byte aligned segments of
 * one block in the order of declaration, buffers behind them. Gradients and moments use
 * blocks of the same shape, so an optimiser, an EMA or an all-reduce sees one array. */
#ifndef FTL_ENGINE_STORE_H
#define FTL_ENGINE_STORE_H

#include "engine/base/arena.h"
#include "engine/tensor.h"

typedef enum ftl_state_kind { FTL_PARAMETER, FTL_BUFFER } ftl_state_kind;

/* Writes the initial value. `name` is the state's name without the store's. */
typedef struct ftl_init {
    enum { FTL_INIT_FILL, FTL_INIT_NORMAL, FTL_INIT_HE } kind;
    float value; /* FILL: the value; NORMAL: the standard deviation; HE: unused.
                    HE: normal with variance 2 / (k * k * outputs) */
} ftl_init;

typedef struct ftl_state {
    const char
            *name; /* in the reference's words, without the network: "linear.weight" */
    ftl_state_kind kind;
    ftl_shape shape;
    ftl_init init;
    int64_t offset; /* in floats, from the start of the store's block */
    float *data;    /* NULL until allocated */
    bool frozen;    /* an optimiser skips it, its network does not write it */
} ftl_state;

typedef struct ftl_store {
    const char *name;  /* "G", "D", "D_s", ... */
    ftl_state **state; /* in order of declaration */
    int n_states;
    float *block;    /* all of it, padding (always 0) included; NULL until allocated */
    int64_t n_block; /* floats in block */
    int64_t n_parameters_block; /* of which the first so many hold parameters */
    ftl_arena *arena;
} ftl_store;

/* An empty store. *out is owned by the caller. */
ftl_status ftl_store_create(ftl_store **out, const char *name);
void ftl_store_free(ftl_store *store);

/* Declare a tensor, or find the one of that name if its kind and shape agree (else
 * FTL_ESHAPE). Once allocated, an unknown name is an error (FTL_EINPUT). *out is
 * borrowed and stays valid as long as the store. */
ftl_status ftl_store_declare(ftl_state **out, ftl_store *store, const char *name,
        ftl_state_kind kind, ftl_shape shape, ftl_init init);

/* Allocate everything and write initial values, a function of (seed, store's name
 * `seed_name`, tensor's name) only. Fails with FTL_ENOMEM. */
ftl_status ftl_store_allocate(ftl_store *store, uint64_t seed, const char *seed_name);

/* NULL if there is none. */
ftl_state *ftl_store_find(const ftl_store *store, const char *name);

/* Copy every byte of values from a store with the same declarations (else FTL_ESHAPE).
 * Flags `frozen` are not copied. */
ftl_status ftl_store_copy(ftl_store *to, const ftl_store *from);

/* Does the glob match "<store>.<state>"? */
bool ftl_store_matches(
        const ftl_store *store, const ftl_state *state, const char *pattern);

/* Mark as frozen what matches a glob over full names ("D.blocks.0.*"). Returns how many
 * tensors matched (buffers included). */
int ftl_store_freeze(ftl_store *store, const char *pattern);
void ftl_store_thaw(ftl_store *store);

/* Two bindings, one storage: `borrower` is read from the owner's memory from now on, so
 * that a graph in which both occur computes what follows from them once. For tensors
 * that stand still: true if they now share, false (nothing changed) unless the owner is
 * frozen and the two are equal to the byte. The borrower must not be written. Plans
 * that were made before keep reading the old memory. */
bool ftl_state_share(ftl_state *borrower, const ftl_state *owner);

/* The borrower is read from its own memory again, which still holds its own bytes: call
 * it before the owner is written. Sharing nothing is fine. */
void ftl_state_unshare(ftl_store *store, ftl_state *borrower);

/* Number of parameters, padding not counted. */
int64_t ftl_store_parameters(const ftl_store *store);

#endif
