/* spatial_broadcast.c - [N, C] -> [N, C, H, W]: the same everywhere in space. The
 * transpose of spatial_sum. The attributes hold the whole shape of the output. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_reshape_attrs *a = attrs;
    const ftl_shape x = in[0].shape;
    FTL_TRY(ftl_infer_float("spatial_broadcast", in, 1));
    FTL_TRY(ftl_infer_rank("spatial_broadcast", "input", x, 2));
    FTL_TRY(ftl_infer_rank("spatial_broadcast", "output", a->shape, 4));
    FTL_TRY(ftl_infer_valid("spatial_broadcast", a->shape));
    FTL_TRY(ftl_infer_equal(
            "spatial_broadcast", x, FTL_SHAPE(a->shape.dim[0], a->shape.dim[1])));
    return ftl_infer_out(out, a->shape);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->out[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++)
        for (int64_t s = 0; s < t.inner; s++)
            y[nc * t.inner + s] = x[nc];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_spatial_sum(&dx[0], g, dy[0]) : FTL_OK;
}

const ftl_op ftl_op_spatial_broadcast = {
        .name = "spatial_broadcast",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_reshape_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_spatial_broadcast(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t height, int64_t width) {
    const ftl_shape s = ftl_value_shape(g, x);
    const ftl_reshape_attrs attrs =
            ftl_shape_attrs(FTL_SHAPE(s.dim[0], s.dim[1], height, width));
    return ftl_apply(y, g, &ftl_op_spatial_broadcast, &attrs, &x);
}
