/* graph.c - nodes and values of a computation that is being described; see graph.h. */
#include "engine/graph.h"

#include "engine/graph_data.h"
#include "engine/ops/ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void *ftl_graph_grow(void *items, int n, int *capacity, size_t item_bytes) {
    if (n < *capacity) return items;
    int larger = *capacity ? 2 * *capacity : 64;
    void *moved = realloc(items, (size_t)larger * item_bytes);
    if (!moved) {
        ftl_fail(FTL_ENOMEM, "out of memory for a graph of %d items", larger);
        return NULL;
    }
    *capacity = larger;
    return moved;
}

ftl_status ftl_graph_create(ftl_graph **out) {
    *out = NULL;
    ftl_graph *graph = calloc(1, sizeof *graph);
    if (!graph) return ftl_fail(FTL_ENOMEM, "out of memory for a graph");
    ftl_status status = ftl_arena_create(&graph->arena);
    if (status != FTL_OK) {
        free(graph);
        return status;
    }
    graph->values = ftl_graph_grow(NULL, 0, &graph->cap_values, sizeof(ftl_value_data));
    if (!graph->values) {
        ftl_graph_free(graph);
        return FTL_ENOMEM;
    }
    graph->values[0] = (ftl_value_data) {.node = -1};
    graph->n_values = 1;
    graph->layer = "";
    *out = graph;
    return FTL_OK;
}

void ftl_graph_free(ftl_graph *graph) {
    if (!graph) return;
    ftl_arena_free(graph->arena);
    free(graph->nodes);
    free(graph->values);
    free(graph->outputs);
    free(graph);
}

ftl_status ftl_graph_enter(ftl_graph *graph, const char *name) {
    ftl_layer_frame *frame = ftl_arena_alloc(graph->arena, sizeof *frame);
    const char *outer = graph->layer;
    const char *inner = outer[0] ? ftl_arena_printf(graph->arena, "%s.%s", outer, name)
                                 : ftl_arena_strdup(graph->arena, name);
    if (!frame || !inner) return FTL_ENOMEM;
    frame->layer = outer;
    frame->outer = graph->outer;
    graph->outer = frame;
    graph->layer = inner;
    return FTL_OK;
}

void ftl_graph_leave(ftl_graph *graph) {
    assert(graph->outer);
    graph->layer = graph->outer->layer;
    graph->outer = graph->outer->outer;
}

/* Room for one more node and its outputs, so that what follows cannot fail half way. */
static ftl_status reserve(ftl_graph *graph) {
    ftl_node_data *nodes = ftl_graph_grow(
            graph->nodes, graph->n_nodes, &graph->cap_nodes, sizeof *nodes);
    if (!nodes) return FTL_ENOMEM;
    graph->nodes = nodes;
    ftl_value_data *values = ftl_graph_grow(graph->values,
            graph->n_values + FTL_MAX_OUT - 1, &graph->cap_values, sizeof *values);
    if (!values) return FTL_ENOMEM;
    graph->values = values;
    return FTL_OK;
}

/* Append a node whose outputs have these types and shapes. */
static ftl_status append(ftl_graph *graph, const ftl_node_data *node,
        const ftl_tensor *out, ftl_value *y) {
    FTL_TRY(reserve(graph));
    ftl_node index = graph->n_nodes++;
    graph->nodes[index] = *node;
    for (int i = 0; i < node->op->n_out; i++) {
        int id = graph->n_values++;
        graph->values[id] = (ftl_value_data) {
                .node = index, .index = i, .type = out[i].type, .shape = out[i].shape};
        graph->nodes[index].out[i] = id;
        if (y) y[i].id = id;
    }
    return FTL_OK;
}

static ftl_status append_leaf(ftl_value *y, ftl_graph *graph, const ftl_op *op,
        const char *name, ftl_state *state, ftl_type type, ftl_shape shape) {
    ftl_node_data node = {
            .op = op, .layer = graph->layer, .name = name, .state = state};
    ftl_tensor out = {.type = type, .shape = shape};
    return append(graph, &node, &out, y);
}

ftl_status ftl_graph_input(ftl_value *y, ftl_graph *graph, const char *name,
        ftl_type type, ftl_shape shape) {
    for (int i = 0; i < graph->n_nodes; i++) {
        const ftl_node_data *node = &graph->nodes[i];
        if (node->op == &ftl_op_input && strcmp(node->name, name) == 0)
            return ftl_fail(FTL_EINPUT, "a graph has two inputs named %s", name);
    }
    const char *copy = ftl_arena_strdup(graph->arena, name);
    if (!copy) return FTL_ENOMEM;
    return append_leaf(y, graph, &ftl_op_input, copy, NULL, type, shape);
}

ftl_status ftl_graph_state(ftl_value *y, ftl_graph *graph, ftl_state *state) {
    for (int i = 0; i < graph->n_nodes; i++) {
        const ftl_node_data *node = &graph->nodes[i];
        /* The same storage is the same value, whatever the bindings call it. */
        if (node->op == &ftl_op_state &&
                (node->state == state ||
                        (state->data && node->state->data == state->data))) {
            y->id = node->out[0];
            return FTL_OK;
        }
    }
    return append_leaf(y, graph, &ftl_op_state, NULL, state, FTL_F32, state->shape);
}

ftl_status ftl_graph_constant(
        ftl_value *y, ftl_graph *graph, float fill, ftl_shape shape) {
    ftl_fill_attrs attrs;
    memset(&attrs, 0, sizeof attrs);
    attrs.shape = shape;
    attrs.fill = fill;
    return ftl_apply(y, graph, &ftl_op_fill, &attrs, NULL);
}

