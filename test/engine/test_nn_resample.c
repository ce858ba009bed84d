/* test_nn_resample.c - convolutions with up- or downsampling in one against the two ops
 * that they stand for: values and gradients, borders included. */
#include "engine/gradient.h"
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>

enum { N = 2, IN = 5, OUT = 3, PX = 6 };

static const ftl_linear_options options = {
        .init = {.kind = FTL_INIT_NORMAL, .value = 1}};

/* The layer in one, or as the two that it stands for; both under the same names. */
static ftl_status describe(
        ftl_value *y, ftl_net *net, ftl_value x, bool up, int kernel, bool in_one) {
    const int pad = kernel / 2;
    if (in_one)
        return up ? ftl_nn_up_conv(y, net, x, "conv", OUT, kernel, &options)
                  : ftl_nn_conv_down(y, net, x, "conv", OUT, kernel, &options);
    if (up) FTL_TRY(ftl_upsample2(&x, net->graph, x));
    FTL_TRY(ftl_nn_conv(y, net, x, "conv", OUT, kernel, 1, pad, &options));
    return up ? FTL_OK : ftl_avg_pool2(y, net->graph, *y);
}

/* y, dx and dw of sum(y^2), so that every element of y weighs differently. */
static ftl_status make(
        ftl_plan **plan, ftl_store *store, bool up, int kernel, bool in_one) {
    ftl_graph *graph;
    ftl_net net;
    ftl_value x, y, loss, wanted[2], got[2];
    ftl_state *w;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status;
    FTL_TRY_OUT(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(N, IN, PX, PX)));
    FTL_TRY_OUT(ftl_net_begin(&net, graph, store, FTL_NET_TRAIN));
    FTL_TRY_OUT(describe(&y, &net, x, up, kernel, in_one));
    ftl_net_end(&net);
    if (!store->block) FTL_TRY_OUT(ftl_store_allocate(store, 7, "T"));
    FTL_TRY_OUT(ftl_dot(&loss, graph, y, y));
    w = ftl_store_find(store, "conv.weight");
    wanted[0] = x;
    FTL_TRY_OUT(ftl_graph_state(&wanted[1], graph, w));
    FTL_TRY_OUT(ftl_gradient(graph, 1, &loss, NULL, 2, wanted, got));
    FTL_TRY_OUT(ftl_graph_output(graph, "y", y));
    FTL_TRY_OUT(ftl_graph_output(graph, "dx", got[0]));
    FTL_TRY_OUT(ftl_graph_output(graph, "dw", got[1]));
    FTL_TRY_OUT(ftl_plan_create(plan, graph, NULL));
out:
    ftl_graph_free(graph);
    return status;
}

static double difference(ftl_plan *a, ftl_plan *b, const char *name, int n) {
    const float *x = ftl_plan_output(a, name), *y = ftl_plan_output(b, name);
    double worst = 0, scale = 0;
    for (int i = 0; i < n; i++) {
        worst = fmax(worst, fabs((double)x[i] - (double)y[i]));
        scale = fmax(scale, fabs((double)y[i]));
    }
    return worst / scale;
}

static void compare(bool up, int kernel) {
    ftl_store *store;
    ftl_plan *plan[2] = {NULL, NULL};
    FTL_CHECK_OK(ftl_store_create(&store, "T"));
    ftl_status status = make(&plan[0], store, up, kernel, true);
    if (status == FTL_OK) {
        /* A bias that is not zero, so that losing or halving it shows. */
        float *bias = ftl_store_find(store, "conv.bias")->data;
        for (int i = 0; i < OUT; i++)
            bias[i] = 0.5f + (float)i;
        status = make(&plan[1], store, up, kernel, false);
    }
    for (int k = 0; status == FTL_OK && k < 2; k++) {
        float *x = ftl_plan_input(plan[k], "x");
        for (int i = 0; i < N * IN * PX * PX; i++)
            x[i] = sinf((float)(i * i));
        ftl_plan_run(plan[k]);
    }
    double y = 1, dx = 1, dw = 1;
    if (status == FTL_OK) {
        const int side = up ? 2 * PX : PX / 2;
        y = difference(plan[0], plan[1], "y", N * OUT * side * side);
        dx = difference(plan[0], plan[1], "dx", N * IN * PX * PX);
        dw = difference(plan[0], plan[1], "dw", OUT * IN * kernel * kernel);
    }
    ftl_plan_free(plan[0]);
    ftl_plan_free(plan[1]);
    ftl_store_free(store);
    FTL_CHECK_OK(status);
    FTL_CHECK_NEAR(y, 0, 2e-6);
    FTL_CHECK_NEAR(dx, 0, 2e-6);
    FTL_CHECK_NEAR(dw, 0, 2e-6);
}

static void up_then_conv3(void) { compare(true, 3); }
static void up_then_conv1(void) { compare(true, 1); }
static void conv3_then_down(void) { compare(false, 3); }
static void conv1_then_down(void) { compare(false, 1); }

int main(void) {
    FTL_TEST(up_then_conv3);
    FTL_TEST(up_then_conv1);
    FTL_TEST(conv3_then_down);
    FTL_TEST(conv1_then_down);
    return ftl_test_finish();
}
