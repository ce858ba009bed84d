/* golden_pass.c - see golden_pass.h. */
#include "test/trainers/golden_pass.h"

#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

#include <assert.h>
#include <stdio.h>

#define MAX_PARAMETERS 256

ftl_status ftl_golden_add_gradients(
        ftl_graph *graph, ftl_value loss, const ftl_store *store) {
    ftl_value x[MAX_PARAMETERS] = {FTL_NONE}, dx[MAX_PARAMETERS];
    const ftl_state *states[MAX_PARAMETERS];
    int n = 0;
    for (int i = 0; i < store->n_states; i++) {
        if (store->state[i]->kind != FTL_PARAMETER) continue;
        assert(n < MAX_PARAMETERS);
        states[n] = store->state[i];
        FTL_TRY(ftl_graph_state(&x[n++], graph, store->state[i]));
    }
    FTL_TRY(ftl_gradient(graph, 1, &loss, NULL, n, x, dx));
    for (int i = 0; i < n; i++)
        FTL_TRY(ftl_graph_output(graph, states[i]->name, dx[i]));
    return FTL_OK;
}

ftl_status ftl_golden_bind_gradients(ftl_plan *plan, const ftl_adam *adam) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        if (state->kind == FTL_PARAMETER)
            FTL_TRY(ftl_plan_bind_output(
                    plan, state->name, ftl_adam_gradient(adam, state)));
    }
    return FTL_OK;
}

/* A network in one mode, compiled. */
typedef struct network_plan {
    ftl_plan *plan;
    int64_t n_x, n_y; /* elements of input and output */
} network_plan;

/* Training mode comes with the gradients of <w, y>. */
static ftl_status describe(network_plan *it, ftl_graph *graph, ftl_store *store,
        const ftl_golden_network *network, ftl_net_mode mode) {
    ftl_net net;
    ftl_value x, y, w, loss, dx;
    FTL_TRY(ftl_graph_input(&x, graph, "x", FTL_F32, network->shape));
    FTL_TRY(ftl_net_begin(&net, graph, store, mode));
    FTL_TRY(network->describe(&y, &net, x, network->options));
    ftl_net_end(&net);
    FTL_TRY(ftl_graph_output(graph, "y", y));
    it->n_x = ftl_shape_count(network->shape);
    it->n_y = ftl_shape_count(ftl_value_shape(graph, y));
    if (mode == FTL_NET_EVAL) return FTL_OK;
    FTL_TRY(ftl_graph_input(&w, graph, "w", FTL_F32, ftl_value_shape(graph, y)));
    FTL_TRY(ftl_dot(&loss, graph, w, y));
    FTL_TRY(ftl_golden_add_gradients(graph, loss, store));
    FTL_TRY(ftl_gradient(graph, 1, &loss, NULL, 1, &x, &dx));
    return ftl_graph_output(graph, "dx", dx);
}

/* An empty store is declared and allocated on the way. */
static ftl_status compile(network_plan *it, ftl_store *store,
        const ftl_golden_network *network, ftl_net_mode mode,
        const ftl_plan_options *options) {
    ftl_graph *graph;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(it, graph, store, network, mode);
    if (status == FTL_OK && !store->block)
        status = ftl_store_allocate(store, 1, store->name);
    if (status == FTL_OK) status = ftl_plan_create(&it->plan, graph, options);
    ftl_graph_free(graph);
    return status;
}

/* Fill an input of the plan from <group>/<name>. */
static ftl_status feed(ftl_golden *golden, const network_plan *it, const char *input,
        int64_t count, const char *group, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "/%s/%s", group, name);
    return ftl_golden_read(golden, ftl_plan_input(it->plan, input), FTL_H5_F32, count,
            FTL_GOLDEN_WHOLE, path);
}

static void check_output(ftl_golden *golden, const network_plan *it, const char *output,
        int64_t count, double tolerance, const char *group, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "/%s/%s", group, name);
    ftl_golden_check(golden, ftl_plan_output(it->plan, output), count, tolerance,
            FTL_GOLDEN_WHOLE, path);
}

static void check_training(ftl_golden *golden, ftl_store *store,
        const ftl_golden_network *network, const ftl_plan_options *options,
        double tolerance) {
    network_plan it;
    ftl_adam adam;
    char folder[64], grad_x[64];
    const char *group = network->group;
    FTL_CHECK_OK(compile(&it, store, network, FTL_NET_TRAIN, options));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    FTL_CHECK_OK(ftl_golden_bind_gradients(it.plan, &adam));
    FTL_CHECK_OK(ftl_golden_load(golden, store, group, FTL_GOLDEN_WHOLE));
    FTL_CHECK_OK(feed(golden, &it, "x", it.n_x, group, network->input));
    FTL_CHECK_OK(feed(golden, &it, "w", it.n_y, group, "w"));
    ftl_plan_run(it.plan);
    check_output(golden, &it, "y", it.n_y, tolerance, group, "out_train");
    snprintf(grad_x, sizeof grad_x, "grad_%s", network->input);
    check_output(golden, &it, "dx", it.n_x, tolerance, group, grad_x);
    snprintf(folder, sizeof folder, "/%s/grad", group);
    ftl_golden_check_gradients(
            golden, store, adam.gradient, 2 * tolerance, FTL_GOLDEN_WHOLE, folder);
    /* Nothing has moved so far; now it does. */
    snprintf(folder, sizeof folder, "/%s/buffers", group);
    ftl_golden_check_state(golden, store, FTL_BUFFER, 0, FTL_GOLDEN_WHOLE, folder);
    ftl_plan_commit(it.plan);
    snprintf(folder, sizeof folder, "/%s/buffers_after", group);
    ftl_golden_check_state(
            golden, store, FTL_BUFFER, tolerance, FTL_GOLDEN_WHOLE, folder);
    ftl_adam_deinit(&adam);
    ftl_plan_free(it.plan);
}

static void check_evaluation(ftl_golden *golden, ftl_store *store,
        const ftl_golden_network *network, const ftl_plan_options *options,
        double tolerance) {
    network_plan it;
    char folder[64];
    const char *group = network->group;
    FTL_CHECK_OK(compile(&it, store, network, FTL_NET_EVAL, options));
    FTL_CHECK_OK(ftl_golden_load(golden, store, group, FTL_GOLDEN_WHOLE));
    FTL_CHECK_OK(feed(golden, &it, "x", it.n_x, group, network->input));
    ftl_plan_run(it.plan);
    ftl_plan_commit(it.plan);
    check_output(golden, &it, "y", it.n_y, tolerance, group, "out_eval");
    snprintf(folder, sizeof folder, "/%s/buffers", group);
    ftl_golden_check_state(golden, store, FTL_BUFFER, 0, FTL_GOLDEN_WHOLE, folder);
    ftl_plan_free(it.plan);
}

void ftl_golden_check_pass(ftl_golden *golden, const ftl_golden_network *network,
        const ftl_plan_options *options, double tolerance) {
    ftl_store *store;
    FTL_CHECK_OK(ftl_store_create(&store, network->group));
    check_training(golden, store, network, options, tolerance);
    check_evaluation(golden, store, network, options, tolerance);
    ftl_store_free(store);
}
