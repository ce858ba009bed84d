/* reorder.c - y = x in another layout. Only plans make it, when a kernel wants its
 * input in a layout that differs from the one delivered; on dense tensors it is a copy.
 */
#include "engine/ops/common.h"

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    (void)attrs;
    return ftl_infer_same("reorder", in, 1, out);
}

const ftl_op ftl_op_reorder = {
        .name = "reorder",
        .n_in = 1,
        .n_out = 1,
        .infer = infer,
        .reference = ftl_reference_copy,
        .gradient = FTL_NO_GRADIENT,
};
