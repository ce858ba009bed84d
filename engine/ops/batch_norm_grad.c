/* batch_norm_grad.c - (x, gain, mean, var, dy) -> dx, dgain [C], dbias [C].
 * With h = (x - mean) / sqrt(var + epsilon) and m elements in a channel:
 *   dbias = sum dy,  dgain = sum dy h,
 *   dx = gain / sqrt(var + epsilon) (dy - dbias / m - h dgain / m)
 * which takes into account that mean and var depend on x. */
#include "engine/ops/common.h"

#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_vectors("batch_norm_grad", in, 4, &out[0]));
    FTL_TRY(ftl_infer_float("batch_norm_grad", in, 5));
    FTL_TRY(ftl_infer_equal("batch_norm_grad", in[0].shape, in[4].shape));
    FTL_TRY(ftl_infer_out(&out[1], in[1].shape));
    return ftl_infer_out(&out[2], in[1].shape);
}

static void reference(const ftl_call *call) {
    const ftl_batch_norm_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    const float *dy = ftl_call_in(call, 4);
    float *dx = ftl_call_out(call, 0);
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    const double count = (double)(t.n * t.inner);
    for (int64_t c = 0; c < t.c; c++) {
        const double gain = (double)ftl_call_in(call, 1)[c];
        const double mean = (double)ftl_call_in(call, 2)[c];
        const double var = (double)ftl_call_in(call, 3)[c];
        const double scale = 1 / sqrt(var + (double)a->epsilon);
        double dgain = 0, dbias = 0;
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++) {
                const int64_t i = (n * t.c + c) * t.inner + s;
                dbias += (double)dy[i];
                dgain += (double)dy[i] * ((double)x[i] - mean) * scale;
            }
        for (int64_t n = 0; n < t.n; n++)
            for (int64_t s = 0; s < t.inner; s++) {
                const int64_t i = (n * t.c + c) * t.inner + s;
                const double h = ((double)x[i] - mean) * scale;
                dx[i] = (float)(gain * scale *
                                ((double)dy[i] - dbias / count - h * dgain / count));
            }
        ftl_call_out(call, 1)[c] = (float)dgain;
        ftl_call_out(call, 2)[c] = (float)dbias;
    }
}

const ftl_op ftl_op_batch_norm_grad = {
        .name = "batch_norm_grad",
        .n_in = 5,
        .n_out = 3,
        .attrs_bytes = sizeof(ftl_batch_norm_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
