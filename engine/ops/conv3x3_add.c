/* conv3x3_add.c - y = conv3x3(x, w, s) + b + r, b [O]; r has y's shape, or half of its
 * sides and is upsampled. The end of a residual block; see ops.h. */
#include "engine/ops/common.h"
#include "engine/ops/conv3x3.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    ftl_shape y;
    FTL_TRY(ftl_infer_scalar("conv3x3_add", in[2].shape));
    FTL_TRY(ftl_infer_float("conv3x3_add", in, 5));
    FTL_TRY(ftl_infer_conv3x3(&y, "conv3x3_add", in[0].shape, in[1].shape, attrs));
    FTL_TRY(ftl_infer_equal("conv3x3_add", in[3].shape, FTL_SHAPE(y.dim[1])));
    if (!ftl_conv3x3_is_half(in[4].shape, y))
        FTL_TRY(ftl_infer_equal("conv3x3_add", in[4].shape, y));
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    const ftl_shape y = call->out[0].shape;
    const int shift = ftl_conv3x3_is_half(call->in[4].shape, y);
    const float *r = ftl_call_in(call, 4);
    float *out = ftl_call_out(call, 0);
    const int64_t width = y.dim[3] >> shift;
    ftl_op_conv3x3.reference(call);
    ftl_call_add_bias(call, 3);
    /* Rows of all planes below each other. */
    for (int64_t row = 0; row < y.dim[0] * y.dim[1] * y.dim[2]; row++)
        for (int64_t i = 0; i < y.dim[3]; i++)
            *out++ += r[(row >> shift) * width + (i >> shift)];
}

const ftl_op ftl_op_conv3x3_add = {
        .name = "conv3x3_add",
        .n_in = 5,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv3x3_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
