/* test_ops_functions.c - the functions of ops.h add the op that they are named after,
 * with its attributes and operands in order. */
#include "engine/graph_data.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

#include <string.h>

typedef struct expectation {
    const ftl_op *op;
    const void *attrs;
    int n_in;
    int in[4];
} expectation;

static bool last_node_is(const ftl_graph *g, expectation e) {
    const ftl_node_data *node = &g->nodes[g->n_nodes - 1];
    bool same = node->op == e.op && node->op->n_in == e.n_in;
    if (same && e.attrs) same = !memcmp(node->attrs, e.attrs, node->op->attrs_bytes);
    for (int i = 0; same && i < e.n_in; i++)
        same = node->in[i] == e.in[i];
    if (!same)
        ftl_test_fail(__FILE__, __LINE__, "not as expected: %s (got %s)", e.op->name,
                node->op->name);
    return same;
}

/* Each line: a call, the op, its attributes, the operands. */
#define ADDS(call, name, attributes, ...)                                              \
    FTL_CHECK_OK(call);                                                                \
    FTL_CHECK(last_node_is(                                                            \
            g, (expectation) {&ftl_op_##name, attributes,                              \
                       (int)(sizeof((int[]) {__VA_ARGS__}) / sizeof(int)),             \
                       {__VA_ARGS__}}))

