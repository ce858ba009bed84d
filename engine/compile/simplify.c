/* simplify.c - exact algebra on single nodes.
 *
 * reshape to the same shape -> nothing; reshape of a reshape -> the outer one;
 * stop_gradient -> nothing (it has done its work); 1 x + 0 -> x; affine of affine
 * without shifts -> one affine, when the product of the scales is exact (powers of
 * two). */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

#include <math.h>

static bool power_of_two(float x) {
    int exponent;
    return x != 0 && fabsf(frexpf(x, &exponent)) == 0.5f;
}

static const ftl_node_data *producer(const ftl_rewrite *rewrite, ftl_value value) {
    return &rewrite->to->nodes[rewrite->to->values[value.id].node];
}

static ftl_status simplify_reshape(
        ftl_rewrite *rewrite, ftl_value x, ftl_shape shape, ftl_value *y) {
    const ftl_node_data *inner = producer(rewrite, x);
    if (inner->op == &ftl_op_reshape) x.id = inner->in[0];
    if (ftl_shape_equal(ftl_value_shape(rewrite->to, x), shape)) {
        *y = x;
        return FTL_OK;
    }
    return ftl_reshape(y, rewrite->to, x, shape);
}

static ftl_status simplify_affine(ftl_rewrite *rewrite, ftl_value x,
        const ftl_affine_attrs *attrs, ftl_value *y, bool *done) {
    if (attrs->scale == 1 && attrs->shift == 0) {
        *y = x;
        *done = true;
        return FTL_OK;
    }
    const ftl_node_data *inner = producer(rewrite, x);
    if (inner->op != &ftl_op_affine || attrs->shift != 0) return FTL_OK;
    const ftl_affine_attrs *other = inner->attrs;
    if (other->shift != 0 || !power_of_two(attrs->scale) || !power_of_two(other->scale))
        return FTL_OK;
    *done = true;
    return ftl_affine(
            y, rewrite->to, (ftl_value) {inner->in[0]}, attrs->scale * other->scale, 0);
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    (void)context;
    const ftl_node_data *data = &rewrite->from->nodes[node];
    if (data->op->n_in != 1 || data->op->n_out != 1) return FTL_OK;
    ftl_value x = rewrite->map[data->in[0]], *y = &rewrite->map[data->out[0]];
    if (data->op == &ftl_op_stop_gradient) {
        *y = x;
        *done = true;
    } else if (data->op == &ftl_op_reshape) {
        *done = true;
        return simplify_reshape(rewrite, x,
                ftl_value_shape(rewrite->from, (ftl_value) {data->out[0]}), y);
    } else if (data->op == &ftl_op_affine) {
        return simplify_affine(rewrite, x, data->attrs, y, done);
    }
    return FTL_OK;
}

ftl_status ftl_pass_simplify(ftl_graph **out, const ftl_graph *from) {
    return ftl_rewrite_graph(out, from, rule, NULL);
}
