/* graph_data.h - what a graph is made of: for gradient.c and the passes of compile/
 * only. Everybody else uses graph.h. */
#ifndef FTL_ENGINE_GRAPH_DATA_H
#define FTL_ENGINE_GRAPH_DATA_H

#include "engine/op.h"
#include "engine/store.h"

typedef struct ftl_node_data {
    const ftl_op *op;
    const void *attrs;
    int in[FTL_MAX_IN];   /* value ids */
    int out[FTL_MAX_OUT]; /* value ids */
    const char *layer;    /* "G.blocks.0.0.conv1"; "" outside any */
    const char *name;     /* of an input */
    ftl_state *state;     /* of a state or a state_write */
} ftl_node_data;

typedef struct ftl_value_data {
    ftl_node node; /* that computes it */
    int index;     /* which of its outputs it is */
    ftl_type type;
    ftl_shape shape;
} ftl_value_data;

typedef struct ftl_output_data {
    const char *name;
    int value;
} ftl_output_data;

/* What was being described before the layer that was entered last. */
typedef struct ftl_layer_frame {
    const char *layer;
    struct ftl_layer_frame *outer;
} ftl_layer_frame;

struct ftl_graph {
    ftl_arena *arena;
    ftl_node_data *nodes;
    int n_nodes, cap_nodes;
    ftl_value_data *values; /* values[0] is "none" */
    int n_values, cap_values;
    ftl_output_data *outputs;
    int n_outputs, cap_outputs;
    const char *layer; /* of what is being described */
    ftl_layer_frame *outer;
};

/* An array of n items of this size with room for one more: grows by doubling.
 * NULL (message set) when memory is out; the old array is then still valid. */
void *ftl_graph_grow(void *items, int n, int *capacity, size_t item_bytes);

/* A copy of a node of another graph, whose inputs are given as values of this one.
 * Leaves and state writes too. y receives its outputs. */
ftl_status ftl_graph_copy_node(ftl_value *y, ftl_graph *graph,
        const ftl_node_data *node, const ftl_value *x, const ftl_value_data *values);

#endif
