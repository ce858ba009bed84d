/* conv3x3_bias.c - y = conv3x3(x, w, s) + b, b [O]; see ops.h. */
#include "engine/ops/common.h"
#include "engine/ops/conv3x3.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    ftl_shape y;
    FTL_TRY(ftl_infer_scalar("conv3x3_bias", in[2].shape));
    FTL_TRY(ftl_infer_float("conv3x3_bias", in, 4));
    FTL_TRY(ftl_infer_conv3x3(&y, "conv3x3_bias", in[0].shape, in[1].shape, attrs));
    FTL_TRY(ftl_infer_equal("conv3x3_bias", in[3].shape, FTL_SHAPE(y.dim[1])));
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    ftl_op_conv3x3.reference(call);
    ftl_call_add_bias(call, 3);
}

const ftl_op ftl_op_conv3x3_bias = {
        .name = "conv3x3_bias",
        .n_in = 4,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv3x3_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
