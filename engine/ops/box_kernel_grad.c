/* box_kernel_grad.c - the transpose of box_kernel: 4x4 kernels to 3x3; see ops.h. */
#include "engine/ops/box_kernel.h"
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_box_kernel_attrs *a = attrs;
    const ftl_shape dy = in[0].shape;
    FTL_TRY(ftl_infer_float("box_kernel_grad", in, 1));
    FTL_TRY(ftl_infer_rank("box_kernel_grad", "kernel", dy, 4));
    if (dy.dim[2] != 4 || dy.dim[3] != 4) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "box_kernel_grad: %s is no 4x4 kernel",
                ftl_shape_format(text, dy));
    }
    const int first = a->transposed ? 1 : 0;
    return ftl_infer_out(out, FTL_SHAPE(dy.dim[first], dy.dim[1 - first], 3, 3));
}

static void reference(const ftl_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    const float *dy = ftl_call_in(call, 0);
    float *dw = ftl_call_out(call, 0);
    const int64_t n_out = call->out[0].shape.dim[0], n_in = call->out[0].shape.dim[1];
    for (int64_t o = 0; o < n_out; o++)
        for (int64_t i = 0; i < n_in; i++)
            ftl_box_one_grad(dw + 9 * (o * n_in + i),
                    dy + 16 * (a->transposed ? i * n_out + o : o * n_in + i), a->scale,
                    a->transposed);
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_apply(&dx[0], g, &ftl_op_box_kernel, ftl_node_attrs(g, node), &dy[0]);
}

const ftl_op ftl_op_box_kernel_grad = {
        .name = "box_kernel_grad",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_box_kernel_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};
