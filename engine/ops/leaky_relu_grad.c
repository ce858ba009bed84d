/* leaky_relu_grad.c - dx = dy where x > 0, slope dy elsewhere; any shape. Linear in dy;
 * as a function of x it is a step, whose derivative is zero. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("leaky_relu_grad", in, 2, out);
}

static void reference(const ftl_call *call) {
    const ftl_leaky_relu_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    const float *dy = ftl_call_in(call, 1);
    float *dx = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        dx[i] = x[i] > 0 ? dy[i] : a->slope * dy[i];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[1]) return FTL_OK;
    return ftl_apply(&dx[1], g, &ftl_op_leaky_relu_grad, ftl_node_attrs(g, node),
            (ftl_value[]) {ftl_node_input(g, node, 0), dy[0]});
}

const ftl_op ftl_op_leaky_relu_grad = {
        .name = "leaky_relu_grad",
        .n_in = 2,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_leaky_relu_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};
