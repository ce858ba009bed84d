/* softplus.c - y = log(1 + exp x); any shape. Computed as max(x, 0) + log(1 + exp
 * -|x|), which neither overflows nor loses small values. */
#include "engine/ops/common.h"

#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("softplus", in, 1, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = fmaxf(x[i], 0) + log1pf(expf(-fabsf(x[i])));
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    ftl_value slope;
    FTL_TRY(ftl_sigmoid(&slope, g, ftl_node_input(g, node, 0)));
    return ftl_mul(&dx[0], g, dy[0], slope);
}

const ftl_op ftl_op_softplus = {
        .name = "softplus",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_softplus(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_softplus, NULL, &x);
}
