/* test_store.c - named state: one block, aligned segments, initial values that depend
 * on seed and name only. */
#include "engine/store.h"
#include "test/harness.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const ftl_init zero = {.kind = FTL_INIT_FILL, .value = 0};
static const ftl_init one = {.kind = FTL_INIT_FILL, .value = 1};
static const ftl_init normal = {.kind = FTL_INIT_NORMAL, .value = 0.02f};
static const ftl_init he = {.kind = FTL_INIT_HE};

/* A buffer between parameters, and sizes that are no multiples of a segment. */
static ftl_status declare(ftl_store *store) {
    ftl_state *state;
    FTL_TRY(ftl_store_declare(&state, store, "blocks.0.conv.weight", FTL_PARAMETER,
            FTL_SHAPE(40, 5, 3, 3), normal));
    FTL_TRY(ftl_store_declare(
            &state, store, "blocks.0.bn.running_var", FTL_BUFFER, FTL_SHAPE(40), one));
    FTL_TRY(ftl_store_declare(
            &state, store, "blocks.0.bias", FTL_PARAMETER, FTL_SHAPE(3), one));
    return ftl_store_declare(
            &state, store, "linear.weight", FTL_PARAMETER, FTL_SHAPE(100, 50), he);
}

static ftl_status make(
        ftl_store **store, const char *name, uint64_t seed, const char *seed_name) {
    FTL_TRY(ftl_store_create(store, name));
    FTL_TRY(declare(*store));
    return ftl_store_allocate(*store, seed, seed_name);
}

static void segments_are_aligned_and_ordered(void) {
    ftl_store *store;
    FTL_CHECK_OK(make(&store, "D", 1, "D"));
    const ftl_state *conv = ftl_store_find(store, "blocks.0.conv.weight");
    const ftl_state *var = ftl_store_find(store, "blocks.0.bn.running_var");
    const ftl_state *bias = ftl_store_find(store, "blocks.0.bias");
    const ftl_state *linear = ftl_store_find(store, "linear.weight");
    FTL_CHECK(conv && var && bias && linear && !ftl_store_find(store, "linear"));
    FTL_CHECK(conv->offset == 0 && bias->offset == 1808 && linear->offset == 1824);
    FTL_CHECK(store->n_parameters_block == 1824 + 5008);
    FTL_CHECK(var->offset == store->n_parameters_block);
    FTL_CHECK(store->n_block == store->n_parameters_block + 48);
    FTL_CHECK(store->n_states == 4 && !strcmp(store->state[1]->name, var->name));
    FTL_CHECK(ftl_store_parameters(store) == 1800 + 3 + 5000);
    for (int i = 0; i < store->n_states; i++) {
        FTL_CHECK(store->state[i]->data == store->block + store->state[i]->offset);
        FTL_CHECK((uintptr_t)store->state[i]->data % 64 == 0);
    }
    for (int i = 0; i < 3; i++)
        FTL_CHECK(bias->data[i] == 1);
    for (int i = 3; i < 16; i++)
        FTL_CHECK(bias->data[i] == 0); /* padding */
    ftl_store_free(store);
}

static void declaring_again_finds_or_fails(void) {
    ftl_store *store;
    ftl_state *a, *b;
    FTL_CHECK_OK(ftl_store_create(&store, "D"));
    FTL_CHECK_OK(
            ftl_store_declare(&a, store, "w", FTL_PARAMETER, FTL_SHAPE(2, 3), zero));
    FTL_CHECK_OK(
            ftl_store_declare(&b, store, "w", FTL_PARAMETER, FTL_SHAPE(2, 3), zero));
    FTL_CHECK(a == b && store->n_states == 1 && !a->data);
    FTL_CHECK_FAILS(
            ftl_store_declare(&b, store, "w", FTL_PARAMETER, FTL_SHAPE(3, 2), zero),
            FTL_ESHAPE, "D.w: declared as [2, 3], used as [3, 2]");
    FTL_CHECK_FAILS(
            ftl_store_declare(&b, store, "w", FTL_BUFFER, FTL_SHAPE(2, 3), zero),
            FTL_ESHAPE, "D.w: declared as a parameter, used as a buffer");
    FTL_CHECK_OK(ftl_store_allocate(store, 1, "D"));
    FTL_CHECK_OK(
            ftl_store_declare(&b, store, "w", FTL_PARAMETER, FTL_SHAPE(2, 3), zero));
    FTL_CHECK(a == b);
    FTL_CHECK_FAILS(
            ftl_store_declare(&b, store, "v", FTL_PARAMETER, FTL_SHAPE(2), zero),
            FTL_EINPUT, "D: has no tensor v");
    ftl_store_free(store);
    ftl_store_free(NULL);
}

