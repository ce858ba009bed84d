/* bias_add.c - y = x + b; x [N, C] or [N, C, H, W], b [C]. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_vectors("bias_add", in, 2, out);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const float *b = ftl_call_in(call, 1);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    for (int64_t nc = 0; nc < t.n * t.c; nc++)
        for (int64_t i = nc * t.inner; i < (nc + 1) * t.inner; i++)
            y[i] = x[i] + b[nc % t.c];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    if (need[0]) dx[0] = dy[0];
    if (need[1]) FTL_TRY(ftl_channel_sum(&dx[1], g, dy[0]));
    return FTL_OK;
}

const ftl_op ftl_op_bias_add = {
        .name = "bias_add",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_bias_add(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value b) {
    return ftl_apply(y, g, &ftl_op_bias_add, NULL, (ftl_value[]) {x, b});
}
