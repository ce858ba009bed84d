/* channel_scale.c - y = a x; x [N, C] or [N, C, H, W], a [C]. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_vectors("channel_scale", in, 2, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const float *a = ftl_call_in(call, 1);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++)
        for (int64_t i = nc * t.inner; i < (nc + 1) * t.inner; i++)
            y[i] = a[nc % t.c] * x[i];
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
    return FTL_OK;
}

const ftl_op ftl_op_channel_scale = {
        .name = "channel_scale",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_channel_scale(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value a) {
    return ftl_apply(y, g, &ftl_op_channel_scale, NULL, (ftl_value[]) {x, a});
}