/* Pointers given out stay valid while the store grows. */
static void many_states(void) {
    ftl_store *store;
    ftl_state *first, *state;
    FTL_CHECK_OK(ftl_store_create(&store, "G"));
    FTL_CHECK_OK(ftl_store_declare(
            &first, store, "first", FTL_PARAMETER, FTL_SHAPE(1), zero));
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer.%d", i);
        FTL_CHECK_OK(ftl_store_declare(&state, store, name,
                i % 2 ? FTL_BUFFER : FTL_PARAMETER, FTL_SHAPE(i + 1), one));
    }
    FTL_CHECK_OK(ftl_store_allocate(store, 1, "G"));
    FTL_CHECK(first == store->state[0] && store->n_states == 301);
    int64_t total = 0;
    for (int64_t i = 0; i < store->n_block; i++)
        total += store->block[i] == 1;
    FTL_CHECK(total == 300 * 301 / 2); /* nothing overlaps */
    ftl_store_free(store);
}

static void moments(const ftl_state *state, double *mean, double *deviation) {
    const int64_t n = ftl_shape_count(state->shape);
    double total = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        total += (double)state->data[i];
        squares += (double)state->data[i] * (double)state->data[i];
    }
    *mean = total / (double)n;
    *deviation = sqrt(squares / (double)n - *mean * *mean);
}

static void initial_values_have_their_scale(void) {
    ftl_store *store;
    ftl_state *conv;
    double mean, deviation;
    FTL_CHECK_OK(ftl_store_create(&store, "C"));
    FTL_CHECK_OK(declare(store));
    FTL_CHECK_OK(ftl_store_declare(
            &conv, store, "conv", FTL_PARAMETER, FTL_SHAPE(32, 16, 3, 3), he));
    FTL_CHECK_OK(ftl_store_allocate(store, 7, "C"));
    moments(ftl_store_find(store, "blocks.0.conv.weight"), &mean, &deviation);
    FTL_CHECK_NEAR(mean, 0, 0.002);
    FTL_CHECK_NEAR(deviation, 0.02, 0.001);
    moments(ftl_store_find(store, "linear.weight"), &mean, &deviation);
    FTL_CHECK_NEAR(deviation, sqrt(2.0 / 100), 0.005);
    moments(conv, &mean, &deviation);
    FTL_CHECK_NEAR(deviation, sqrt(2.0 / (9 * 32)), 0.003);
    ftl_store_free(store);
}

static bool same_values(const ftl_store *a, const ftl_store *b) {
    return a->n_block == b->n_block &&
           !memcmp(a->block, b->block, (size_t)a->n_block * sizeof(float));
}

static void values_depend_on_seed_and_names_only(void) {
    ftl_store *a, *b;
    FTL_CHECK_OK(make(&a, "D", 1, "D"));
    FTL_CHECK_OK(make(&b, "D_s", 1, "D"));
    FTL_CHECK(same_values(a, b));
    ftl_store_free(b);
    FTL_CHECK_OK(make(&b, "D", 2, "D"));
    FTL_CHECK(!same_values(a, b));
    ftl_store_free(b);
    FTL_CHECK_OK(make(&b, "D", 1, "G"));
    FTL_CHECK(!same_values(a, b));
    ftl_store_free(b);
    /* one tensor alone has the values that it has among others */
    ftl_state *alone;
    FTL_CHECK_OK(ftl_store_create(&b, "D"));
    FTL_CHECK_OK(ftl_store_declare(
            &alone, b, "linear.weight", FTL_PARAMETER, FTL_SHAPE(100, 50), he));
    FTL_CHECK_OK(ftl_store_allocate(b, 1, "D"));
    FTL_CHECK(!memcmp(alone->data, ftl_store_find(a, "linear.weight")->data,
            5000 * sizeof(float)));
    ftl_store_free(b);
    ftl_store_free(a);
}

