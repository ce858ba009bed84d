/* test_diffaugment.c - what DiffAugment makes discriminators see: D(T(x)) and
 * D(T(G(z))) in D's steps and D(T(G(z))) in G's, with gradients through T, while one
 * that stands still sees G(z). Against graphs that are put together here. (T itself is
 * in test_augment.c.) */
#include "engine/nn/training.h"
#include "engine/ops/ops.h"
#include "test/harness.h"
#include "trainers/gan.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4, Z_DIM = 8, PX = 32, CHANNELS = 3, IMAGE = CHANNELS * PX * PX };

static const unsigned policies[] = {FTL_AUGMENT_COLOUR, FTL_AUGMENT_TRANSLATION,
        FTL_AUGMENT_CUTOUT, FTL_AUGMENT_ALL};
enum { N_POLICIES = sizeof policies / sizeof *policies };

static const ftl_random_key of_z = {.seed = 1, .stream = FTL_STREAM_TEST};
static const ftl_random_key of_x = {.seed = 2, .stream = FTL_STREAM_TEST};
static const ftl_random_key of_t_real = {.seed = 3, .stream = FTL_STREAM_TEST};
static const ftl_random_key of_t_fake = {.seed = 4, .stream = FTL_STREAM_TEST};

static void fill(ftl_plan *plan, const char *name, int64_t n, ftl_random_key key) {
    ftl_random_normal(ftl_plan_input(plan, name), (size_t)n, key, 0);
}

static void draw(ftl_plan *plan, unsigned policy, int64_t at, ftl_random_key key) {
    ftl_augment_draw(plan, policy, CHANNELS, PX, at, BATCH, key, 0);
}

/* A D that trains with weight 0.75, a D_s of other values that stands still with 0.5.
 * Scores are near 0, where both hinges bend: singular vectors have settled, and the
 * bias makes up for the rest. */
static ftl_status make_gan(ftl_gan *gan) {
    const ftl_gan_options options = {
            .resolution = PX, .channels = CHANNELS, .ch = 4, .z_dim = Z_DIM};
    ftl_plan *plan;
    FTL_TRY(ftl_gan_init(gan, &ftl_biggan, &options, 3, false));
    FTL_TRY(ftl_gan_plan_d(&plan, gan, BATCH));
    fill(plan, "z", BATCH * Z_DIM, of_z);
    fill(plan, "x0", BATCH * IMAGE, of_x);
    for (int i = 0; i < 30; i++) {
        ftl_plan_run(plan);
        ftl_plan_commit(plan);
    }
    ftl_plan_free(plan);
    FTL_TRY(ftl_gan_add(gan, "D_s", false));
    ftl_state *weight = ftl_store_find(gan->d[1].store, "linear.weight");
    for (int64_t i = 0; i < ftl_shape_count(weight->shape); i += 2)
        weight->data[i] *= -1;
    gan->d[0].weight = 0.75;
    gan->d[1].weight = 0.5;
    return FTL_OK;
}

static ftl_status add_generator(ftl_value *image, ftl_graph *graph, ftl_gan *gan) {
    ftl_net net;
    ftl_value z;
    FTL_TRY(ftl_graph_input(&z, graph, "z", FTL_F32, FTL_SHAPE(BATCH, Z_DIM)));
    FTL_TRY(ftl_net_begin(&net, graph, gan->g, FTL_NET_TRAIN));
    FTL_TRY(gan->model->generator(image, &net, z, &gan->options));
    ftl_net_end(&net);
    return FTL_OK;
}

static ftl_status add_discriminator(ftl_value *score, ftl_graph *graph, ftl_gan *gan,
        int index, ftl_net_mode mode, ftl_value image) {
    ftl_net net;
    FTL_TRY(ftl_net_begin(&net, graph, gan->d[index].store, mode));
    FTL_TRY(gan->model->discriminator(score, &net, image, &gan->options));
    ftl_net_end(&net);
    return FTL_OK;
}

/* T with numbers that are inputs of the graph. */
static ftl_status change(ftl_value *y, ftl_graph *graph, ftl_value x, unsigned policy) {
    ftl_augment t;
    FTL_TRY(ftl_augment_begin(&t, graph, policy, ftl_value_shape(graph, x)));
    return ftl_augment_apply(y, &t, graph, x);
}

/* What a step came to: losses, and the gradient in an optimiser's block. */
typedef struct outcome {
    double real, fake, g;
    ftl_adam adam; /* of the network that learns */
} outcome;

static ftl_status make_plan(ftl_plan **plan, ftl_graph *graph, ftl_value loss,
        const ftl_store *store, ftl_adam *adam) {
    FTL_TRY(ftl_nn_add_gradients(graph, loss, store));
    FTL_TRY(ftl_plan_create(plan, graph, &(ftl_plan_options) {0}));
    return ftl_nn_bind_gradients(*plan, adam);
}

