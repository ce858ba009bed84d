/* test_nn_spectral_norm.c - spectral normalisation: one power iteration against plain
 * loops, sigma at convergence, and which modes move the stored vectors. */
#include "engine/gradient.h"
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

#define ROWS 3
#define COLUMNS 4

static const float weights[ROWS][COLUMNS] = {
        {1, -2, 0.5f, 3}, {0.25f, 1, -1, 2}, {-3, 0.5f, 1, 1}};

typedef struct layer {
    ftl_store *store;
    ftl_state *weight, *u0, *sv0;
    ftl_plan *plan;
} layer;

/* w = W / sigma, and the gradient of <c, w> for W with c all ones. */
static ftl_status describe(
        ftl_graph *graph, ftl_store *store, ftl_net_mode mode, bool twice) {
    ftl_net net;
    ftl_value weight, w, total, slope;
    const ftl_init zero = {.kind = FTL_INIT_FILL};
    FTL_TRY(ftl_net_begin(&net, graph, store, mode));
    FTL_TRY(ftl_net_enter(&net, "conv"));
    FTL_TRY(ftl_net_parameter(&weight, &net, "weight", FTL_SHAPE(ROWS, 1, 2, 2), zero));
    FTL_TRY(ftl_nn_spectral_norm(&w, &net, weight, ROWS));
    if (twice) FTL_TRY(ftl_nn_spectral_norm(&w, &net, weight, ROWS));
    ftl_net_leave(&net);
    ftl_net_end(&net);
    FTL_TRY(ftl_sum(&total, graph, w));
    FTL_TRY(ftl_gradient(graph, 1, &total, NULL, 1, &weight, &slope));
    FTL_TRY(ftl_graph_output(graph, "w", w));
    return ftl_graph_output(graph, "slope", slope);
}

static ftl_status make_layer(layer *l, ftl_net_mode mode, bool twice) {
    ftl_graph *graph;
    memset(l, 0, sizeof *l);
    FTL_TRY(ftl_store_create(&l->store, "D"));
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, l->store, mode, twice);
    if (status == FTL_OK) status = ftl_store_allocate(l->store, 1, "D");
    if (status == FTL_OK) status = ftl_plan_create(&l->plan, graph, NULL);
    ftl_graph_free(graph);
    if (status != FTL_OK) return status;
    l->weight = ftl_store_find(l->store, "conv.weight");
    l->u0 = ftl_store_find(l->store, "conv.u0");
    l->sv0 = ftl_store_find(l->store, "conv.sv0");
    memcpy(l->weight->data, weights, sizeof weights);
    l->u0->data[0] = 1, l->u0->data[1] = 0.5f, l->u0->data[2] = -2;
    return FTL_OK;
}

static void free_layer(layer *l) {
    ftl_plan_free(l->plan);
    ftl_store_free(l->store);
}

/* v = n(u W), u = n(v W^T), sigma = v W^T u^T in double. */
static double iterate(double u[ROWS], double v[COLUMNS]) {
    double length = 0, sigma = 0;
    for (int c = 0; c < COLUMNS; c++) {
        v[c] = 0;
        for (int r = 0; r < ROWS; r++)
            v[c] += u[r] * (double)weights[r][c];
        length += v[c] * v[c];
    }
    for (int c = 0; c < COLUMNS; c++)
        v[c] /= sqrt(length);
    length = 0;
    for (int r = 0; r < ROWS; r++) {
        u[r] = 0;
        for (int c = 0; c < COLUMNS; c++)
            u[r] += v[c] * (double)weights[r][c];
        length += u[r] * u[r];
    }
    for (int r = 0; r < ROWS; r++) {
        sigma += u[r] * u[r] / sqrt(length);
        u[r] /= sqrt(length);
    }
    return sigma;
}