ftl_status ftl_graph_state_write(ftl_graph *graph, ftl_state *state, ftl_value value) {
    assert(value.id > 0 && value.id < graph->n_values);
    if (!ftl_shape_equal(graph->values[value.id].shape, state->shape)) {
        char a[FTL_SHAPE_TEXT], b[FTL_SHAPE_TEXT];
        return ftl_fail(FTL_ESHAPE, "state %s is %s, what is written to it %s",
                state->name, ftl_shape_format(a, state->shape),
                ftl_shape_format(b, graph->values[value.id].shape));
    }
    for (int i = 0; i < graph->n_nodes; i++) {
        const ftl_node_data *node = &graph->nodes[i];
        if (node->op == &ftl_op_state_write && node->state == state)
            return ftl_fail(FTL_EINPUT, "state %s is written twice", state->name);
    }
    ftl_node_data node = {
            .op = &ftl_op_state_write, .layer = graph->layer, .state = state};
    node.in[0] = value.id;
    return append(graph, &node, NULL, NULL);
}

ftl_status ftl_graph_output(ftl_graph *graph, const char *name, ftl_value value) {
    assert(value.id > 0 && value.id < graph->n_values);
    for (int i = 0; i < graph->n_outputs; i++)
        if (strcmp(graph->outputs[i].name, name) == 0)
            return ftl_fail(FTL_EINPUT, "a graph has two outputs named %s", name);
    ftl_output_data *outputs = ftl_graph_grow(
            graph->outputs, graph->n_outputs, &graph->cap_outputs, sizeof *outputs);
    if (!outputs) return FTL_ENOMEM;
    graph->outputs = outputs;
    const char *copy = ftl_arena_strdup(graph->arena, name);
    if (!copy) return FTL_ENOMEM;
    outputs[graph->n_outputs++] = (ftl_output_data) {.name = copy, .value = value.id};
    return FTL_OK;
}

ftl_status ftl_apply(ftl_value *y, ftl_graph *graph, const ftl_op *op,
        const void *attrs, const ftl_value *x) {
    ftl_tensor in[FTL_MAX_IN] = {{0}}, out[FTL_MAX_OUT] = {{0}};
    ftl_node_data node = {.op = op, .layer = graph->layer};
    assert(x || op->n_in == 0);
    for (int i = 0; i < op->n_in; i++) {
        assert(x[i].id > 0 && x[i].id < graph->n_values);
        const ftl_value_data *value = &graph->values[x[i].id];
        in[i].type = value->type;
        in[i].shape = value->shape;
        node.in[i] = x[i].id;
    }
    ftl_status status = op->infer(in, attrs, out);
    if (status != FTL_OK) {
        /* The op names the shapes, this names the place. */
        char message[512];
        strncpy(message, ftl_message(), sizeof message - 1);
        message[sizeof message - 1] = 0;
        if (graph->layer[0]) {
            ftl_clear();
            ftl_fail(status, "%s: %s", graph->layer, message);
        }
        return status;
    }
    if (op->attrs_bytes) {
        void *copy = ftl_arena_alloc(graph->arena, op->attrs_bytes);
        if (!copy) return FTL_ENOMEM;
        memcpy(copy, attrs, op->attrs_bytes);
        node.attrs = copy;
    }
    return append(graph, &node, out, y);
}

ftl_status ftl_graph_copy_node(ftl_value *y, ftl_graph *graph,
        const ftl_node_data *node, const ftl_value *x, const ftl_value_data *values) {
    ftl_node_data copy = *node;
    ftl_tensor out[FTL_MAX_OUT] = {{0}};
    for (int i = 0; i < node->op->n_in; i++)
        copy.in[i] = x[i].id;
    for (int i = 0; i < node->op->n_out; i++) {
        out[i].type = values[node->out[i]].type;
        out[i].shape = values[node->out[i]].shape;
    }
    copy.layer = ftl_arena_strdup(graph->arena, node->layer);
    if (!copy.layer) return FTL_ENOMEM;
    if (node->name) {
        copy.name = ftl_arena_strdup(graph->arena, node->name);
        if (!copy.name) return FTL_ENOMEM;
    }
    if (node->op->attrs_bytes) {
        void *attrs = ftl_arena_alloc(graph->arena, node->op->attrs_bytes);
        if (!attrs) return FTL_ENOMEM;
        memcpy(attrs, node->attrs, node->op->attrs_bytes);
        copy.attrs = attrs;
    }
    return append(graph, &copy, out, y);
}

ftl_shape ftl_value_shape(const ftl_graph *graph, ftl_value value) {
    assert(value.id > 0 && value.id < graph->n_values);
    return graph->values[value.id].shape;
}

ftl_type ftl_value_type(const ftl_graph *graph, ftl_value value) {
    assert(value.id > 0 && value.id < graph->n_values);
    return graph->values[value.id].type;
}

const void *ftl_node_attrs(const ftl_graph *graph, ftl_node node) {
    return graph->nodes[node].attrs;
}

ftl_value ftl_node_input(const ftl_graph *graph, ftl_node node, int i) {
    assert(i < graph->nodes[node].op->n_in);
    return (ftl_value) {graph->nodes[node].in[i]};
}

ftl_value ftl_node_output(const ftl_graph *graph, ftl_node node, int i) {
    assert(i < graph->nodes[node].op->n_out);
    return (ftl_value) {graph->nodes[node].out[i]};
}