/* images = G(z), as it is in training. */
static ftl_status generate(float *images, ftl_gan *gan) {
    ftl_graph *graph = NULL;
    ftl_plan *plan = NULL;
    ftl_value image;
    ftl_status status;
    FTL_TRY_OUT(ftl_graph_create(&graph));
    FTL_TRY_OUT(add_generator(&image, graph, gan));
    FTL_TRY_OUT(ftl_graph_output(graph, "image", image));
    FTL_TRY_OUT(ftl_plan_create(&plan, graph, &(ftl_plan_options) {0}));
    fill(plan, "z", BATCH * Z_DIM, of_z);
    ftl_plan_run(plan);
    memcpy(images, ftl_plan_output(plan, "image"), BATCH * IMAGE * sizeof *images);
out:
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return status;
}

/* mean relu(1 + sign score) and its slope in each score. */
static double hinge(float *slope, const float *score, int sign) {
    double mean = 0;
    for (int i = 0; i < BATCH; i++) {
        const double above = 1 + sign * (double)score[i];
        mean += fmax(above, 0) / BATCH;
        slope[i] = above > 0 ? (float)sign / BATCH : 0;
    }
    return mean;
}

/* D's step by hand: scores of T(x) and T(G(z)), hinge losses and their slopes in plain
 * C, and the gradient of sum slope_i score_i. */
static ftl_status d_by_hand(outcome *out, ftl_gan *gan, unsigned policy) {
    static float fake[BATCH * IMAGE];
    ftl_graph *graph = NULL;
    ftl_plan *plan = NULL;
    ftl_value x, changed, score, slope, total;
    ftl_status status;
    FTL_TRY_OUT(ftl_adam_init(&out->adam, gan->d[0].store, false));
    FTL_TRY_OUT(generate(fake, gan));
    FTL_TRY_OUT(ftl_graph_create(&graph));
    FTL_TRY_OUT(ftl_graph_input(
            &x, graph, "x", FTL_F32, FTL_SHAPE(2 * BATCH, CHANNELS, PX, PX)));
    FTL_TRY_OUT(change(&changed, graph, x, policy));
    FTL_TRY_OUT(add_discriminator(&score, graph, gan, 0, FTL_NET_TRAIN, changed));
    FTL_TRY_OUT(ftl_graph_input(
            &slope, graph, "slope", FTL_F32, ftl_value_shape(graph, score)));
    FTL_TRY_OUT(ftl_dot(&total, graph, score, slope));
    FTL_TRY_OUT(ftl_graph_output(graph, "score", score));
    FTL_TRY_OUT(make_plan(&plan, graph, total, gan->d[0].store, &out->adam));
    fill(plan, "x", BATCH * IMAGE, of_x);
    memcpy((float *)ftl_plan_input(plan, "x") + BATCH * IMAGE, fake, sizeof fake);
    draw(plan, policy, 0, of_t_real);
    draw(plan, policy, BATCH, of_t_fake);
    memset(ftl_plan_input(plan, "slope"), 0, 2 * BATCH * sizeof(float));
    ftl_plan_run(plan);
    const float *scores = ftl_plan_output(plan, "score");
    float *slopes = ftl_plan_input(plan, "slope");
    out->real = hinge(slopes, scores, -1);
    out->fake = hinge(slopes + BATCH, scores + BATCH, 1);
    ftl_plan_run(plan);
out:
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return status;
}

/* - weight mean D_k(image) added to *total */
static ftl_status add_feedback(
        ftl_value *total, ftl_graph *graph, ftl_gan *gan, int index, ftl_value image) {
    const ftl_net_mode mode = index ? FTL_NET_EVAL : FTL_NET_TRAIN;
    ftl_value score;
    FTL_TRY(add_discriminator(&score, graph, gan, index, mode, image));
    FTL_TRY(ftl_sum(&score, graph, score));
    FTL_TRY(ftl_affine(
            &score, graph, score, (float)(-gan->d[index].weight / BATCH), 0));
    if (index == 0) {
        *total = score;
        return FTL_OK;
    }
    return ftl_add(total, graph, *total, score);
}

/* G's step by hand: D hears of T(G(z)); D_s of G(z) or, as it should not, of T(G(z)).
 */
static ftl_status g_by_hand(
        outcome *out, ftl_gan *gan, unsigned policy, bool also_of_d_s) {
    ftl_graph *graph = NULL;
    ftl_plan *plan = NULL;
    ftl_value image, changed, total;
    ftl_status status;
    FTL_TRY_OUT(ftl_adam_init(&out->adam, gan->g, false));
    FTL_TRY_OUT(ftl_graph_create(&graph));
    FTL_TRY_OUT(add_generator(&image, graph, gan));
    FTL_TRY_OUT(change(&changed, graph, image, policy));
    FTL_TRY_OUT(add_feedback(&total, graph, gan, 0, changed));
    FTL_TRY_OUT(add_feedback(&total, graph, gan, 1, also_of_d_s ? changed : image));
    FTL_TRY_OUT(ftl_graph_output(graph, "loss", total));
    FTL_TRY_OUT(make_plan(&plan, graph, total, gan->g, &out->adam));
    fill(plan, "z", BATCH * Z_DIM, of_z);
    draw(plan, policy, 0, of_t_fake);
    ftl_plan_run(plan);
    out->g = (double)*(const float *)ftl_plan_output(plan, "loss");
out:
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return status;
}