static void one_iteration(void) {
    layer l;
    double u[ROWS] = {1, 0.5, -2}, v[COLUMNS], total = 0;
    FTL_CHECK_OK(make_layer(&l, FTL_NET_TRAIN, false));
    FTL_CHECK(l.u0->kind == FTL_BUFFER && l.sv0->kind == FTL_BUFFER);
    FTL_CHECK(ftl_shape_equal(l.u0->shape, FTL_SHAPE(1, ROWS)) &&
              ftl_shape_equal(l.sv0->shape, FTL_SHAPE(1)));
    ftl_plan_run(l.plan);
    FTL_CHECK(l.u0->data[1] == 0.5f && l.sv0->data[0] == 1); /* not yet */
    ftl_plan_commit(l.plan);
    double sigma = iterate(u, v);
    const float *w = ftl_plan_output(l.plan, "w");
    const float *slope = ftl_plan_output(l.plan, "slope");
    FTL_CHECK_NEAR((double)l.sv0->data[0], sigma, 1e-6 * sigma);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            total += (double)weights[r][c];
    for (int r = 0; r < ROWS; r++) {
        FTL_CHECK_NEAR((double)l.u0->data[r], u[r], 1e-6);
        for (int c = 0; c < COLUMNS; c++) {
            const int i = r * COLUMNS + c;
            FTL_CHECK_NEAR((double)w[i], (double)weights[r][c] / sigma, 1e-6);
            /* sigma = u W v^T with u and v constant: d (sum W / sigma) / d W. */
            const double want = 1 / sigma - total / (sigma * sigma) * u[r] * v[c];
            FTL_CHECK_NEAR((double)slope[i], want, 1e-6);
        }
    }
    free_layer(&l);
}

/* After many iterations u is the eigenvector of W W^T that belongs to sigma^2. */
static void converges(void) {
    layer l;
    double u[ROWS] = {1, 0.5, -2}, v[COLUMNS], sigma = 0;
    FTL_CHECK_OK(make_layer(&l, FTL_NET_TRAIN, false));
    for (int i = 0; i < 200; i++) {
        ftl_plan_run(l.plan);
        ftl_plan_commit(l.plan);
        sigma = iterate(u, v);
    }
    FTL_CHECK_NEAR((double)l.sv0->data[0], sigma, 1e-6 * sigma);
    for (int r = 0; r < ROWS; r++) {
        double image = 0;
        for (int c = 0; c < COLUMNS; c++)
            for (int k = 0; k < ROWS; k++)
                image += (double)weights[r][c] * (double)weights[k][c] *
                         (double)l.u0->data[k];
        FTL_CHECK_NEAR(image, sigma * sigma * (double)l.u0->data[r], 1e-4);
    }
    free_layer(&l);
}

/* The same weights out, but nothing written: in evaluation mode, and when the tensors
 * are frozen. */
static void standing_still(void) {
    for (int way = 0; way < 2; way++) {
        layer l, moving;
        FTL_CHECK_OK(make_layer(&moving, FTL_NET_TRAIN, false));
        FTL_CHECK_OK(make_layer(&l, way == 0 ? FTL_NET_EVAL : FTL_NET_TRAIN, false));
        if (way == 1) FTL_CHECK(ftl_store_freeze(l.store, "D.conv.*") == 3);
        for (int i = 0; i < 2; i++) {
            ftl_plan_run(l.plan);
            ftl_plan_commit(l.plan);
        }
        ftl_plan_run(moving.plan);
        FTL_CHECK(l.u0->data[0] == 1 && l.u0->data[1] == 0.5f && l.u0->data[2] == -2);
        FTL_CHECK(l.sv0->data[0] == 1);
        FTL_CHECK(memcmp(ftl_plan_output(l.plan, "w"),
                          ftl_plan_output(moving.plan, "w"), sizeof weights) == 0);
        free_layer(&l);
        free_layer(&moving);
    }
}

/* Two uses of a weight in a phase share one iteration, which is written once. */
static void one_iteration_a_phase(void) {
    layer l;
    double u[ROWS] = {1, 0.5, -2}, v[COLUMNS];
    FTL_CHECK_OK(make_layer(&l, FTL_NET_TRAIN, true));
    int n_normalize = 0;
    for (int i = 0; i < ftl_plan_calls(l.plan); i++)
        n_normalize += strcmp(ftl_plan_call(l.plan, i).op, "normalize") == 0;
    FTL_CHECK(n_normalize == 2);
    ftl_plan_run(l.plan);
    ftl_plan_commit(l.plan);
    iterate(u, v);
    for (int r = 0; r < ROWS; r++)
        FTL_CHECK_NEAR((double)l.u0->data[r], u[r], 1e-6);
    free_layer(&l);
}

int main(void) {
    FTL_TEST(one_iteration);
    FTL_TEST(converges);
    FTL_TEST(standing_still);
    FTL_TEST(one_iteration_a_phase);
    return ftl_test_finish();
}
