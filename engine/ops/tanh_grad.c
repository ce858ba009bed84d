/* tanh_grad.c - dx = dy (1 - y^2), y = tanh x; any shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("tanh_grad", in, 2, out);
}

static void reference(const ftl_call *call) {
    const float *y = ftl_call_in(call, 0);
    const float *dy = ftl_call_in(call, 1);
    float *dx = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1 - y[i] * y[i]);
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    /* d/dy = -2 y dy, d/d(dy) = 1 - y^2 */
    const ftl_value y = ftl_node_input(g, node, 0);
    if (need[0]) {
        ftl_value product;
        FTL_TRY(ftl_mul(&product, g, y, ftl_node_input(g, node, 1)));
        FTL_TRY(ftl_mul(&product, g, product, dy[0]));
        FTL_TRY(ftl_affine(&dx[0], g, product, -2, 0));
    }
    if (need[1]) FTL_TRY(ftl_tanh_grad(&dx[1], g, y, dy[0]));
    return FTL_OK;
}

const ftl_op ftl_op_tanh_grad = {
        .name = "tanh_grad",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_tanh_grad(ftl_value *dx, ftl_graph *g, ftl_value y, ftl_value dy) {
    return ftl_apply(dx, g, &ftl_op_tanh_grad, NULL, (ftl_value[]) {y, dy});
}
