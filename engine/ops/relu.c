/* relu.c - y = max(x, 0); any shape. The kink at 0 takes the zero side; NaN stays. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("relu", in, 1, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i] <= 0 ? 0 : x[i];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    /* y > 0 where x > 0, and nowhere else: so that nobody keeps x, which y may then
     * overwrite, only for this. */
    return ftl_relu_grad(&dx[0], g, ftl_node_output(g, node, 0), dy[0]);
}

const ftl_op ftl_op_relu = {
        .name = "relu",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_relu(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_relu, NULL, &x);
}
