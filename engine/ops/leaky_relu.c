/* leaky_relu.c - y = x where x > 0, slope x elsewhere; any shape. The kink at 0 takes
 * the slope side. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("leaky_relu", in, 1, out);
}

static void reference(const ftl_call *call) {
    const ftl_leaky_relu_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : a->slope * x[i];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_apply(&dx[0], g, &ftl_op_leaky_relu_grad, ftl_node_attrs(g, node),
            (ftl_value[]) {ftl_node_input(g, node, 0), dy[0]});
}

const ftl_op ftl_op_leaky_relu = {
        .name = "leaky_relu",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_leaky_relu_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_leaky_relu(ftl_value *y, ftl_graph *g, ftl_value x, float slope) {
    const ftl_leaky_relu_attrs attrs = {.slope = slope};
    return ftl_apply(y, g, &ftl_op_leaky_relu, &attrs, &x);
}
