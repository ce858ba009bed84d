/* slice.c - `count` samples from `first` along axis 0. The transpose of pad. */
#include "engine/ops/common.h"

#include <inttypes.h>
#include <string.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_slice_attrs *a = attrs;
    FTL_TRY(ftl_infer_float("slice", in, 1));
    ftl_shape y = in[0].shape;
    if (a->first < 0 || a->count < 1 || a->count > y.dim[0] - a->first) {
        char text[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE,
                "slice: %" PRId64 " samples from %" PRId64 " on are not in %s",
                a->count, a->first, ftl_shape_format(text, y));
    }
    y.dim[0] = a->count;
    return ftl_infer_out(out, y);
}

static void reference(const ftl_call *call) {
    const ftl_slice_attrs *a = call->attrs;
    const int64_t sample = ftl_call_count(call, 0) / call->in[0].shape.dim[0];
    memcpy(call->out[0].data, ftl_call_in(call, 0) + a->first * sample,
            ftl_tensor_bytes(&call->out[0]));
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_slice_attrs *a = ftl_node_attrs(g, node);
    const int64_t n = ftl_value_shape(g, ftl_node_input(g, node, 0)).dim[0];
    return ftl_pad(&dx[0], g, dy[0], a->first, n - a->first - a->count);
}

const ftl_op ftl_op_slice = {
        .name = "slice",
        .n_in = 1,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_slice_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_slice(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t first, int64_t count) {
    const ftl_slice_attrs attrs = {.first = first, .count = count};
    return ftl_apply(y, g, &ftl_op_slice, &attrs, &x);
}
