/* winograd_ending.h - from sums of products to results: transformed back, with what
 * else takes part where they are written.
 *
 * For the convolutions of winograd_conv.c. To read an image there saves the pass over
 * memory that would do it behind the convolution. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_ENDING_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_ENDING_H

#include "engine/backend/cpu/winograd_axes.h"

/* Results are shifted by the bias, 0 where the mask is not positive, and then the
 * residual is added, which may have half of their sides. NULL: it does not take part.
 */
typedef struct ending {
    void *y;
    const float *bias;
    const void *mask, *residual;
    int up; /* 1: the residual is upsampled */
} ending;

/* Tiles from the one that is written to the one that is fetched. */
enum { AHEAD = 2 };

/* A panel of a tile of y: its first element there, and how many of its rows, columns
 * and channels there are. */
typedef struct patch {
    ftl_winograd_tile tile;
    int64_t at, rows, columns, channel, width;
} patch;

FTL_CPU_INLINE patch find_patch(
        const ftl_winograd *w, int64_t i, int64_t channel, int n_out) {
    const ftl_winograd_tile t = ftl_winograd_tile_at(w, i);
    return (patch) {.tile = t,
            .at = ((t.n * w->out_height + t.out_top) * w->out_width + t.out_left) *
                          w->c_out +
                  channel,
            .rows = ftl_cpu_min(n_out, w->out_height - t.out_top),
            .columns = ftl_cpu_min(n_out, w->out_width - t.out_left),
            .channel = channel,
            .width = ftl_cpu_min(FTL_PANEL, w->c_out - channel)};
}

/* 0 where the mask is not positive. */
FTL_CPU_INLINE vec where_positive(vec value, const void *mask, int64_t at, bool half) {
    return (vec)((ftl_words)value & (ftl_words)(ftl_vector_load(mask, at, half) > 0));
}

/* Where the values of a patch lie, of the panel's first channel: that of row r and
 * column s at row[r] + column[s]. */
typedef struct grid {
    int64_t row[4], column[4];
} grid;

FTL_CPU_INLINE grid place_result(const ftl_winograd *w, const patch *to, int n_out) {
    grid g;
#pragma GCC unroll 4
    for (int r = 0; r < n_out; r++) {
        g.row[r] = to->at + r * w->out_width * w->c_out;
        g.column[r] = r * w->c_out;
    }
    return g;
}

/* The same in the residual, of which several may share one. */
FTL_CPU_INLINE grid place_residual(
        const ftl_winograd *w, const patch *to, int up, int n_out) {
    const int64_t height = w->out_height >> up, width = w->out_width >> up;
    const ftl_winograd_tile *t = &to->tile;
    grid g;
#pragma GCC unroll 4
    for (int r = 0; r < n_out; r++) {
        g.row[r] = (t->n * height + ((t->out_top + r) >> up)) * width * w->c_out +
                   to->channel;
        g.column[r] = ((t->out_left + r) >> up) * w->c_out;
    }
    return g;
}

/* One line of the cache for each of the values. */
FTL_CPU_INLINE void fetch_lines(
        const void *x, const grid *at, int64_t c, int n_out, bool half, int write) {
    const int64_t size = half ? 2 : 4;
#pragma GCC unroll 4
    for (int r = 0; r < n_out; r++)
#pragma GCC unroll 4
        for (int s = 0; s < n_out; s++) {
            const char *value =
                    (const char *)x + size * (at->row[r] + at->column[s] + c);
            if (write)
                __builtin_prefetch(value, 1);
            else
                __builtin_prefetch(value);
        }
}

/* Tiles lie too far apart for the processor to see the pattern: where a later one is
 * written to, and what takes part in it, is fetched. (What lies behind a border is
 * fetched for nothing.) */
