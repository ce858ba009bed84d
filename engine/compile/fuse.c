/* fuse.c - several ops as one kernel.
 *
 * bias_add(conv(x, w), b) -> conv_bias(x, w, b), if nobody else reads the convolution.
 */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

/* The convolution whose only reader is this bias_add, NULL if there is none. */
static const ftl_node_data *biased_conv(
        const ftl_graph *from, const int *uses, const ftl_node_data *data) {
    if (data->op != &ftl_op_bias_add) return NULL;
    const ftl_node_data *conv = &from->nodes[from->values[data->in[0]].node];
    return conv->op == &ftl_op_conv && uses[data->in[0]] == 1 ? conv : NULL;
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    (void)context;
    const ftl_node_data *data = &rewrite->from->nodes[node];
    const ftl_node_data *conv = biased_conv(rewrite->from, rewrite->uses, data);
    if (!conv) return FTL_OK;
    ftl_value x[3] = {rewrite->map[conv->in[0]], rewrite->map[conv->in[1]],
            rewrite->map[data->in[1]]};
    *done = true;
    FTL_TRY(ftl_rewrite_layer(rewrite, conv->layer));
    return ftl_apply(&rewrite->map[data->out[0]], rewrite->to, &ftl_op_conv_bias,
            conv->attrs, x);
}

ftl_status ftl_pass_fuse(ftl_graph **out, const ftl_graph *from) {
    ftl_graph *fused;
    FTL_TRY(ftl_rewrite_graph(&fused, from, rule, NULL));
    /* The convolutions that were replaced are still there, unread. */
    ftl_status status = ftl_pass_prune(out, fused);
    ftl_graph_free(fused);
    return status;
}
