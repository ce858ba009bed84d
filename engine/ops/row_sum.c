/* row_sum.c - [N, ...] -> [N]: the sum over a sample. The transpose of row_broadcast.
 */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("row_sum", in, 1));
    return ftl_infer_out(out, FTL_SHAPE(in[0].shape.dim[0]));
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n_rows = call->in[0].shape.dim[0];
    const int64_t row = ftl_call_count(call, 0) / n_rows;
    for (int64_t n = 0; n < n_rows; n++) {
        double total = 0;
        for (int64_t i = 0; i < row; i++)
            total += (double)x[n * row + i];
        y[n] = (float)total;
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_row_broadcast(
            &dx[0], g, dy[0], ftl_value_shape(g, ftl_node_input(g, node, 0)));
}

const ftl_op ftl_op_row_sum = {
        .name = "row_sum",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_row_sum(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_row_sum, NULL, &x);
}
