/* reorder.c - dense and blocked tensors into one another, and float32 and bf16.
 *
 * Between dense and blocked, tiles of 16 pixels by 8 or 16 channels are transposed. The
 * first shuffle of a tile reads and the last one writes the tensors (transpose.h), if
 * these are float32. */
#include "engine/backend/cpu/bf16.h"
#include "engine/backend/cpu/transpose.h"

#include <string.h>

/* rows of `width` numbers from one place with a stride to another */
FTL_CPU_INLINE void copy_rows_in(void *restrict y, ftl_type y_type, int64_t y_stride,
        const void *restrict x, ftl_type x_type, int64_t x_stride, int64_t rows,
        int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
#pragma omp simd
        for (int64_t k = 0; k < width; k++)
            ftl_cpu_store(y, y_type, r * y_stride + k,
                    ftl_cpu_load(x, x_type, r * x_stride + k));
    }
}

/* The same, with types and the usual widths as constants. */
static void copy_rows(void *y, ftl_type y_type, int64_t y_stride, const void *x,
        ftl_type x_type, int64_t x_stride, int64_t rows, int64_t width) {
    const ftl_type f = FTL_F32, h = FTL_BF16;
    const int types = 2 * (y_type == h) + (x_type == h);
    if (types == 0 && width == 16)
        copy_rows_in(y, f, y_stride, x, f, x_stride, rows, 16);
    else if (types == 0 && width == 8)
        copy_rows_in(y, f, y_stride, x, f, x_stride, rows, 8);
    else if (types == 0)
        copy_rows_in(y, f, y_stride, x, f, x_stride, rows, width);
    else if (types == 1 && width == 16)
        copy_rows_in(y, f, y_stride, x, h, x_stride, rows, 16);
    else if (types == 1)
        copy_rows_in(y, f, y_stride, x, h, x_stride, rows, width);
    else if (types == 2 && width == 16)
        copy_rows_in(y, h, y_stride, x, f, x_stride, rows, 16);
    else if (types == 2)
        copy_rows_in(y, h, y_stride, x, f, x_stride, rows, width);
    else
        copy_rows_in(y, h, y_stride, x, h, x_stride, rows, width);
}

/* Tiles at the border, and those of blocks of another size, by way of the stack, where
 * whole rows have a constant length. Of the tile's channels n_channels exist; n_wide
 * have room in the block, padding included. */
FTL_CPU_INLINE void border_to_blocked(void *blocked, ftl_type y_type, const void *dense,
        ftl_type x_type, int64_t inner, int64_t block, int64_t n_pixels,
        int64_t n_channels, int64_t n_wide, int channels) {
    float from[TILE] = {0}, into[TILE];
    copy_rows(from, FTL_F32, PIXELS, dense, x_type, inner, n_channels, n_pixels);
    tile_to_blocked(into, from, PIXELS, channels);
    copy_rows(blocked, y_type, block, into, FTL_F32, channels, n_pixels, n_wide);
}

FTL_CPU_INLINE void border_to_dense(void *dense, ftl_type y_type, const void *blocked,
        ftl_type x_type, int64_t inner, int64_t block, int64_t n_pixels,
        int64_t n_channels, int64_t n_wide, int channels) {
    float from[TILE] = {0}, into[TILE];
    copy_rows(from, FTL_F32, channels, blocked, x_type, block, n_pixels, n_wide);
    tile_to_dense(into, from, PIXELS, channels);
    copy_rows(dense, y_type, inner, into, FTL_F32, PIXELS, n_channels, n_pixels);
}

/* Block i of images of one pixel: channels lie beside each other in both layouts. t:
 * the blocked tensor. */
static void copy_pixel(const ftl_tensor *to, const ftl_tensor *from, ftl_channels t,
        int64_t i, bool into_blocks) {
    const int64_t n = i / t.n_blocks, first = i % t.n_blocks * t.block;
    const int64_t dense = n * t.c + first, blocked = i * t.block;
    const int64_t n_channels = ftl_cpu_min(t.block, t.c - first);
    void *y = ftl_cpu_at(to->data, to->type, into_blocks ? blocked : dense);
    const void *x = ftl_cpu_in(from->data, from->type, into_blocks ? dense : blocked);
    copy_rows(y, to->type, 0, x, from->type, 0, 1, n_channels);
    if (into_blocks)
        memset(ftl_cpu_at(y, to->type, n_channels), 0,
                (size_t)(t.block - n_channels) * ftl_type_bytes(to->type));
}