static void copies(void) {
    ftl_store *a, *b;
    ftl_state *state;
    FTL_CHECK_OK(make(&a, "D", 1, "D"));
    FTL_CHECK_OK(make(&b, "D_s", 2, "D"));
    FTL_CHECK(ftl_store_freeze(b, "*") == 4);
    FTL_CHECK(!same_values(a, b));
    FTL_CHECK_OK(ftl_store_copy(b, a));
    FTL_CHECK(same_values(a, b) && b->state[0]->frozen && !a->state[0]->frozen);
    ftl_store_free(b);

    FTL_CHECK_OK(ftl_store_create(&b, "E"));
    FTL_CHECK_OK(declare(b));
    FTL_CHECK_OK(
            ftl_store_declare(&state, b, "more", FTL_PARAMETER, FTL_SHAPE(1), zero));
    FTL_CHECK_OK(ftl_store_allocate(b, 1, "E"));
    FTL_CHECK_FAILS(ftl_store_copy(b, a), FTL_ESHAPE, "E has 5 tensors, D has 4");
    ftl_store_free(b);
    ftl_store_free(a);

    FTL_CHECK_OK(ftl_store_create(&a, "A"));
    FTL_CHECK_OK(ftl_store_create(&b, "B"));
    FTL_CHECK_OK(ftl_store_declare(&state, a, "w", FTL_PARAMETER, FTL_SHAPE(4), zero));
    FTL_CHECK_OK(ftl_store_declare(&state, b, "w", FTL_PARAMETER, FTL_SHAPE(5), zero));
    FTL_CHECK_OK(ftl_store_allocate(a, 1, "A"));
    FTL_CHECK_OK(ftl_store_allocate(b, 1, "B"));
    FTL_CHECK_FAILS(ftl_store_copy(a, b), FTL_ESHAPE, "[4], used as [5]");
    ftl_store_free(b);
    FTL_CHECK_OK(ftl_store_create(&b, "B"));
    FTL_CHECK_OK(ftl_store_declare(&state, b, "v", FTL_PARAMETER, FTL_SHAPE(4), zero));
    FTL_CHECK_OK(ftl_store_allocate(b, 1, "B"));
    FTL_CHECK_FAILS(ftl_store_copy(a, b), FTL_ESHAPE, "A.w");
    ftl_store_free(b);
    ftl_store_free(a);
}

static void freezing_by_pattern(void) {
    ftl_store *store;
    FTL_CHECK_OK(make(&store, "D", 1, "D"));
    FTL_CHECK(ftl_store_freeze(store, "D.blocks.0.*") == 3);
    FTL_CHECK(ftl_store_find(store, "blocks.0.bn.running_var")->frozen);
    FTL_CHECK(!ftl_store_find(store, "linear.weight")->frozen);
    FTL_CHECK(ftl_store_freeze(store, "blocks.*") == 0); /* names are full names */
    FTL_CHECK(ftl_store_freeze(store, "D.linear.weight") == 1);
    ftl_store_thaw(store);
    for (int i = 0; i < store->n_states; i++)
        FTL_CHECK(!store->state[i]->frozen);
    ftl_store_free(store);
}

static void empty_store(void) {
    ftl_store *store;
    FTL_CHECK_OK(ftl_store_create(&store, "none"));
    FTL_CHECK_OK(ftl_store_allocate(store, 1, "none"));
    FTL_CHECK(store->n_block == 0 && store->block && !ftl_store_parameters(store));
    ftl_store_free(store);
}

int main(void) {
    FTL_TEST(segments_are_aligned_and_ordered);
    FTL_TEST(declaring_again_finds_or_fails);
    FTL_TEST(many_states);
    FTL_TEST(initial_values_have_their_scale);
    FTL_TEST(values_depend_on_seed_and_names_only);
    FTL_TEST(copies);
    FTL_TEST(freezing_by_pattern);
    FTL_TEST(empty_store);
    return ftl_test_finish();
}
