/* test_nn_adam.c - Adam's bookkeeping: segments, frozen tensors, step counts, moments,
 * the look for NaN. test_parity_adam.c compares the numbers with PyTorch's. */
#include "engine/nn/adam.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

/* a [40, 1000] is large enough to be updated by several threads; s is a buffer. */
static ftl_status make_store(ftl_store **store) {
    ftl_state *state;
    const ftl_init one = {.kind = FTL_INIT_FILL, .value = 1};
    FTL_TRY(ftl_store_create(store, "D"));
    FTL_TRY(ftl_store_declare(
            &state, *store, "a", FTL_PARAMETER, FTL_SHAPE(40, 1000), one));
    FTL_TRY(ftl_store_declare(&state, *store, "s", FTL_BUFFER, FTL_SHAPE(5), one));
    FTL_TRY(ftl_store_declare(&state, *store, "b", FTL_PARAMETER, FTL_SHAPE(3), one));
    return ftl_store_allocate(*store, 1, "D");
}

static void fill_gradient(const ftl_adam *adam, float value) {
    for (int64_t i = 0; i < adam->store->n_parameters_block; i++)
        adam->gradient[i] = value;
}

static const ftl_adam_options plain = {
        .learning_rate = 0.125, .beta1 = 0, .beta2 = 0.75, .epsilon = 1e-8};

/* The first step of a constant gradient is the learning rate, whatever the gradient. */
static void first_step(void) {
    for (int with_moment1 = 0; with_moment1 < 2; with_moment1++) {
        ftl_store *store;
        ftl_adam adam;
        ftl_adam_options options = plain;
        options.beta1 = with_moment1 ? 0.5 : 0;
        FTL_CHECK_OK(make_store(&store));
        FTL_CHECK_OK(ftl_adam_init(&adam, store, with_moment1));
        FTL_CHECK((adam.moment1 != NULL) == (with_moment1 != 0));
        fill_gradient(&adam, -3);
        ftl_adam_step(&adam, &options);
        const ftl_state *a = ftl_store_find(store, "a"),
                        *b = ftl_store_find(store, "b");
        for (int i = 0; i < 40000; i++)
            FTL_CHECK_NEAR((double)a->data[i], 1.125, 1e-6);
        for (int i = 0; i < 3; i++)
            FTL_CHECK_NEAR((double)b->data[i], 1.125, 1e-6);
        FTL_CHECK_NEAR((double)adam.moment2[a->offset + 17], 0.25 * 9, 1e-6);
        if (with_moment1) FTL_CHECK_NEAR((double)adam.moment1[b->offset], -1.5, 1e-6);
        ftl_adam_deinit(&adam);
        ftl_store_free(store);
    }
}

/* Buffers and padding are nobody's parameters, even if rubbish lies beside them. */
static void only_parameters_move(void) {
    ftl_store *store;
    ftl_adam adam;
    FTL_CHECK_OK(make_store(&store));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    fill_gradient(&adam, 1);
    ftl_adam_step(&adam, &plain);
    const ftl_state *s = ftl_store_find(store, "s"), *b = ftl_store_find(store, "b");
    for (int i = 0; i < 5; i++)
        FTL_CHECK(s->data[i] == 1);
    for (int i = 3; i < 16; i++)
        FTL_CHECK(b->data[i] == 0);
    for (int i = 0; i < store->n_states; i++)
        FTL_CHECK(adam.steps[i] == (store->state[i]->kind == FTL_PARAMETER));
    ftl_adam_deinit(&adam);
    ftl_store_free(store);
}

/* A tensor that joins after 1,000 steps begins as one that was there from the start: no
 * bias correction that believes in moments that it never gathered. */
static void late_tensor_starts_afresh(void) {
    ftl_store *store;
    ftl_adam adam;
    ftl_adam_options options = plain;
    options.beta2 = 0.999;
    FTL_CHECK_OK(make_store(&store));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    ftl_state *b = ftl_store_find(store, "b");
    fill_gradient(&adam, 2);
    b->frozen = true;
    for (int i = 0; i < 1000; i++)
        ftl_adam_step(&adam, &options);
    FTL_CHECK(b->data[0] == 1 && adam.moment2[b->offset] == 0);
    b->frozen = false;
    ftl_adam_step(&adam, &options);
    FTL_CHECK_NEAR((double)b->data[0], 1 - 0.125, 1e-6);
    FTL_CHECK(adam.steps[0] == 1001 && adam.steps[2] == 1);
    ftl_adam_deinit(&adam);
    ftl_store_free(store);
}

static void finds_what_is_not_finite(void) {
    ftl_store *store;
    ftl_adam adam;
    const char *bad = NULL;
    FTL_CHECK_OK(make_store(&store));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    ftl_state *a = ftl_store_find(store, "a"), *b = ftl_store_find(store, "b");
    fill_gradient(&adam, 1e30f);
    FTL_CHECK(ftl_adam_finite(&adam, &bad));
    ftl_adam_gradient(&adam, b)[2] = INFINITY;
    FTL_CHECK(!ftl_adam_finite(&adam, &bad) && strcmp(bad, "b") == 0);
    ftl_adam_gradient(&adam, a)[39999] = NAN;
    FTL_CHECK(!ftl_adam_finite(&adam, &bad) && strcmp(bad, "a") == 0);
    a->frozen = b->frozen = true;
    FTL_CHECK(ftl_adam_finite(&adam, &bad));
    ftl_adam_deinit(&adam);
    ftl_store_free(store);
}

int main(void) {
    FTL_TEST(first_step);
    FTL_TEST(only_parameters_move);
    FTL_TEST(late_tensor_starts_afresh);
    FTL_TEST(finds_what_is_not_finite);
    return ftl_test_finish();
}
