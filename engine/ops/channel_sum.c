/* channel_sum.c - [N, C] or [N, C, H, W] -> [C]: the sum over batch and space. The
 * transpose of channel_broadcast. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("channel_sum", in, 1));
    FTL_TRY(ftl_infer_channels("channel_sum", in[0].shape));
    return ftl_infer_out(out, FTL_SHAPE(in[0].shape.dim[1]));
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    for (int64_t c = 0; c < t.c; c++) {
        double total = 0;
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++)
                total += (double)x[(n * t.c + c) * t.inner + s];
        y[c] = (float)total;
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_channel_broadcast(
            &dx[0], g, dy[0], ftl_value_shape(g, ftl_node_input(g, node, 0)));
}

const ftl_op ftl_op_channel_sum = {
        .name = "channel_sum",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_channel_sum(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_channel_sum, NULL, &x);
}
