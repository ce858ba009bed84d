/* test_parity_adam.c - Adam fed golden gradients: parameters and moments follow
 * PyTorch's for ten steps, element by element; a tensor that joins late has step counts
 * and bias corrections of its own. */
#include "engine/nn/adam.h"
#include "test/harness.h"
#include "test/trainers/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOLERANCE 1e-6
#define MAX_COUNT 135

typedef struct variant {
    const char *name;
    double learning_rate, beta1, beta2;
    int n_skipped;
} variant;

static ftl_status read_variant(variant *v, ftl_golden *golden, const char *name) {
    char key[64];
    v->name = name;
    snprintf(key, sizeof key, "%s_lr", name);
    FTL_TRY(ftl_golden_real(&v->learning_rate, golden, key));
    snprintf(key, sizeof key, "%s_beta1", name);
    FTL_TRY(ftl_golden_real(&v->beta1, golden, key));
    snprintf(key, sizeof key, "%s_beta2", name);
    FTL_TRY(ftl_golden_real(&v->beta2, golden, key));
    snprintf(key, sizeof key, "%s_n_skipped", name);
    return ftl_golden_int(&v->n_skipped, golden, key);
}

static ftl_status make_store(ftl_store **store) {
    ftl_state *state;
    const ftl_init zero = {.kind = FTL_INIT_FILL};
    FTL_TRY(ftl_store_create(store, "P"));
    FTL_TRY(ftl_store_declare(
            &state, *store, "p0", FTL_PARAMETER, FTL_SHAPE(5, 3, 3, 3), zero));
    FTL_TRY(ftl_store_declare(
            &state, *store, "p1", FTL_PARAMETER, FTL_SHAPE(17), zero));
    return ftl_store_allocate(*store, 1, "P");
}

/* Entry `index` of /<variant>/<kind>/<parameter>. */
static ftl_status read_entry(void *out, ftl_golden *golden, const variant *v,
        const char *kind, const ftl_state *state, int index) {
    char path[128];
    snprintf(path, sizeof path, "/%s/%s/%s", v->name, kind, state->name);
    bool count = strcmp(kind, "count") == 0;
    return ftl_golden_read(golden, out, count ? FTL_H5_I32 : FTL_H5_F32,
            count ? 1 : ftl_shape_count(state->shape), index, path);
}

/* What each element of a dataset has been at most in entries 0 to `index`. */
static ftl_status read_largest(double *size, ftl_golden *golden, const variant *v,
        const char *kind, const ftl_state *state, int index) {
    float entry[MAX_COUNT];
    memset(size, 0, MAX_COUNT * sizeof *size);
    for (int k = 0; k <= index; k++) {
        FTL_TRY(read_entry(entry, golden, v, kind, state, k));
        for (int64_t i = 0; i < ftl_shape_count(state->shape); i++)
            size[i] = fmax(size[i], fabs((double)entry[i]));
    }
    return FTL_OK;
}

/* |got - want| <= 1e-6 of the largest that the element has been so far: one that nearly
 * cancelled keeps the rounding of what it was subtracted from. */
static void check_elements(ftl_golden *golden, const variant *v, const char *kind,
        const ftl_state *state, const float *got, int index) {
    float want[MAX_COUNT];
    double size[MAX_COUNT];
    FTL_CHECK_OK(read_largest(size, golden, v, kind, state, index));
    FTL_CHECK_OK(read_entry(want, golden, v, kind, state, index));
    for (int64_t i = 0; i < ftl_shape_count(state->shape); i++) {
        double error = fabs((double)(got[i] - want[i]));
        if (!(error <= TOLERANCE * size[i]))
            ftl_test_fail(__FILE__, __LINE__,
                    "%s, %s of %s after %d steps: [%d] is %.9g, not %.9g", v->name,
                    kind, state->name, index, (int)i, (double)got[i], (double)want[i]);
        if (error <= golden->value.error * size[i]) continue;
        golden->value.error = error / size[i];
        snprintf(golden->value.at, sizeof golden->value.at, "%s/%s/%s[%d], step %d",
                v->name, kind, state->name, (int)i, index);
    }
}

static void check_state(
        ftl_golden *golden, const variant *v, const ftl_adam *adam, int index) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        int32_t count;
        check_elements(golden, v, "param", state, state->data, index);
        check_elements(golden, v, "v", state, adam->moment2 + state->offset, index);
        if (adam->moment1)
            check_elements(golden, v, "m", state, adam->moment1 + state->offset, index);
        FTL_CHECK_OK(read_entry(&count, golden, v, "count", state, index));
        FTL_CHECK(adam->steps[i] == count);
    }
}

static ftl_status load(
        ftl_golden *golden, const variant *v, const ftl_adam *adam, int step) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        if (step == 0) FTL_TRY(read_entry(state->data, golden, v, "param", state, 0));
        FTL_TRY(read_entry(
                ftl_adam_gradient(adam, state), golden, v, "grad", state, step));
    }
    return FTL_OK;
}

static void check_variant(const char *name) {
    ftl_golden golden;
    ftl_store *store;
    ftl_adam adam;
    variant v;
    int n_steps;
    double epsilon;
    FTL_CHECK_OK(ftl_golden_open(&golden, "adam"));
    FTL_CHECK_OK(read_variant(&v, &golden, name));
    FTL_CHECK_OK(ftl_golden_int(&n_steps, &golden, "steps"));
    FTL_CHECK_OK(ftl_golden_real(&epsilon, &golden, "adam_eps"));
    FTL_CHECK_OK(make_store(&store));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, v.beta1 > 0));
    const ftl_adam_options options = {.learning_rate = v.learning_rate,
            .beta1 = v.beta1,
            .beta2 = v.beta2,
            .epsilon = epsilon};
    for (int step = 0; step < n_steps; step++) {
        FTL_CHECK_OK(load(&golden, &v, &adam, step));
        ftl_store_find(store, "p1")->frozen = step < v.n_skipped;
        ftl_adam_step(&adam, &options);
        check_state(&golden, &v, &adam, step + 1);
    }
    ftl_adam_deinit(&adam);
    ftl_store_free(store);
    ftl_golden_close(&golden);
}

static void plain(void) { check_variant("plain"); }
static void momentum(void) { check_variant("momentum"); }
static void skip(void) { check_variant("skip"); }
static void skip_momentum(void) { check_variant("skip_momentum"); }
static void classifier(void) { check_variant("classifier"); }

int main(void) {
    FTL_TEST(plain);
    FTL_TEST(momentum);
    FTL_TEST(skip);
    FTL_TEST(skip_momentum);
    FTL_TEST(classifier);
    return ftl_test_finish();
}
