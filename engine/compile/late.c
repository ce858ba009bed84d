/* late.c - scaled weights are computed again where they are read late.
 *
 * The kernel of a convolution, divided by its spectral norm, is read when its network
 * runs forward and once more by the gradient, after all that lies between. Kept so
 * long, the scaled weights of all layers are alive together at the plan's peak; made
 * anew by the same calls, with the same bits, they live for a moment, at the cost of
 * one more pass over the weights. */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

#include <stdlib.h>

#define SMALL_BYTES 4096 /* what is kept: sigma */
#define LARGE_BYTES 65536
#define FAR 32 /* nodes */

static size_t bytes_of(const ftl_value_data *value) {
    return (size_t)ftl_shape_count(value->shape) * ftl_type_bytes(value->type);
}

static bool is_cheap(const ftl_op *op) {
    return op == &ftl_op_scale_by || op == &ftl_op_box_kernel || op == &ftl_op_reshape;
}

/* Does the value follow from state and small values by cheap calls alone? */
static bool follows(const ftl_graph *graph, int value) {
    const ftl_node_data *node = &graph->nodes[graph->values[value].node];
    if (node->op == &ftl_op_state || bytes_of(&graph->values[value]) <= SMALL_BYTES)
        return true;
    if (!is_cheap(node->op)) return false;
    for (int i = 0; i < node->op->n_in; i++)
        if (!follows(graph, node->in[i])) return false;
    return true;
}

static bool is_weight(const ftl_graph *graph, int value) {
    const ftl_node_data *node = &graph->nodes[graph->values[value].node];
    return is_cheap(node->op) && bytes_of(&graph->values[value]) >= LARGE_BYTES &&
           follows(graph, value);
}

/* Compute the value anew, and with it all that it follows from. */
static ftl_status renew(ftl_rewrite *rewrite, int value, int *made) {
    const ftl_graph *from = rewrite->from;
    const ftl_node_data *node = &from->nodes[from->values[value].node];
    ftl_value x[FTL_MAX_IN] = {{0}};
    if (!is_cheap(node->op) || bytes_of(&from->values[value]) <= SMALL_BYTES)
        return FTL_OK;
    for (int i = 0; i < node->op->n_in; i++) {
        FTL_TRY(renew(rewrite, node->in[i], made));
        x[i] = rewrite->map[node->in[i]];
    }
    made[value] = rewrite->to->n_nodes;
    FTL_TRY(ftl_rewrite_layer(rewrite, node->layer));
    return ftl_graph_copy_node(
            &rewrite->map[value], rewrite->to, node, x, from->values);
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    int *made = context; /* of each old value: the new node that computed it last */
    const ftl_node_data *data = &rewrite->from->nodes[node];
    (void)done;
    for (int i = 0; i < data->op->n_out; i++)
        made[data->out[i]] = rewrite->to->n_nodes;
    for (int i = 0; i < data->op->n_in; i++)
        if (rewrite->to->n_nodes - made[data->in[i]] > FAR &&
                is_weight(rewrite->from, data->in[i]))
            FTL_TRY(renew(rewrite, data->in[i], made));
    return ftl_rewrite_layer(rewrite, data->layer);
}

ftl_status ftl_pass_late(ftl_graph **out, const ftl_graph *from) {
    int *made = calloc((size_t)from->n_values, sizeof *made);
    if (!made) return ftl_fail(FTL_ENOMEM, "out of memory for a compiler pass");
    ftl_status status = ftl_rewrite_graph(out, from, rule, made);
    free(made);
    return status;
}
