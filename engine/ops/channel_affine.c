/* channel_affine.c - y = a x + b; x [N, C] or [N, C, H, W], a and b [C]. What batch
 * normalisation is once its statistics are fixed. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_vectors("channel_affine", in, 3, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const float *a = ftl_call_in(call, 1);
    const float *b = ftl_call_in(call, 2);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++)
        for (int64_t i = nc * t.inner; i < (nc + 1) * t.inner; i++)
            y[i] = a[nc % t.c] * x[i] + b[nc % t.c];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (need[0])
        FTL_TRY(ftl_channel_scale(&dx[0], g, dy[0], ftl_node_input(g, node, 1)));
    if (need[1]) {
        ftl_value product;
        FTL_TRY(ftl_mul(&product, g, dy[0], ftl_node_input(g, node, 0)));
        FTL_TRY(ftl_channel_sum(&dx[1], g, product));
    }
    if (need[2]) FTL_TRY(ftl_channel_sum(&dx[2], g, dy[0]));
    return FTL_OK;
}

const ftl_op ftl_op_channel_affine = {
        .name = "channel_affine",
        .n_in = 3,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_channel_affine(
        ftl_value *y, ftl_graph *g, ftl_value x, ftl_value a, ftl_value b) {
    return ftl_apply(y, g, &ftl_op_channel_affine, NULL, (ftl_value[]) {x, a, b});
}
