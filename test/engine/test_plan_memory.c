/* test_plan_memory.c - how many values a plan holds at its peak. */
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

enum { N = 4096 };

/* In units of one vector [N]. */
static double peak(const ftl_graph *graph) {
    ftl_plan *plan;
    if (ftl_plan_create(&plan, graph, NULL) != FTL_OK) return -1;
    double bytes = (double)ftl_plan_measure(plan).block;
    ftl_plan_free(plan);
    return bytes / (N * sizeof(float));
}

/* relu(x w) u: its gradients look at relu(x w), so that x w itself need not outlive the
 * relu, which overwrites it. */
static ftl_status describe_relu(ftl_graph *g) {
    ftl_value x, w[2], y, loss, dw[2];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N)));
    FTL_TRY(ftl_graph_input(&w[0], g, "w", FTL_F32, FTL_SHAPE(N)));
    FTL_TRY(ftl_graph_input(&w[1], g, "u", FTL_F32, FTL_SHAPE(N)));
    FTL_TRY(ftl_mul(&y, g, x, w[0]));
    FTL_TRY(ftl_relu(&y, g, y));
    FTL_TRY(ftl_mul(&y, g, y, w[1]));
    FTL_TRY(ftl_sum(&loss, g, y));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, w, dw));
    FTL_TRY(ftl_graph_output(g, "loss", loss));
    FTL_TRY(ftl_graph_output(g, "dw", dw[0]));
    return ftl_graph_output(g, "du", dw[1]);
}

static void a_relu_lies_on_what_it_reads(void) {
    ftl_graph *graph;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe_relu(graph));
    double units = peak(graph);
    ftl_graph_free(graph);
    /* relu(x w), the gradient that arrives and the one that leaves. */
    FTL_CHECK_NEAR(units, 3, 0.05);
}

int main(void) {
    FTL_TEST(a_relu_lies_on_what_it_reads);
    return ftl_test_finish();
}
