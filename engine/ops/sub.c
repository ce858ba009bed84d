/* sub.c - y = a - b; any shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("sub", in, 2, out);
}

static void reference(const ftl_call *call) {
    const float *a = ftl_call_in(call, 0);
    const float *b = ftl_call_in(call, 1);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = a[i] - b[i];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    if (need[0]) dx[0] = dy[0];
    if (need[1]) FTL_TRY(ftl_affine(&dx[1], g, dy[0], -1, 0));
    return FTL_OK;
}

const ftl_op ftl_op_sub = {
        .name = "sub",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_sub(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b) {
    return ftl_apply(y, g, &ftl_op_sub, NULL, (ftl_value[]) {a, b});
}
