/* registry.c - all operations, and the two gradients that are none. */
#include "engine/graph_data.h"
#include "engine/ops/ops.h"

#include <string.h>

const ftl_op *const ftl_op_all[] = {
#define FTL_OP(name) &ftl_op_##name,
#include "engine/ops/ops.def"
#undef FTL_OP
};

const int ftl_op_all_n = (int)(sizeof ftl_op_all / sizeof *ftl_op_all);

const ftl_op *ftl_op_find(const char *name) {
    for (int i = 0; i < ftl_op_all_n; i++)
        if (!strcmp(ftl_op_all[i]->name, name)) return ftl_op_all[i];
    return NULL;
}

ftl_status ftl_gradient_zero(ftl_graph *graph, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)graph, (void)node, (void)dy, (void)need, (void)dx;
    return FTL_OK;
}

ftl_status ftl_gradient_none(ftl_graph *graph, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx) {
    (void)dy, (void)need, (void)dx;
    const ftl_node_data *data = &graph->nodes[node];
    return ftl_fail(FTL_EUNSUPPORTED, "%s%s%s has no gradient", data->layer,
            data->layer[0] ? ": " : "", data->op->name);
}
