/* channel_broadcast.c - [C] -> shape [N, C] or [N, C, H, W]: all elements of channel c
 * are b[c]. The transpose of channel_sum. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_reshape_attrs *a = attrs;
    const ftl_shape b = in[0].shape;
    FTL_TRY(ftl_infer_float("channel_broadcast", in, 1));
    FTL_TRY(ftl_infer_valid("channel_broadcast", a->shape));
    FTL_TRY(ftl_infer_channels("channel_broadcast", a->shape));
    FTL_TRY(ftl_infer_rank("channel_broadcast", "input", b, 1));
    if (b.dim[0] != a->shape.dim[1]) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "channel_broadcast: %s has not the channels of %s",
                ftl_shape_format(one, b), ftl_shape_format(other, a->shape));
    }
    return ftl_infer_out(out, a->shape);
}

static void reference(const ftl_call *call) {
    const float *b = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->out[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++)
        for (int64_t s = 0; s < t.inner; s++)
            y[nc * t.inner + s] = b[nc % t.c];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_channel_sum(&dx[0], g, dy[0]) : FTL_OK;
}

const ftl_op ftl_op_channel_broadcast = {
        .name = "channel_broadcast",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_reshape_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_channel_broadcast(
        ftl_value *y, ftl_graph *g, ftl_value b, ftl_shape shape) {
    const ftl_reshape_attrs attrs = ftl_shape_attrs(shape);
    return ftl_apply(y, g, &ftl_op_channel_broadcast, &attrs, &b);
}
