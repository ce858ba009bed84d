/* box_kernel.c - a 3x3 kernel convolved with a 2x2 box of ones; see ops.h. */
#include "engine/ops/box_kernel.h"

#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_box_kernel_attrs *a = attrs;
    const ftl_shape w = in[0].shape;
    FTL_TRY(ftl_infer_float("box_kernel", in, 1));
    FTL_TRY(ftl_infer_rank("box_kernel", "kernel", w, 4));
    if (w.dim[2] != 3 || w.dim[3] != 3) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "box_kernel: %s is no 3x3 kernel",
                ftl_shape_format(text, w));
    }
    const int first = a->transposed ? 1 : 0;
    return ftl_infer_out(out, FTL_SHAPE(w.dim[first], w.dim[1 - first], 4, 4));
}

static void reference(const ftl_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    const float *w = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n_out = call->in[0].shape.dim[0], n_in = call->in[0].shape.dim[1];
    for (int64_t o = 0; o < n_out; o++)
        for (int64_t i = 0; i < n_in; i++)
            ftl_box_one(y + 16 * (a->transposed ? i * n_out + o : o * n_in + i),
                    w + 9 * (o * n_in + i), a->scale, a->transposed);
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_apply(
            &dx[0], g, &ftl_op_box_kernel_grad, ftl_node_attrs(g, node), &dy[0]);
}

const ftl_op ftl_op_box_kernel = {
        .name = "box_kernel",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_box_kernel_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_box_kernel(
        ftl_value *y, ftl_graph *g, ftl_value w, float scale, bool transposed) {
    const ftl_box_kernel_attrs attrs = {.scale = scale, .transposed = transposed};
    return ftl_apply(y, g, &ftl_op_box_kernel, &attrs, &w);
}