/* Steps as they are trained with; gradients stay in the GAN's optimisers. */
static ftl_status train_d(outcome *out, ftl_gan *gan, unsigned policy) {
    ftl_plan *plan;
    gan->augment = policy;
    FTL_TRY(ftl_gan_plan_d(&plan, gan, BATCH));
    fill(plan, "z", BATCH * Z_DIM, of_z);
    fill(plan, "x0", BATCH * IMAGE, of_x);
    draw(plan, policy, 0, of_t_real);
    draw(plan, policy, BATCH, of_t_fake);
    ftl_plan_run(plan);
    out->real = (double)*(const float *)ftl_plan_output(plan, "real0");
    out->fake = (double)*(const float *)ftl_plan_output(plan, "fake0");
    ftl_plan_free(plan);
    return FTL_OK;
}

static ftl_status train_g(outcome *out, ftl_gan *gan, unsigned policy) {
    ftl_plan *plan;
    gan->augment = policy;
    FTL_TRY(ftl_gan_plan_g(&plan, gan, BATCH));
    fill(plan, "z", BATCH * Z_DIM, of_z);
    draw(plan, policy, 0, of_t_fake);
    ftl_plan_run(plan);
    out->g = (double)*(const float *)ftl_plan_output(plan, "loss");
    ftl_plan_free(plan);
    return FTL_OK;
}

static void check_d(ftl_gan *gan, unsigned policy) {
    const float *gradient = gan->d[0].adam.gradient;
    const int64_t n = gan->d[0].store->n_parameters_block;
    outcome got = {0}, want = {0}, plain = {0};
    FTL_CHECK_OK(d_by_hand(&plain, gan, 0));
    FTL_CHECK_OK(d_by_hand(&want, gan, policy));
    FTL_CHECK_OK(train_d(&got, gan, policy));
    FTL_CHECK_NEAR(got.real, want.real, 1e-4);
    FTL_CHECK_NEAR(got.fake, want.fake, 1e-4);
    /* Rounding takes an activation over a kink here and there. */
    FTL_CHECK_NEAR(ftl_test_distance(want.adam.gradient, gradient, n), 0, 2e-3);
    /* Either half without T would be seen. */
    FTL_CHECK(want.real > 0 && fabs(plain.real - want.real) > 0.1);
    FTL_CHECK(want.fake > 0 && fabs(plain.fake - want.fake) > 0.1);
    ftl_adam_deinit(&want.adam);
    ftl_adam_deinit(&plain.adam);
}

static void check_g(ftl_gan *gan, unsigned policy) {
    const float *gradient = gan->g_adam.gradient;
    const int64_t n = gan->g->n_parameters_block;
    outcome got = {0}, want = {0}, plain = {0}, both = {0};
    FTL_CHECK_OK(g_by_hand(&plain, gan, 0, false));
    FTL_CHECK_OK(g_by_hand(&both, gan, policy, true));
    FTL_CHECK_OK(g_by_hand(&want, gan, policy, false));
    FTL_CHECK_OK(train_g(&got, gan, policy));
    FTL_CHECK_NEAR(got.g, want.g, 1e-4);
    FTL_CHECK_NEAR(ftl_test_distance(want.adam.gradient, gradient, n), 0, 2e-3);
    /* G without T, and D_s with it, would be seen. */
    FTL_CHECK(fabs(plain.g - want.g) > 0.1);
    FTL_CHECK(fabs(both.g - want.g) > 0.1);
    FTL_CHECK(ftl_test_distance(want.adam.gradient, plain.adam.gradient, n) > 0.05);
    FTL_CHECK(ftl_test_distance(want.adam.gradient, both.adam.gradient, n) > 0.05);
    ftl_adam_deinit(&want.adam);
    ftl_adam_deinit(&plain.adam);
    ftl_adam_deinit(&both.adam);
}

static void d_sees_changed_images(void) {
    ftl_gan gan;
    FTL_CHECK_OK(make_gan(&gan));
    for (int i = 0; i < N_POLICIES; i++)
        check_d(&gan, policies[i]);
    ftl_gan_deinit(&gan);
}

static void g_is_told_of_changed_images_and_by_d_s_of_plain_ones(void) {
    ftl_gan gan;
    FTL_CHECK_OK(make_gan(&gan));
    for (int i = 0; i < N_POLICIES; i++)
        check_g(&gan, policies[i]);
    ftl_gan_deinit(&gan);
}

int main(void) {
    FTL_TEST(d_sees_changed_images);
    FTL_TEST(g_is_told_of_changed_images_and_by_d_s_of_plain_ones);
    return ftl_test_finish();
}
