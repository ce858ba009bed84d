/* conv_bias.c - y = conv(x, w) + b, b [O]: what the fuse pass makes of conv and
 * bias_add. Derivatives are taken before graphs are compiled, so it needs none. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    FTL_TRY(ftl_infer_float("conv_bias", in, 3));
    ftl_shape y;
    FTL_TRY(ftl_infer_conv(&y, "conv_bias", in[0].shape, in[1].shape, attrs));
    FTL_TRY(ftl_infer_equal("conv_bias", in[2].shape, FTL_SHAPE(y.dim[1])));
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    ftl_op_conv.reference(call);
    ftl_call_add_bias(call, 2);
}

const ftl_op ftl_op_conv_bias = {
        .name = "conv_bias",
        .n_in = 3,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
