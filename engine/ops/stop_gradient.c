/* stop_gradient.c - y = x, through which no gradient flows; any shape. */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("stop_gradient", in, 1, out);
}

const ftl_op ftl_op_stop_gradient = {
        .name = "stop_gradient",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = ftl_reference_copy,
        .gradient = FTL_ZERO_GRADIENT,
        .is_view = true,
};

ftl_status ftl_stop_gradient(ftl_value *y, ftl_graph *g, ftl_value x) {
    return ftl_apply(y, g, &ftl_op_stop_gradient, NULL, &x);
}
