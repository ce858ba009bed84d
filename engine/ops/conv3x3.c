/* conv3x3.c - a 3x3 convolution with what may stand before or behind it:
 *   y = scale after(conv(before(x), s k; stride 1, padding 1)); see ops.h. */
#include "engine/ops/conv3x3.h"

#include "engine/ops/common.h"

ftl_status ftl_infer_conv3x3(ftl_shape *y, const char *op, ftl_shape x, ftl_shape w,
        const ftl_conv3x3_attrs *attrs) {
    char a[FTL_SHAPE_TEXT], b[FTL_SHAPE_TEXT];
    FTL_TRY(ftl_infer_rank(op, "input", x, 4));
    FTL_TRY(ftl_infer_rank(op, "kernel", w, 4));
    const int in = attrs->transposed ? 0 : 1;
    if (w.dim[2] != 3 || w.dim[3] != 3 || w.dim[in] != x.dim[1])
        return ftl_fail(FTL_ESHAPE, "%s: a kernel %s does not fit an input %s", op,
                ftl_shape_format(a, w), ftl_shape_format(b, x));
    if (attrs->resample == FTL_RESAMPLE_DOWN && (x.dim[2] % 2 || x.dim[3] % 2))
        return ftl_fail(FTL_ESHAPE, "%s: an input %s cannot be halved", op,
                ftl_shape_format(b, x));
    *y = FTL_SHAPE(x.dim[0], w.dim[1 - in], ftl_conv3x3_side(attrs, x.dim[2]),
            ftl_conv3x3_side(attrs, x.dim[3]));
    return FTL_OK;
}

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    ftl_shape y;
    FTL_TRY(ftl_infer_float("conv3x3", in, 3));
    FTL_TRY(ftl_infer_scalar("conv3x3", in[2].shape));
    FTL_TRY(ftl_infer_conv3x3(&y, "conv3x3", in[0].shape, in[1].shape, attrs));
    return ftl_infer_out(out, y);
}

/* Element (h, v) of a plane of x after upsampling, zero behind the border. */
static double value(const float *plane, int64_t height, int64_t width, int64_t h,
        int64_t v, int shift) {
    if (h < 0 || v < 0 || h >= height << shift || v >= width << shift) return 0;
    return (double)plane[(h >> shift) * width + (v >> shift)];
}

/* One value of conv(before(x), k): image n, kernel o, at (h, v). */
static double convolved(
        const ftl_call *call, int64_t n, int64_t o, int64_t h, int64_t v) {
    const ftl_conv3x3_attrs *a = call->attrs;
    const ftl_shape x = call->in[0].shape;
    const int64_t c_out = call->out[0].shape.dim[1];
    const int shift = a->resample == FTL_RESAMPLE_UP;
    double total = 0;
    for (int64_t i = 0; i < x.dim[1]; i++) {
        const float *plane =
                ftl_call_in(call, 0) + (n * x.dim[1] + i) * x.dim[2] * x.dim[3];
        const float *k = ftl_call_in(call, 1) +
                         9 * (a->transposed ? i * c_out + o : o * x.dim[1] + i);
        for (int t = 0; t < 9; t++)
            total += (double)k[a->transposed ? 8 - t : t] *
                     value(plane, x.dim[2], x.dim[3], h + t / 3 - 1, v + t % 3 - 1,
                             shift);
    }
    return total;
}

static void reference(const ftl_call *call) {
    const ftl_conv3x3_attrs *a = call->attrs;
    const ftl_shape y = call->out[0].shape;
    const int side = a->resample == FTL_RESAMPLE_DOWN ? 2 : 1;
    const double scale = (double)a->scale * (double)ftl_call_in(call, 2)[0];
    float *out = ftl_call_out(call, 0);
    for (int64_t i = 0; i < ftl_shape_count(y); i++) {
        const int64_t v = i % y.dim[3], h = i / y.dim[3] % y.dim[2];
        const int64_t no = i / (y.dim[3] * y.dim[2]);
        double total = 0;
        for (int k = 0; k < side * side; k++)
            total += convolved(call, no / y.dim[1], no % y.dim[1], h * side + k / side,
                    v * side + k % side);
        out[i] = (float)(scale * total);
    }
}

const ftl_op ftl_op_conv3x3 = {
        .name = "conv3x3",
        .n_in = 3,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv3x3_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
