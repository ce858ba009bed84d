/* fill.c - every element of a shape is one number: a constant. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)in;
    const ftl_fill_attrs *a = attrs;
    FTL_TRY(ftl_infer_valid("fill", a->shape));
    return ftl_infer_out(out, a->shape);
}

static void reference(const ftl_call *call) {
    const ftl_fill_attrs *a = call->attrs;
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++)
        y[i] = a->fill;
}

const ftl_op ftl_op_fill = {
        .name = "fill",
        .n_in = 0,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_fill_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_ZERO_GRADIENT,
};
