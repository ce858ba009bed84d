/* tensor.h - element types, shapes, layouts, and a tensor in memory. */
#ifndef FTL_ENGINE_TENSOR_H
#define FTL_ENGINE_TENSOR_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ftl_type {
    FTL_F32,
    FTL_I32,  /* labels and indices */
    FTL_BF16, /* the upper half of a float32; plans store images so (plan.h) */
} ftl_type;

size_t ftl_type_bytes(ftl_type type);

#define FTL_MAX_RANK 4

/* Images are [N, C, H, W], matrices [rows, columns], kernels [O, I, KH, KW], scalars
 * [1]. */
typedef struct ftl_shape {
    int rank;
    int64_t dim[FTL_MAX_RANK]; /* those behind rank are 0 */
} ftl_shape;

/* FTL_SHAPE(2, 3): the shape [2, 3]. */
#define FTL_SHAPE(...)                                                                 \
    ftl_shape_make((int)(sizeof((int64_t[]) {__VA_ARGS__}) / sizeof(int64_t)),         \
            (const int64_t[]) {__VA_ARGS__})

ftl_shape ftl_shape_make(int rank, const int64_t *dim);
int64_t ftl_shape_count(ftl_shape shape);
bool ftl_shape_equal(ftl_shape a, ftl_shape b);

/* "[2, 3]" into text, which it returns. */
#define FTL_SHAPE_TEXT 96
const char *ftl_shape_format(char text[FTL_SHAPE_TEXT], ftl_shape shape);

/* How the elements of a tensor lie in memory.
 * DENSE    row-major.
 * BLOCKED  rank 4 only: [N][ceil(C / block)][H][W][block], channels behind C are zero.
 *          block = C is the layout that others call NHWC.
 * PACKED   known to the backend only; `packed` describes it and lives with the plan. */
typedef enum ftl_layout_kind { FTL_DENSE, FTL_BLOCKED, FTL_PACKED } ftl_layout_kind;

typedef struct ftl_layout {
    ftl_layout_kind kind;
    int block;          /* BLOCKED */
    const void *packed; /* PACKED */
    size_t bytes;       /* PACKED: what the tensor occupies */
} ftl_layout;

/* A tensor in memory. */
typedef struct ftl_tensor {
    void *data;
    ftl_type type;
    ftl_shape shape;
    ftl_layout layout;
} ftl_tensor;

/* Bytes that it occupies, padding included. */
size_t ftl_tensor_bytes(const ftl_tensor *tensor);

/* A dense or blocked tensor as the four nested loops that channel-wise kernels walk:
 * element (n, c, s) lies at ((n * n_blocks + c / block) * inner + s) * block + c %
 * block. Rank 1: C alone. Rank 2: inner = 1. Dense: block = 1. */
typedef struct ftl_channels {
    int64_t n, c, n_blocks, inner, block;
} ftl_channels;
ftl_channels ftl_tensor_channels(const ftl_tensor *tensor);

#endif
