/* broadcast.c - every element of a shape is s [1]. The transpose of sum. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_reshape_attrs *a = attrs;
    FTL_TRY(ftl_infer_float("broadcast", in, 1));
    FTL_TRY(ftl_infer_valid("broadcast", a->shape));
    FTL_TRY(ftl_infer_scalar("broadcast", in[0].shape));
    return ftl_infer_out(out, a->shape);
}

static void reference(const ftl_call *call) {
    const float s = ftl_call_in(call, 0)[0];
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_shape_count(call->out[0].shape);
    for (int64_t i = 0; i < n; i++)
        y[i] = s;
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_sum(&dx[0], g, dy[0]) : FTL_OK;
}

const ftl_op ftl_op_broadcast = {
        .name = "broadcast",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_reshape_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_broadcast(ftl_value *y, ftl_graph *g, ftl_value s, ftl_shape shape) {
    const ftl_reshape_attrs attrs = ftl_shape_attrs(shape);
    return ftl_apply(y, g, &ftl_op_broadcast, &attrs, &s);
}
