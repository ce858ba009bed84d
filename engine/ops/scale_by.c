/* scale_by.c - y = s x; x of any shape, s [1]. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("scale_by", in, 2));
    FTL_TRY(ftl_infer_scalar("scale_by", in[1].shape));
    return ftl_infer_out(out, in[0].shape);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    const float s = ftl_call_in(call, 1)[0];
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    for (int64_t i = 0; i < n; i++)
        y[i] = s * x[i];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (need[0]) FTL_TRY(ftl_scale_by(&dx[0], g, dy[0], ftl_node_input(g, node, 1)));
    if (need[1]) FTL_TRY(ftl_dot(&dx[1], g, dy[0], ftl_node_input(g, node, 0)));
    return FTL_OK;
}

const ftl_op ftl_op_scale_by = {
        .name = "scale_by",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_scale_by(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value s) {
    return ftl_apply(y, g, &ftl_op_scale_by, NULL, (ftl_value[]) {x, s});
}
