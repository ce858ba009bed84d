/* test_narrow_conv_weights.c - weight gradients of strided 1x1 convolutions of few
 * channels, where oneDNN writes past its scratch: they must not go there, and be right
 * every time. */
#include "engine/base/random.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

#define BATCH 8
#define PX 16

static ftl_status make_plan(
        ftl_plan **plan, int64_t channels, const ftl_plan_options *options) {
    ftl_graph *graph;
    ftl_value x, dy, dw;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = ftl_graph_input(
            &x, graph, "x", FTL_F32, FTL_SHAPE(BATCH, channels, PX, PX));
    if (status == FTL_OK)
        status = ftl_graph_input(
                &dy, graph, "dy", FTL_F32, FTL_SHAPE(BATCH, 12, PX / 2, PX / 2));
    if (status == FTL_OK) status = ftl_conv_weights(&dw, graph, x, dy, 2, 0, 1, 1);
    if (status == FTL_OK) status = ftl_graph_output(graph, "dw", dw);
    if (status == FTL_OK) status = ftl_plan_create(plan, graph, options);
    ftl_graph_free(graph);
    if (status != FTL_OK) return status;
    const ftl_random_key key = {.seed = 1, .stream = FTL_STREAM_TEST};
    ftl_random_normal(
            ftl_plan_input(*plan, "x"), (size_t)(BATCH * channels * PX * PX), key, 0);
    ftl_random_normal(
            ftl_plan_input(*plan, "dy"), (size_t)(BATCH * 12 * PX * PX / 4), key, 1);
    return FTL_OK;
}

static bool runs_onednn(const ftl_plan *plan) {
    for (int i = 0; i < ftl_plan_calls(plan); i++) {
        const ftl_plan_call_info call = ftl_plan_call(plan, i);
        if (strcmp(call.op, "conv_weights") == 0)
            return strncmp(call.kernel, "onednn ", 7) == 0;
    }
    return false;
}

static void check_channels(int64_t channels) {
    ftl_plan *plan, *plain;
    const ftl_plan_options reference = {.reference_only = true};
    FTL_CHECK_OK(make_plan(&plan, channels, NULL));
    FTL_CHECK_OK(make_plan(&plain, channels, &reference));
    FTL_CHECK(runs_onednn(plan) == (channels >= 16));
    ftl_plan_run(plain);
    const float *want = ftl_plan_output(plain, "dw");
    for (int run = 0; run < 100; run++) {
        ftl_plan_run(plan);
        const float *got = ftl_plan_output(plan, "dw");
        for (int64_t i = 0; i < 12 * channels; i++)
            FTL_CHECK_NEAR((double)got[i], (double)want[i], 1e-3);
    }
    ftl_plan_free(plan);
    ftl_plan_free(plain);
}

static void few_channels(void) {
    check_channels(3);
    check_channels(6);
    check_channels(15);
}

static void enough_channels(void) {
    check_channels(16);
    check_channels(20);
}

int main(void) {
    FTL_TEST(few_channels);
    FTL_TEST(enough_channels);
    return ftl_test_finish();
}
