/* Kernels chosen by trying: each convolution once, every direction, and plans that
 * obey. */
#include "engine/base/interrupt.h"
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/engine/plan_check.h"
#include "test/harness.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, C = 16, PX = 8 };

/* Two equal convolutions and an upsampled one, with all their gradients. */
static ftl_status describe(ftl_graph *g) {
    ftl_value x, w[3], y, loss, d[4];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N, C, PX, PX)));
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"w0", "w1", "w2"};
        FTL_TRY(ftl_graph_input(&w[i], g, names[i], FTL_F32, FTL_SHAPE(C, C, 3, 3)));
    }
    FTL_TRY(ftl_conv(&y, g, x, w[0], 1, 1));
    FTL_TRY(ftl_conv(&y, g, y, w[1], 1, 1));
    FTL_TRY(ftl_box_kernel(&d[0], g, w[2], 1, true));
    FTL_TRY(ftl_conv_data(&y, g, y, d[0], 2, 1, 2 * PX, 2 * PX));
    FTL_TRY(ftl_mul(&loss, g, y, y));
    FTL_TRY(ftl_sum(&loss, g, loss));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 4, (ftl_value[]) {x, w[0], w[1], w[2]}, d));
    FTL_TRY(ftl_graph_output(g, "dx", d[0]));
    FTL_TRY(ftl_graph_output(g, "dw0", d[1]));
    FTL_TRY(ftl_graph_output(g, "dw1", d[2]));
    return ftl_graph_output(g, "dw2", d[3]);
}

static void each_is_tried_once_and_kept(void) {
    ftl_graph *graph;
    ftl_choices *choices;
    ftl_plan *plan;
    char *before, *after;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_choices_create(&choices));
    const ftl_plan_options options = {.choices = choices, .measure = true};
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    ftl_plan_free(plan);
    /* plain and up: forward, in x, in w */
    FTL_CHECK(ftl_choices_count(choices) == 6);
    FTL_CHECK_OK(ftl_choices_format(&before, choices));
    FTL_CHECK(strstr(before, "conv3x3 up [8, 16, 8, 8] -> [8, 16, 16, 16] fp32 = "));
    FTL_CHECK(strstr(before, "conv3x3 transposed [8, 16, 8, 8] -> "));
    FTL_CHECK(strstr(before, "conv3x3_weights up "));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    ftl_plan_free(plan);
    FTL_CHECK_OK(ftl_choices_format(&after, choices));
    FTL_CHECK(!strcmp(before, after));
    free(before);
    free(after);
    ftl_choices_free(choices);
    ftl_graph_free(graph);
}

static void plans_obey(void) {
    ftl_graph *graph;
    ftl_choices *choices;
    ftl_plan *plan;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_choices_create(&choices));
    const ftl_plan_options options = {.choices = choices};
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    FTL_CHECK(plan_count(plan, "conv3x3") == 6 &&
              plan_count(plan, "conv3x3_weights") == 3);
    ftl_plan_free(plan);
    FTL_CHECK_OK(ftl_choices_set(
            choices, "conv3x3 [8, 16, 8, 8] -> [8, 16, 8, 8] fp32", "direct"));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    FTL_CHECK(plan_count(plan, "conv3x3") == 4 && plan_count(plan, "conv") == 2);
    ftl_plan_free(plan);
    ftl_choices_free(choices);
    ftl_graph_free(graph);
}

/* A signal is looked at in front of each trial; plans that try nothing do not care. */
static void a_signal_ends_trying(void) {
    ftl_graph *graph;
    ftl_choices *choices;
    ftl_plan *plan;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_choices_create(&choices));
    const ftl_plan_options options = {.choices = choices, .measure = true};
    ftl_interrupt_install();
    raise(SIGTERM);
    FTL_CHECK_FAILS(ftl_plan_create(&plan, graph, &options), FTL_EINTERRUPTED,
            "interrupted while kernels were tried");
    FTL_CHECK(ftl_choices_count(choices) == 0);
    ftl_interrupt_install();
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    ftl_plan_free(plan);
    FTL_CHECK(ftl_choices_count(choices) == 6);
    raise(SIGTERM);
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &options));
    ftl_plan_free(plan);
    ftl_interrupt_install();
    ftl_choices_free(choices);
    ftl_graph_free(graph);
}

int main(void) {
    FTL_TEST(each_is_tried_once_and_kept);
    FTL_TEST(plans_obey);
    FTL_TEST(a_signal_ends_trying);
    return ftl_test_finish();
}
