/* fuse.c - several ops as one kernel, where nobody else reads what is between them.
 *
 * bias_add(conv(x, w), b) -> conv_bias(x, w, b)
 * add(scale_by(x, s), a' b) -> rank1_add(x, s, a, b), a and b matrices of one row: the
 *   gradient of a weight that is divided by its spectral norm, one pass over memory
 *   instead of three */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

/* The convolution whose only reader is this bias_add, NULL if there is none. */
static const ftl_node_data *biased_conv(
        const ftl_graph *from, const int *uses, const ftl_node_data *data) {
    if (data->op != &ftl_op_bias_add) return NULL;
    const ftl_node_data *conv = &from->nodes[from->values[data->in[0]].node];
    return conv->op == &ftl_op_conv && uses[data->in[0]] == 1 ? conv : NULL;
}

static ftl_status fuse_conv(
        ftl_rewrite *rewrite, const ftl_node_data *data, const ftl_node_data *conv) {
    ftl_value x[3] = {rewrite->map[conv->in[0]], rewrite->map[conv->in[1]],
            rewrite->map[data->in[1]]};
    FTL_TRY(ftl_rewrite_layer(rewrite, conv->layer));
    return ftl_apply(&rewrite->map[data->out[0]], rewrite->to, &ftl_op_conv_bias,
            conv->attrs, x);
}

/* The node that made the value, if it is of this op and the value has one reader. */
static const ftl_node_data *sole(
        const ftl_graph *from, const int *uses, int value, const ftl_op *op) {
    const ftl_node_data *node = &from->nodes[from->values[value].node];
    return node->op == op && uses[value] == 1 ? node : NULL;
}

/* The product of a column and a row that makes the value, through a reshape. */
static const ftl_node_data *outer_product(
        const ftl_graph *from, const int *uses, int value) {
    const ftl_node_data *shaped = sole(from, uses, value, &ftl_op_reshape);
    if (shaped) value = shaped->in[0];
    const ftl_node_data *product = sole(from, uses, value, &ftl_op_matmul);
    if (!product) return NULL;
    const ftl_matmul_attrs *attrs = product->attrs;
    const bool of_rows = attrs->transpose_a && !attrs->transpose_b &&
                         from->values[product->in[0]].shape.dim[0] == 1;
    return of_rows ? product : NULL;
}

static ftl_status fuse_rank1(
        ftl_rewrite *rewrite, const ftl_node_data *data, bool *done) {
    for (int i = 0; i < 2; i++) {
        const ftl_node_data *scaled =
                sole(rewrite->from, rewrite->uses, data->in[i], &ftl_op_scale_by);
        const ftl_node_data *outer =
                outer_product(rewrite->from, rewrite->uses, data->in[1 - i]);
        if (!scaled || !outer) continue;
        ftl_value x[4] = {rewrite->map[scaled->in[0]], rewrite->map[scaled->in[1]],
                rewrite->map[outer->in[0]], rewrite->map[outer->in[1]]};
        *done = true;
        return ftl_apply(
                &rewrite->map[data->out[0]], rewrite->to, &ftl_op_rank1_add, NULL, x);
    }
    return FTL_OK;
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    (void)context;
    const ftl_node_data *data = &rewrite->from->nodes[node];
    const ftl_node_data *conv = biased_conv(rewrite->from, rewrite->uses, data);
    if (data->op == &ftl_op_add) return fuse_rank1(rewrite, data, done);
    if (!conv) return FTL_OK;
    *done = true;
    return fuse_conv(rewrite, data, conv);
}

ftl_status ftl_pass_fuse(ftl_graph **out, const ftl_graph *from) {
    ftl_graph *fused;
    FTL_TRY(ftl_rewrite_graph(&fused, from, rule, NULL));
    /* What was replaced is still there, unread. */
    ftl_status status = ftl_pass_prune(out, fused);
    ftl_graph_free(fused);
    return status;
}
