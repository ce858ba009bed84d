/* matmul.c - y = op(a) op(b); op transposes where asked. Matrices. Its gradients are
 * products again: with A = op(a), B = op(b): dA = dy B', dB = A' dy, and what belongs
 * to a transposed operand is the transpose of that. */
#include "engine/ops/common.h"

/* op(m) as it is walked: element (row, column) at row * row_step + column *
 * column_step. */
typedef struct matrix {
    int64_t rows, columns, row_step, column_step;
} matrix;

static matrix transposed(ftl_shape s, bool transpose) {
    if (transpose) return (matrix) {s.dim[1], s.dim[0], 1, s.dim[1]};
    return (matrix) {s.dim[0], s.dim[1], s.dim[1], 1};
}

static ftl_status infer(const ftl_tensor *in, const void *attrs, ftl_tensor *out) {
    const ftl_matmul_attrs *t = attrs;
    FTL_TRY(ftl_infer_float("matmul", in, 2));
    FTL_TRY(ftl_infer_rank("matmul", "a", in[0].shape, 2));
    FTL_TRY(ftl_infer_rank("matmul", "b", in[1].shape, 2));
    const matrix a = transposed(in[0].shape, t->transpose_a);
    const matrix b = transposed(in[1].shape, t->transpose_b);
    if (a.columns != b.rows) {
        char one[FTL_SHAPE_TEXT], other[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "matmul: %s%s times %s%s",
                ftl_shape_format(one, in[0].shape), t->transpose_a ? " transposed" : "",
                ftl_shape_format(other, in[1].shape),
                t->transpose_b ? " transposed" : "");
    }
    return ftl_infer_out(out, FTL_SHAPE(a.rows, b.columns));
}

static void reference(const ftl_call *call) {
    const ftl_matmul_attrs *t = call->attrs;
    const matrix a = transposed(call->in[0].shape, t->transpose_a);
    const matrix b = transposed(call->in[1].shape, t->transpose_b);
    const float *in_a = ftl_call_in(call, 0);
    const float *in_b = ftl_call_in(call, 1);
    float *y = ftl_call_out(call, 0);
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t j = 0; j < b.columns; j++) {
            double total = 0;
            for (int64_t k = 0; k < a.columns; k++)
                total += (double)in_a[i * a.row_step + k * a.column_step] *
                         (double)in_b[k * b.row_step + j * b.column_step];
            *y++ = (float)total;
        }
}

static ftl_status gradient(ftl_graph *g, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    const ftl_matmul_attrs *t = ftl_node_attrs(g, node);
    const bool ta = t->transpose_a, tb = t->transpose_b;
    const ftl_value a = ftl_node_input(g, node, 0), b = ftl_node_input(g, node, 1);
    if (need[0])
        FTL_TRY(ta ? ftl_matmul(&dx[0], g, b, tb, dy[0], true)
                   : ftl_matmul(&dx[0], g, dy[0], false, b, !tb));
    if (need[1])
        FTL_TRY(tb ? ftl_matmul(&dx[1], g, dy[0], true, a, ta)
                   : ftl_matmul(&dx[1], g, a, !ta, dy[0], false));
    return FTL_OK;
}

const ftl_op ftl_op_matmul = {
        .name = "matmul",
        .n_in = 2,
        .n_out = 1,
        .attrs_bytes = sizeof(ftl_matmul_attrs),
        .infer = infer,
        .reference = reference,
        .gradient = gradient,
};

ftl_status ftl_matmul(ftl_value *y, ftl_graph *g, ftl_value a, bool transpose_a,
        ftl_value b, bool transpose_b) {
    const ftl_matmul_attrs attrs = {
            .transpose_a = transpose_a, .transpose_b = transpose_b};
    return ftl_apply(y, g, &ftl_op_matmul, &attrs, (ftl_value[]) {a, b});
}
