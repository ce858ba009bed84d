/* spatial_sum.c - [N, C, H, W] -> [N, C]: the sum over space. The transpose of
 * spatial_broadcast. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    const ftl_shape x = in[0].shape;
    FTL_TRY(ftl_infer_float("spatial_sum", in, 1));
    FTL_TRY(ftl_infer_rank("spatial_sum", "input", x, 4));
    return ftl_infer_out(out, FTL_SHAPE(x.dim[0], x.dim[1]));
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++) {
        double total = 0;
        for (int64_t s = 0; s < t.inner; s++)
            total += (double)x[nc * t.inner + s];
        y[nc] = (float)total;
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_shape x = ftl_value_shape(g, ftl_node_input(g, node, 0));
    return ftl_spatial_broadcast(&dx[0], g, dy[0], x.dim[2], x.dim[3]);
}

const ftl_op ftl_op_spatial_sum = {
        .name = "spatial_sum",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_spatial_sum(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_spatial_sum, NULL, &x);
}
