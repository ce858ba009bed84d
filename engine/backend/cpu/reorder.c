/* reorder.c - dense and blocked tensors into one another.
 *
 * Between dense and blocked, tiles of 16 pixels by 8 or 16 channels are transposed by
 * perfect shuffles: if the index of an element in the tile is written in bits, a
 * shuffle moves its first bit to the end, so that log2(rows) of them turn [row][column]
 * into [column][row]. A shuffle interleaves two halves: a flat loop, which compilers
 * turn into vector permutations. The first one reads and the last one writes the
 * tensors. */
#include "engine/backend/cpu/sums.h"

#include <string.h>

enum { PIXELS = 16, TILE = 16 * PIXELS };

/* y = a[0], b[0], a[1], b[1], ...; n of each */
FTL_CPU_INLINE void interleave(
        float *restrict y, const float *restrict a, const float *restrict b, int n) {
#pragma omp simd
    for (int i = 0; i < n; i++) {
        y[2 * i] = a[i];
        y[2 * i + 1] = b[i];
    }
}

/* [channels][16] with rows `inner` apart into [16][channels]; channels is 8 or 16. */
FTL_CPU_INLINE void tile_to_blocked(
        float *blocked, const float *dense, int64_t inner, int channels) {
    const int half = channels * PIXELS / 2;
    float one[TILE], two[TILE];
    for (int k = 0; k < channels / 2; k++)
        interleave(one + 2 * k * PIXELS, dense + k * inner,
                dense + (k + channels / 2) * inner, PIXELS);
    interleave(two, one, one + half, half);
    if (channels == 8) {
        interleave(blocked, two, two + half, half);
    } else {
        interleave(one, two, two + half, half);
        interleave(blocked, one, one + half, half);
    }
}

/* and back */
FTL_CPU_INLINE void tile_to_dense(
        float *dense, const float *blocked, int64_t inner, int channels) {
    const int half = channels * PIXELS / 2;
    float one[TILE], two[TILE];
    interleave(one, blocked, blocked + half, half);
    interleave(two, one, one + half, half);
    interleave(one, two, two + half, half);
    for (int k = 0; k < channels; k++)
        interleave(dense + k * inner, one + k * PIXELS / 2, one + half + k * PIXELS / 2,
                PIXELS / 2);
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

/* Tiles at the border, and those of blocks of another size, by way of the stack, where
 * whole rows have a constant length. Of the tile's channels n_channels exist; n_wide
 * have room in the block, padding included. */
FTL_CPU_INLINE void border_to_blocked(float *blocked, const float *dense, int64_t inner,
        int64_t block, int64_t n_pixels, int64_t n_channels, int64_t n_wide,
        int channels) {
    float from[TILE] = {0}, into[TILE];
    if (n_pixels == PIXELS)
        copy_rows(from, PIXELS, dense, inner, n_channels, PIXELS);
    else
        copy_rows(from, PIXELS, dense, inner, n_channels, n_pixels);
    tile_to_blocked(into, from, PIXELS, channels);
    if (n_wide == channels)
        copy_rows(blocked, block, into, channels, n_pixels, channels);
    else
        copy_rows(blocked, block, into, channels, n_pixels, n_wide);
}

FTL_CPU_INLINE void border_to_dense(float *dense, const float *blocked, int64_t inner,
        int64_t block, int64_t n_pixels, int64_t n_channels, int64_t n_wide,
        int channels) {
    float from[TILE] = {0}, into[TILE];
    if (n_wide == channels)
        copy_rows(from, channels, blocked, block, n_pixels, channels);
    else
        copy_rows(from, channels, blocked, block, n_pixels, n_wide);
    tile_to_dense(into, from, PIXELS, channels);
    if (n_pixels == PIXELS)
        copy_rows(dense, inner, into, PIXELS, n_channels, PIXELS);
    else
        copy_rows(dense, inner, into, PIXELS, n_channels, n_pixels);
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
            const bool whole = n_pixels == PIXELS && n_channels == t.block;
            if (whole && t.block == channels && into_blocks)
                tile_to_blocked(y + blocked, x + dense, t.inner, channels);
            else if (whole && t.block == channels)
                tile_to_dense(y + dense, x + blocked, t.inner, channels);
            else if (into_blocks)
                border_to_blocked(y + blocked, x + dense, t.inner, t.block, n_pixels,
                        n_channels, n_wide, channels);
            else
                border_to_dense(y + dense, x + blocked, t.inner, t.block, n_pixels,
                        n_channels, n_wide, channels);
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
