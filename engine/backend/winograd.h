/* winograd.h - how a 3x3 convolution is cut into tiles for the Winograd kernels
 * (engine/backend/cpu/winograd_*.c). Compiled once: the levels differ in code only.
 *
 * A tile is 4x4 px of the larger image: of y if x is upsampled first, of what is pooled
 * if y is pooled, else of y. Its products are 36, or 25 with a resampling, each a sum
 * over channels (over tiles, for the gradient of the kernel): matrix products, one for
 * each point. Panels are FTL_PANEL output channels. */
#ifndef FTL_ENGINE_BACKEND_WINOGRAD_H
#define FTL_ENGINE_BACKEND_WINOGRAD_H

#include "engine/backend/kernel.h"
#include "engine/backend/panel.h"
#include "engine/ops/ops.h"

/* Which transforms (engine/backend/cpu/winograd_transform.h). Those called FINE are for
 * bf16, where they lose less; their tiles are 2x2 px of the larger image and have 16
 * products, 9 with a resampling. */
typedef enum ftl_winograd_form {
    FTL_WINOGRAD_PLAIN,
    FTL_WINOGRAD_UP,
    FTL_WINOGRAD_DOWN,
    FTL_WINOGRAD_FINE_PLAIN,
    FTL_WINOGRAD_FINE_UP,
    FTL_WINOGRAD_FINE_DOWN,
} ftl_winograd_form;

typedef struct ftl_winograd {
    ftl_conv3x3_attrs attrs;
    ftl_winograd_form form;
    /* Inputs of the call that take part when a result is written, 0: none. */
    int bias, mask, residual;
    bool residual_up; /* the residual is half as large, and upsampled */
    bool half;        /* images are bf16, and so are the products' operands */
    /* Of a tile: values read, products, values written. */
    int in_side, side, out_side;
    int in_step, out_step; /* px from one tile to the next */
    int64_t n, c_in, c_out;
    int64_t in_height, in_width, out_height, out_width;
    int64_t tiles_high, tiles_wide, n_tiles;
    int64_t n_panels;
    /* Tiles that are worked on together; chunk is a multiple of FTL_PANEL_ROWS. */
    int64_t chunk, n_chunks;
    int threads;

    /* Few tiles and many channels: all images are transformed first, kernels panel by
     * panel when they are needed. Else kernels first, and images chunk by chunk. */
    bool images_first;

    int64_t words; /* conv: of 32 bits, that c_in channels take: half as many if half */
    int64_t rows;  /* weights: of the matrices, tiles or, if half, pairs of tiles */

    /* The scratch memory, in bytes: one part for all, then one for each thread. */
    size_t shared_bytes, thread_bytes;
    /* From one point's matrix to the next's: images v in elements (weights: in words),
     * kernels, or the sums that become kernels, u, and the rest m in words. */
    int64_t v_point, u_point, m_point;
    const void *zeros; /* what lies behind the images' borders: a pixel's channels */
} ftl_winograd;

/* Can the kernels compute it at all? */
bool ftl_winograd_possible(ftl_shape x, ftl_shape y);

/* Is the op worth it here: enough channels, whole vectors of them, enough tiles? A
 * fixed rule of the shapes: x, y images of the op (of the forward convolution, both of
 * them for conv3x3_weights as well). */
bool ftl_winograd_suits(ftl_shape x, ftl_shape y, ftl_resample resample);

/* ftl_kernel.prepare of conv3x3_weights and of the other ops that are called conv3x3:
 * images as NHWC, kernels dense; bound is an ftl_winograd. */
ftl_status ftl_winograd_prepare_conv(ftl_call *call, ftl_arena *arena, bool *taken);
ftl_status ftl_winograd_prepare_weights(ftl_call *call, ftl_arena *arena, bool *taken);

/* A thread's part of the scratch memory. */
static inline void *ftl_winograd_scratch(
        const ftl_winograd *w, void *scratch, int thread) {
    return (char *)scratch + w->shared_bytes + w->thread_bytes * (size_t)thread;
}

/* Tile i of a batch. */
typedef struct ftl_winograd_tile {
    int64_t n, in_top, in_left, out_top, out_left;
} ftl_winograd_tile;

static inline ftl_winograd_tile ftl_winograd_tile_at(const ftl_winograd *w, int64_t i) {
    /* Tiles of what fits into memory have numbers of 32 bits, which divide faster. */
    const uint32_t high = (uint32_t)w->tiles_high, wide = (uint32_t)w->tiles_wide;
    const uint32_t line = (uint32_t)i / wide, n = line / high;
    const int64_t row = line - n * high, column = (uint32_t)i - line * wide;
    return (ftl_winograd_tile) {.n = n,
            .in_top = row * w->in_step - 1,
            .in_left = column * w->in_step - 1,
            .out_top = row * w->out_step,
            .out_left = column * w->out_step};
}

#endif
