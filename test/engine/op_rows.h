/* op_rows.h - what test_ops.c tries: one block of rows for each operation. A new op
 * needs a row here, else the test program fails. */
#ifndef FTL_TEST_ENGINE_OP_ROWS_H
#define FTL_TEST_ENGINE_OP_ROWS_H

#include "test/engine/op_naive.h"

/* Where inputs are drawn from. */
typedef enum op_points {
    ANYWHERE, /* uniform in [-1.5, 1.5] */
    OFF_ZERO, /* the same without (-0.1, 0.1): there is a kink at 0 */
    POSITIVE, /* uniform in [0.8, 2] */
    DISTINCT, /* evenly spaced in [-1.5, 1.5], in random order: no two are close */
    TIES,     /* -1, 0 and 1 only: hits kinks, so derivatives are not compared */
} op_points;

/* How often an op can be differentiated. */
typedef enum op_order { TWICE, ONCE, NEVER } op_order;

typedef struct op_row {
    const char *op;
    const void *attrs;
    ftl_shape in[FTL_MAX_IN];
    op_points points;
    op_order order;
    int n_classes;    /* input 1 is int32 labels below this */
    double tolerance; /* relative to the largest value; 0: the usual one */
    double (*scalar)(const double *v, const void *attrs); /* either this */
    void (*naive)(const naive_call *call);                /* or this */
} op_row;

/* A shape that can initialise a static object. */
#define S(...)                                                                         \
    {                                                                                  \
        (int)(sizeof((int64_t[]) {__VA_ARGS__}) / sizeof(int64_t)), { __VA_ARGS__ }    \
    }
#define UNARY(...)                                                                     \
    {.in = {S(1)}, __VA_ARGS__}, {.in = {S(3, 17)}, __VA_ARGS__},                      \
            {.in = {S(2, 5, 3, 7)}, __VA_ARGS__}, {                                    \
        .in = {S(3, 33, 16, 18)}, __VA_ARGS__                                          \
    }
#define BINARY(...)                                                                    \
    {.in = {S(1), S(1)}, __VA_ARGS__}, {.in = {S(3, 17), S(3, 17)}, __VA_ARGS__},      \
            {.in = {S(2, 5, 3, 7), S(2, 5, 3, 7)}, __VA_ARGS__}, {                     \
        .in = {S(3, 33, 16, 18), S(3, 33, 16, 18)}, __VA_ARGS__                        \
    }
/* x and n vectors of its channels */
#define VECTORS(...)                                                                   \
    {.in = {S(1, 1), S(1), S(1)}, __VA_ARGS__},                                        \
            {.in = {S(6, 19), S(19), S(19)}, __VA_ARGS__},                             \
            {.in = {S(1, 16, 1, 1), S(16), S(16)}, __VA_ARGS__},                       \
            {.in = {S(2, 5, 3, 7), S(5), S(5)}, __VA_ARGS__}, {                        \
        .in = {S(3, 33, 16, 18), S(33), S(33)}, __VA_ARGS__                            \
    }
/* attributes, as static objects */
#define SHAPE(...)                                                                     \
    .attrs = &(const ftl_reshape_attrs) { S(__VA_ARGS__) }
#define CONV(s, p)                                                                     \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (p), .pad_width = (p)                             \
    }
#define DATA(s, p, h, w)                                                               \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (p), .pad_width = (p), .height = (h),             \
        .width = (w)                                                                   \
    }
#define WEIGHTS(s, p, kh, kw)                                                          \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (p), .pad_width = (p), .kernel_height = (kh),     \
        .kernel_width = (kw)                                                           \
    }
/* with padding of its own for rows and columns */
#define WIDE(s, ph, pw)                                                                \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (ph), .pad_width = (pw)                           \
    }
#define WIDE_DATA(s, ph, pw, h, w)                                                     \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (ph), .pad_width = (pw), .height = (h),           \
        .width = (w)                                                                   \
    }
#define WIDE_WEIGHTS(s, ph, pw, kh, kw)                                                \
    .attrs = &(const ftl_conv_attrs) {                                                 \
        .stride = (s), .pad_height = (ph), .pad_width = (pw), .kernel_height = (kh),   \
        .kernel_width = (kw)                                                           \
    }
#define BOX(s, t)                                                                      \
    .attrs = &(const ftl_box_kernel_attrs) { .scale = (s), .transposed = (t) }
#define THREE(r, t, s)                                                                 \
    .attrs = &(const ftl_conv3x3_attrs) {                                              \
        .resample = FTL_RESAMPLE_##r, .transposed = (t), .scale = (s)                  \
    }
#define POOL(k, s, p)                                                                  \
    .attrs = &(const ftl_pool_attrs) { .kernel = (k), .stride = (s), .pad = (p) }
#define POOL2(s)                                                                       \
    .attrs = &(const ftl_pool2_attrs) { .scale = (s) }
#define MATMUL(ta, tb)                                                                 \
    .attrs = &(const ftl_matmul_attrs) { .transpose_a = (ta), .transpose_b = (tb) }
#define SLICE(f, n)                                                                    \
    .attrs = &(const ftl_slice_attrs) { .first = (f), .count = (n) }
#define PAD(a, b)                                                                      \
    .attrs = &(const ftl_pad_attrs) { .before = (a), .behind = (b) }
