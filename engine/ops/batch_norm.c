/* batch_norm.c - y = gain (x - mean) / sqrt(var + epsilon) + bias, x [N, C] or
 * [N, C, H, W]; mean and var [C] are those of this batch, over batch and space, var
 * divided by the count (Ioffe and Szegedy 2015, algorithm 1). Both are outputs too, for
 * running statistics; no gradient flows through them. */
#include "engine/ops/common.h"

#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_vectors("batch_norm", in, 3, &out[0]));
    FTL_TRY(ftl_infer_out(&out[1], in[1].shape));
    return ftl_infer_out(&out[2], in[1].shape);
}

static void reference(const ftl_call *call) {
    const ftl_batch_norm_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    const float *gain = ftl_call_in(call, 1);
    const float *bias = ftl_call_in(call, 2);
    float *y = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    const double count = (double)(t.n * t.inner);
    for (int64_t c = 0; c < t.c; c++) {
        double mean = 0, var = 0;
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++)
                mean += (double)x[(n * t.c + c) * t.inner + s] / count;
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++) {
                const double centred = (double)x[(n * t.c + c) * t.inner + s] - mean;
                var += centred * centred / count;
            }
        const double scale = (double)gain[c] / sqrt(var + (double)a->epsilon);
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++) {
                const int64_t i = (n * t.c + c) * t.inner + s;
                y[i] = (float)(((double)x[i] - mean) * scale + (double)bias[c]);
            }
        ftl_call_out(call, 1)[c] = (float)mean;
        ftl_call_out(call, 2)[c] = (float)var;
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!dy[0].id) return FTL_OK; /* only mean or var are used */
    ftl_value all[3];
    FTL_TRY(ftl_apply(all, g, &ftl_op_batch_norm_grad, ftl_node_attrs(g, node),
            (ftl_value[]) {ftl_node_input(g, node, 0), ftl_node_input(g, node, 1),
                    ftl_node_output(g, node, 1), ftl_node_output(g, node, 2), dy[0]}));
    for (int i = 0; i < 3; i++)
        if (need[i]) dx[i] = all[i];
    return FTL_OK;
}

const ftl_op ftl_op_batch_norm = {
        .name = "batch_norm",
        .n_in = 3,
        .n_out = 3,
        .attrs_bytes = sizeof(ftl_batch_norm_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_batch_norm(ftl_value *y, ftl_value *mean, ftl_value *var, ftl_graph *g,
        ftl_value x, ftl_value gain, ftl_value bias, float epsilon) {
    const ftl_batch_norm_attrs attrs = {.epsilon = epsilon};
    ftl_value out[3];
    FTL_TRY(ftl_apply(
            out, g, &ftl_op_batch_norm, &attrs, (ftl_value[]) {x, gain, bias}));
    *y = out[0], *mean = out[1], *var = out[2];
    return FTL_OK;
}
