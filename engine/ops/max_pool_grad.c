/* max_pool_grad.c - (x, dy) -> dx: each element of dy goes to the first maximum of its
 * window, in row-major order; where windows overlap the contributions add up. */
#include "engine/ops/common.h"
#include "engine/ops/max_pool.h"

#include <string.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    FTL_TRY(ftl_infer_float("max_pool_grad", in, 2));
    ftl_shape y;
    FTL_TRY(ftl_infer_max_pool(&y, "max_pool_grad", in[0].shape, attrs));
    FTL_TRY(ftl_infer_equal("max_pool_grad", in[1].shape, y));
    return ftl_infer_out(out, in[0].shape);
}

static void reference(const ftl_call *call) {
    const ftl_shape x = call->in[0].shape, y = call->in[1].shape;
    const float *dy = ftl_call_in(call, 1);
    memset(call->out[0].data, 0, ftl_tensor_bytes(&call->out[0]));
    for (int64_t nc = 0; nc < x.dim[0] * x.dim[1]; nc++) {
        const float *plane = ftl_call_in(call, 0) + nc * x.dim[2] * x.dim[3];
        float *dx = ftl_call_out(call, 0) + nc * x.dim[2] * x.dim[3];
        for (int64_t i = 0; i < y.dim[2]; i++)
            for (int64_t j = 0; j < y.dim[3]; j++)
                dx[ftl_first_maximum(plane, x.dim[2], x.dim[3], call->attrs, i, j)] +=
                        *dy++;
    }
}

const ftl_op ftl_op_max_pool_grad = {
        .name = "max_pool_grad",
        .n_in = 2,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_pool_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
