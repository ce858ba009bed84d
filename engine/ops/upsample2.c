/* upsample2.c - nearest: [N, C, H, W] -> [N, C, 2H, 2W]. The transpose of sum_pool2. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    const ftl_shape x = in[0].shape;
    FTL_TRY(ftl_infer_float("upsample2", in, 1));
    FTL_TRY(ftl_infer_rank("upsample2", "input", x, 4));
    return ftl_infer_out(
            out, FTL_SHAPE(x.dim[0], x.dim[1], 2 * x.dim[2], 2 * x.dim[3]));
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t w = call->in[0].shape.dim[3];
    const int64_t n_rows =
            ftl_call_count(call, 0) / w; /* of all images below each other */
    for (int64_t row = 0; row < 2 * n_rows; row++)
        for (int64_t i = 0; i < 2 * w; i++)
            y[row * 2 * w + i] = x[row / 2 * w + i / 2];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_sum_pool2(&dx[0], g, dy[0], 1) : FTL_OK;
}

const ftl_op ftl_op_upsample2 = {
        .name = "upsample2",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_upsample2(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_upsample2, NULL, &x);
}
