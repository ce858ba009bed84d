/* test_graph.c - describing and differentiating: what the ops' own tests do not see. */
#include "engine/gradient.h"
#include "engine/graph_data.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

#include <string.h>

static ftl_graph *graph;
static ftl_value x, y, z;

static void setup(void) {
    ftl_graph_free(graph);
    graph = NULL;
    if (ftl_graph_create(&graph) != FTL_OK) ftl_test_fail(__FILE__, __LINE__, "create");
}

static void layers_nest(void) {
    setup();
    FTL_CHECK_OK(ftl_graph_enter(graph, "G"));
    FTL_CHECK_OK(ftl_graph_enter(graph, "blocks.0.0"));
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(2, 3)));
    FTL_CHECK(!strcmp(graph->nodes[0].layer, "G.blocks.0.0"));
    ftl_graph_leave(graph);
    FTL_CHECK(!strcmp(graph->layer, "G"));
    ftl_graph_leave(graph);
    FTL_CHECK(!strcmp(graph->layer, ""));
}

static void a_wrong_shape_names_both_shapes_and_the_layer(void) {
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(2, 3)));
    FTL_CHECK_OK(ftl_graph_input(&y, graph, "y", FTL_F32, FTL_SHAPE(4, 3)));
    FTL_CHECK_OK(ftl_graph_enter(graph, "D.linear"));
    int n_nodes = graph->n_nodes;
    FTL_CHECK_FAILS(ftl_add(&z, graph, x, y), FTL_ESHAPE, "[2, 3]");
    FTL_CHECK_FAILS(ftl_add(&z, graph, x, y), FTL_ESHAPE, "[4, 3]");
    FTL_CHECK_FAILS(ftl_add(&z, graph, x, y), FTL_ESHAPE, "D.linear: ");
    FTL_CHECK(graph->n_nodes == n_nodes);
    ftl_graph_leave(graph);
}

static void names_are_unique(void) {
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(2)));
    FTL_CHECK_FAILS(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(2)), FTL_EINPUT,
            "two inputs named x");
    FTL_CHECK_OK(ftl_graph_output(graph, "out", x));
    FTL_CHECK_FAILS(
            ftl_graph_output(graph, "out", x), FTL_EINPUT, "two outputs named out");
}

static void a_state_is_one_value_and_is_written_once(void) {
    setup();
    ftl_state state = {.name = "u", .kind = FTL_BUFFER, .shape = FTL_SHAPE(3)};
    FTL_CHECK_OK(ftl_graph_state(&x, graph, &state));
    FTL_CHECK_OK(ftl_graph_state(&y, graph, &state));
    FTL_CHECK(x.id == y.id);
    FTL_CHECK_OK(ftl_graph_state_write(graph, &state, x));
    FTL_CHECK_FAILS(
            ftl_graph_state_write(graph, &state, x), FTL_EINPUT, "written twice");
    FTL_CHECK_OK(ftl_graph_constant(&z, graph, 0, FTL_SHAPE(4)));
    FTL_CHECK_FAILS(
            ftl_graph_state_write(graph, &state, z), FTL_ESHAPE, "what is written");
}

static void what_does_not_depend_has_a_zero_gradient(void) {
    setup();
    ftl_value wanted[2], got[2];
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(2, 3)));
    FTL_CHECK_OK(ftl_graph_input(&y, graph, "y", FTL_F32, FTL_SHAPE(5)));
    FTL_CHECK_OK(ftl_sum(&z, graph, x));
    wanted[0] = x;
    wanted[1] = y;
    FTL_CHECK_OK(ftl_gradient(graph, 1, &z, NULL, 2, wanted, got));
    FTL_CHECK(ftl_shape_equal(ftl_value_shape(graph, got[0]), FTL_SHAPE(2, 3)));
    FTL_CHECK(ftl_shape_equal(ftl_value_shape(graph, got[1]), FTL_SHAPE(5)));
    FTL_CHECK(graph->nodes[graph->values[got[1].id].node].op == &ftl_op_fill);
}

static void stop_gradient_stops(void) {
    setup();
    ftl_value cut, got;
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_stop_gradient(&cut, graph, x));
    FTL_CHECK_OK(ftl_sum(&z, graph, cut));
    FTL_CHECK_OK(ftl_gradient(graph, 1, &z, NULL, 1, &x, &got));
    const ftl_node_data *node = &graph->nodes[graph->values[got.id].node];
    FTL_CHECK(node->op == &ftl_op_fill);
    FTL_CHECK(((const ftl_fill_attrs *)node->attrs)->fill == 0);
}

static void a_missing_derivative_names_op_and_layer(void) {
    setup();
    ftl_value got;
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(1, 3)));
    FTL_CHECK_OK(ftl_graph_enter(graph, "D.conv1"));
    FTL_CHECK_OK(ftl_normalize(&y, graph, x, 1e-6f));
    ftl_graph_leave(graph);
    FTL_CHECK_OK(ftl_sum(&z, graph, y));
    FTL_CHECK_FAILS(ftl_gradient(graph, 1, &z, NULL, 1, &x, &got), FTL_EUNSUPPORTED,
            "D.conv1: normalize");
}

int main(void) {
    FTL_TEST(layers_nest);
    FTL_TEST(a_wrong_shape_names_both_shapes_and_the_layer);
    FTL_TEST(names_are_unique);
    FTL_TEST(a_state_is_one_value_and_is_written_once);
    FTL_TEST(what_does_not_depend_has_a_zero_gradient);
    FTL_TEST(stop_gradient_stops);
    FTL_TEST(a_missing_derivative_names_op_and_layer);
    ftl_graph_free(graph);
    return ftl_test_finish();
}
