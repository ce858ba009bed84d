/* test_parity_r1.c - second derivatives: the R1 penalty gamma / 2 E |dD/dx|^2
 * (Mescheder et al. 2018) and its gradient for D's parameters, a gradient of a
 * gradient, against PyTorch's double backward and against finite differences. */
#include "engine/base/random.h"
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "test/harness.h"
#include "test/trainers/golden_pass.h"
#include "trainers/models/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-5

typedef struct r1 {
    ftl_golden golden;
    ftl_gan_options options;
    int batch;
    double gamma;
    ftl_shape images;
    ftl_store *store;
    ftl_adam adam; /* for its block of gradients */
    ftl_plan *plan;
} r1;

static ftl_status describe(ftl_graph *graph, const r1 *r) {
    ftl_net net;
    ftl_value x, score, slope, squares, per_sample, loss;
    FTL_TRY(ftl_graph_input(&x, graph, "x", FTL_F32, r->images));
    FTL_TRY(ftl_net_begin(&net, graph, r->store, FTL_NET_TRAIN));
    FTL_TRY(ftl_biggan.discriminator(&score, &net, x, &r->options));
    ftl_net_end(&net);
    FTL_TRY(ftl_gradient(graph, 1, &score, NULL, 1, &x, &slope));
    FTL_TRY(ftl_mul(&squares, graph, slope, slope));
    FTL_TRY(ftl_row_sum(&per_sample, graph, squares));
    FTL_TRY(ftl_sum(&loss, graph, per_sample));
    FTL_TRY(ftl_affine(&loss, graph, loss, (float)(r->gamma / 2 / r->batch), 0));
    FTL_TRY(ftl_graph_output(graph, "out", score));
    FTL_TRY(ftl_graph_output(graph, "grad_x", slope));
    FTL_TRY(ftl_graph_output(graph, "per_sample", per_sample));
    FTL_TRY(ftl_graph_output(graph, "loss", loss));
    return ftl_golden_add_gradients(graph, loss, r->store);
}

static ftl_status compile(r1 *r) {
    ftl_graph *graph;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, r);
    if (status == FTL_OK) status = ftl_store_allocate(r->store, 1, "D");
    if (status == FTL_OK) status = ftl_plan_create(&r->plan, graph, NULL);
    ftl_graph_free(graph);
    return status;
}

/* The golden state and images, compiled. */
static ftl_status open_r1(r1 *r) {
    memset(r, 0, sizeof *r);
    FTL_TRY(ftl_golden_open(&r->golden, "r1"));
    FTL_TRY(ftl_golden_int(&r->options.resolution, &r->golden, "resolution"));
    FTL_TRY(ftl_golden_int(&r->options.ch, &r->golden, "ch"));
    FTL_TRY(ftl_golden_int(&r->options.channels, &r->golden, "channels"));
    FTL_TRY(ftl_golden_int(&r->batch, &r->golden, "batch"));
    FTL_TRY(ftl_golden_real(&r->gamma, &r->golden, "gamma"));
    int px = r->options.resolution;
    r->images = FTL_SHAPE(r->batch, r->options.channels, px, px);
    FTL_TRY(ftl_store_create(&r->store, "D"));
    FTL_TRY(compile(r));
    FTL_TRY(ftl_adam_init(&r->adam, r->store, false));
    FTL_TRY(ftl_golden_bind_gradients(r->plan, &r->adam));
    FTL_TRY(ftl_golden_load(&r->golden, r->store, "D", FTL_GOLDEN_WHOLE));
    return ftl_golden_read(&r->golden, ftl_plan_input(r->plan, "x"), FTL_H5_F32,
            ftl_shape_count(r->images), FTL_GOLDEN_WHOLE, "/D/x");
}

static void close_r1(r1 *r) {
    ftl_plan_free(r->plan);
    ftl_adam_deinit(&r->adam);
    ftl_store_free(r->store);
    ftl_golden_close(&r->golden);
}

static void check_value(r1 *r, const char *output, int64_t count, const char *path) {
    ftl_golden_check(&r->golden, ftl_plan_output(r->plan, output), count, TOLERANCE,
            FTL_GOLDEN_WHOLE, path);
}

static void agrees_with_double_backward(void) {
    r1 r;
    FTL_CHECK_OK(open_r1(&r));
    ftl_plan_run(r.plan);
    check_value(&r, "out", r.batch, "/D/r1/out");
    check_value(&r, "grad_x", ftl_shape_count(r.images), "/D/r1/grad_x");
    check_value(&r, "per_sample", r.batch, "/D/r1/per_sample");
    check_value(&r, "loss", 1, "/D/r1/loss");
    ftl_golden_check_gradients(&r.golden, r.store, r.adam.gradient, TOLERANCE,
            FTL_GOLDEN_WHOLE, "/D/grad");
    ftl_plan_commit(r.plan);
    ftl_golden_check_state(&r.golden, r.store, FTL_BUFFER, TOLERANCE, FTL_GOLDEN_WHOLE,
            "/D/buffers_after");
    close_r1(&r);
}

/* Finite differences.
 *
 * Two things would spoil them. The penalty jumps wherever a ReLU changes sides; so the
 * biases are made large, of random sign, and 32 times as large from one convolution to
 * the next: no step below can turn a ReLU. (A spectrally normalised convolution of 16
 * channels makes at most 12 of inputs of size 1, its skip at most 4. The penalty itself
 * does not see the size of biases: its slopes are products of weights and masks.) And
 * singular vectors are constants to the gradient, but follow the weights; so they are
 * first iterated until they have converged, where sigma does not depend on them to
 * first order. */
