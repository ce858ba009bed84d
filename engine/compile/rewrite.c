/* rewrite.c - the walk that all graph passes share; see rewrite.h. */
#include "engine/compile/rewrite.h"

#include "engine/ops/ops.h"

#include <stdlib.h>
#include <string.h>

ftl_status ftl_rewrite_layer(ftl_rewrite *rewrite, const char *layer) {
    if (strcmp(rewrite->to->layer, layer) == 0) return FTL_OK;
    const char *copy = ftl_arena_strdup(rewrite->to->arena, layer);
    if (!copy) return FTL_ENOMEM;
    rewrite->to->layer = copy;
    return FTL_OK;
}

static ftl_status copy_node(ftl_rewrite *rewrite, ftl_node node) {
    const ftl_node_data *data = &rewrite->from->nodes[node];
    ftl_value x[FTL_MAX_IN] = {{0}}, y[FTL_MAX_OUT] = {{0}};
    for (int i = 0; i < data->op->n_in; i++)
        x[i] = rewrite->map[data->in[i]];
    FTL_TRY(ftl_graph_copy_node(y, rewrite->to, data, x, rewrite->from->values));
    for (int i = 0; i < data->op->n_out; i++)
        rewrite->map[data->out[i]] = y[i];
    return FTL_OK;
}

void ftl_rewrite_count_uses(const ftl_graph *from, int *uses) {
    for (ftl_node node = 0; node < from->n_nodes; node++)
        for (int i = 0; i < from->nodes[node].op->n_in; i++)
            uses[from->nodes[node].in[i]]++;
    for (int i = 0; i < from->n_outputs; i++)
        uses[from->outputs[i].value]++;
}

ftl_status ftl_rewrite_graph(
        ftl_graph **out, const ftl_graph *from, ftl_rewrite_rule *rule, void *context) {
    ftl_rewrite rewrite = {.from = from};
    ftl_status status = ftl_graph_create(&rewrite.to);
    if (status != FTL_OK) return status;
    rewrite.map = calloc((size_t)from->n_values, sizeof *rewrite.map);
    rewrite.uses = calloc((size_t)from->n_values, sizeof *rewrite.uses);
    if (!rewrite.map || !rewrite.uses) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a compiler pass");
        goto out;
    }
    ftl_rewrite_count_uses(from, rewrite.uses);
    for (ftl_node node = 0; node < from->n_nodes; node++) {
        bool done = false;
        FTL_TRY_OUT(ftl_rewrite_layer(&rewrite, from->nodes[node].layer));
        FTL_TRY_OUT(rule(context, &rewrite, node, &done));
        if (!done) FTL_TRY_OUT(copy_node(&rewrite, node));
    }
    for (int i = 0; i < from->n_outputs; i++)
        FTL_TRY_OUT(ftl_graph_output(rewrite.to, from->outputs[i].name,
                rewrite.map[from->outputs[i].value]));
out:
    free(rewrite.map);
    free(rewrite.uses);
    if (status != FTL_OK) {
        ftl_graph_free(rewrite.to);
        rewrite.to = NULL;
    } else {
        rewrite.to->layer = "";
    }
    *out = rewrite.to;
    return status;
}
