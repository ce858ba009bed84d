/* rsqrt.c - y = 1 / sqrt(x) for x > 0; any shape. */
#include "engine/ops/common.h"

#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("rsqrt", in, 1, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = 1 / sqrtf(x[i]);
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    /* dx = -dy y^3 / 2 */
    if (!need[0]) return FTL_OK;
    const ftl_value y = ftl_node_output(g, node, 0);
    ftl_value slope;
    FTL_TRY(ftl_mul(&slope, g, y, y));
    FTL_TRY(ftl_mul(&slope, g, slope, y));
    FTL_TRY(ftl_affine(&slope, g, slope, -0.5f, 0));
    return ftl_mul(&dx[0], g, dy[0], slope);
}

const ftl_op ftl_op_rsqrt = {
        .name = "rsqrt",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_rsqrt(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_rsqrt, NULL, &x);
}
