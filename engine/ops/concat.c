/* concat.c - along axis 0: a then b; all other axes agree. */
#include "engine/ops/common.h"

#include <string.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_float("concat", in, 2));
    ftl_shape b = in[1].shape;
    b.dim[0] = in[0].shape.dim[0];
    if (!ftl_shape_equal(in[0].shape, b)) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "concat: %s and %s differ behind axis 0",
                ftl_shape_format(one, in[0].shape),
                ftl_shape_format(other, in[1].shape));
    }
    b.dim[0] += in[1].shape.dim[0];
    return ftl_infer_out(out, b);
}

static void reference(const ftl_call *call) {
    const int64_t n = ftl_call_count(call, 0);
    float *y = ftl_call_out(call, 0);
    memcpy(y, call->in[0].data, ftl_tensor_bytes(&call->in[0]));
    memcpy(y + n, call->in[1].data, ftl_tensor_bytes(&call->in[1]));
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    const int64_t a = ftl_value_shape(g, ftl_node_input(g, node, 0)).dim[0];
    const int64_t b = ftl_value_shape(g, ftl_node_input(g, node, 1)).dim[0];
    if (need[0]) FTL_TRY(ftl_slice(&dx[0], g, dy[0], 0, a));
    if (need[1]) FTL_TRY(ftl_slice(&dx[1], g, dy[0], a, b));
    return FTL_OK;
}

const ftl_op ftl_op_concat = {
        .name = "concat",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_concat(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b) {
    return ftl_apply(y, g, &ftl_op_concat, NULL, (ftl_value[]) {a, b});
}
