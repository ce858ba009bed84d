/* adam.c - see adam.h.
 *
 *   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *   w = w - lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
 * in the order of operations of PyTorch's, so that the two agree to rounding. */
#include "engine/nn/adam.h"

#include "engine/base/clones.h"
#include "engine/base/pages.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32768 }; /* floats that a thread takes at a time */

static float *allocate(int64_t n) {
    size_t bytes = ((size_t)n * sizeof(float) + 63) / 64 * 64 + 64;
    float *memory = aligned_alloc(64, bytes);
    if (!memory) return NULL;
    ftl_pages_want_large(memory, bytes);
    return memset(memory, 0, bytes);
}

ftl_status ftl_adam_init(ftl_adam *adam, ftl_store *store, bool has_moment1) {
    assert(store->block);
    memset(adam, 0, sizeof *adam);
    adam->store = store;
    adam->has_moment1 = has_moment1;
    adam->gradient = allocate(store->n_parameters_block);
    adam->moment2 = allocate(store->n_parameters_block);
    if (has_moment1) adam->moment1 = allocate(store->n_parameters_block);
    adam->steps = calloc((size_t)store->n_states + 1, sizeof *adam->steps);
    if (adam->gradient && adam->moment2 && adam->steps &&
            (adam->moment1 || !has_moment1))
        return FTL_OK;
    ftl_adam_deinit(adam);
    return ftl_fail(FTL_ENOMEM, "out of memory for the moments of %s", store->name);
}

void ftl_adam_deinit(ftl_adam *adam) {
    free(adam->gradient);
    free(adam->moment1);
    free(adam->moment2);
    free(adam->steps);
    memset(adam, 0, sizeof *adam);
}

float *ftl_adam_gradient(const ftl_adam *adam, const ftl_state *state) {
    return adam->gradient + state->offset;
}

bool ftl_adam_finite(const ftl_adam *adam, const char **bad) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        if (state->kind != FTL_PARAMETER || state->frozen) continue;
        const float *g = ftl_adam_gradient(adam, state);
        int64_t n = ftl_shape_count(state->shape);
        /* x - x is 0 unless x is NaN or infinite; the sum keeps the loop without
         * branches. */
        float sum = 0;
#pragma omp parallel for simd schedule(static) reduction(+ : sum) if (n > PIECE)
        for (int64_t k = 0; k < n; k++)
            sum += g[k] - g[k];
        if (sum == 0) continue;
        *bad = state->name;
        return false;
    }
    return true;
}

/* What is the same for all elements of a tensor. */
typedef struct rates {
    float b1, b2, c1, c2, rate, root2, epsilon;
} rates;

FTL_CLONES static void update_with_moment(float *restrict w, const float *restrict g,
        float *restrict m, float *restrict v, int64_t n, const rates *r) {
    const float b1 = r->b1, b2 = r->b2, c1 = r->c1, c2 = r->c2;
    const float rate = r->rate, root2 = r->root2, epsilon = r->epsilon;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        m[i] = b1 * m[i] + c1 * g[i];
        v[i] = b2 * v[i] + c2 * g[i] * g[i];
        w[i] -= rate * (m[i] / (sqrtf(v[i]) / root2 + epsilon));
    }
}

/* beta1 = 0 */
FTL_CLONES static void update_without(float *restrict w, const float *restrict g,
        float *restrict v, int64_t n, const rates *r) {
    const float b2 = r->b2, c2 = r->c2;
    const float rate = r->rate, root2 = r->root2, epsilon = r->epsilon;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        v[i] = b2 * v[i] + c2 * g[i] * g[i];
        w[i] -= rate * (g[i] / (sqrtf(v[i]) / root2 + epsilon));
    }
}

/* One tensor; m NULL when beta1 = 0. */
static void update(float *w, const float *g, float *m, float *v, int64_t n,
        const ftl_adam_options *options, int64_t step) {
    const double correction1 = 1 - pow(options->beta1, (double)step);
    const double correction2 = 1 - pow(options->beta2, (double)step);
    const rates r = {.b1 = (float)options->beta1,
            .b2 = (float)options->beta2,
            .c1 = (float)(1 - options->beta1),
            .c2 = (float)(1 - options->beta2),
            .rate = (float)(options->learning_rate / correction1),
            .root2 = (float)sqrt(correction2),
            .epsilon = (float)options->epsilon};
#pragma omp parallel for schedule(static) if (n > PIECE)
    for (int64_t i = 0; i < n; i += PIECE) {
        const int64_t k = n - i < PIECE ? n - i : PIECE;
        if (m)
            update_with_moment(w + i, g + i, m + i, v + i, k, &r);
        else
            update_without(w + i, g + i, v + i, k, &r);
    }
}

void ftl_adam_step(ftl_adam *adam, const ftl_adam_options *options) {
    assert(adam->has_moment1 || options->beta1 == 0);
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        if (state->kind != FTL_PARAMETER || state->frozen) continue;
        adam->steps[i]++;
        update(state->data, adam->gradient + state->offset,
                adam->moment1 ? adam->moment1 + state->offset : NULL,
                adam->moment2 + state->offset, ftl_shape_count(state->shape), options,
                adam->steps[i]);
    }
}
