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

/* The residual's element behind row r and column s of the patch. */
FTL_CPU_INLINE int64_t residual_at(
        const ftl_winograd *w, const patch *to, int up, int64_t r, int64_t s) {
    const int64_t row =
            to->tile.n * (w->out_height >> up) + ((to->tile.out_top + r) >> up);
    const int64_t column = (to->tile.out_left + s) >> up;
    return (row * (w->out_width >> up) + column) * w->c_out + to->channel;
}

/* Tiles lie too far apart for the processor to see the pattern: where a later one is
 * written to, and what takes part in it, is fetched. */
FTL_CPU_INLINE void fetch(const ending *end, const ftl_winograd *w, int64_t i,
        int64_t channel, int n_out, bool half, bool plain) {
    const int64_t size = half ? 2 : 4, cache_line = 64;
    const patch to = find_patch(w, i, channel, n_out);
    for (int64_t r = 0; r < to.rows; r++)
        for (int64_t s = 0; s < to.columns; s++)
            for (int64_t c = 0; c < to.width; c += cache_line / size) {
                __builtin_prefetch(
                        (char *)end->y +
                                size * (to.at + (r * w->out_width + s) * w->c_out + c),
                        1);
                if (plain) continue;
                if (end->mask)
                    __builtin_prefetch(
                            (const char *)end->mask +
                            size * (to.at + (r * w->out_width + s) * w->c_out + c));
                if (end->residual)
                    __builtin_prefetch((const char *)end->residual +
                                       size * (residual_at(w, &to, end->up, r, s) + c));
            }
}

/* `sum`, which belongs to row r, column s and the channels from c on. */
FTL_CPU_INLINE vec finish(vec sum, const ending *end, const ftl_winograd *w,
        const patch *to, int64_t r, int64_t s, int64_t c, bool half) {
    if (end->mask) {
        const vec z = ftl_vector_load(
                end->mask, to->at + (r * w->out_width + s) * w->c_out + c, half);
        sum = (vec)((ftl_words)sum & (ftl_words)(z > 0));
    }
    if (end->residual)
        sum += ftl_vector_load(
                end->residual, residual_at(w, to, end->up, r, s) + c, half);
    return sum;
}

/* The sums of tile i, in a row of m, to its place in y. plain: nothing but the bias
 * takes part. (To ask in the loop would slow such convolutions by a tenth.) */
FTL_CPU_INLINE void write_tile(axis *transform, const ending *end,
        const ftl_winograd *w, const float *m, int64_t i, int64_t channel, int n_in,
        int n_out, bool half, bool plain) {
    const patch to = find_patch(w, i, channel, n_out);
    for (int64_t c = 0; c < to.width; c += FTL_VECTOR) {
        vec in[36], out[16];
#pragma GCC unroll 36
        for (int k = 0; k < n_in * n_in; k++)
            in[k] = ftl_vector_load(m, k * w->m_point + c, false);
        both_axes(transform, out, in, n_in, n_out);
        const vec shift =
                end->bias ? ftl_vector_load(end->bias, channel + c, false) : (vec) {0};
        for (int64_t r = 0; r < to.rows; r++)
            for (int64_t s = 0; s < to.columns; s++) {
                vec sum = out[r * n_out + s] + shift;
                if (!plain) sum = finish(sum, end, w, &to, r, s, c, half);
                ftl_vector_store(end->y, to.at + (r * w->out_width + s) * w->c_out + c,
                        sum, half);
            }
    }
}

/* All tiles of a chunk, that begins with tile `first`. */
FTL_CPU_INLINE void write_chunk(const ending *end, const ftl_winograd *w,
        const float *m, int64_t first, int64_t channel, bool plain) {
    for (int64_t t = 0; t < w->chunk && first + t < w->n_tiles; t++) {
        const float *row = m + t * FTL_PANEL;
        const int64_t i = first + t;
        if (i + AHEAD < w->n_tiles)
            fetch(end, w, i + AHEAD, channel, w->out_side, w->half, plain);
#define SUMS(transform, n_out, n_in)                                                   \
    if (w->half)                                                                       \
        write_tile(transform, end, w, row, i, channel, n_in, n_out, true, plain);      \
    else                                                                               \
        write_tile(transform, end, w, row, i, channel, n_in, n_out, false, plain)
        WITH_TRANSFORM(w->form, output, 4, 4, 2, 2, 2, 1, SUMS)
#undef SUMS
    }
}

static void write_plain(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t channel) {
    write_chunk(end, w, m, first, channel, true);
}

static void write_more(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t channel) {
    write_chunk(end, w, m, first, channel, false);
}

static void write_images(const ending *end, const ftl_winograd *w, const float *m,
        int64_t first, int64_t panel) {
    if (end->mask || end->residual)
        write_more(end, w, m, first, panel * FTL_PANEL);
    else
        write_plain(end, w, m, first, panel * FTL_PANEL);
}

#endif