static void fix_masks(ftl_store *store) {
    double size = 100;
    uint32_t bits = 1;
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        if (!strstr(state->name, "conv1.bias") && !strstr(state->name, "conv2.bias"))
            continue;
        for (int64_t k = 0; k < ftl_shape_count(state->shape); k++) {
            bits = bits * 1664525u + 1013904223u;
            state->data[k] = (float)(bits >> 31 ? size : -size);
        }
        size *= 32;
    }
}

/* Power iterations alone: a graph whose only roots are D's buffers. */
static ftl_status converge_vectors(const r1 *r) {
    ftl_graph *graph;
    ftl_plan *plan = NULL;
    ftl_net net;
    ftl_value x, score;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = ftl_graph_input(&x, graph, "x", FTL_F32, r->images);
    if (status == FTL_OK) status = ftl_net_begin(&net, graph, r->store, FTL_NET_TRAIN);
    if (status == FTL_OK)
        status = ftl_biggan.discriminator(&score, &net, x, &r->options);
    if (status == FTL_OK) status = ftl_plan_create(&plan, graph, NULL);
    ftl_graph_free(graph);
    for (int i = 0; plan && i < 200; i++) {
        ftl_plan_run(plan);
        ftl_plan_commit(plan);
    }
    ftl_plan_free(plan);
    return status;
}

static double penalty(const r1 *r) {
    const float *loss = ftl_plan_output(r->plan, "loss");
    ftl_plan_run(r->plan);
    return (double)*loss;
}

/* A random direction over the parameters, weights only (the slope along biases is 0),
 * every tensor's part as long as the tensor. */
static void draw_direction(float *direction, const ftl_store *store, int number) {
    memset(direction, 0, (size_t)store->n_parameters_block * sizeof *direction);
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        if (state->kind != FTL_PARAMETER || strstr(state->name, "bias")) continue;
        float *d = direction + state->offset;
        const int64_t n = ftl_shape_count(state->shape);
        double length = 0, size = 0;
        ftl_random_normal(d, (size_t)n,
                (ftl_random_key) {.seed = 5,
                        .stream = FTL_STREAM_TEST,
                        .step = (uint64_t)(number * 1000 + i)},
                0);
        for (int64_t k = 0; k < n; k++) {
            length += (double)d[k] * (double)d[k];
            size += (double)state->data[k] * (double)state->data[k];
        }
        for (int64_t k = 0; k < n; k++)
            d[k] *= (float)sqrt(size / length);
    }
}

/* parameters = at + step * direction */
static void move(
        ftl_store *store, const float *at, const float *direction, double step) {
    for (int64_t i = 0; i < store->n_parameters_block; i++)
        store->block[i] = at[i] + (float)step * direction[i];
}

static double inner(const float *a, const float *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The central difference with step h errs by c h^2, and by the rounding of the penalty,
 * 1e-7 P / h. Twice the step errs by 4 c h^2, so that (4 d(h) - d(2h)) / 3 is left with
 * h^4: at h = 0.02 about 1e-6 relative, beside about 1e-5 of rounding. Directions
 * differ in how much of the gradient they see; the tolerance is relative to what a
 * direction of this length sees on average, |gradient| |direction| / sqrt(n). */
static void agrees_with_finite_differences(void) {
    r1 r;
    const double h = 0.02;
    double worst = 0;
    FTL_CHECK_OK(open_r1(&r));
    fix_masks(r.store);
    FTL_CHECK_OK(converge_vectors(&r));
    const int64_t n = r.store->n_parameters_block;
    float *at = malloc((size_t)n * sizeof *at);
    float *direction = malloc((size_t)n * sizeof *direction);
    float *gradient = malloc((size_t)n * sizeof *gradient);
    FTL_CHECK(at && direction && gradient);
    memcpy(at, r.store->block, (size_t)n * sizeof *at);
    FTL_CHECK(penalty(&r) > 0.01);
    memcpy(gradient, r.adam.gradient, (size_t)n * sizeof *gradient);
    for (int number = 0; number < 8; number++) {
        double difference[2];
        draw_direction(direction, r.store, number);
        for (int k = 0; k < 2; k++) {
            double step = h * (k + 1);
            move(r.store, at, direction, step);
            difference[k] = penalty(&r);
            move(r.store, at, direction, -step);
            difference[k] = (difference[k] - penalty(&r)) / (2 * step);
        }
        memcpy(r.store->block, at, (size_t)n * sizeof *at);
        double got = inner(gradient, direction, n);
        double want = (4 * difference[0] - difference[1]) / 3;
        double size =
                sqrt(inner(gradient, gradient, n) * inner(direction, direction, n) /
                        (double)ftl_store_parameters(r.store));
        worst = fmax(worst, fabs(got - want) / size);
        FTL_CHECK_NEAR(got, want, 2e-4 * size);
    }
    printf("r1: largest error against finite differences %.1e\n", worst);
    free(at);
    free(direction);
    free(gradient);
    r.golden.name = "r1, finite differences";
    close_r1(&r);
}

int main(void) {
    FTL_TEST(agrees_with_double_backward);
    FTL_TEST(agrees_with_finite_differences);
    return ftl_test_finish();
}
