/* net.c - names, scopes and state of a network that is being described; see net.h. */
#include "engine/nn/net.h"

#include "engine/graph_data.h"
#include "engine/ops/ops.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ftl_status ftl_net_begin(
        ftl_net *net, ftl_graph *graph, ftl_store *store, ftl_net_mode mode) {
    memset(net, 0, sizeof *net);
    net->graph = graph;
    net->store = store;
    net->mode = mode;
    return ftl_graph_enter(graph, store->name);
}

void ftl_net_end(ftl_net *net) { ftl_graph_leave(net->graph); }

ftl_status ftl_net_enter(ftl_net *net, const char *format, ...) {
    char name[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    size_t used = strlen(net->scope);
    assert(net->depth < (int)(sizeof net->scope_ends / sizeof *net->scope_ends));
    net->scope_ends[net->depth++] = (int)used;
    int n = snprintf(
            net->scope + used, sizeof net->scope - used, "%s%s", used ? "." : "", name);
    assert(n > 0 && (size_t)n < sizeof net->scope - used);
    (void)n;
    return ftl_graph_enter(net->graph, name);
}

void ftl_net_leave(ftl_net *net) {
    assert(net->depth > 0);
    net->scope[net->scope_ends[--net->depth]] = 0;
    ftl_graph_leave(net->graph);
}

/* The full name of a tensor of the current scope, without the store's. */
static void full_name(char *out, size_t n, const ftl_net *net, const char *name) {
    snprintf(out, n, "%s%s%s", net->scope, net->scope[0] ? "." : "", name);
}

static ftl_status declare(ftl_value *y, ftl_net *net, const char *name,
        ftl_state_kind kind, ftl_shape shape, ftl_init init) {
    char full[256];
    ftl_state *state;
    full_name(full, sizeof full, net, name);
    FTL_TRY(ftl_store_declare(&state, net->store, full, kind, shape, init));
    return ftl_graph_state(y, net->graph, state);
}

ftl_status ftl_net_parameter(
        ftl_value *y, ftl_net *net, const char *name, ftl_shape shape, ftl_init init) {
    return declare(y, net, name, FTL_PARAMETER, shape, init);
}

ftl_status ftl_net_buffer(
        ftl_value *y, ftl_net *net, const char *name, ftl_shape shape, ftl_init init) {
    return declare(y, net, name, FTL_BUFFER, shape, init);
}

static bool is_written(const ftl_graph *graph, const ftl_state *state) {
    for (int i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].op == &ftl_op_state_write && graph->nodes[i].state == state)
            return true;
    return false;
}

ftl_status ftl_net_write(ftl_net *net, const char *name, ftl_value value) {
    if (net->mode != FTL_NET_TRAIN) return FTL_OK;
    char full[256];
    full_name(full, sizeof full, net, name);
    ftl_state *state = ftl_store_find(net->store, full);
    assert(state);
    if (state->frozen || is_written(net->graph, state)) return FTL_OK;
    return ftl_graph_state_write(net->graph, state, value);
}
