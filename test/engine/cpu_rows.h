/* cpu_rows.h - what the fast kernels of images and vectors are tried with. */
#ifndef FTL_TEST_ENGINE_CPU_ROWS_H
#define FTL_TEST_ENGINE_CPU_ROWS_H

#include "engine/ops/ops.h"

/* What random numbers are like; see cpu_memory.h. */
typedef enum values { NORMAL, POSITIVE, UNIT, AWAY_FROM_0, QUARTERS, SPECIAL } values;

/* Inputs, one letter each: x [N, C, H, W] or [N, C], y as x but after the op
 * `max_pool`, z as x with 2 samples more, w with 3 channels more, c [C], n [N], m [N,
 * C], s [1], r: as many as a sample of x has. */
typedef struct row {
    const char *op, *inputs;
    values kind[5];
    enum { ANY, IMAGES, EVEN } shapes; /* EVEN: images with even height and width */
    double tolerance;                  /* relative to |want| + `terms`; 0: exact */
    enum { ONE, CHANNEL, SAMPLE, ALL, PLANE } terms; /* how much is summed up */
    union {
        ftl_affine_attrs affine;
        ftl_leaky_relu_attrs leaky;
        ftl_pool2_attrs pool2;
        ftl_pool_attrs pool;
        ftl_batch_norm_attrs batch_norm;
        ftl_slice_attrs slice;
        ftl_pad_attrs pad;
        ftl_reshape_attrs shape; /* shape.rank -1: that of x */
        ftl_fill_attrs fill;     /* likewise */
    } attrs;
} row;

#define X_SHAPE                                                                        \
    {                                                                                  \
        .shape = {.shape = {.rank = -1} }                                              \
    }

static const row rows[] = {
        {.op = "add", .inputs = "xx"},
        {.op = "sub", .inputs = "xx"},
        {.op = "mul", .inputs = "xx"},
        {.op = "affine", .inputs = "x", .tolerance = 2e-7, .attrs.affine = {-0.75f, 0}},
        {.op = "affine",
                .inputs = "x",
                .tolerance = 2e-7,
                .attrs.affine = {1.5f, 0.25f}},
        {.op = "relu", .inputs = "x"},
        {.op = "relu_grad", .inputs = "xx"},
        {.op = "leaky_relu", .inputs = "x", .attrs.leaky = {0.2f}},
        {.op = "leaky_relu_grad", .inputs = "xx", .attrs.leaky = {0.2f}},
        {.op = "tanh", .inputs = "x", .tolerance = 2e-7},
        {.op = "tanh_grad", .inputs = "xx", .kind = {UNIT}, .tolerance = 2e-7},
        {.op = "softplus", .inputs = "x", .tolerance = 3e-7},
        {.op = "sigmoid", .inputs = "x", .tolerance = 3e-7},
        {.op = "reciprocal", .inputs = "x", .kind = {AWAY_FROM_0}, .tolerance = 2e-7},
        {.op = "rsqrt", .inputs = "x", .kind = {POSITIVE}, .tolerance = 2e-7},
        {.op = "scale_by", .inputs = "xs"},
        {.op = "rank1_add", .inputs = "xsnr", .tolerance = 2e-7, .terms = SAMPLE},
        {.op = "dot", .inputs = "xx", .tolerance = 2e-7, .terms = ALL},
        {.op = "sum", .inputs = "x", .tolerance = 2e-7, .terms = ALL},
        {.op = "sum", .inputs = "x", .kind = {POSITIVE}, .tolerance = 5e-7},
        {.op = "broadcast", .inputs = "s", .attrs = X_SHAPE},
        {.op = "row_sum", .inputs = "x", .tolerance = 2e-7, .terms = SAMPLE},
        {.op = "row_broadcast", .inputs = "n", .attrs = X_SHAPE},
        {.op = "bias_add", .inputs = "xc"},
        {.op = "channel_scale", .inputs = "xc"},
        {.op = "channel_affine", .inputs = "xcc", .tolerance = 2e-7},
        {.op = "channel_sum", .inputs = "x", .tolerance = 2e-7, .terms = CHANNEL},
        {.op = "channel_sum", .inputs = "x", .kind = {POSITIVE}, .tolerance = 5e-7},
        {.op = "channel_broadcast", .inputs = "c", .attrs = X_SHAPE},
        {.op = "spatial_sum",
                .inputs = "x",
                .shapes = IMAGES,
                .tolerance = 2e-7,
                .terms = PLANE},
        {.op = "spatial_broadcast", .inputs = "m", .shapes = IMAGES, .attrs = X_SHAPE},
        {.op = "upsample2", .inputs = "x", .shapes = IMAGES},
        {.op = "sum_pool2",
                .inputs = "x",
                .shapes = EVEN,
                .tolerance = 3e-7,
                .attrs.pool2 = {0.25f}},
        {.op = "max_pool", .inputs = "x", .shapes = IMAGES, .attrs.pool = {3, 2, 1}},
        {.op = "max_pool",
                .inputs = "x",
                .kind = {SPECIAL},
                .shapes = IMAGES,
                .attrs.pool = {2, 1, 1}},
        {.op = "max_pool", .inputs = "x", .shapes = IMAGES, .attrs.pool = {4, 3, 2}},
        {.op = "max_pool_grad",
                .inputs = "xy",
                .kind = {QUARTERS},
                .shapes = IMAGES,
                .tolerance = 3e-7,
                .attrs.pool = {3, 2, 1}},
        {.op = "max_pool_grad",
                .inputs = "xy",
                .kind = {QUARTERS},
                .shapes = IMAGES,
                .tolerance = 3e-7,
                .attrs.pool = {3, 1, 1}},
        {.op = "batch_norm",
                .inputs = "xcc",
                .tolerance = 1e-6,
                .attrs.batch_norm = {1e-5f}},
        {.op = "batch_norm_grad",
                .inputs = "xccdx",
                .kind = {NORMAL, NORMAL, NORMAL, POSITIVE, NORMAL},
                .tolerance = 5e-7,
                .terms = CHANNEL,
                .attrs.batch_norm = {1e-5f}},
        {.op = "concat", .inputs = "xz"},
        {.op = "slice", .inputs = "z", .attrs.slice = {1, 2}},
        {.op = "pad", .inputs = "x", .attrs.pad = {1, 2}},
        {.op = "fill",
                .inputs = "",
                .attrs.fill = {.shape = {.rank = -1}, .fill = 0.5f}},
        {.op = "relu", .inputs = "x", .kind = {SPECIAL}},
        {.op = "relu_grad", .inputs = "xx", .kind = {SPECIAL, SPECIAL}},
        {.op = "leaky_relu", .inputs = "x", .kind = {SPECIAL}, .attrs.leaky = {0.2f}},
        {.op = "tanh", .inputs = "x", .kind = {SPECIAL}, .tolerance = 2e-7},
        {.op = "avg_pool",
                .inputs = "x",
                .shapes = IMAGES,
                .tolerance = 3e-7,
                .attrs.pool = {3, 1, 1}},
        {.op = "avg_pool",
                .inputs = "x",
                .shapes = IMAGES,
                .tolerance = 3e-7,
                .attrs.pool = {4, 3, 2}},
        {.op = "channel_concat", .inputs = "xw", .shapes = IMAGES},
};
enum { N_ROWS = (int)(sizeof rows / sizeof *rows) };

#endif
