/* conv3x3_weights.c - the transpose of conv3x3 in w: dw [O, I, 3, 3] from x and dy.
 *   dw[o, i, r, s] = scale * sum over n, h, v of before(x)[n, i, h + r - 1, v + s - 1]
 *                    * after'(dy)[n, o, h, v]
 * where before is upsample2 for UP and the transpose after' is upsample2 for DOWN. */
#include "engine/ops/common.h"
#include "engine/ops/conv3x3.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_conv3x3_attrs *a = attrs;
    ftl_shape y;
    FTL_TRY(ftl_infer_float("conv3x3_weights", in, 2));
    FTL_TRY(ftl_infer_rank("conv3x3_weights", "input", in[0].shape, 4));
    FTL_TRY(ftl_infer_rank("conv3x3_weights", "dy", in[1].shape, 4));
    const ftl_shape w = FTL_SHAPE(in[1].shape.dim[1], in[0].shape.dim[1], 3, 3);
    const ftl_conv3x3_attrs plain = {.resample = a->resample, .scale = a->scale};
    FTL_TRY(ftl_infer_conv3x3(&y, "conv3x3_weights", in[0].shape, w, &plain));
    FTL_TRY(ftl_infer_equal("conv3x3_weights", in[1].shape, y));
    return ftl_infer_out(out, w);
}

/* One value of dw; r and s without the padding. */
static double batch_sum(
        const ftl_call *call, int64_t o, int64_t i, int64_t r, int64_t s) {
    const ftl_conv3x3_attrs *a = call->attrs;
    const ftl_shape x = call->in[0].shape, y = call->in[1].shape;
    const int x_shift = a->resample == FTL_RESAMPLE_UP;
    const int y_shift = a->resample == FTL_RESAMPLE_DOWN;
    const int64_t height = y.dim[2] << y_shift, width = y.dim[3] << y_shift;
    double total = 0;
    for (int64_t n = 0; n < x.dim[0]; n++) {
        const float *plane =
                ftl_call_in(call, 0) + (n * x.dim[1] + i) * x.dim[2] * x.dim[3];
        const float *dy =
                ftl_call_in(call, 1) + (n * y.dim[1] + o) * y.dim[2] * y.dim[3];
        const ftl_range h = ftl_window(r, height, height);
        const ftl_range v = ftl_window(s, width, width);
        for (int64_t p = h.begin; p < h.end; p++)
            for (int64_t q = v.begin; q < v.end; q++)
                total += (double)dy[(p >> y_shift) * y.dim[3] + (q >> y_shift)] *
                         (double)plane[((p + r) >> x_shift) * x.dim[3] +
                                       ((q + s) >> x_shift)];
    }
    return total;
}

static void reference(const ftl_call *call) {
    const ftl_conv3x3_attrs *a = call->attrs;
    const ftl_shape w = call->out[0].shape;
    float *dw = ftl_call_out(call, 0);
    for (int64_t o = 0; o < w.dim[0]; o++)
        for (int64_t i = 0; i < w.dim[1]; i++)
            for (int t = 0; t < 9; t++)
                *dw++ = (float)((double)a->scale *
                                batch_sum(call, o, i, t / 3 - 1, t % 3 - 1));
}

const ftl_op ftl_op_conv3x3_weights = {
        .name = "conv3x3_weights",
        .n_in = 2,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_conv3x3_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
