/* conv3x3_mask.c - y = conv3x3(x, w, s) where z > 0, 0 elsewhere; z has y's shape. The
 * gradient in front of a ReLU of z; see ops.h. */
#include "engine/ops/common.h"
#include "engine/ops/conv3x3.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    ftl_shape y;
    FTL_TRY(ftl_infer_scalar("conv3x3_mask", in[2].shape));
    FTL_TRY(ftl_infer_float("conv3x3_mask", in, 4));
    FTL_TRY(ftl_infer_conv3x3(&y, "conv3x3_mask", in[0].shape, in[1].shape, attrs));
    FTL_TRY(ftl_infer_equal("conv3x3_mask", in[3].shape, y));
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    const float *z = ftl_call_in(call, 3);
    float *y = ftl_call_out(call, 0);
    ftl_op_conv3x3.reference(call);
    for (int64_t i = 0; i < ftl_call_count(call, 3); i++)
        if (!(z[i] > 0)) y[i] = 0;
}

const ftl_op ftl_op_conv3x3_mask = {
        .name = "conv3x3_mask",
        .n_in = 4,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv3x3_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
