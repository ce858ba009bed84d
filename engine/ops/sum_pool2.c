/* sum_pool2.c - [N, C, 2H, 2W] -> [N, C, H, W]: scale times the sum of each 2x2 square.
 * The transpose of scale times upsample2; with scale 1/4 it is average pooling. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    const ftl_shape x = in[0].shape;
    FTL_TRY(ftl_infer_float("sum_pool2", in, 1));
    FTL_TRY(ftl_infer_rank("sum_pool2", "input", x, 4));
    if (x.dim[2] % 2 || x.dim[3] % 2) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "sum_pool2: %s is not even in height and width",
                ftl_shape_format(text, x));
    }
    return ftl_infer_out(
            out, FTL_SHAPE(x.dim[0], x.dim[1], x.dim[2] / 2, x.dim[3] / 2));
}

static void reference(const ftl_call *call) {
    const ftl_pool2_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t w = call->out[0].shape.dim[3];
    const int64_t n_rows = ftl_shape_count(call->out[0].shape) / w;
    for (int64_t row = 0; row < n_rows; row++) {
        const float *upper = x + 4 * row * w;
        const float *lower = upper + 2 * w;
        for (int64_t i = 0; i < w; i++)
            y[row * w + i] = a->scale * (upper[2 * i] + upper[2 * i + 1] +
                                                lower[2 * i] + lower[2 * i + 1]);
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_pool2_attrs *a = ftl_node_attrs(g, node);
    /* scaled before it is four times as large */
    ftl_value scaled = dy[0];
    if (a->scale != 1) FTL_TRY(ftl_affine(&scaled, g, dy[0], a->scale, 0));
    return ftl_upsample2(&dx[0], g, scaled);
}

const ftl_op ftl_op_sum_pool2 = {
        .name = "sum_pool2",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_pool2_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_sum_pool2(ftl_value *y, ftl_graph *g, ftl_value x, float scale) {
    const ftl_pool2_attrs attrs = {.scale = scale};
    return ftl_apply(y, g, &ftl_op_sum_pool2, &attrs, &x);
}

ftl_status ftl_avg_pool2(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_sum_pool2(y, g, x, 0.25f);
}
