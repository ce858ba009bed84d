/* training.c - see training.h. */
#include "engine/nn/training.h"

#include "engine/gradient.h"

#include <stdio.h>
#include <stdlib.h>

#define NAME_BYTES 256

static bool trains(const ftl_state *state) {
    return state->kind == FTL_PARAMETER && !state->frozen;
}

static void name_gradient(
        char name[NAME_BYTES], const ftl_store *store, const ftl_state *state) {
    snprintf(name, NAME_BYTES, "%s.%s", store->name, state->name);
}

ftl_status ftl_nn_add_gradients(
        ftl_graph *graph, ftl_value loss, const ftl_store *store) {
    size_t room = (size_t)store->n_states + 1;
    ftl_value *w = calloc(room, sizeof *w), *dw = calloc(room, sizeof *dw);
    ftl_status status = FTL_OK;
    int n = 0;
    if (!w || !dw) {
        status = ftl_fail(
                FTL_ENOMEM, "out of memory for the gradients of %s", store->name);
        goto out;
    }
    for (int i = 0; i < store->n_states; i++)
        if (trains(store->state[i]))
            FTL_TRY_OUT(ftl_graph_state(&w[n++], graph, store->state[i]));
    FTL_TRY_OUT(ftl_gradient(graph, 1, &loss, NULL, n, w, dw));
    for (int i = 0, k = 0; i < store->n_states; i++) {
        char name[NAME_BYTES];
        if (!trains(store->state[i])) continue;
        name_gradient(name, store, store->state[i]);
        FTL_TRY_OUT(ftl_graph_output(graph, name, dw[k++]));
    }
out:
    free(w);
    free(dw);
    return status;
}

ftl_status ftl_nn_bind_gradients(ftl_plan *plan, const ftl_adam *adam) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        char name[NAME_BYTES];
        if (!trains(state)) continue;
        name_gradient(name, adam->store, state);
        FTL_TRY(ftl_plan_bind_output(plan, name, ftl_adam_gradient(adam, state)));
    }
    return FTL_OK;
}
