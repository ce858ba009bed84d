/* channel_mean.c - every channel of a px becomes the mean of its channels: y[n,
 * c, i, j] = 1/C sum over k of x[n, k, i, j]. It is its own transpose. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("channel_mean", in, 1));
    FTL_TRY(ftl_infer_rank("channel_mean", "input", in[0].shape, 4));
    return ftl_infer_out(out, in[0].shape);
}

static void reference(const ftl_call *call) {
    const int64_t *dim = call->in[0].shape.dim, image = dim[2] * dim[3];
    const float share = 1 / (float)dim[1];
    for (int64_t n = 0; n < dim[0]; n++) {
        const float *x = ftl_call_in(call, 0) + n * dim[1] * image;
        float *y = ftl_call_out(call, 0) + n * dim[1] * image;
        for (int64_t i = 0; i < image; i++) {
            float sum = 0;
            for (int64_t c = 0; c < dim[1]; c++)
                sum += x[c * image + i];
            for (int64_t c = 0; c < dim[1]; c++)
                y[c * image + i] = share * sum;
        }
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_channel_mean(&dx[0], g, dy[0]) : FTL_OK;
}

const ftl_op ftl_op_channel_mean = {
        .name = "channel_mean",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_channel_mean(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_channel_mean, NULL, &x);
}
