/* translate.c - each image moved by whole px, with zeros behind its border:
 * y[n, c, i, j] = x[n, c, i - down, j - right]. An integer for each sample says
 * where to: code = (down + reach) (2 reach + 1) + right + reach. The transpose
 * moves the other way. */
#include "engine/ops/common.h"

#include <assert.h>
#include <string.h>

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_translate_attrs *a = attrs;
    FTL_TRY(ftl_infer_float("translate", in, 1));
    FTL_TRY(ftl_infer_rank("translate", "input", in[0].shape, 4));
    if (a->reach < 0 || in[1].type != FTL_I32 || in[1].shape.rank != 1 ||
            in[1].shape.dim[0] != in[0].shape.dim[0]) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE,
                "translate: %s by up to %d px needs an int32 for each sample, not %s",
                ftl_shape_format(one, in[0].shape), (int)a->reach,
                ftl_shape_format(other, in[1].shape));
    }
    return ftl_infer_out(out, in[0].shape);
}

/* One image of height x width. */
static void move(float *y, const float *x, int64_t height, int64_t width, int64_t down,
        int64_t right) {
    const int64_t first = right > 0 ? right : 0;
    const int64_t end = right < 0 ? width + right : width;
    for (int64_t i = 0; i < height; i++) {
        const int64_t from = i - down;
        if (from < 0 || from >= height || first >= end) continue;
        memcpy(y + i * width + first, x + from * width + first - right,
                (size_t)(end - first) * sizeof *y);
    }
}

static void reference(const ftl_call *call) {
    const ftl_translate_attrs *a = call->attrs;
    const int64_t *dim = call->in[0].shape.dim, side = 2 * (int64_t)a->reach + 1;
    const int32_t *code = call->in[1].data;
    const int64_t image = dim[2] * dim[3];
    memset(call->out[0].data, 0, ftl_tensor_bytes(&call->out[0]));
    for (int64_t n = 0; n < dim[0]; n++) {
        assert(code[n] >= 0 && code[n] < side * side);
        const int64_t sign = a->back ? -1 : 1;
        const int64_t down = sign * (code[n] / side - a->reach);
        const int64_t right = sign * (code[n] % side - a->reach);
        for (int64_t c = n * dim[1]; c < (n + 1) * dim[1]; c++)
            move(ftl_call_out(call, 0) + c * image, ftl_call_in(call, 0) + c * image,
                    dim[2], dim[3], down, right);
    }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    if (!need[0]) return FTL_OK;
    const ftl_translate_attrs *a = ftl_node_attrs(g, node);
    return ftl_translate(
            &dx[0], g, dy[0], ftl_node_input(g, node, 1), a->reach, !a->back);
}

const ftl_op ftl_op_translate = {
        .name = "translate",
        .n_in = 2,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_translate_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_translate(
        ftl_value *y, ftl_graph *g, ftl_value x, ftl_value code, int reach, bool back) {
    const ftl_translate_attrs attrs = {.reach = reach, .back = back};
    return ftl_apply(y, g, &ftl_op_translate, &attrs, (ftl_value[]) {x, code});
}
