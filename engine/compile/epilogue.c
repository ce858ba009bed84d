/* epilogue.c - what stands behind a 3x3 convolution of Winograd's kernels, done where
 * they write their results: one pass over memory less, or two.
 *
 * add(conv3x3_bias(..), r) -> conv3x3_add(.., r), and upsample2(r) is not stored
 * relu_grad(z, conv3x3(..)) -> conv3x3_mask(.., z)
 *
 * Where somebody else reads the convolution's result, nothing changes. */
#include "engine/compile/winograd.h"

/* The node that made the value, if it is of this op and the value has one reader. */
static const ftl_node_data *sole(
        const ftl_rewrite *rewrite, int value, const ftl_op *op) {
    const ftl_node_data *node =
            &rewrite->from->nodes[rewrite->from->values[value].node];
    return node->op == op && rewrite->uses[value] == 1 ? node : NULL;
}

static ftl_status fuse_add(
        ftl_rewrite *rewrite, const ftl_node_data *data, bool *done) {
    for (int i = 0; i < 2; i++) {
        const ftl_node_data *conv = sole(rewrite, data->in[i], &ftl_op_conv3x3_bias);
        if (!conv) continue;
        int residual = data->in[1 - i];
        const ftl_node_data *upsampled = sole(rewrite, residual, &ftl_op_upsample2);
        if (upsampled) residual = upsampled->in[0];
        ftl_value x[5] = {[4] = rewrite->map[residual]};
        for (int k = 0; k < 4; k++)
            x[k] = rewrite->map[conv->in[k]];
        *done = true;
        FTL_TRY(ftl_rewrite_layer(rewrite, conv->layer));
        return ftl_apply(&rewrite->map[data->out[0]], rewrite->to, &ftl_op_conv3x3_add,
                conv->attrs, x);
    }
    return FTL_OK;
}

static ftl_status fuse_mask(
        ftl_rewrite *rewrite, const ftl_node_data *data, bool *done) {
    const ftl_node_data *conv = sole(rewrite, data->in[1], &ftl_op_conv3x3);
    if (!conv) return FTL_OK;
    ftl_value x[4] = {[3] = rewrite->map[data->in[0]]};
    for (int k = 0; k < 3; k++)
        x[k] = rewrite->map[conv->in[k]];
    *done = true;
    FTL_TRY(ftl_rewrite_layer(rewrite, conv->layer));
    return ftl_apply(&rewrite->map[data->out[0]], rewrite->to, &ftl_op_conv3x3_mask,
            conv->attrs, x);
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    (void)context;
    const ftl_node_data *data = &rewrite->from->nodes[node];
    if (data->op == &ftl_op_add) return fuse_add(rewrite, data, done);
    if (data->op == &ftl_op_relu_grad) return fuse_mask(rewrite, data, done);
    return FTL_OK;
}

ftl_status ftl_pass_epilogue(ftl_graph **out, const ftl_graph *from) {
    ftl_graph *fused;
    FTL_TRY(ftl_rewrite_graph(&fused, from, rule, NULL));
    /* What was replaced is still there, unread. */
    ftl_status status = ftl_pass_prune(out, fused);
    ftl_graph_free(fused);
    return status;
}