FTL_CPU_INLINE void fetch(const ending *end, const ftl_winograd *w, int64_t i,
        int64_t channel, int n_out, bool half, bool plain) {
    const patch to = find_patch(w, i, channel, n_out);
    const grid y = place_result(w, &to, n_out);
    const grid other = place_residual(w, &to, end->up, n_out);
    for (int64_t c = 0; c < to.width; c += half ? 32 : 16) {
        fetch_lines(end->y, &y, c, n_out, half, 1);
        if (!plain && end->mask) fetch_lines(end->mask, &y, c, n_out, half, 0);
        if (!plain && end->residual)
            fetch_lines(end->residual, &other, c, n_out, half, 0);
    }
}

/* The sums of a tile, in a row of m, to rows x columns values of y. plain: nothing but
 * the bias takes part. (To ask in the loop would slow such convolutions by a tenth.) */
FTL_CPU_INLINE void write_patch(axis *transform, const ending *end,
        const ftl_winograd *w, const float *m, const patch *to, int64_t rows,
        int64_t columns, int n_in, int n_out, bool half, bool plain) {
    const grid y = place_result(w, to, n_out);
    const grid other = place_residual(w, to, end->up, n_out);
    for (int64_t c = 0; c < to->width; c += FTL_VECTOR) {
        vec in[36], out[16];
#pragma GCC unroll 36
        for (int k = 0; k < n_in * n_in; k++)
            in[k] = ftl_vector_load(m, k * w->m_point + c, false);
        both_axes(transform, out, in, n_in, n_out);
        const vec shift = end->bias ? ftl_vector_load(end->bias, to->channel + c, false)
                                    : (vec) {0};
#pragma GCC unroll 4
        for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int64_t s = 0; s < columns; s++) {
                const int64_t at = y.row[r] + y.column[s] + c;
                vec sum = out[r * n_out + s] + shift;
                if (!plain && end->mask) sum = where_positive(sum, end->mask, at, half);
                if (!plain && end->residual)
                    sum += ftl_vector_load(
                            end->residual, other.row[r] + other.column[s] + c, half);
                ftl_vector_store(end->y, at, sum, half);
            }
    }
}

/* The same for tile i: all of its values without a loop, or those that there are. */
FTL_CPU_INLINE void write_tile(axis *transform, const ending *end,
        const ftl_winograd *w, const float *m, int64_t i, int64_t channel, int n_in,
        int n_out, bool half, bool plain) {
    const patch to = find_patch(w, i, channel, n_out);
    if (to.rows == n_out && to.columns == n_out)
        write_patch(transform, end, w, m, &to, n_out, n_out, n_in, n_out, half, plain);
    else
        write_patch(transform, end, w, m, &to, to.rows, to.columns, n_in, n_out, half,
                plain);
}

/* All tiles of a chunk, that begins with tile `first`. */
FTL_CPU_INLINE void write_chunk(const ending *end, const ftl_winograd *w,
        const float *m, int64_t first, int64_t channel, bool half, bool plain) {
    for (int64_t t = 0; t < w->chunk && first + t < w->n_tiles; t++) {
        const float *row = m + t * FTL_PANEL;
        const int64_t i = first + t;
#define SUMS(transform, n_out, n_in)                                                   \
    if (i + AHEAD < w->n_tiles) fetch(end, w, i + AHEAD, channel, n_out, half, plain); \
    write_tile(transform, end, w, row, i, channel, n_in, n_out, half, plain)
        WITH_TRANSFORM(w->form, output, 4, 4, 2, 2, 2, 1, SUMS)
#undef SUMS
    }
}

static void write_plain(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t channel) {
    if (w->half)
        write_chunk(end, w, m, first, channel, true, true);
    else
        write_chunk(end, w, m, first, channel, false, true);
}

static void write_more(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t channel) {
    if (w->half)
        write_chunk(end, w, m, first, channel, true, false);
    else
        write_chunk(end, w, m, first, channel, false, false);
}

static void write_images(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t panel) {
    if (end->mask || end->residual)
        write_more(end, w, m, first, panel * FTL_PANEL);
    else
        write_plain(end, w, m, first, panel * FTL_PANEL);
}

#endif
