/* prune.c - drop what no root needs. Roots are outputs and state writes. */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

#include <stdlib.h>

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    (void)rewrite;
    const bool *live = context;
    *done = !live[node];
    return FTL_OK;
}

ftl_status ftl_pass_prune(ftl_graph **out, const ftl_graph *from) {
    bool *live = calloc((size_t)from->n_nodes + 1, sizeof *live);
    if (!live) return ftl_fail(FTL_ENOMEM, "out of memory for a compiler pass");
    for (int i = 0; i < from->n_outputs; i++)
        live[from->values[from->outputs[i].value].node] = true;
    for (ftl_node node = from->n_nodes - 1; node >= 0; node--) {
        const ftl_node_data *data = &from->nodes[node];
        if (data->op == &ftl_op_state_write) live[node] = true;
        if (!live[node]) continue;
        for (int i = 0; i < data->op->n_in; i++)
            live[from->values[data->in[i]].node] = true;
    }
    ftl_status status = ftl_rewrite_graph(out, from, rule, live);
    free(live);
    return status;
}
