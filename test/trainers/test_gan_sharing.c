/* test_gan_sharing.c - frozen blocks that D and D_s have in common are computed once,
 * and nothing is shared any more when they may move. */
#include "engine/base/random.h"
#include "test/harness.h"
#include "trainers/gan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4, Z_DIM = 8 };

static ftl_status make(ftl_gan *gan) {
    ftl_gan_options options = {
            .resolution = 32, .channels = 1, .ch = 2, .z_dim = Z_DIM};
    FTL_TRY(ftl_gan_init(gan, &ftl_biggan, &options, 3, false));
    gan->d[0].weight = 0.5;
    FTL_TRY(ftl_gan_add(gan, "D_s", false));
    gan->d[1].weight = 0.5;
    return FTL_OK;
}

/* A generator step without update: its loss; the gradient stays in g_adam. */
static ftl_status step(ftl_gan *gan, int *n_calls, float *loss) {
    ftl_plan *plan;
    FTL_TRY(ftl_gan_plan_g(&plan, gan, BATCH));
    ftl_random_normal(ftl_plan_input(plan, "z"), (size_t)(BATCH * Z_DIM),
            (ftl_random_key) {.seed = 1, .stream = FTL_STREAM_TEST}, 0);
    ftl_plan_run(plan);
    *loss = *(const float *)ftl_plan_output(plan, "loss");
    *n_calls = ftl_plan_calls(plan);
    ftl_plan_free(plan);
    return FTL_OK;
}

static void what_is_equal_is_computed_once(void) {
    ftl_gan gan;
    int n, apart_calls, shared_calls;
    float apart_loss, shared_loss;
    FTL_CHECK_OK(make(&gan));
    FTL_CHECK_OK(ftl_gan_freeze(&gan, "D.blocks.0.*", &n));
    FTL_CHECK_OK(step(&gan, &apart_calls, &apart_loss));
    size_t count = (size_t)gan.g->n_parameters_block;
    float *apart = malloc(count * sizeof *apart);
    FTL_CHECK(apart);
    memcpy(apart, gan.g_adam.gradient, count * sizeof *apart);
    const int shared = ftl_gan_share_frozen(&gan);
    FTL_CHECK_OK(step(&gan, &shared_calls, &shared_loss));
    double worst = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        worst = fmax(worst, fabs((double)(apart[i] - gan.g_adam.gradient[i])));
        largest = fmax(largest, fabs((double)apart[i]));
    }
    free(apart);
    ftl_gan_deinit(&gan);
    FTL_CHECK(shared == n);
    FTL_CHECK(shared_calls < apart_calls - 10);
    FTL_CHECK_NEAR((double)shared_loss, (double)apart_loss, 1e-6);
    FTL_CHECK(largest > 0);
    FTL_CHECK_NEAR(worst / largest, 0, 1e-5);
}

static void what_moves_or_differs_is_not_shared(void) {
    ftl_gan gan;
    int n;
    FTL_CHECK_OK(make(&gan));
    const int thawed = ftl_gan_share_frozen(&gan);
    FTL_CHECK_OK(ftl_gan_freeze(&gan, "D.blocks.0.*", &n));
    ftl_store_find(gan.d[1].store, "blocks.0.0.conv1.bias")->data[0] += 1;
    const int others = ftl_gan_share_frozen(&gan);
    const ftl_state *mine = ftl_store_find(gan.d[0].store, "blocks.0.0.conv1.weight");
    const ftl_state *theirs = ftl_store_find(gan.d[1].store, "blocks.0.0.conv1.weight");
    const bool shared = mine->data == theirs->data;
    ftl_gan_thaw(&gan);
    const bool apart = mine->data != theirs->data;
    const float before = theirs->data[0];
    mine->data[0] += 1; /* a write through one */
    const bool kept = theirs->data[0] == before;
    ftl_gan_deinit(&gan);
    FTL_CHECK(thawed == 0);
    FTL_CHECK(others == n - 1);
    FTL_CHECK(shared && apart && kept);
}

int main(void) {
    FTL_TEST(what_is_equal_is_computed_once);
    FTL_TEST(what_moves_or_differs_is_not_shared);
    return ftl_test_finish();
}
