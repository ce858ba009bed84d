/* row_broadcast.c - [N] -> shape [N, ...]: all elements of sample n are r[n]. The
 * transpose of row_sum. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_reshape_attrs *a = attrs;
    const ftl_shape r = in[0].shape;
    FTL_TRY(ftl_infer_float("row_broadcast", in, 1));
    FTL_TRY(ftl_infer_valid("row_broadcast", a->shape));
    FTL_TRY(ftl_infer_rank("row_broadcast", "input", r, 1));
    if (r.dim[0] != a->shape.dim[0]) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "row_broadcast: %s has not the samples of %s",
                ftl_shape_format(one, r), ftl_shape_format(other, a->shape));
    }
    return ftl_infer_out(out, a->shape);
}

static void reference(const ftl_call *call) {
    const float *r = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n_rows = call->in[0].shape.dim[0];
    const int64_t row = ftl_shape_count(call->out[0].shape) / n_rows;
    for (int64_t n = 0; n < n_rows; n++)
        for (int64_t i = 0; i < row; i++)
            y[n * row + i] = r[n];
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)node;
    return need[0] ? ftl_row_sum(&dx[0], g, dy[0]) : FTL_OK;
}

const ftl_op ftl_op_row_broadcast = {
        .name = "row_broadcast",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_reshape_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_row_broadcast(ftl_value *y, ftl_graph *g, ftl_value r, ftl_shape shape) {
    const ftl_reshape_attrs attrs = ftl_shape_attrs(shape);
    return ftl_apply(y, g, &ftl_op_row_broadcast, &attrs, &r);
}
