/* normalize.c - y = x / max(||x||_2, epsilon) over all elements; any shape. A step of
 * the power iteration of spectral norm, whose vectors are constants to the derivative.
 */
#include "engine/ops/common.h"

#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("normalize", in, 1, out);
}

static void reference(const ftl_call *call) {
    const ftl_normalize_attrs *a = call->attrs;
    const float *x = ftl_call_in(call, 0);
    float *y = ftl_call_out(call, 0);
    const int64_t n = ftl_call_count(call, 0);
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += (double)x[i] * (double)x[i];
    /* not fmax(): it would make epsilon of a NaN */
    double norm = sqrt(squares);
    if (norm < (double)a->epsilon) norm = (double)a->epsilon;
    for (int64_t i = 0; i < n; i++)
        y[i] = (float)((double)x[i] / norm);
}

const ftl_op ftl_op_normalize = {
        .name = "normalize",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_normalize_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};

ftl_status ftl_normalize(ftl_value *y, ftl_graph *g, ftl_value x, float epsilon) {
    const ftl_normalize_attrs attrs = {.epsilon = epsilon};
    return ftl_apply(y, g, &ftl_op_normalize, &attrs, &x);
}
