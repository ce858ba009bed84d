/* rewrite.h - passes from graph to graph.
 *
 * A pass walks a graph in order and writes a better one. What a pass does is a rule:
 * for each node it either adds nodes of its own choice or lets the node be copied. */
#ifndef FTL_ENGINE_COMPILE_REWRITE_H
#define FTL_ENGINE_COMPILE_REWRITE_H

#include "engine/graph_data.h"

typedef struct ftl_rewrite {
    const ftl_graph *from;
    ftl_graph *to;
    ftl_value *map; /* from value ids of `from` to values of `to` */
    int *uses;      /* of each value of `from`: how many nodes and outputs read it */
} ftl_rewrite;

/* Handle `node` of rewrite->from: leave *done false to have it copied; else set
 * rewrite->map for each of its outputs (none: the node is dropped) and set *done. */
typedef ftl_status ftl_rewrite_rule(
        void *context, ftl_rewrite *rewrite, ftl_node node, bool *done);

/* Nodes that a rule adds from here on belong to this layer of the old graph. */
ftl_status ftl_rewrite_layer(ftl_rewrite *rewrite, const char *layer);

/* How many nodes and outputs read each value: uses has graph->n_values elements, 0. */
void ftl_rewrite_count_uses(const ftl_graph *graph, int *uses);

/* Walk with a rule. *out is owned by the caller; `from` is unchanged. */
ftl_status ftl_rewrite_graph(
        ftl_graph **out, const ftl_graph *from, ftl_rewrite_rule *rule, void *context);

/* The passes, in the order in which the plan runs them. */

/* Drop what no output and no state write needs. */
ftl_status ftl_pass_prune(ftl_graph **out, const ftl_graph *from);
/* Merge nodes of the same op, attributes and inputs. */
ftl_status ftl_pass_merge(ftl_graph **out, const ftl_graph *from);
/* Exact algebra on single nodes: x * 1 + 0, reshapes of reshapes, scales of scales. */
ftl_status ftl_pass_simplify(ftl_graph **out, const ftl_graph *from);
/* Several ops as one kernel: a convolution and its bias; s x + a b'. */
ftl_status ftl_pass_fuse(ftl_graph **out, const ftl_graph *from);
/* Scaled weights that are read late: computed again instead of being kept. */
ftl_status ftl_pass_late(ftl_graph **out, const ftl_graph *from);

#endif
