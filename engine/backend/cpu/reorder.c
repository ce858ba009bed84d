/* reorder.c - dense and blocked tensors into one another.
 *
 * Between dense and blocked, tiles of 16 pixels by 8 or 16 channels are transposed by
 * perfect shuffles: if the index of an element in the tile is written in bits, a
 * shuffle moves its first bit to the end, so that log2(rows) of them turn [row][column]
 * into [column][row]. A shuffle is a flat loop, which compilers turn into vector
 * permutations. */
#include "engine/backend/cpu/sums.h"

#include <string.h>

enum { PIXELS = 16, TILE = 16 * PIXELS };

FTL_CPU_INLINE void shuffle(float *restrict y, const float *restrict x, int n) {
#pragma omp simd
    for (int i = 0; i < n / 2; i++) {
        y[2 * i] = x[i];
        y[2 * i + 1] = x[n / 2 + i];
    }
}

/* `rows`, 8 or 16, by n / rows. The result lies in tile. */
FTL_CPU_INLINE void transpose(float *restrict tile, int rows, int n) {
    float other[TILE];
    shuffle(other, tile, n);
    shuffle(tile, other, n);
    shuffle(other, tile, n);
    if (rows == 16)
        shuffle(tile, other, n);
    else
        for (int i = 0; i < n; i++)
            tile[i] = other[i];
}

/* rows of `width` floats from one place with a stride to another */
FTL_CPU_INLINE void copy_rows(float *restrict y, int64_t y_stride,
        const float *restrict x, int64_t x_stride, int64_t rows, int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
#pragma omp simd
        for (int64_t k = 0; k < width; k++)
            y[r * y_stride + k] = x[r * x_stride + k];
    }
}

/* One tile. dense: its first channel, pixels next to each other, channels `inner`
 * apart; blocked: its first pixel, channels next to each other, pixels `block` apart.
 * n_channels of the tile's exist; n_wide of them have room in the block, the rest is
 * padding. */
FTL_CPU_INLINE void to_blocked(float *blocked, const float *dense, int64_t inner,
        int64_t block, int64_t n_pixels, int64_t n_channels, int64_t n_wide,
        int channels) {
    float tile[TILE];
    if (n_pixels == PIXELS && n_channels == channels) {
        copy_rows(tile, PIXELS, dense, inner, channels, PIXELS);
    } else {
        for (int i = 0; i < channels * PIXELS; i++)
            tile[i] = 0;
        copy_rows(tile, PIXELS, dense, inner, n_channels, n_pixels);
    }
    transpose(tile, channels, channels * PIXELS);
    if (n_pixels == PIXELS && n_wide == channels)
        copy_rows(blocked, block, tile, channels, PIXELS, channels);
    else
        copy_rows(blocked, block, tile, channels, n_pixels, n_wide);
}

FTL_CPU_INLINE void to_dense(float *dense, const float *blocked, int64_t inner,
        int64_t block, int64_t n_pixels, int64_t n_channels, int64_t n_wide,
        int channels) {
    float tile[TILE];
    if (n_pixels == PIXELS && n_wide == channels) {
        copy_rows(tile, channels, blocked, block, PIXELS, channels);
    } else {
        for (int i = 0; i < channels * PIXELS; i++)
            tile[i] = 0;
        copy_rows(tile, channels, blocked, block, n_pixels, n_wide);
    }
    transpose(tile, PIXELS, channels * PIXELS);
    if (n_pixels == PIXELS && n_channels == channels)
        copy_rows(dense, inner, tile, PIXELS, channels, PIXELS);
    else
        copy_rows(dense, inner, tile, PIXELS, n_channels, n_pixels);
}

