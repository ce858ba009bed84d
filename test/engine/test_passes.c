/* test_passes.c - each pass from graph to graph, alone. */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

static ftl_graph *from, *to;
static ftl_value x, y, z;

static void setup(void) {
    ftl_graph_free(from);
    ftl_graph_free(to);
    from = to = NULL;
    if (ftl_graph_create(&from) != FTL_OK) ftl_test_fail(__FILE__, __LINE__, "create");
}

static int count(const ftl_graph *graph, const ftl_op *op) {
    int n = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        n += graph->nodes[i].op == op;
    return n;
}

static void prune_keeps_what_roots_need(void) {
    setup();
    ftl_state state = {.name = "s", .kind = FTL_BUFFER, .shape = FTL_SHAPE(3)};
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_relu(&y, from, x));
    FTL_CHECK_OK(ftl_tanh(&z, from, x)); /* read by nobody */
    FTL_CHECK_OK(ftl_sigmoid(&z, from, x));
    FTL_CHECK_OK(ftl_graph_state_write(from, &state, z));
    FTL_CHECK_OK(ftl_graph_output(from, "y", y));
    FTL_CHECK_OK(ftl_pass_prune(&to, from));
    FTL_CHECK(count(to, &ftl_op_tanh) == 0);
    FTL_CHECK(count(to, &ftl_op_relu) == 1);
    FTL_CHECK(count(to, &ftl_op_sigmoid) == 1);
    FTL_CHECK(count(to, &ftl_op_state_write) == 1);
    FTL_CHECK(to->n_outputs == 1);
}

static void merge_joins_equal_nodes_only(void) {
    setup();
    ftl_value a, b, c, d;
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_affine(&a, from, x, 2, 1));
    FTL_CHECK_OK(ftl_affine(&b, from, x, 2, 1));
    FTL_CHECK_OK(ftl_affine(&c, from, x, 2, 3));
    FTL_CHECK_OK(ftl_add(&d, from, a, b));
    FTL_CHECK_OK(ftl_add(&d, from, d, c));
    FTL_CHECK_OK(ftl_graph_output(from, "d", d));
    FTL_CHECK_OK(ftl_pass_merge(&to, from));
    FTL_CHECK(count(to, &ftl_op_affine) == 2);
    FTL_CHECK(count(to, &ftl_op_add) == 2);
}

static void simplify_drops_what_does_nothing(void) {
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(2, 6)));
    FTL_CHECK_OK(ftl_reshape(&y, from, x, FTL_SHAPE(3, 4)));
    FTL_CHECK_OK(ftl_reshape(&y, from, y, FTL_SHAPE(2, 6)));
    FTL_CHECK_OK(ftl_stop_gradient(&y, from, y));
    FTL_CHECK_OK(ftl_affine(&y, from, y, 1, 0));
    FTL_CHECK_OK(ftl_affine(&y, from, y, 0.25f, 0));
    FTL_CHECK_OK(ftl_affine(&y, from, y, -2, 0));
    FTL_CHECK_OK(ftl_graph_output(from, "y", y));
    ftl_graph *simple;
    FTL_CHECK_OK(ftl_pass_simplify(&simple, from));
    ftl_status status =
            ftl_pass_prune(&to, simple); /* what was stepped over is unread */
    ftl_graph_free(simple);
    FTL_CHECK_OK(status);
    FTL_CHECK(count(to, &ftl_op_reshape) == 0);
    FTL_CHECK(count(to, &ftl_op_stop_gradient) == 0);
    FTL_CHECK(count(to, &ftl_op_affine) == 1);
    const ftl_node_data *last = &to->nodes[to->n_nodes - 1];
    FTL_CHECK(((const ftl_affine_attrs *)last->attrs)->scale == -0.5f);
}

static void simplify_keeps_inexact_products_apart(void) {
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(2)));
    FTL_CHECK_OK(ftl_affine(&y, from, x, 0.1f, 0));
    FTL_CHECK_OK(ftl_affine(&y, from, y, 3, 0));
    FTL_CHECK_OK(ftl_graph_output(from, "y", y));
    FTL_CHECK_OK(ftl_pass_simplify(&to, from));
    FTL_CHECK(count(to, &ftl_op_affine) == 2);
}

static void describe_conv(ftl_value *conv, ftl_value *biased) {
    ftl_value w, b;
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(1, 2, 4, 4)));
    FTL_CHECK_OK(ftl_graph_input(&w, from, "w", FTL_F32, FTL_SHAPE(3, 2, 3, 3)));
    FTL_CHECK_OK(ftl_graph_input(&b, from, "b", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_conv(conv, from, x, w, 1, 1));
    FTL_CHECK_OK(ftl_bias_add(biased, from, *conv, b));
    FTL_CHECK_OK(ftl_graph_output(from, "y", *biased));
}

static void fuse_joins_a_convolution_and_its_bias(void) {
    setup();
    describe_conv(&y, &z);
    FTL_CHECK_OK(ftl_pass_fuse(&to, from));
    FTL_CHECK(count(to, &ftl_op_conv_bias) == 1);
    FTL_CHECK(count(to, &ftl_op_conv) == 0);
    FTL_CHECK(count(to, &ftl_op_bias_add) == 0);
}

static void fuse_leaves_a_convolution_that_others_read(void) {
    setup();
    describe_conv(&y, &z);
    FTL_CHECK_OK(ftl_graph_output(from, "bare", y));
    FTL_CHECK_OK(ftl_pass_fuse(&to, from));
    FTL_CHECK(count(to, &ftl_op_conv_bias) == 0);
    FTL_CHECK(count(to, &ftl_op_conv) == 1);
}