/* All tiles, `channels` wide, of block i of all blocks. t: the blocked tensor. */
FTL_CPU_INLINE void walk_tiles(const ftl_tensor *to, const ftl_tensor *from,
        ftl_channels t, int64_t i, bool into_blocks, int channels) {
    const int64_t n = i / t.n_blocks, first = i % t.n_blocks * t.block;
    const bool floats = to->type == FTL_F32 && from->type == FTL_F32;
    for (int64_t s = 0; s < t.inner; s += PIXELS)
        for (int64_t k = 0; k < t.block; k += channels) {
            const int64_t dense = (n * t.c + first + k) * t.inner + s;
            const int64_t blocked = (i * t.inner + s) * t.block + k;
            const int64_t n_pixels = ftl_cpu_min(PIXELS, t.inner - s);
            const int64_t n_wide = ftl_cpu_min(channels, t.block - k);
            const int64_t n_channels = ftl_cpu_min(n_wide, t.c - first - k);
            const bool whole = floats && n_pixels == PIXELS && n_channels == t.block &&
                               t.block == channels;
            void *y = ftl_cpu_at(to->data, to->type, into_blocks ? blocked : dense);
            const void *x =
                    ftl_cpu_in(from->data, from->type, into_blocks ? dense : blocked);
            if (whole && into_blocks)
                tile_to_blocked(y, x, t.inner, channels);
            else if (whole)
                tile_to_dense(y, x, t.inner, channels);
            else if (into_blocks)
                border_to_blocked(y, to->type, x, from->type, t.inner, t.block,
                        n_pixels, n_channels, n_wide, channels);
            else
                border_to_dense(y, to->type, x, from->type, t.inner, t.block, n_pixels,
                        n_channels, n_wide, channels);
        }
}

/* Block i of y from the blocks of x that hold its channels. */
static void gather_block(const ftl_tensor *y, const ftl_tensor *x, int64_t i) {
    const ftl_channels to = ftl_tensor_channels(y), from = ftl_tensor_channels(x);
    const int64_t n = i / to.n_blocks, first = i % to.n_blocks * to.block;
    const int64_t out = i * to.inner * to.block;
    const size_t number = ftl_type_bytes(y->type);
    for (int64_t k = 0, width; k < to.block; k += width) {
        const int64_t c = first + k, source = c / from.block, column = c % from.block;
        width = ftl_cpu_min(to.block - k, to.c - c);
        if (width <= 0) { /* behind C */
            width = to.block - k;
            for (int64_t s = 0; s < to.inner; s++)
                memset(ftl_cpu_at(y->data, y->type, out + s * to.block + k), 0,
                        (size_t)width * number);
            continue;
        }
        width = ftl_cpu_min(width, from.block - column);
        const int64_t in =
                (n * from.n_blocks + source) * from.inner * from.block + column;
        copy_rows(ftl_cpu_at(y->data, y->type, out + k), y->type, to.block,
                ftl_cpu_in(x->data, x->type, in), x->type, from.block, to.inner, width);
    }
}

/* Between equal layouts. */
static void copy_all(const ftl_tensor *y, const ftl_tensor *x) {
    const int64_t n = ftl_cpu_floats(y);
    const size_t number = ftl_type_bytes(y->type);
#pragma omp parallel if (n > FTL_CPU_SERIAL)
    {
        const ftl_cpu_range range = ftl_cpu_share(n);
        void *out = ftl_cpu_at(y->data, y->type, range.begin);
        const void *in = ftl_cpu_in(x->data, x->type, range.begin);
        const int64_t size = range.end - range.begin;
        if (y->type == x->type)
            memcpy(out, in, (size_t)size * number);
        else
            copy_rows(out, y->type, 0, in, x->type, 0, 1, size);
    }
}

static void run_reorder(const ftl_call *call) {
    const ftl_tensor *x = &call->in[0], *y = &call->out[0];
    const ftl_layout from = x->layout, to = y->layout;
    const int64_t n_floats = ftl_cpu_floats(y);

    if (from.kind == to.kind && (from.kind == FTL_DENSE || from.block == to.block)) {
        copy_all(y, x);
        return;
    }
    const bool into_blocks = to.kind == FTL_BLOCKED;
    const ftl_channels t = ftl_tensor_channels(into_blocks ? y : x);
    if (into_blocks && from.kind == FTL_BLOCKED) {
#pragma omp parallel for schedule(static) if (n_floats > FTL_CPU_SERIAL)
        for (int64_t i = 0; i < t.n * t.n_blocks; i++)
            gather_block(y, x, i);
        return;
    }
#pragma omp parallel for schedule(static) if (n_floats > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < t.n * t.n_blocks; i++) {
        if (t.inner == 1)
            copy_pixel(y, x, t, i, into_blocks);
        else if (into_blocks && t.block == 8)
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
                .run = run_reorder,
                .bf16 = true},
        {.op = NULL},
};
