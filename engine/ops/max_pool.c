/* max_pool.c - maximum over kernel x kernel windows; behind the border there is minus
 * infinity. [N, C, H, W] -> [N, C, H', W'], H' = (H + 2 pad - kernel) / stride + 1
 * rounded down. The gradient op finds the maxima again instead of keeping where they
 * were. */
#include "engine/ops/max_pool.h"
#include "engine/ops/common.h"

#include <math.h>

ftl_status ftl_infer_max_pool(
        ftl_shape *y, const char *op, ftl_shape x, const ftl_pool_attrs *a) {
    FTL_TRY(ftl_infer_rank(op, "input", x, 4));
    if (a->kernel < 1 || a->stride < 1 || a->pad < 0)
        return ftl_fail(FTL_ESHAPE, "%s: kernel %d, stride %d, padding %d", op,
                a->kernel, a->stride, a->pad);
    if (a->pad >= a->kernel) /* a window would lie wholly behind the border */
        return ftl_fail(FTL_ESHAPE, "%s: padding %d is not below the kernel's %d", op,
                a->pad, a->kernel);
    const int64_t height = ftl_window_count(x.dim[2], a->kernel, a->stride, a->pad);
    const int64_t width = ftl_window_count(x.dim[3], a->kernel, a->stride, a->pad);
    if (height < 1 || width < 1) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "%s: a kernel of %d does not fit into %s", op,
                a->kernel, ftl_shape_format(text, x));
    }
    *y = FTL_SHAPE(x.dim[0], x.dim[1], height, width);
    return FTL_OK;
}

int64_t ftl_first_maximum(const float *plane, int64_t height, int64_t width,
        const ftl_pool_attrs *a, int64_t row, int64_t column) {
    const int64_t top = row * a->stride - a->pad, left = column * a->stride - a->pad;
    const int64_t y0 = top > 0 ? top : 0, x0 = left > 0 ? left : 0;
    int64_t best = y0 * width + x0;
    for (int64_t y = y0; y < top + a->kernel && y < height; y++)
        for (int64_t x = x0; x < left + a->kernel && x < width; x++) {
            const float value = plane[y * width + x];
            if (value > plane[best] || isnan(value)) best = y * width + x;
        }
    return best;
}

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    FTL_TRY(ftl_infer_float("max_pool", in, 1));
    ftl_shape y;
    FTL_TRY(ftl_infer_max_pool(&y, "max_pool", in[0].shape, attrs));
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    const ftl_shape x = call->in[0].shape, y = call->out[0].shape;
    for (int64_t nc = 0; nc < x.dim[0] * x.dim[1]; nc++) {
        const float *plane = ftl_call_in(call, 0) + nc * x.dim[2] * x.dim[3];
        float *out = ftl_call_out(call, 0) + nc * y.dim[2] * y.dim[3];
        for (int64_t i = 0; i < y.dim[2]; i++)
            for (int64_t j = 0; j < y.dim[3]; j++)
                *out++ = plane[ftl_first_maximum(
                        plane, x.dim[2], x.dim[3], call->attrs, i, j)];
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_apply(&dx[0], g, &ftl_op_max_pool_grad, ftl_node_attrs(g, node),
            (ftl_value[]) {ftl_node_input(g, node, 0), dy[0]});
}

const ftl_op ftl_op_max_pool = {
        .name = "max_pool",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_pool_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_max_pool(
        ftl_value *y, ftl_graph *g, ftl_value x, int kernel, int stride, int pad) {
    const ftl_pool_attrs attrs = {.kernel = kernel, .stride = stride, .pad = pad};
    return ftl_apply(y, g, &ftl_op_max_pool, &attrs, &x);
}
