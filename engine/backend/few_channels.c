/* few_channels.c - which calls the kernels for few channels take; see few_channels.h.
 */
#include "engine/backend/few_channels.h"

#include <omp.h>

bool ftl_few_channels_suit(
        const ftl_conv_attrs *attrs, ftl_shape w, int64_t few, int64_t many) {
    return attrs->stride == 1 && attrs->pad == 1 && w.dim[2] == 3 && w.dim[3] == 3 &&
           few <= FTL_FEW_CHANNELS && many % 16 == 0;
}

bool ftl_few_channels_take(const ftl_call *call) {
    if (call->op == &ftl_op_conv_weights)
        return ftl_few_channels_suit(call->attrs, call->out[0].shape,
                call->in[1].shape.dim[1], call->in[0].shape.dim[1]);
    /* From bf16 the library's are faster: 2.7 ms against 3.7 for 64 to 3 channels. */
    if (call->in[0].type == FTL_BF16) return false;
    return ftl_few_channels_suit(call->attrs, call->in[1].shape,
            call->out[0].shape.dim[1], call->in[0].shape.dim[1]);
}

static ftl_layout nhwc(ftl_shape shape) {
    return (ftl_layout) {.kind = FTL_BLOCKED, .block = (int)shape.dim[1]};
}

ftl_status ftl_few_channels_prepare(ftl_call *call, ftl_arena *arena, bool *taken) {
    const bool weights = call->op == &ftl_op_conv_weights;
    (void)arena;
    if (!ftl_few_channels_take(call)) return FTL_OK;
    const int64_t many = call->in[0].shape.dim[1];
    for (int i = 1; i < call->op->n_in; i++) {
        call->in[i].type = FTL_F32;
        call->in[i].layout = (ftl_layout) {0};
    }
    call->in[0].layout = nhwc(call->in[0].shape);
    if (weights) call->in[1].layout = nhwc(call->in[1].shape);
    call->out[0].type = FTL_F32;
    call->out[0].layout = weights ? (ftl_layout) {0} : nhwc(call->out[0].shape);
    /* A packed kernel; for the gradient one sum of it a thread. */
    call->scratch_bytes = sizeof(float) * (size_t)(9 * FTL_FEW_CHANNELS * many) *
                          (size_t)(weights ? omp_get_max_threads() : 1);
    *taken = true;
    return FTL_OK;
}
