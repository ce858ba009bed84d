/* The pass that finds convolutions for Winograd's kernels: plans with it against plans
 * without, for each convolution that layers make and for all their gradients. */
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/engine/plan_check.h"
#include "test/harness.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, C_IN = 16, C_OUT = 32, PX = 16 };

typedef ftl_status layer(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w);

static ftl_status plain(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w) {
    return ftl_conv(y, g, x, w, 1, 1);
}

static ftl_status up(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w) {
    FTL_TRY(ftl_box_kernel(&w, g, w, 1, true));
    return ftl_conv_data(y, g, x, w, 2, 1, 2 * PX, 2 * PX);
}

static ftl_status down(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w) {
    FTL_TRY(ftl_box_kernel(&w, g, w, 0.25f, false));
    return ftl_conv(y, g, x, w, 2, 1);
}

/* Outputs "y", "dx", "dw" of a layer with a bias and a weight that is scaled, as by
 * spectral norm, for the loss sum(y^2). */
static ftl_status describe(ftl_graph *g, layer *make) {
    ftl_value x, w, s, scaled, b, y, loss, d[2];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N, C_IN, PX, PX)));
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, FTL_SHAPE(C_OUT, C_IN, 3, 3)));
    FTL_TRY(ftl_graph_input(&b, g, "b", FTL_F32, FTL_SHAPE(C_OUT)));
    FTL_TRY(ftl_graph_input(&s, g, "s", FTL_F32, FTL_SHAPE(1)));
    FTL_TRY(ftl_scale_by(&scaled, g, w, s));
    FTL_TRY(make(&y, g, x, scaled));
    FTL_TRY(ftl_bias_add(&y, g, y, b));
    FTL_TRY(ftl_graph_output(g, "y", y));
    FTL_TRY(ftl_mul(&loss, g, y, y));
    FTL_TRY(ftl_sum(&loss, g, loss));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, (ftl_value[]) {x, w}, d));
    FTL_TRY(ftl_graph_output(g, "dx", d[0]));
    return ftl_graph_output(g, "dw", d[1]);
}

static void fill(ftl_plan *plan, const char *name, int64_t n) {
    float *x = ftl_plan_input(plan, name);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(i * 7919 % 1009) / 1009 - 0.4f;
}

static void compare(layer *make, int64_t y_px) {
    ftl_graph *graph;
    ftl_plan *fast, *plain_plan;
    const ftl_plan_options reference = {.reference_only = true};
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe(graph, make));
    FTL_CHECK_OK(ftl_plan_create(&fast, graph, NULL));
    FTL_CHECK_OK(ftl_plan_create(&plain_plan, graph, &reference));
    ftl_graph_free(graph);
    FTL_CHECK(plan_count(fast, "conv3x3_bias") == 1);
    FTL_CHECK(plan_count(fast, "conv3x3") == 1);
    FTL_CHECK(plan_count(fast, "conv3x3_weights") == 1);
    FTL_CHECK(plan_count(fast, "conv") + plan_count(fast, "conv_data") +
                      plan_count(fast, "box_kernel") + plan_count(fast, "bias_add") +
                      plan_count(fast, "conv_bias") ==
              0);
    FTL_CHECK(plan_count(fast, "scale_by") == 1); /* of dw */
    FTL_CHECK(plan_count(plain_plan, "conv3x3") == 0);
    for (int i = 0; i < 2; i++) {
        ftl_plan *plan = i ? plain_plan : fast;
        fill(plan, "x", (int64_t)N * C_IN * PX * PX);
        fill(plan, "w", C_OUT * C_IN * 9);
        fill(plan, "b", C_OUT);
        *(float *)ftl_plan_input(plan, "s") = 0.625f;
        ftl_plan_run(plan);
    }
    FTL_CHECK(plan_near(fast, plain_plan, "y", N * C_OUT * y_px * y_px));
    FTL_CHECK(plan_near(fast, plain_plan, "dx", (int64_t)N * C_IN * PX * PX));
    FTL_CHECK(plan_near(fast, plain_plan, "dw", C_OUT * C_IN * 9));
    ftl_plan_free(fast);
    ftl_plan_free(plain_plan);
}

static void plain_convolutions(void) { compare(plain, PX); }
static void upsampled_convolutions(void) { compare(up, 2 * PX); }
static void pooled_convolutions(void) { compare(down, PX / 2); }

int main(void) {
    FTL_TEST(plain_convolutions);
    FTL_TEST(upsampled_convolutions);
    FTL_TEST(pooled_convolutions);
    return ftl_test_finish();
}
