/* test_fisher.c - how much a weight of G matters, against differences of
 * softplus(-D(G(z))). */
#include "engine/base/random.h"
#include "engine/ops/ops.h"
#include "test/harness.h"
#include "trainers/gan.h"

#include <math.h>
#include <string.h>

enum { Z_DIM = 8, N = 3 };

static const ftl_random_key key = {.seed = 2, .stream = FTL_STREAM_TEST};

static ftl_status describe(ftl_graph *graph, ftl_gan *gan) {
    ftl_value z, image, score;
    ftl_net net;
    FTL_TRY(ftl_graph_input(&z, graph, "z", FTL_F32, FTL_SHAPE(1, Z_DIM)));
    FTL_TRY(ftl_net_begin(&net, graph, gan->g, FTL_NET_EVAL));
    FTL_TRY(gan->model->generator(&image, &net, z, &gan->options));
    ftl_net_end(&net);
    FTL_TRY(ftl_net_begin(&net, graph, gan->d[0].store, FTL_NET_EVAL));
    FTL_TRY(gan->model->discriminator(&score, &net, image, &gan->options));
    ftl_net_end(&net);
    return ftl_graph_output(graph, "score", score);
}

/* softplus(-D(G(z))) of latent i */
static ftl_status surprise(double *out, ftl_gan *gan, int i) {
    ftl_graph *graph;
    ftl_plan *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, gan);
    if (status == FTL_OK)
        status = ftl_plan_create(
                &plan, graph, &(ftl_plan_options) {.memory = gan->memory});
    ftl_graph_free(graph);
    FTL_TRY(status);
    ftl_random_normal(ftl_plan_input(plan, "z"), Z_DIM, key, (uint64_t)i);
    ftl_plan_run(plan);
    *out = log1p(exp(-(double)*(const float *)ftl_plan_output(plan, "score")));
    ftl_plan_free(plan);
    return FTL_OK;
}

/* Mean over the latents of squared central differences in element k of a tensor. */
static ftl_status importance(double *out, ftl_gan *gan, ftl_state *state, int k) {
    const double h = 5e-4;
    const float was = state->data[k];
    *out = 0;
    for (int i = 0; i < N; i++) {
        double f[2];
        for (int side = 0; side < 2; side++) {
            state->data[k] = was + (float)(side ? h : -h);
            FTL_TRY(surprise(&f[side], gan, i));
        }
        *out += pow((f[1] - f[0]) / (2 * h), 2) / N;
    }
    state->data[k] = was;
    return FTL_OK;
}

static void weights_matter_as_much_as_they_move(void) {
    /* Neither has a spectral norm, whose vectors a difference would move too. */
    static const char *const names[] = {"output_layer.0.bias",
            "blocks.2.0.bn1.bias.weight", "blocks.2.0.conv1.bias"};
    const ftl_gan_options options = {
            .resolution = 32, .channels = 1, .ch = 2, .z_dim = Z_DIM};
    ftl_gan gan;
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &options, 3, false));
    /* A score near 0, where softplus bends. */
    double f;
    FTL_CHECK_OK(surprise(&f, &gan, 0));
    ftl_store_find(gan.d[0].store, "linear.bias")->data[0] += (float)log(exp(f) - 1);
    FTL_CHECK_OK(ftl_gan_anchor(&gan, 1, key, N));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ftl_state *state = ftl_store_find(gan.g, names[i]);
        double want = 0;
        FTL_CHECK(state);
        FTL_CHECK_OK(importance(&want, &gan, state, 0));
        const double got = (double)gan.anchor.importance[state->offset];
        /* Differences in float32 across many kinks are no better than that. */
        FTL_CHECK(want > 1e-4);
        FTL_CHECK_NEAR(got / want, 1, 0.08);
    }
    FTL_CHECK(memcmp(gan.anchor.source, gan.g->block,
                      (size_t)gan.g->n_parameters_block * sizeof(float)) == 0);
    ftl_gan_deinit(&gan);
}

int main(void) {
    FTL_TEST(weights_matter_as_much_as_they_move);
    return ftl_test_finish();
}
