/* test_nn_anchor.c - the quadratic anchor against its formula. */
#include "engine/nn/anchor.h"

#include "test/harness.h"

#include <math.h>
#include <string.h>

static ftl_status make(ftl_store **out) {
    const ftl_init init = {.kind = FTL_INIT_NORMAL, .value = 1};
    ftl_state *state;
    FTL_TRY(ftl_store_create(out, "G"));
    FTL_TRY(ftl_store_declare(&state, *out, "a", FTL_PARAMETER, FTL_SHAPE(5, 3), init));
    FTL_TRY(ftl_store_declare(&state, *out, "b", FTL_BUFFER, FTL_SHAPE(4), init));
    FTL_TRY(ftl_store_declare(&state, *out, "c", FTL_PARAMETER, FTL_SHAPE(7), init));
    return ftl_store_allocate(*out, 3, "G");
}

static void it_pulls_back(void) {
    ftl_store *store;
    ftl_adam adam;
    ftl_anchor anchor = {0};
    double want = 0;
    FTL_CHECK_OK(make(&store));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    FTL_CHECK(ftl_anchor_pull(&anchor, &adam) == 0);
    FTL_CHECK_OK(ftl_anchor_init(&anchor, store, 2.5));
    for (int k = 0; k < 2; k++) { /* importance: the mean of squares of two */
        for (int64_t i = 0; i < store->n_parameters_block; i++)
            adam.gradient[i] = (float)(k ? 2 * i : i % 3);
        ftl_anchor_observe(&anchor, &adam, 0.5);
    }
    FTL_CHECK(ftl_anchor_pull(&anchor, &adam) == 0); /* it is where it was */
    ftl_state *a = ftl_store_find(store, "a"), *c = ftl_store_find(store, "c");
    for (int i = 0; i < 7; i++)
        c->data[i] += 0.1F * (float)(i + 1);
    a->data[1] += 3;
    a->frozen = true; /* counts for nothing */
    memset(adam.gradient, 0, (size_t)store->n_parameters_block * sizeof(float));
    adam.gradient[c->offset] = 1;
    const double loss = ftl_anchor_pull(&anchor, &adam);
    for (int i = 0; i < 7; i++) {
        const int64_t at = c->offset + i;
        const double importance =
                0.5 * pow((double)(at % 3), 2) + 0.5 * pow(2.0 * (double)at, 2);
        const double away = 0.1 * (i + 1);
        want += 2.5 * importance * away * away;
        const double slope = 2 * 2.5 * importance * away + (i == 0);
        FTL_CHECK_NEAR((double)adam.gradient[at] / slope, 1, 1e-5);
    }
    FTL_CHECK_NEAR(loss / want, 1, 1e-5);
    FTL_CHECK(adam.gradient[a->offset + 1] == 0);
    ftl_anchor_deinit(&anchor);
    ftl_adam_deinit(&adam);
    ftl_store_free(store);
}

int main(void) {
    FTL_TEST(it_pulls_back);
    return ftl_test_finish();
}
