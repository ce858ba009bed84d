/* cross_entropy_grad.c - (logits, label, dy [N]) -> dlogits [N, K]:
 *   dlogits[n, k] = dy[n] (softmax(logits)[n, k] - (k = label n)) */
#include "engine/ops/common.h"

#include <assert.h>
#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_labels("cross_entropy_grad", in));
    FTL_TRY(ftl_infer_float("cross_entropy_grad", &in[2], 1));
    FTL_TRY(ftl_infer_equal("cross_entropy_grad", in[1].shape, in[2].shape));
    return ftl_infer_out(out, in[0].shape);
}

static void reference(const ftl_call *call) {
    const int32_t *label = call->in[1].data;
    const float *dy = ftl_call_in(call, 2);
    const int64_t n_classes = call->in[0].shape.dim[1];
    for (int64_t n = 0; n < call->in[0].shape.dim[0]; n++) {
        const float *logit = ftl_call_in(call, 0) + n * n_classes;
        float *dx = ftl_call_out(call, 0) + n * n_classes;
        assert(label[n] >= 0 && label[n] < n_classes);
        double largest = (double)logit[0], total = 0;
        for (int64_t k = 1; k < n_classes; k++)
            if ((double)logit[k] > largest) largest = (double)logit[k];
        for (int64_t k = 0; k < n_classes; k++)
            total += exp((double)logit[k] - largest);
        for (int64_t k = 0; k < n_classes; k++) {
            const double share = exp((double)logit[k] - largest) / total;
            dx[k] = (float)((double)dy[n] * (share - (k == label[n])));
        }
    }
}

const ftl_op ftl_op_cross_entropy_grad = {
        .name = "cross_entropy_grad",
        .n_in = 3,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = FTL_NO_GRADIENT,
};