/* s x + a' b, and the other way round if told to. */
static ftl_status describe_rank1(bool turned) {
    ftl_value s, a, b;
    FTL_TRY(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(3, 2, 2, 1)));
    FTL_TRY(ftl_graph_input(&s, from, "s", FTL_F32, FTL_SHAPE(1)));
    FTL_TRY(ftl_graph_input(&a, from, "a", FTL_F32, FTL_SHAPE(1, 3)));
    FTL_TRY(ftl_graph_input(&b, from, "b", FTL_F32, FTL_SHAPE(1, 4)));
    FTL_TRY(ftl_scale_by(&y, from, x, s));
    FTL_TRY(ftl_matmul(&z, from, a, true, b, false));
    FTL_TRY(ftl_reshape(&z, from, z, FTL_SHAPE(3, 2, 2, 1)));
    FTL_TRY(turned ? ftl_add(&s, from, z, y) : ftl_add(&s, from, y, z));
    return ftl_graph_output(from, "sum", s);
}

static void fuse_makes_one_op_of_a_rank_1_update(void) {
    for (int turned = 0; turned < 2; turned++) {
        setup();
        FTL_CHECK_OK(describe_rank1(turned));
        FTL_CHECK_OK(ftl_pass_fuse(&to, from));
        FTL_CHECK(count(to, &ftl_op_rank1_add) == 1);
        FTL_CHECK(count(to, &ftl_op_add) + count(to, &ftl_op_matmul) +
                          count(to, &ftl_op_scale_by) ==
                  0);
    }
    setup();
    FTL_CHECK_OK(describe_rank1(false));
    FTL_CHECK_OK(ftl_graph_output(from, "outer", z));
    FTL_CHECK_OK(ftl_pass_fuse(&to, from));
    FTL_CHECK(count(to, &ftl_op_rank1_add) == 0);
}

/* x w / sigma, `between` calls, and what comes out times w / sigma twice. */
static ftl_status describe_late(ftl_state *w, ftl_state *sigma, int between) {
    ftl_value scaled, s;
    FTL_TRY(ftl_graph_input(&x, from, "x", FTL_F32, w->shape));
    FTL_TRY(ftl_graph_state(&y, from, w));
    FTL_TRY(ftl_graph_state(&s, from, sigma));
    FTL_TRY(ftl_reciprocal(&s, from, s));
    FTL_TRY(ftl_scale_by(&scaled, from, y, s));
    FTL_TRY(ftl_mul(&z, from, x, scaled));
    for (int i = 0; i < between; i++)
        FTL_TRY(ftl_tanh(&z, from, z));
    FTL_TRY(ftl_mul(&z, from, z, scaled));
    FTL_TRY(ftl_mul(&z, from, z, scaled));
    FTL_TRY(ftl_graph_output(from, "z", z));
    return ftl_pass_late(&to, from);
}

static void late_computes_a_large_weight_again(void) {
    static const struct {
        int64_t n;
        int between, scales;
    } cases[] = {{1 << 15, 40, 2}, {1 << 15, 10, 1}, {100, 40, 1}};
    float one = 2;
    ftl_state sigma = {.name = "s", .shape = FTL_SHAPE(1), .data = &one};
    for (int i = 0; i < 3; i++) {
        setup();
        ftl_state w = {.name = "w", .shape = FTL_SHAPE(cases[i].n)};
        FTL_CHECK_OK(describe_late(&w, &sigma, cases[i].between));
        FTL_CHECK(count(to, &ftl_op_scale_by) == cases[i].scales);
        FTL_CHECK(count(to, &ftl_op_reciprocal) == 1);
        FTL_CHECK(count(to, &ftl_op_mul) == 3);
        /* Both late readers have the new one. */
        const ftl_node_data *last = &to->nodes[to->n_nodes - 1];
        const ftl_node_data *other = &to->nodes[to->values[last->in[0]].node];
        FTL_CHECK(last->in[1] == other->in[1]);
    }
}

/* What follows from an input is no weight: to compute it again would keep that. */
static void late_leaves_what_no_state_holds(void) {
    setup();
    ftl_value s, scaled;
    FTL_CHECK_OK(ftl_graph_input(&x, from, "x", FTL_F32, FTL_SHAPE(1 << 15)));
    FTL_CHECK_OK(ftl_graph_input(&s, from, "s", FTL_F32, FTL_SHAPE(1)));
    FTL_CHECK_OK(ftl_tanh(&y, from, x));
    FTL_CHECK_OK(ftl_scale_by(&scaled, from, y, s));
    z = scaled;
    for (int i = 0; i < 40; i++)
        FTL_CHECK_OK(ftl_tanh(&z, from, z));
    FTL_CHECK_OK(ftl_mul(&z, from, z, scaled));
    FTL_CHECK_OK(ftl_graph_output(from, "z", z));
    FTL_CHECK_OK(ftl_pass_late(&to, from));
    FTL_CHECK(count(to, &ftl_op_scale_by) == 1);
}

int main(void) {
    FTL_TEST(prune_keeps_what_roots_need);
    FTL_TEST(merge_joins_equal_nodes_only);
    FTL_TEST(simplify_drops_what_does_nothing);
    FTL_TEST(simplify_keeps_inexact_products_apart);
    FTL_TEST(fuse_joins_a_convolution_and_its_bias);
    FTL_TEST(fuse_leaves_a_convolution_that_others_read);
    FTL_TEST(fuse_makes_one_op_of_a_rank_1_update);
    FTL_TEST(late_computes_a_large_weight_again);
    FTL_TEST(late_leaves_what_no_state_holds);
    ftl_graph_free(from);
    ftl_graph_free(to);
    return ftl_test_finish();
}