#define EPSILON(e)                                                                     \
    .attrs = &(const ftl_batch_norm_attrs) { .epsilon = (e) }
#define SLOPE(s)                                                                       \
    .attrs = &(const ftl_leaky_relu_attrs) { .slope = (s) }

/* clang-format off */
static const op_row rows[] = {
    {.op = "fill", .attrs = &(const ftl_fill_attrs) {.shape = S(2, 5, 3, 7), .fill = 0.7f}, .naive = naive_fill},
    {.op = "fill", .attrs = &(const ftl_fill_attrs) {.shape = S(1), .fill = -3}, .naive = naive_fill},
    UNARY(.op = "reorder", .order = NEVER, .scalar = naive_same),

    BINARY(.op = "add", .scalar = naive_add),
    BINARY(.op = "sub", .scalar = naive_sub),
    BINARY(.op = "mul", .scalar = naive_mul),
    UNARY(.op = "affine", .scalar = naive_affine, .attrs = &(const ftl_affine_attrs) {-1.7f, 0.3f}),
    UNARY(.op = "affine", .scalar = naive_affine, .attrs = &(const ftl_affine_attrs) {0.5f, 0}),
    UNARY(.op = "relu", .scalar = naive_relu, .points = OFF_ZERO),
    UNARY(.op = "relu", .scalar = naive_relu, .points = TIES),
    BINARY(.op = "relu_grad", .scalar = naive_relu_grad, .points = OFF_ZERO),
    BINARY(.op = "relu_grad", .scalar = naive_relu_grad, .points = TIES),
    UNARY(.op = "leaky_relu", .scalar = naive_leaky_relu, .points = OFF_ZERO, SLOPE(0.2f)),
    UNARY(.op = "leaky_relu", .scalar = naive_leaky_relu, .points = TIES, SLOPE(0.2f)),
    BINARY(.op = "leaky_relu_grad", .scalar = naive_leaky_relu_grad, .points = OFF_ZERO, SLOPE(0.2f)),
    BINARY(.op = "leaky_relu_grad", .scalar = naive_leaky_relu_grad, .points = TIES, SLOPE(0.2f)),
    UNARY(.op = "tanh", .scalar = naive_tanh),
    BINARY(.op = "tanh_grad", .scalar = naive_tanh_grad),
    UNARY(.op = "softplus", .scalar = naive_softplus),
    UNARY(.op = "sigmoid", .scalar = naive_sigmoid),
    UNARY(.op = "reciprocal", .scalar = naive_reciprocal, .points = POSITIVE),
    UNARY(.op = "rsqrt", .scalar = naive_rsqrt, .points = POSITIVE),

    {.op = "scale_by", .in = {S(1), S(1)}, .naive = naive_scale_by},
    {.op = "rank1_add", .in = {S(5, 3, 3, 3), S(1), S(1, 5), S(1, 27)}, .order = NEVER, .naive = naive_rank1_add},
    {.op = "rank1_add", .in = {S(300, 70), S(1), S(1, 300), S(70)}, .order = NEVER, .naive = naive_rank1_add},
    {.op = "scale_by", .in = {S(3, 17), S(1)}, .naive = naive_scale_by},
    {.op = "scale_by", .in = {S(2, 33, 12, 9), S(1)}, .naive = naive_scale_by},
    BINARY(.op = "dot", .naive = naive_dot),
    UNARY(.op = "sum", .naive = naive_sum),
    {.op = "broadcast", .in = {S(1)}, SHAPE(1), .naive = naive_broadcast},
    {.op = "broadcast", .in = {S(1)}, SHAPE(2, 5, 3, 7), .naive = naive_broadcast},
    UNARY(.op = "row_sum", .naive = naive_row_sum),
    {.op = "row_broadcast", .in = {S(1)}, SHAPE(1, 3, 2, 2), .naive = naive_row_broadcast},
    {.op = "row_broadcast", .in = {S(5)}, SHAPE(5), .naive = naive_row_broadcast},
    {.op = "row_broadcast", .in = {S(3)}, SHAPE(3, 17), .naive = naive_row_broadcast},
    {.op = "row_broadcast", .in = {S(3)}, SHAPE(3, 18, 5, 4), .naive = naive_row_broadcast},

    VECTORS(.op = "bias_add", .naive = naive_bias_add),
    VECTORS(.op = "channel_scale", .naive = naive_channel_scale),
    VECTORS(.op = "channel_affine", .naive = naive_channel_affine),
    VECTORS(.op = "channel_sum", .naive = naive_channel_sum),
    {.op = "channel_broadcast", .in = {S(19)}, SHAPE(6, 19), .naive = naive_channel_broadcast},
    {.op = "channel_broadcast", .in = {S(5)}, SHAPE(2, 5, 3, 7), .naive = naive_channel_broadcast},
    {.op = "channel_broadcast", .in = {S(32)}, SHAPE(1, 32, 4, 4), .naive = naive_channel_broadcast},

    {.op = "spatial_sum", .in = {S(1, 1, 1, 1)}, .naive = naive_spatial_sum},
    {.op = "spatial_sum", .in = {S(2, 5, 3, 7)}, .naive = naive_spatial_sum},
    {.op = "spatial_sum", .in = {S(2, 33, 8, 8)}, .naive = naive_spatial_sum},
    {.op = "spatial_broadcast", .in = {S(1, 1)}, SHAPE(1, 1, 1, 1), .naive = naive_spatial_broadcast},
    {.op = "spatial_broadcast", .in = {S(2, 5)}, SHAPE(2, 5, 3, 7), .naive = naive_spatial_broadcast},
    {.op = "spatial_broadcast", .in = {S(2, 33)}, SHAPE(2, 33, 8, 8), .naive = naive_spatial_broadcast},
    {.op = "upsample2", .in = {S(1, 1, 1, 1)}, .naive = naive_upsample2},
    {.op = "upsample2", .in = {S(2, 5, 3, 7)}, .naive = naive_upsample2},
    {.op = "upsample2", .in = {S(2, 33, 8, 9)}, .naive = naive_upsample2},
    {.op = "box_kernel", .in = {S(1, 1, 3, 3)}, BOX(1, 0), .naive = naive_box_kernel},
    {.op = "box_kernel", .in = {S(5, 3, 3, 3)}, BOX(0.25f, 0), .naive = naive_box_kernel},
    {.op = "box_kernel", .in = {S(5, 3, 3, 3)}, BOX(1, 1), .naive = naive_box_kernel},
    {.op = "box_kernel_grad", .in = {S(1, 1, 4, 4)}, BOX(1, 1), .naive = naive_box_kernel_grad},
    {.op = "box_kernel_grad", .in = {S(5, 3, 4, 4)}, BOX(0.25f, 0), .naive = naive_box_kernel_grad},
    {.op = "box_kernel_grad", .in = {S(5, 3, 4, 4)}, BOX(1, 1), .naive = naive_box_kernel_grad},
    {.op = "sum_pool2", .in = {S(1, 1, 2, 2)}, POOL2(1), .naive = naive_sum_pool2},
    {.op = "sum_pool2", .in = {S(2, 5, 4, 6)}, POOL2(0.25f), .naive = naive_sum_pool2},
    {.op = "sum_pool2", .in = {S(2, 33, 16, 18)}, POOL2(0.25f), .naive = naive_sum_pool2},
    {.op = "max_pool", .in = {S(1, 1, 2, 2)}, POOL(2, 2, 0), .points = DISTINCT, .order = ONCE, .naive = naive_max_pool},
    {.op = "max_pool", .in = {S(2, 5, 9, 8)}, POOL(3, 2, 1), .points = DISTINCT, .order = ONCE, .naive = naive_max_pool},
    {.op = "max_pool", .in = {S(2, 19, 7, 10)}, POOL(3, 1, 2), .points = DISTINCT, .order = ONCE, .naive = naive_max_pool},
    {.op = "max_pool", .in = {S(2, 19, 9, 8)}, POOL(3, 2, 1), .points = TIES, .order = ONCE, .naive = naive_max_pool},
    {.op = "avg_pool", .in = {S(1, 1, 3, 3)}, POOL(3, 1, 1), .order = NEVER, .naive = naive_avg_pool},
    {.op = "avg_pool", .in = {S(2, 5, 6, 7)}, POOL(3, 1, 1), .order = NEVER, .naive = naive_avg_pool},
    {.op = "avg_pool", .in = {S(2, 16, 9, 8)}, POOL(4, 3, 2), .order = NEVER, .naive = naive_avg_pool},
    {.op = "avg_pool", .in = {S(1, 33, 8, 9)}, POOL(2, 2, 0), .order = NEVER, .naive = naive_avg_pool},
    {.op = "max_pool_grad", .in = {S(2, 5, 9, 8), S(2, 5, 5, 4)}, POOL(3, 2, 1), .order = NEVER, .naive = naive_max_pool_grad},
    {.op = "max_pool_grad", .in = {S(2, 19, 9, 8), S(2, 19, 5, 4)}, POOL(3, 2, 1), .points = TIES, .order = NEVER, .naive = naive_max_pool_grad},
    {.op = "max_pool_grad", .in = {S(1, 3, 7, 7), S(1, 3, 5, 5)}, POOL(3, 1, 0), .points = TIES, .order = NEVER, .naive = naive_max_pool_grad},

    {.op = "matmul", .in = {S(1, 1), S(1, 1)}, MATMUL(0, 0), .naive = naive_matmul},
    {.op = "matmul", .in = {S(5, 7), S(7, 3)}, MATMUL(0, 0), .naive = naive_matmul},
    {.op = "matmul", .in = {S(7, 5), S(7, 3)}, MATMUL(1, 0), .naive = naive_matmul},
    {.op = "matmul", .in = {S(5, 7), S(3, 7)}, MATMUL(0, 1), .naive = naive_matmul},
    {.op = "matmul", .in = {S(7, 5), S(3, 7)}, MATMUL(1, 1), .naive = naive_matmul},
    {.op = "matmul", .in = {S(1, 64), S(64, 33)}, MATMUL(0, 0), .naive = naive_matmul},
    {.op = "matmul", .in = {S(32, 65), S(1, 65)}, MATMUL(0, 1), .naive = naive_matmul},

    {.op = "conv", .in = {S(1, 1, 1, 1), S(1, 1, 1, 1)}, CONV(1, 0), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 5, 6, 7), S(3, 5, 3, 3)}, CONV(1, 1), .naive = naive_conv},
    {.op = "conv", .in = {S(1, 16, 8, 8), S(32, 16, 3, 3)}, CONV(1, 1), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 19, 5, 5), S(17, 19, 1, 1)}, CONV(1, 0), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 16, 7, 6), S(16, 16, 1, 1)}, CONV(2, 0), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 6, 8, 7), S(5, 6, 3, 3)}, CONV(2, 1), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 16, 8, 8), S(16, 16, 4, 4)}, CONV(2, 1), .naive = naive_conv},
    {.op = "conv", .in = {S(1, 3, 15, 16), S(8, 3, 7, 7)}, CONV(2, 3), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 3, 5, 6), S(4, 3, 2, 3)}, CONV(1, 2), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 3, 10, 10), S(4, 3, 3, 3)}, CONV(3, 0), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 16, 8, 8), S(3, 16, 3, 3)}, CONV(1, 1), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 5, 6, 7), S(4, 5, 1, 7)}, WIDE(1, 0, 3), .naive = naive_conv},
    {.op = "conv", .in = {S(2, 16, 7, 5), S(16, 16, 3, 1)}, WIDE(2, 1, 0), .naive = naive_conv},
    {.op = "conv_bias", .in = {S(2, 16, 5, 9), S(32, 16, 7, 1), S(32)}, WIDE(1, 3, 0), .order = NEVER, .naive = naive_conv_bias},
    {.op = "conv_data", .in = {S(1, 16, 4, 6), S(16, 8, 1, 3)}, WIDE_DATA(1, 0, 1, 4, 6), .naive = naive_conv_data},
    {.op = "conv_weights", .in = {S(2, 5, 6, 7), S(2, 3, 6, 7)}, WIDE_WEIGHTS(1, 2, 0, 5, 1), .naive = naive_conv_weights},
    {.op = "conv_bias", .in = {S(2, 5, 6, 7), S(3, 5, 3, 3), S(3)}, CONV(1, 1), .order = NEVER, .naive = naive_conv_bias},
    {.op = "conv_bias", .in = {S(1, 16, 8, 8), S(32, 16, 1, 1), S(32)}, CONV(1, 0), .order = NEVER, .naive = naive_conv_bias},
    {.op = "conv_bias", .in = {S(1, 3, 15, 16), S(8, 3, 7, 7), S(8)}, CONV(2, 3), .order = NEVER, .naive = naive_conv_bias},
    {.op = "conv_data", .in = {S(2, 3, 6, 7), S(3, 5, 3, 3)}, DATA(1, 1, 6, 7), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(1, 32, 8, 8), S(32, 16, 3, 3)}, DATA(1, 1, 8, 8), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(2, 16, 4, 3), S(16, 16, 1, 1)}, DATA(2, 0, 7, 6), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(2, 5, 4, 4), S(5, 6, 3, 3)}, DATA(2, 1, 8, 7), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(2, 16, 4, 4), S(16, 16, 4, 4)}, DATA(2, 1, 8, 8), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(1, 8, 8, 8), S(8, 3, 7, 7)}, DATA(2, 3, 15, 16), .naive = naive_conv_data},
    {.op = "conv_data", .in = {S(2, 4, 3, 3), S(4, 3, 3, 3)}, DATA(3, 0, 11, 10), .naive = naive_conv_data},
    {.op = "conv_bias", .in = {S(2, 32, 6, 7), S(3, 32, 3, 3), S(3)}, CONV(1, 1), .order = NEVER, .naive = naive_conv_bias},
    {.op = "conv_data", .in = {S(2, 16, 6, 7), S(16, 3, 3, 3)}, DATA(1, 1, 6, 7), .naive = naive_conv_data},
    {.op = "conv_weights", .in = {S(2, 32, 6, 7), S(2, 3, 6, 7)}, WEIGHTS(1, 1, 3, 3), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(2, 5, 6, 7), S(2, 3, 6, 7)}, WEIGHTS(1, 1, 3, 3), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(1, 16, 8, 8), S(1, 32, 8, 8)}, WEIGHTS(1, 1, 3, 3), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(2, 16, 7, 6), S(2, 16, 4, 3)}, WEIGHTS(2, 0, 1, 1), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(2, 6, 8, 7), S(2, 5, 4, 4)}, WEIGHTS(2, 1, 3, 3), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(1, 3, 15, 16), S(1, 8, 8, 8)}, WEIGHTS(2, 3, 7, 7), .naive = naive_conv_weights},
    {.op = "conv_weights", .in = {S(2, 3, 10, 10), S(2, 4, 3, 3)}, WEIGHTS(3, 0, 3, 3), .naive = naive_conv_weights},
    {.op = "conv3x3", .in = {S(1, 1, 1, 1), S(1, 1, 3, 3), S(1)}, THREE(NONE, 0, 1), .order = NEVER, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 5, 4, 7), S(3, 5, 3, 3), S(1)}, THREE(NONE, 0, 1), .order = NEVER, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 5, 4, 7), S(5, 3, 3, 3), S(1)}, THREE(NONE, 1, 0.5f), .order = NEVER, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 16, 9, 6), S(32, 16, 3, 3), S(1)}, THREE(UP, 0, 1), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 5, 4, 7), S(5, 3, 3, 3), S(1)}, THREE(UP, 1, 0.25f), .order = NEVER, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 16, 10, 6), S(16, 16, 3, 3), S(1)}, THREE(DOWN, 0, 0.25f), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3},
    {.op = "conv3x3", .in = {S(2, 5, 4, 6), S(5, 3, 3, 3), S(1)}, THREE(DOWN, 1, 1), .order = NEVER, .naive = naive_conv3x3},
    {.op = "conv3x3_bias", .in = {S(2, 5, 4, 7), S(3, 5, 3, 3), S(1), S(3)}, THREE(NONE, 0, 2), .order = NEVER, .naive = naive_conv3x3_bias},
    {.op = "conv3x3_bias", .in = {S(1, 16, 4, 7), S(48, 16, 3, 3), S(1), S(48)}, THREE(UP, 0, 1), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_bias},
    {.op = "conv3x3_add", .in = {S(2, 5, 4, 7), S(3, 5, 3, 3), S(1), S(3), S(2, 3, 4, 7)}, THREE(NONE, 0, 2), .order = NEVER, .naive = naive_conv3x3_add},
    {.op = "conv3x3_add", .in = {S(2, 5, 4, 6), S(5, 3, 3, 3), S(1), S(3), S(2, 3, 2, 3)}, THREE(NONE, 1, 2), .order = NEVER, .naive = naive_conv3x3_add},
    {.op = "conv3x3_add", .in = {S(1, 16, 4, 7), S(48, 16, 3, 3), S(1), S(48), S(1, 48, 4, 7)}, THREE(UP, 0, 1), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_add},
    {.op = "conv3x3_add", .in = {S(2, 16, 8, 6), S(16, 16, 3, 3), S(1), S(16), S(2, 16, 4, 3)}, THREE(NONE, 0, 1), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_add},
    {.op = "conv3x3_add", .in = {S(2, 16, 8, 6), S(16, 16, 3, 3), S(1), S(16), S(2, 16, 4, 3)}, THREE(DOWN, 0, 0.25f), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_add},
    {.op = "conv3x3_mask", .in = {S(2, 5, 4, 7), S(5, 3, 3, 3), S(1), S(2, 3, 4, 7)}, THREE(NONE, 1, 2), .order = NEVER, .naive = naive_conv3x3_mask},
    {.op = "conv3x3_mask", .in = {S(2, 16, 4, 6), S(16, 48, 3, 3), S(1), S(2, 48, 8, 12)}, THREE(UP, 1, 1), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_mask},
    {.op = "conv3x3_mask", .in = {S(2, 16, 8, 6), S(16, 16, 3, 3), S(1), S(2, 16, 4, 3)}, THREE(DOWN, 0, 0.25f), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_mask},
    {.op = "conv3x3_weights", .in = {S(2, 5, 4, 7), S(2, 3, 4, 7)}, THREE(NONE, 0, 1), .order = NEVER, .naive = naive_conv3x3_weights},
    {.op = "conv3x3_weights", .in = {S(2, 16, 4, 7), S(2, 16, 8, 14)}, THREE(UP, 0, 0.5f), .order = NEVER, .tolerance = 1e-5, .naive = naive_conv3x3_weights},
    {.op = "conv3x3_weights", .in = {S(2, 5, 4, 6), S(2, 3, 2, 3)}, THREE(DOWN, 0, 0.25f), .order = NEVER, .naive = naive_conv3x3_weights},

    {.op = "batch_norm", .in = {S(6, 19), S(19), S(19)}, EPSILON(1e-5f), .order = ONCE, .tolerance = 3e-5, .naive = naive_batch_norm},
    {.op = "batch_norm", .in = {S(2, 5, 3, 7), S(5), S(5)}, EPSILON(1e-5f), .order = ONCE, .tolerance = 3e-5, .naive = naive_batch_norm},
    {.op = "batch_norm", .in = {S(4, 33, 8, 9), S(33), S(33)}, EPSILON(1e-3f), .order = ONCE, .tolerance = 3e-5, .naive = naive_batch_norm},
    {.op = "batch_norm", .in = {S(1, 16, 4, 4), S(16), S(16)}, EPSILON(1e-5f), .points = POSITIVE, .order = ONCE, .tolerance = 3e-5, .naive = naive_batch_norm},
    {.op = "batch_norm_grad", .in = {S(6, 19), S(19), S(19), S(19), S(6, 19)}, EPSILON(1e-5f), .points = POSITIVE, .order = NEVER, .naive = naive_batch_norm_grad},
    {.op = "batch_norm_grad", .in = {S(2, 5, 3, 7), S(5), S(5), S(5), S(2, 5, 3, 7)}, EPSILON(1e-5f), .points = POSITIVE, .order = NEVER, .naive = naive_batch_norm_grad},
    {.op = "batch_norm_grad", .in = {S(4, 33, 8, 9), S(33), S(33), S(33), S(4, 33, 8, 9)}, EPSILON(1e-3f), .points = POSITIVE, .order = NEVER, .naive = naive_batch_norm_grad},
    UNARY(.op = "normalize", .attrs = &(const ftl_normalize_attrs) {1e-12f}, .order = NEVER, .naive = naive_normalize),
    UNARY(.op = "normalize", .attrs = &(const ftl_normalize_attrs) {1e3f}, .order = NEVER, .naive = naive_normalize),

    {.op = "translate", .attrs = &(const ftl_translate_attrs) {0, 0}, .in = {S(1, 1, 1, 1), S(1)}, .n_classes = 1, .naive = naive_translate},
    {.op = "translate", .attrs = &(const ftl_translate_attrs) {2, 0}, .in = {S(5, 3, 6, 4), S(5)}, .n_classes = 25, .naive = naive_translate},
    {.op = "translate", .attrs = &(const ftl_translate_attrs) {4, 1}, .in = {S(7, 2, 3, 5), S(7)}, .n_classes = 81, .naive = naive_translate},
    {.op = "channel_mean", .in = {S(1, 1, 1, 1)}, .naive = naive_channel_mean},
    {.op = "channel_mean", .in = {S(2, 5, 3, 7)}, .naive = naive_channel_mean},
    {.op = "channel_mean", .in = {S(3, 3, 8, 8)}, .naive = naive_channel_mean},
    {.op = "cross_entropy", .in = {S(1, 2), S(1)}, .n_classes = 2, .order = ONCE, .naive = naive_cross_entropy},
    {.op = "cross_entropy", .in = {S(9, 4), S(9)}, .n_classes = 4, .order = ONCE, .naive = naive_cross_entropy},
    {.op = "cross_entropy", .in = {S(5, 37), S(5)}, .n_classes = 37, .order = ONCE, .naive = naive_cross_entropy},
    {.op = "cross_entropy_grad", .in = {S(9, 4), S(9), S(9)}, .n_classes = 4, .order = NEVER, .naive = naive_cross_entropy_grad},
    {.op = "cross_entropy_grad", .in = {S(5, 37), S(5), S(5)}, .n_classes = 37, .order = NEVER, .naive = naive_cross_entropy_grad},

    {.op = "reshape", .in = {S(6, 20)}, SHAPE(6, 5, 2, 2), .naive = naive_reshape},
    {.op = "reshape", .in = {S(2, 18, 3, 4)}, SHAPE(2, 216), .naive = naive_reshape},
    {.op = "reshape", .in = {S(7)}, SHAPE(7), .naive = naive_reshape},
    {.op = "concat", .in = {S(3), S(2)}, .naive = naive_concat},
    {.op = "concat", .in = {S(1, 5, 3, 7), S(2, 5, 3, 7)}, .naive = naive_concat},
    {.op = "concat", .in = {S(2, 33, 8, 9), S(2, 33, 8, 9)}, .naive = naive_concat},
    {.op = "channel_concat", .in = {S(1, 1, 1, 1), S(1, 2, 1, 1)}, .order = NEVER, .naive = naive_channel_concat},
    {.op = "channel_concat", .in = {S(2, 5, 3, 7), S(2, 3, 3, 7)}, .order = NEVER, .naive = naive_channel_concat},
    {.op = "channel_concat", .in = {S(3, 16, 8, 9), S(3, 33, 8, 9)}, .order = NEVER, .naive = naive_channel_concat},
    {.op = "slice", .in = {S(5)}, SLICE(0, 5), .naive = naive_slice},
    {.op = "slice", .in = {S(5, 3)}, SLICE(1, 3), .naive = naive_slice},
    {.op = "slice", .in = {S(4, 33, 8, 9)}, SLICE(2, 2), .naive = naive_slice},
    {.op = "pad", .in = {S(5)}, PAD(0, 0), .naive = naive_pad},
    {.op = "pad", .in = {S(2, 3)}, PAD(1, 2), .naive = naive_pad},
    {.op = "pad", .in = {S(2, 33, 8, 9)}, PAD(0, 2), .naive = naive_pad},
    UNARY(.op = "stop_gradient", .scalar = naive_same),
};

