/* sum.c - y [1] = sum of all elements; any shape. The transpose of broadcast. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("sum", in, 1));
    return ftl_infer_out(out, FTL_SHAPE(1));
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        total += (double)x[i];
    ftl_call_out(call, 0)[0] = (float)total;
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_broadcast(
            &dx[0], g, dy[0], ftl_value_shape(g, ftl_node_input(g, node, 0)));
}

const ftl_op ftl_op_sum = {
        .name = "sum",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_sum(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_sum, NULL, &x);
}
