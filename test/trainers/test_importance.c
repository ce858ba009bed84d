/* test_importance.c - importance weights: of logits, and in a discriminator's
 * loss. */
#include "trainers/importance.h"

#include "engine/base/random.h"
#include "test/harness.h"
#include "trainers/gan.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4, Z_DIM = 8, PX = 32 };

/* w = P(ref) / P(bias), from softmax as the paper has it. */
static void weights_are_odds(void) {
    static const float logits[][2] = {{0, 0}, {1.5F, -0.5F}, {-2, 1}};
    for (int i = 0; i < 3; i++) {
        const double bias = exp((double)logits[i][0]), ref = exp((double)logits[i][1]);
        const double w = ref / (ref + bias) / (bias / (ref + bias));
        FTL_CHECK_NEAR((double)ftl_importance_of_logits(logits[i], 1) / w, 1, 1e-6);
        FTL_CHECK_NEAR((double)ftl_importance_of_logits(logits[i], 0.3) / pow(w, 0.3),
                1, 1e-6);
        FTL_CHECK(ftl_importance_of_logits(logits[i], 0) == 1);
    }
}

/* The loss on real images with these weights (NULL: none), and the gradient of
 * one bias, which the generated images do not reach. */
static ftl_status step(double out[2], ftl_gan *gan, const float *weight) {
    ftl_plan *plan;
    const ftl_random_key key = {.seed = 1, .stream = FTL_STREAM_TEST};
    gan->d[0].weighted = weight != NULL;
    FTL_TRY(ftl_gan_plan_d(&plan, gan, BATCH));
    ftl_random_normal(ftl_plan_input(plan, "z"), (size_t)(BATCH * Z_DIM), key, 0);
    ftl_random_normal(ftl_plan_input(plan, "x0"), (size_t)(BATCH * PX * PX), key, 1);
    if (weight) memcpy(ftl_plan_input(plan, "weight0"), weight, BATCH * sizeof *weight);
    ftl_plan_run(plan);
    const ftl_adam *adam = &gan->d[0].adam;
    out[0] = (double)*(const float *)ftl_plan_output(plan, "real0");
    out[1] = (double)ftl_adam_gradient(
            adam, ftl_store_find(adam->store, "blocks.3.0.conv2.bias"))[0];
    ftl_plan_free(plan);
    return FTL_OK;
}

static void each_image_counts_as_it_weighs(void) {
    static const float weight[BATCH] = {0.2F, 3, 0, 1.7F};
    const float ones[BATCH] = {1, 1, 1, 1};
    const ftl_gan_options options = {
            .resolution = PX, .channels = 1, .ch = 2, .z_dim = Z_DIM};
    double plain[2], unit[2], all[2], sum[2] = {0, 0};
    ftl_gan gan;
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &options, 3, false));
    /* A score so low that generated images have nothing to teach, and real ones
     * have. */
    ftl_store_find(gan.d[0].store, "linear.bias")->data[0] -= 1000;
    FTL_CHECK_OK(step(plain, &gan, NULL));
    FTL_CHECK_OK(step(unit, &gan, ones));
    FTL_CHECK_OK(step(all, &gan, weight));
    for (int i = 0; i < BATCH; i++) {
        float one[BATCH] = {0, 0, 0, 0};
        double alone[2];
        one[i] = 1;
        FTL_CHECK_OK(step(alone, &gan, one));
        for (int k = 0; k < 2; k++)
            sum[k] += (double)weight[i] * alone[k];
    }
    ftl_gan_deinit(&gan);
    for (int k = 0; k < 2; k++) {
        FTL_CHECK(fabs(plain[k]) > 1e-3);
        FTL_CHECK_NEAR(unit[k] / plain[k], 1, 1e-5);
        FTL_CHECK_NEAR(all[k] / sum[k], 1, 1e-4);
        FTL_CHECK(fabs(all[k] / plain[k] - 1) > 1e-2);
    }
}

int main(void) {
    FTL_TEST(weights_are_odds);
    FTL_TEST(each_image_counts_as_it_weighs);
    return ftl_test_finish();
}
