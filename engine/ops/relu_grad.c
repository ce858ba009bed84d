/* relu_grad.c - dx = dy where x > 0, 0 elsewhere; any shape. Linear in dy; as a
 * function of x it is a step, whose derivative is zero. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("relu_grad", in, 2, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const float *dy = ftl_call_in(call, 1);
    float *dx = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        dx[i] = x[i] > 0 ? dy[i] : 0;
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[1]) return FTL_OK;
    return ftl_relu_grad(&dx[1], g, ftl_node_input(g, node, 0), dy[0]);
}

const ftl_op ftl_op_relu_grad = {
        .name = "relu_grad",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_relu_grad(ftl_value *dx, ftl_graph *g, ftl_value x, ftl_value dy) {
    return ftl_apply(dx, g, &ftl_op_relu_grad, NULL, (ftl_value[]) {x, dy});
}
