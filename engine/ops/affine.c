/* affine.c - y = scale x + shift; any shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("affine", in, 1, out);
}

static void reference(const ftl_call *call) {
    const ftl_affine_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = a->scale * x[i] + a->shift;
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_affine_attrs *a = ftl_node_attrs(g, node);
    return ftl_affine(&dx[0], g, dy[0], a->scale, 0);
}

const ftl_op ftl_op_affine = {
        .name = "affine",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_affine_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_affine(
        ftl_value *y, ftl_graph *g, ftl_value x, float scale, float shift) {
    const ftl_affine_attrs attrs = {.scale = scale, .shift = shift};
    return ftl_apply(y, g, &ftl_op_affine, &attrs, &x);
}
