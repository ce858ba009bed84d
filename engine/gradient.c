/* gradient.c - reverse accumulation over the nodes of a graph; see gradient.h. */
#include "engine/gradient.h"

#include "engine/graph_data.h"
#include "engine/ops/ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Which values a gradient must be known of: those that depend on some x, as long as
 * they were made before the derivative was asked for. */
static void mark_dependents(const ftl_graph *graph, int n_nodes, int n_x,
        const ftl_value *x, bool *needed) {
    for (int i = 0; i < n_x; i++)
        needed[x[i].id] = true;
    for (ftl_node node = 0; node < n_nodes; node++) {
        const ftl_node_data *data = &graph->nodes[node];
        bool any = false;
        for (int i = 0; i < data->op->n_in; i++)
            any |= needed[data->in[i]];
        if (!any || data->op->gradient == ftl_gradient_zero) continue;
        for (int i = 0; i < data->op->n_out; i++)
            needed[data->out[i]] = true;
    }
}

/* total += term, where 0 stands for zero. */
static ftl_status accumulate(ftl_graph *graph, ftl_value *total, ftl_value term) {
    if (!term.id) return FTL_OK;
    if (!total->id) {
        *total = term;
        return FTL_OK;
    }
    return ftl_add(total, graph, *total, term);
}

/* Pass the gradients of a node's outputs on to its inputs. */
static ftl_status propagate(
        ftl_graph *graph, ftl_node node, const bool *needed, ftl_value *total) {
    const ftl_op *op = graph->nodes[node].op;
    ftl_value dy[FTL_MAX_OUT] = {{0}}, dx[FTL_MAX_IN] = {{0}};
    bool need[FTL_MAX_IN] = {false}, any_dy = false, any_need = false;
    for (int i = 0; i < op->n_out; i++) {
        dy[i] = total[graph->nodes[node].out[i]];
        any_dy |= dy[i].id != 0;
    }
    for (int i = 0; i < op->n_in; i++) {
        need[i] = needed[graph->nodes[node].in[i]];
        any_need |= need[i];
    }
    if (!any_dy || !any_need) return FTL_OK;
    /* Derivatives are found under the name of the layer that they belong to. */
    const char *outer = graph->layer;
    graph->layer = graph->nodes[node].layer;
    ftl_status status = op->gradient(graph, node, dy, need, dx);
    for (int i = 0; status == FTL_OK && i < op->n_in; i++)
        if (need[i])
            status = accumulate(graph, &total[graph->nodes[node].in[i]], dx[i]);
    graph->layer = outer;
    return status;
}

ftl_status ftl_gradient(ftl_graph *graph, int n_y, const ftl_value *y,
        const ftl_value *dy, int n_x, const ftl_value *x, ftl_value *dx) {
    /* Nodes added from here on belong to the derivative and are not walked. */
    int n_nodes = graph->n_nodes, n_values = graph->n_values;
    ftl_status status = FTL_OK;
    bool *needed = calloc((size_t)n_values, sizeof *needed);
    ftl_value *total = calloc((size_t)n_values, sizeof *total);
    if (!needed || !total) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a gradient");
        goto out;
    }
    mark_dependents(graph, n_nodes, n_x, x, needed);
    for (int i = 0; i < n_y; i++) {
        ftl_value seed = dy ? dy[i] : FTL_NONE;
        if (!seed.id)
            FTL_TRY_OUT(
                    ftl_graph_constant(&seed, graph, 1, ftl_value_shape(graph, y[i])));
        assert(ftl_shape_equal(
                ftl_value_shape(graph, seed), ftl_value_shape(graph, y[i])));
        FTL_TRY_OUT(accumulate(graph, &total[y[i].id], seed));
    }
    for (ftl_node node = n_nodes - 1; node >= 0; node--)
        FTL_TRY_OUT(propagate(graph, node, needed, total));
    for (int i = 0; i < n_x; i++) {
        dx[i] = total[x[i].id];
        if (!dx[i].id)
            FTL_TRY_OUT(
                    ftl_graph_constant(&dx[i], graph, 0, ftl_value_shape(graph, x[i])));
    }
out:
    free(needed);
    free(total);
    return status;
}
