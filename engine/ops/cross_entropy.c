/* cross_entropy.c - loss [N] = log(sum over k of exp logits[n, k]) - logits[n, label
 * n]; logits [N, K], label int32 [N] in 0 .. K - 1. */
#include "engine/ops/common.h"

#include <assert.h>
#include <math.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    FTL_TRY(ftl_infer_labels("cross_entropy", in));
    return ftl_infer_out(out, FTL_SHAPE(in[0].shape.dim[0]));
}

static void reference(const ftl_call *call) {
    const int32_t *label = call->in[1].data;
    float *loss = ftl_call_out(call, 0);
    const int64_t n_classes = call->in[0].shape.dim[1];
    for (int64_t n = 0; n < call->in[0].shape.dim[0]; n++) {
        const float *logit = ftl_call_in(call, 0) + n * n_classes;
        assert(label[n] >= 0 && label[n] < n_classes);
        double largest = (double)logit[0], total = 0;
        for (int64_t k = 1; k < n_classes; k++)
            if ((double)logit[k] > largest) largest = (double)logit[k];
        for (int64_t k = 0; k < n_classes; k++)
            total += exp((double)logit[k] - largest);
        loss[n] = (float)(log(total) + largest - (double)logit[label[n]]);
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    return ftl_apply(&dx[0], g, &ftl_op_cross_entropy_grad, NULL,
            (ftl_value[]) {
                    ftl_node_input(g, node, 0), ftl_node_input(g, node, 1), dy[0]});
}

const ftl_op ftl_op_cross_entropy = {
        .name = "cross_entropy",
        .n_in = 2,
        .n_out = 1,
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_cross_entropy(
        ftl_value *loss, ftl_graph *g, ftl_value logits, ftl_value label) {
    return ftl_apply(
            loss, g, &ftl_op_cross_entropy, NULL, (ftl_value[]) {logits, label});
}