/* Shapes that must be refused, and what the message must show. */
typedef struct refusal {
    const char *op;
    const void *attrs;
    ftl_shape in[FTL_MAX_IN];
    const char *text;
} refusal;

static const refusal refusals[] = {
    {"add", NULL, {S(2, 3), S(3, 2)}, "add: [2, 3] and [3, 2] differ"},
    {"sub", NULL, {S(4), S(4, 1)}, "sub: [4] and [4, 1] differ"},
    {"mul", NULL, {S(4), S(1)}, "mul: [4] and [1] differ"},
    {"relu_grad", NULL, {S(4), S(5)}, "relu_grad: [4] and [5] differ"},
    {"leaky_relu_grad", &(const ftl_leaky_relu_attrs) {0.2f}, {S(4), S(5)}, "leaky_relu_grad: [4] and [5] differ"},
    {"tanh_grad", NULL, {S(4), S(5)}, "tanh_grad: [4] and [5] differ"},
    {"fill", &(const ftl_fill_attrs) {.shape = S(2, 0)}, {{0}}, "fill: shape [2, 0] has an axis without elements"},
    {"rank1_add", NULL, {S(2, 3), S(1), S(1, 3), S(1, 3)}, "rank1_add: [1, 3] times [1, 3] is no [2, 3]"},
    {"scale_by", NULL, {S(2, 3), S(2)}, "scale_by: the scalar is [2], not [1]"},
    {"dot", NULL, {S(2, 3), S(6)}, "dot: [2, 3] and [6] differ"},
    {"broadcast", &(const ftl_reshape_attrs) {S(2, 3)}, {S(3)}, "broadcast: the scalar is [3], not [1]"},
    {"broadcast", &(const ftl_reshape_attrs) {S(2, -3)}, {S(1)}, "broadcast: shape [2, -3] has an axis"},
    {"broadcast", &(const ftl_reshape_attrs) {{.rank = 5}}, {S(1)}, "broadcast: a shape of 5 axes"},
    {"row_broadcast", &(const ftl_reshape_attrs) {S(2, 3)}, {S(3)}, "row_broadcast: [3] has not the samples of [2, 3]"},
    {"row_broadcast", &(const ftl_reshape_attrs) {S(2, 3)}, {S(2, 1)}, "row_broadcast: input is [2, 1] and needs 1 axes"},
    {"bias_add", NULL, {S(2, 3, 4, 4), S(4)}, "bias_add: [2, 3, 4, 4] has 3 channels, input 1 is [4]"},
    {"bias_add", NULL, {S(2, 3, 4), S(3)}, "bias_add: [2, 3, 4] is neither [N, C] nor [N, C, H, W]"},
    {"channel_scale", NULL, {S(2, 3), S(3, 1)}, "channel_scale: [2, 3] has 3 channels, input 1 is [3, 1]"},
    {"channel_affine", NULL, {S(2, 3), S(3), S(2)}, "channel_affine: [2, 3] has 3 channels, input 2 is [2]"},
    {"channel_sum", NULL, {S(3)}, "channel_sum: [3] is neither"},
    {"channel_broadcast", &(const ftl_reshape_attrs) {S(2, 3)}, {S(2)}, "channel_broadcast: [2] has not the channels of [2, 3]"},
    {"channel_broadcast", &(const ftl_reshape_attrs) {S(2, 3, 4)}, {S(3)}, "channel_broadcast: [2, 3, 4] is neither"},
    {"spatial_sum", NULL, {S(2, 3)}, "spatial_sum: input is [2, 3] and needs 4 axes"},
    {"spatial_broadcast", &(const ftl_reshape_attrs) {S(2, 3, 4, 4)}, {S(3, 2)}, "spatial_broadcast: [3, 2] and [2, 3] differ"},
    {"spatial_broadcast", &(const ftl_reshape_attrs) {S(2, 3, 0, 4)}, {S(2, 3)}, "spatial_broadcast: shape [2, 3, 0, 4]"},
    {"channel_mean", NULL, {S(2, 3)}, "channel_mean: input is [2, 3] and needs 4 axes"},
    {"upsample2", NULL, {S(2, 3)}, "upsample2: input is [2, 3] and needs 4 axes"},
    {"box_kernel", &(const ftl_box_kernel_attrs) {1, 0}, {S(2, 2, 3, 4)}, "[2, 2, 3, 4] is no 3x3 kernel"},
    {"box_kernel_grad", &(const ftl_box_kernel_attrs) {1, 0}, {S(2, 2, 3, 4)}, "[2, 2, 3, 4] is no 4x4 kernel"},
    {"sum_pool2", &(const ftl_pool2_attrs) {1}, {S(1, 2, 4, 5)}, "sum_pool2: [1, 2, 4, 5] is not even"},
    {"max_pool", &(const ftl_pool_attrs) {5, 1, 0}, {S(1, 2, 4, 5)}, "max_pool: a kernel of 5 does not fit into [1, 2, 4, 5]"},
    {"max_pool", &(const ftl_pool_attrs) {2, 2, 2}, {S(1, 2, 4, 4)}, "max_pool: padding 2 is not below the kernel's 2"},
    {"max_pool", &(const ftl_pool_attrs) {2, 0, 0}, {S(1, 2, 4, 4)}, "max_pool: kernel 2, stride 0"},
    {"avg_pool", &(const ftl_pool_attrs) {3, 1, 3}, {S(1, 2, 4, 4)}, "avg_pool: padding 3 is not below the kernel's 3"},
    {"max_pool_grad", &(const ftl_pool_attrs) {2, 2, 0}, {S(1, 2, 4, 4), S(1, 2, 4, 4)}, "max_pool_grad: [1, 2, 4, 4] and [1, 2, 2, 2] differ"},
    {"matmul", &(const ftl_matmul_attrs) {0, 0}, {S(2, 3), S(2, 3)}, "matmul: [2, 3] times [2, 3]"},
    {"matmul", &(const ftl_matmul_attrs) {1, 0}, {S(2, 3), S(3, 4)}, "matmul: [2, 3] transposed times [3, 4]"},
    {"matmul", &(const ftl_matmul_attrs) {0, 0}, {S(2, 3), S(3)}, "matmul: b is [3] and needs 2 axes"},
    {"conv", &(const ftl_conv_attrs) {1, 1, 1, 0, 0, 0, 0}, {S(1, 16, 8, 8), S(32, 8, 3, 3)}, "conv: 16 input channels, kernel [32, 8, 3, 3] has 8"},
    {"conv", &(const ftl_conv_attrs) {1, 0, 0, 0, 0, 0, 0}, {S(1, 8, 2, 8), S(32, 8, 3, 3)}, "conv: kernel [32, 8, 3, 3] does not fit into [1, 8, 2, 8]"},
    {"conv", &(const ftl_conv_attrs) {0, 0, 0, 0, 0, 0, 0}, {S(1, 8, 8, 8), S(32, 8, 3, 3)}, "conv: stride 0 and padding 0 x 0"},
    {"conv", &(const ftl_conv_attrs) {1, 0, 0, 0, 0, 0, 0}, {S(1, 8), S(32, 8, 3, 3)}, "conv: input is [1, 8] and needs 4 axes"},
    {"conv_bias", &(const ftl_conv_attrs) {1, 1, 1, 0, 0, 0, 0}, {S(1, 8, 8, 8), S(32, 8, 3, 3), S(8)}, "conv_bias: [8] and [32] differ"},
    {"conv_data", &(const ftl_conv_attrs) {2, 1, 1, 8, 8, 0, 0}, {S(1, 32, 5, 5), S(32, 8, 3, 3)}, "conv_data: [1, 32, 5, 5] and [1, 32, 4, 4] differ"},
    {"conv_data", &(const ftl_conv_attrs) {1, 1, 1, 0, 8, 0, 0}, {S(1, 32, 8, 8), S(32, 8, 3, 3)}, "conv_data: shape [1, 8, 0, 8]"},
    {"conv_weights", &(const ftl_conv_attrs) {1, 1, 1, 0, 0, 3, 3}, {S(2, 8, 8, 8), S(1, 32, 8, 8)}, "conv_weights: [1, 32, 8, 8] and [2, 32, 8, 8] differ"},
    {"conv_weights", &(const ftl_conv_attrs) {1, 1, 1, 0, 0, 0, 0}, {S(1, 8, 8, 8), S(1, 32, 8, 8)}, "conv_weights: shape [32, 8, 0, 0]"},
    {"conv3x3", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_NONE, 0, 1, 0}, {S(1, 8, 8, 8), S(32, 8, 4, 4), S(1)}, "conv3x3: a kernel [32, 8, 4, 4] does not fit an input [1, 8, 8, 8]"},
    {"conv3x3", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_DOWN, 1, 1, 0}, {S(1, 8, 7, 8), S(8, 32, 3, 3), S(1)}, "conv3x3: an input [1, 8, 7, 8] cannot be halved"},
    {"conv3x3_bias", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_UP, 0, 1, 0}, {S(1, 8, 8, 8), S(32, 8, 3, 3), S(1), S(8)}, "conv3x3_bias: [8] and [32] differ"},
    {"conv3x3_add", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_NONE, 0, 1, 0}, {S(1, 8, 8, 8), S(32, 8, 3, 3), S(1), S(32), S(1, 32, 8, 4)}, "conv3x3_add: [1, 32, 8, 4] and [1, 32, 8, 8] differ"},
    {"conv3x3_mask", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_NONE, 0, 1, 0}, {S(1, 8, 8, 8), S(32, 8, 3, 3), S(1), S(1, 32, 4, 4)}, "conv3x3_mask: [1, 32, 4, 4] and [1, 32, 8, 8] differ"},
    {"conv3x3_weights", &(const ftl_conv3x3_attrs) {FTL_RESAMPLE_UP, 0, 1, 0}, {S(1, 8, 8, 8), S(1, 32, 8, 8)}, "conv3x3_weights: [1, 32, 8, 8] and [1, 32, 16, 16] differ"},
    {"batch_norm", &(const ftl_batch_norm_attrs) {1e-5f}, {S(2, 3), S(3), S(2)}, "batch_norm: [2, 3] has 3 channels, input 2 is [2]"},
    {"batch_norm_grad", &(const ftl_batch_norm_attrs) {1e-5f}, {S(2, 3), S(3), S(3), S(3), S(3, 2)}, "batch_norm_grad: [2, 3] and [3, 2] differ"},
    {"reshape", &(const ftl_reshape_attrs) {S(2, 4)}, {S(2, 3)}, "reshape: [2, 3] and [2, 4] differ in their elements"},
    {"concat", NULL, {S(2, 3), S(2, 4)}, "concat: [2, 3] and [2, 4] differ behind axis 0"},
    {"channel_concat", NULL, {S(2, 3, 4, 5), S(2, 7, 5, 4)}, "channel_concat: [2, 3, 4, 5] and [2, 7, 5, 4] differ in more than"},
    {"channel_concat", NULL, {S(2, 3), S(2, 3)}, "channel_concat: a is [2, 3] and needs 4 axes"},
    {"slice", &(const ftl_slice_attrs) {1, 2}, {S(2, 3)}, "slice: 2 samples from 1 on are not in [2, 3]"},
    {"slice", &(const ftl_slice_attrs) {0, 0}, {S(2, 3)}, "slice: 0 samples from 0 on"},
    {"slice", &(const ftl_slice_attrs) {-1, 1}, {S(2, 3)}, "slice: 1 samples from -1 on"},
    {"slice", &(const ftl_slice_attrs) {1, INT64_MAX}, {S(2, 3)}, "slice: "},
    {"pad", &(const ftl_pad_attrs) {-1, 0}, {S(2, 3)}, "pad: -1 samples before and 0 behind [2, 3]"},
};
/* clang-format on */

#endif
