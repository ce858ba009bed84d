/* test_nn_ema.c - the exponential moving average: its decay from a half-life and a
 * ramp, and its update over parameters and buffers. */
#include "engine/nn/ema.h"
#include "test/harness.h"

#include <math.h>

/* Half of what was there is left after half-life images, in steps of any size. */
static void half_life(void) {
    FTL_CHECK_NEAR(ftl_ema_decay(1000, 1000, 1e9, 0.05), 0.5, 1e-12);
    double left = 1;
    for (int i = 0; i < 125; i++)
        left *= ftl_ema_decay(8, 1000, 1e9, 0.05);
    FTL_CHECK_NEAR(left, 0.5, 1e-12);
    FTL_CHECK_NEAR(ftl_ema_decay(3000, 1000, 1e9, 0.05), 0.125, 1e-12);
}

/* A young average has a shorter half-life, ramp times what was seen; none at all when
 * nothing was seen; ramp 0 switches that off. */
static void ramp(void) {
    FTL_CHECK_NEAR(ftl_ema_decay(100, 1000, 2000, 0.05), 0.5, 1e-12);
    FTL_CHECK_NEAR(ftl_ema_decay(100, 1000, 20000, 0.05), exp2(-0.1), 1e-12);
    FTL_CHECK_NEAR(ftl_ema_decay(100, 1000, 40000, 0.05), exp2(-0.1), 1e-12);
    FTL_CHECK(ftl_ema_decay(100, 1000, 0, 0.05) == 0);
    FTL_CHECK_NEAR(ftl_ema_decay(100, 1000, 0, 0), exp2(-0.1), 1e-12);
    FTL_CHECK(ftl_ema_decay(100, 0, 5000, 0.05) == 0);
}

static ftl_status make_store(ftl_store **store, const char *name, float value) {
    ftl_state *state;
    const ftl_init init = {.kind = FTL_INIT_FILL, .value = value};
    FTL_TRY(ftl_store_create(store, name));
    FTL_TRY(ftl_store_declare(
            &state, *store, "w", FTL_PARAMETER, FTL_SHAPE(50, 1000), init));
    FTL_TRY(ftl_store_declare(&state, *store, "u0", FTL_BUFFER, FTL_SHAPE(1, 3), init));
    return ftl_store_allocate(*store, 1, "G");
}

static void update(void) {
    ftl_store *average, *live;
    FTL_CHECK_OK(make_store(&average, "G_ema", 2));
    FTL_CHECK_OK(make_store(&live, "G", 10));
    ftl_ema_update(average, live, 0.75);
    for (int i = 0; i < average->n_states; i++)
        for (int64_t k = 0; k < ftl_shape_count(average->state[i]->shape); k++)
            FTL_CHECK(average->state[i]->data[k] == 4);
    /* Padding stays 0, and the live network as it was. */
    FTL_CHECK(average->block[average->state[1]->offset + 3] == 0);
    FTL_CHECK(live->state[0]->data[0] == 10 && live->state[1]->data[2] == 10);
    ftl_ema_update(average, live, 1);
    FTL_CHECK(average->state[0]->data[0] == 4);
    ftl_ema_update(average, live, 0);
    FTL_CHECK(average->state[0]->data[49999] == 10 && average->state[1]->data[1] == 10);
    ftl_store_free(average);
    ftl_store_free(live);
}

int main(void) {
    FTL_TEST(half_life);
    FTL_TEST(ramp);
    FTL_TEST(update);
    return ftl_test_finish();
}
