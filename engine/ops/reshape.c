/* reshape.c - the same elements in the same row-major order under another shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_reshape_attrs *a = attrs;
    FTL_TRY(ftl_infer_float("reshape", in, 1));
    FTL_TRY(ftl_infer_valid("reshape", a->shape));
    if (ftl_shape_count(in[0].shape) != ftl_shape_count(a->shape)) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "reshape: %s and %s differ in their elements",
                ftl_shape_format(one, in[0].shape), ftl_shape_format(other, a->shape));
    }
    return ftl_infer_out(out, a->shape);
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_reshape(
            &dx[0], g, dy[0], ftl_value_shape(g, ftl_node_input(g, node, 0)));
}

const ftl_op ftl_op_reshape = {
        .name = "reshape",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_reshape_attrs),
        .infer = infer,
        .reference = ftl_reference_copy,
        .gradient = gradient,
        .is_view = true,
};

ftl_status ftl_reshape(ftl_value *y, ftl_graph *g, ftl_value x, ftl_shape shape) {
    const ftl_reshape_attrs attrs = ftl_shape_attrs(shape);
    return ftl_apply(y, g, &ftl_op_reshape, &attrs, &x);
}
