/* anchor.c - see anchor.h. */
#include "engine/nn/anchor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_anchor_init(ftl_anchor *anchor, const ftl_store *store, double weight) {
    const size_t n = (size_t)store->n_parameters_block;
    *anchor = (ftl_anchor) {.store = store,
            .source = malloc(n * sizeof(float) + 1),
            .importance = calloc(n + 1, sizeof(float)),
            .weight = weight};
    if (!anchor->source || !anchor->importance) {
        ftl_anchor_deinit(anchor);
        return ftl_fail(FTL_ENOMEM, "out of memory for the anchor of %s", store->name);
    }
    memcpy(anchor->source, store->block, n * sizeof(float));
    return FTL_OK;
}

void ftl_anchor_deinit(ftl_anchor *anchor) {
    free(anchor->source);
    free(anchor->importance);
    *anchor = (ftl_anchor) {0};
}

void ftl_anchor_observe(ftl_anchor *anchor, const ftl_adam *adam, double share) {
    assert(adam->store == anchor->store);
    const int64_t n = anchor->store->n_parameters_block;
    const float factor = (float)share;
    for (int64_t i = 0; i < n; i++)
        anchor->importance[i] += factor * (adam->gradient[i] * adam->gradient[i]);
}

/* One tensor, in one order of summation. */
static double pull(float *gradient, const float *w, const float *source,
        const float *importance, double weight, int64_t n) {
    const float slope = (float)(2 * weight);
    double loss = 0;
    for (int64_t i = 0; i < n; i++) {
        const float away = w[i] - source[i], force = importance[i] * away;
        gradient[i] += slope * force;
        loss += (double)(force * away);
    }
    return weight * loss;
}

double ftl_anchor_pull(const ftl_anchor *anchor, ftl_adam *adam) {
    double loss = 0;
    if (!anchor->store) return 0;
    assert(adam->store == anchor->store);
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        if (state->kind != FTL_PARAMETER || state->frozen) continue;
        loss += pull(ftl_adam_gradient(adam, state), state->data,
                anchor->source + state->offset, anchor->importance + state->offset,
                anchor->weight, ftl_shape_count(state->shape));
    }
    return loss;
}
