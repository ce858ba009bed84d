/* pad.c - zeros before and behind x along axis 0. The transpose of slice. */
#include "engine/ops/common.h"

#include <inttypes.h>
#include <string.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_pad_attrs *a = attrs;
    FTL_TRY(ftl_infer_float("pad", in, 1));
    if (a->before < 0 || a->behind < 0) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE,
                "pad: %" PRId64 " samples before and %" PRId64 " behind %s", a->before,
                a->behind, ftl_shape_format(text, in[0].shape));
    }
    ftl_shape y = in[0].shape;
    y.dim[0] += a->before + a->behind;
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    const ftl_pad_attrs *a = call->attrs;
    const int64_t sample = ftl_call_count(call, 0) / call->in[0].shape.dim[0];
    memset(call->out[0].data, 0, ftl_tensor_bytes(&call->out[0]));
    memcpy(ftl_call_out(call, 0) + a->before * sample, call->in[0].data,
            ftl_tensor_bytes(&call->in[0]));
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_pad_attrs *a = ftl_node_attrs(g, node);
    const int64_t n = ftl_value_shape(g, ftl_node_input(g, node, 0)).dim[0];
    return ftl_slice(&dx[0], g, dy[0], a->before, n);
}

const ftl_op ftl_op_pad = {
        .name = "pad",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_pad_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_pad(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t before, int64_t behind) {
    const ftl_pad_attrs attrs = {.before = before, .behind = behind};
    return ftl_apply(y, g, &ftl_op_pad, &attrs, &x);
}