static void functions_add_their_ops(void) {
    ftl_graph *g;
    ftl_value y, z[2], x, x2, k, b, b2, m, m2, s, r, l;
    FTL_CHECK_OK(ftl_graph_create(&g));
    FTL_CHECK_OK(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(2, 3, 8, 8)));
    FTL_CHECK_OK(ftl_graph_input(&x2, g, "x2", FTL_F32, FTL_SHAPE(2, 3, 8, 8)));
    FTL_CHECK_OK(ftl_graph_input(&k, g, "k", FTL_F32, FTL_SHAPE(3, 3, 3, 3)));
    FTL_CHECK_OK(ftl_graph_input(&b, g, "b", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_graph_input(&b2, g, "b2", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_graph_input(&m, g, "m", FTL_F32, FTL_SHAPE(2, 3)));
    FTL_CHECK_OK(ftl_graph_input(&m2, g, "m2", FTL_F32, FTL_SHAPE(2, 3)));
    FTL_CHECK_OK(ftl_graph_input(&s, g, "s", FTL_F32, FTL_SHAPE(1)));
    FTL_CHECK_OK(ftl_graph_input(&r, g, "r", FTL_F32, FTL_SHAPE(2)));
    FTL_CHECK_OK(ftl_graph_input(&l, g, "l", FTL_I32, FTL_SHAPE(2)));
    const ftl_reshape_attrs image = {FTL_SHAPE(2, 3, 8, 8)}, row = {FTL_SHAPE(2, 192)};

    ADDS(ftl_add(&y, g, x, x2), add, NULL, x.id, x2.id);
    ADDS(ftl_sub(&y, g, x, x2), sub, NULL, x.id, x2.id);
    ADDS(ftl_mul(&y, g, x, x2), mul, NULL, x.id, x2.id);
    ADDS(ftl_affine(&y, g, x, 2, 3), affine, (&(ftl_affine_attrs) {2, 3}), x.id);
    ADDS(ftl_relu(&y, g, x), relu, NULL, x.id);
    ADDS(ftl_relu_grad(&y, g, x, x2), relu_grad, NULL, x.id, x2.id);
    ADDS(ftl_leaky_relu(&y, g, x, 0.2f), leaky_relu, (&(ftl_leaky_relu_attrs) {0.2f}),
            x.id);
    ADDS(ftl_tanh(&y, g, x), tanh, NULL, x.id);
    ADDS(ftl_tanh_grad(&y, g, x, x2), tanh_grad, NULL, x.id, x2.id);
    ADDS(ftl_softplus(&y, g, x), softplus, NULL, x.id);
    ADDS(ftl_sigmoid(&y, g, x), sigmoid, NULL, x.id);
    ADDS(ftl_reciprocal(&y, g, x), reciprocal, NULL, x.id);
    ADDS(ftl_rsqrt(&y, g, x), rsqrt, NULL, x.id);
    ADDS(ftl_scale_by(&y, g, x, s), scale_by, NULL, x.id, s.id);
    ADDS(ftl_dot(&y, g, x, x2), dot, NULL, x.id, x2.id);
    ADDS(ftl_sum(&y, g, x), sum, NULL, x.id);
    ADDS(ftl_broadcast(&y, g, s, image.shape), broadcast, &image, s.id);
    ADDS(ftl_row_sum(&y, g, x), row_sum, NULL, x.id);
    ADDS(ftl_row_broadcast(&y, g, r, image.shape), row_broadcast, &image, r.id);
    ADDS(ftl_bias_add(&y, g, x, b), bias_add, NULL, x.id, b.id);
    ADDS(ftl_channel_scale(&y, g, x, b), channel_scale, NULL, x.id, b.id);
    ADDS(ftl_channel_affine(&y, g, x, b, b2), channel_affine, NULL, x.id, b.id, b2.id);
    ADDS(ftl_channel_sum(&y, g, x), channel_sum, NULL, x.id);
    ADDS(ftl_channel_broadcast(&y, g, b, image.shape), channel_broadcast, &image, b.id);
    ADDS(ftl_spatial_sum(&y, g, x), spatial_sum, NULL, x.id);
    ADDS(ftl_spatial_broadcast(&y, g, m, 8, 8), spatial_broadcast, &image, m.id);
    ADDS(ftl_upsample2(&y, g, x), upsample2, NULL, x.id);
    ADDS(ftl_sum_pool2(&y, g, x, 3), sum_pool2, (&(ftl_pool2_attrs) {3}), x.id);
    ADDS(ftl_avg_pool2(&y, g, x), sum_pool2, (&(ftl_pool2_attrs) {0.25f}), x.id);
    ADDS(ftl_max_pool(&y, g, x, 3, 2, 1), max_pool, (&(ftl_pool_attrs) {3, 2, 1}),
            x.id);
    ADDS(ftl_matmul(&y, g, m, true, m2, false), matmul, (&(ftl_matmul_attrs) {1, 0}),
            m.id, m2.id);
    ADDS(ftl_matmul(&y, g, m, false, m2, true), matmul, (&(ftl_matmul_attrs) {0, 1}),
            m.id, m2.id);
    ADDS(ftl_box_kernel(&y, g, k, 2, true), box_kernel,
            (&(ftl_box_kernel_attrs) {2, 1}), k.id);
    ADDS(ftl_conv(&y, g, x, k, 2, 1), conv, (&(ftl_conv_attrs) {2, 1, 1, 0, 0, 0, 0}),
            x.id, k.id);
    ADDS(ftl_conv_data(&y, g, x, k, 2, 1, 15, 16), conv_data,
            (&(ftl_conv_attrs) {2, 1, 1, 15, 16, 0, 0}), x.id, k.id);
    ADDS(ftl_conv_weights(&y, g, x, x2, 1, 1, 3, 3), conv_weights,
            (&(ftl_conv_attrs) {1, 1, 1, 0, 0, 3, 3}), x.id, x2.id);
    ADDS(ftl_batch_norm(&y, &z[0], &z[1], g, x, b, b2, 0.5f), batch_norm,
            (&(ftl_batch_norm_attrs) {0.5f}), x.id, b.id, b2.id);
    FTL_CHECK(z[0].id == y.id + 1 && z[1].id == y.id + 2);
    ADDS(ftl_normalize(&y, g, x, 0.5f), normalize, (&(ftl_normalize_attrs) {0.5f}),
            x.id);
    ADDS(ftl_cross_entropy(&y, g, m, l), cross_entropy, NULL, m.id, l.id);
    ADDS(ftl_reshape(&y, g, x, row.shape), reshape, &row, x.id);
    ADDS(ftl_concat(&y, g, x, x2), concat, NULL, x.id, x2.id);
    ADDS(ftl_slice(&y, g, x, 1, 1), slice, (&(ftl_slice_attrs) {1, 1}), x.id);
    ADDS(ftl_pad(&y, g, x, 1, 2), pad, (&(ftl_pad_attrs) {1, 2}), x.id);
    ADDS(ftl_translate(&y, g, x, l, 2, true), translate,
            (&(ftl_translate_attrs) {2, 1}), x.id, l.id);
    ADDS(ftl_channel_mean(&y, g, x), channel_mean, NULL, x.id);
    ADDS(ftl_stop_gradient(&y, g, x), stop_gradient, NULL, x.id);
    ftl_graph_free(g);
}

int main(void) {
    FTL_TEST(functions_add_their_ops);
    return ftl_test_finish();
}
