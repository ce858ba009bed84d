/* rank1_add.c - y = s x + a b', the matrix a b' [A, B] laid out as x: what the fuse
 * pass makes of the last steps of spectral norm's gradient. Derivatives are taken
 * before graphs are compiled, so it needs none. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    char x[FTL_SHAPE_TEXT], a[FTL_SHAPE_TEXT], b[FTL_SHAPE_TEXT];
    (void)attrs;
    FTL_TRY(ftl_infer_float("rank1_add", in, 4));
    FTL_TRY(ftl_infer_scalar("rank1_add", in[1].shape));
    if (ftl_shape_count(in[2].shape) * ftl_shape_count(in[3].shape) !=
            ftl_shape_count(in[0].shape))
        return ftl_fail(FTL_ESHAPE, "rank1_add: %s times %s is no %s",
                ftl_shape_format(a, in[2].shape), ftl_shape_format(b, in[3].shape),
                ftl_shape_format(x, in[0].shape));
    return ftl_infer_out(out, in[0].shape);
}

static void reference(const ftl_call *call) {
    const float *x = ftl_call_in(call, 0), *a = ftl_call_in(call, 2);
    const float *b = ftl_call_in(call, 3);
    const float s = ftl_call_in(call, 1)[0];
    const int64_t rows = ftl_call_count(call, 2), columns = ftl_call_count(call, 3);
    float *y = ftl_call_out(call, 0);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            y[i * columns + j] = s * x[i * columns + j] + a[i] * b[j];
}

const ftl_op ftl_op_rank1_add = {
        .name = "rank1_add",
        .n_in = 4,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
