/* graph.h - describing a computation.
 *
 * Calling an op adds a node; nothing is computed. Values are named by small handles.
 * Shapes are inferred as nodes are added, and a shape that does not fit is reported
 * with the name of the layer that was being described. A graph is written once, by one
 * thread; gradient.h adds the nodes of derivatives; plan.h compiles it and runs it. */
#ifndef FTL_ENGINE_GRAPH_H
#define FTL_ENGINE_GRAPH_H

#include "engine/base/arena.h"
#include "engine/tensor.h"

typedef struct ftl_graph ftl_graph;
typedef struct ftl_op ftl_op;
typedef struct ftl_state ftl_state;

/* A value: one output of one node. id 0 is "none". Copied freely; dies with the graph.
 */
typedef struct ftl_value {
    int id;
} ftl_value;

#define FTL_NONE ((ftl_value) {0})
#define FTL_MAX_IN 8
#define FTL_MAX_OUT 4

typedef int ftl_node; /* index of a node, in order of creation: a topological order */

/* An empty graph. *out is owned by the caller. */
ftl_status ftl_graph_create(ftl_graph **out);
void ftl_graph_free(ftl_graph *graph);

/* Name what is described from here on: ftl_graph_enter(g, "blocks.0") inside "G" gives
 * "G.blocks.0". Nodes take the name; it appears in messages and profiles. The text is
 * copied. */
ftl_status ftl_graph_enter(ftl_graph *graph, const char *name);
void ftl_graph_leave(ftl_graph *graph);

/* A value that the caller fills before each run, dense. Names are unique in a graph. */
ftl_status ftl_graph_input(ftl_value *y, ftl_graph *graph, const char *name,
        ftl_type type, ftl_shape shape);

/* A named state tensor as it is when the plan runs. The same state, or one that shares
 * its storage (ftl_state_share), gives the same value. The state is borrowed and must
 * outlive every plan that is made from the graph. */
ftl_status ftl_graph_state(ftl_value *y, ftl_graph *graph, ftl_state *state);

/* Every element of `shape` is `fill`. */
ftl_status ftl_graph_constant(
        ftl_value *y, ftl_graph *graph, float fill, ftl_shape shape);

/* The new contents of a state: takes effect when the run is accepted (ftl_plan_commit).
 * A root: never pruned, never merged. One write for each state. */
ftl_status ftl_graph_state_write(ftl_graph *graph, ftl_state *state, ftl_value value);

/* Name a value that the caller reads after a run. A root. */
ftl_status ftl_graph_output(ftl_graph *graph, const char *name, ftl_value value);

/* Add a node of `op`. y receives op->n_out values. attrs are copied; structs must have
 * been zeroed, since equal attributes are found by comparing bytes. Fails with
 * FTL_ESHAPE; the graph is then unchanged. */
ftl_status ftl_apply(ftl_value *y, ftl_graph *graph, const ftl_op *op,
        const void *attrs, const ftl_value *x);

/* What is known of a value. */
ftl_shape ftl_value_shape(const ftl_graph *graph, ftl_value value);
ftl_type ftl_value_type(const ftl_graph *graph, ftl_value value);

/* What is known of a node: for gradients and passes. */
const void *ftl_node_attrs(const ftl_graph *graph, ftl_node node);
ftl_value ftl_node_input(const ftl_graph *graph, ftl_node node, int i);
ftl_value ftl_node_output(const ftl_graph *graph, ftl_node node, int i);

#endif