/* All tiles, `channels` wide, of block i of all blocks. t: the blocked tensor. */
FTL_CPU_INLINE void walk_tiles(float *y, const float *x, ftl_channels t, int64_t i,
        bool into_blocks, int channels) {
    const int64_t n = i / t.n_blocks, first = i % t.n_blocks * t.block;
    for (int64_t s = 0; s < t.inner; s += PIXELS)
        for (int64_t k = 0; k < t.block; k += channels) {
            const int64_t dense = (n * t.c + first + k) * t.inner + s;
            const int64_t blocked = (i * t.inner + s) * t.block + k;
            const int64_t n_pixels = ftl_cpu_min(PIXELS, t.inner - s);
            const int64_t n_wide = ftl_cpu_min(channels, t.block - k);
            const int64_t n_channels = ftl_cpu_min(n_wide, t.c - first - k);
            if (into_blocks)
                to_blocked(y + blocked, x + dense, t.inner, t.block, n_pixels,
                        n_channels, n_wide, channels);
            else
                to_dense(y + dense, x + blocked, t.inner, t.block, n_pixels, n_channels,
                        n_wide, channels);
        }
}

/* Block i of y from the blocks of x that hold its channels. */
static void gather_block(
        float *y, ftl_channels to, const float *x, ftl_channels from, int64_t i) {
    const int64_t n = i / to.n_blocks, first = i % to.n_blocks * to.block;
    float *out = y + i * to.inner * to.block;
    for (int64_t k = 0, width; k < to.block; k += width) {
        const int64_t c = first + k, source = c / from.block, column = c % from.block;
        width = ftl_cpu_min(to.block - k, to.c - c);
        if (width <= 0) { /* behind C */
            width = to.block - k;
            for (int64_t s = 0; s < to.inner; s++)
                memset(out + s * to.block + k, 0, (size_t)width * sizeof *out);
            continue;
        }
        width = ftl_cpu_min(width, from.block - column);
        const float *in =
                x + (n * from.n_blocks + source) * from.inner * from.block + column;
        if (width == 16)
            copy_rows(out + k, to.block, in, from.block, to.inner, 16);
        else if (width == 8)
            copy_rows(out + k, to.block, in, from.block, to.inner, 8);
        else
            copy_rows(out + k, to.block, in, from.block, to.inner, width);
    }
}

static void run_reorder(const ftl_call *call) {
    const float *x = call->in[0].data;
    float *y = call->out[0].data;
    const ftl_layout from = call->in[0].layout, to = call->out[0].layout;
    const int64_t n_floats = ftl_cpu_floats(&call->out[0]);

    if (from.kind == to.kind && (from.kind == FTL_DENSE || from.block == to.block)) {
#pragma omp parallel if (n_floats > FTL_CPU_SERIAL)
        {
            const ftl_cpu_range range = ftl_cpu_share(n_floats);
            memcpy(y + range.begin, x + range.begin,
                    (size_t)(range.end - range.begin) * sizeof *y);
        }
        return;
    }
    if (from.kind == FTL_BLOCKED && to.kind == FTL_BLOCKED) {
        const ftl_channels in = ftl_tensor_channels(&call->in[0]);
        const ftl_channels out = ftl_tensor_channels(&call->out[0]);
#pragma omp parallel for schedule(static) if (n_floats > FTL_CPU_SERIAL)
        for (int64_t i = 0; i < out.n * out.n_blocks; i++)
            gather_block(y, out, x, in, i);
        return;
    }
    const bool into_blocks = to.kind == FTL_BLOCKED;
    const ftl_channels t =
            ftl_tensor_channels(into_blocks ? &call->out[0] : &call->in[0]);
#pragma omp parallel for schedule(static) if (n_floats > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < t.n * t.n_blocks; i++) {
        if (into_blocks && t.block == 8)
            walk_tiles(y, x, t, i, true, 8);
        else if (into_blocks)
            walk_tiles(y, x, t, i, true, 16);
        else if (t.block == 8)
            walk_tiles(y, x, t, i, false, 8);
        else
            walk_tiles(y, x, t, i, false, 16);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_reorder)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_reorder,
                .prepare = ftl_cpu_prepare_reorder,
                .run = run_reorder},
        {.op = NULL},
};
