/* dot.c - y [1] = sum of a b over all elements; any shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("dot", in, 2));
    FTL_TRY(ftl_infer_equal("dot", in[0].shape, in[1].shape));
    return ftl_infer_out(out, FTL_SHAPE(1));
}

static void reference(const ftl_call *call) {
    const float *a = ftl_call_in(call, 0);
    const float *b = ftl_call_in(call, 1);
    const int64_t n = ftl_call_count(call, 0);
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        total += (double)a[i] * (double)b[i];
    ftl_call_out(call, 0)[0] = (float)total;
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (need[0]) FTL_TRY(ftl_scale_by(&dx[0], g, ftl_node_input(g, node, 1), dy[0]));
    if (need[1]) FTL_TRY(ftl_scale_by(&dx[1], g, ftl_node_input(g, node, 0), dy[0]));
    return FTL_OK;
}

const ftl_op ftl_op_dot = {
        .name = "dot",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_dot(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b) {
    return ftl_apply(y, g, &ftl_op_dot, NULL, (ftl_value[]) {a, b});
}
