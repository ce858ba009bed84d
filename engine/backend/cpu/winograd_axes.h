/* winograd_axes.h - both axes of a tile, and tiles in images. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_AXES_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_AXES_H

#include "engine/backend/cpu/winograd_transform.h"
#include "engine/backend/winograd.h"

typedef void axis(V *y, const V *x);

enum { AHEAD_FROM = 2 };

/* [n, n] vectors to [m, m]. The transform is to be named where this is called. */
FTL_CPU_INLINE void both_axes(axis *transform, V *y, const V *x, int n, int m) {
    V columns[36], line[6], result[6];
#pragma GCC unroll 6
    for (int j = 0; j < n; j++) {
#pragma GCC unroll 6
        for (int i = 0; i < n; i++)
            line[i] = x[i * n + j];
        transform(result, line);
#pragma GCC unroll 6
        for (int i = 0; i < m; i++)
            columns[i * n + j] = result[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < m; i++)
        transform(y + i * m, columns + i * n);
}

/* Where the values of a tile lie, and zeros for those behind the border. */
typedef struct window {
    const float *at[36];
    int64_t mask[36]; /* 0 behind the border, else -1 */
} window;

/* side x side px of an image of NHWC, from (top, left). */
static void find_window(window *out, const float *image, int64_t height, int64_t width,
        int64_t c, int64_t top, int64_t left, int side) {
    static const float zeros[FTL_VECTOR];
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            const int64_t h = top + i, v = left + j;
            const bool inside = h >= 0 && h < height && v >= 0 && v < width;
            out->at[i * side + j] = inside ? image + (h * width + v) * c : zeros;
            out->mask[i * side + j] = inside ? -1 : 0;
        }
}

/* The window's n x n values of each channel, transformed into m x m matrices that are
 * `point` floats apart. Tiles lie too far apart for the processor to see the pattern:
 * what the window will show when it has moved on by `ahead` floats is fetched. */
FTL_CPU_INLINE void transform_window(axis *transform, float *to, int64_t point,
        const window *from, int64_t ahead, int64_t n_channels, int n, int m) {
    for (int64_t c = 0; c < n_channels; c += FTL_VECTOR) {
        V in[36], out[36];
#pragma GCC unroll 36
        for (int k = 0; k < n * n; k++) {
            in[k] = ftl_vector_load(from->at[k] + (c & from->mask[k]));
            if (k % n >= AHEAD_FROM) __builtin_prefetch(from->at[k] + c + ahead);
        }
        both_axes(transform, out, in, n, m);
#pragma GCC unroll 36
        for (int k = 0; k < m * m; k++)
            ftl_vector_store(to + k * point + c, out[k]);
    }
}

/* Tiles first .. first + n - 1 of x into rows 0 .. n - 1 of the points' matrices v. */
static void transform_images(
        float *v, const ftl_winograd *w, const float *x, int64_t first, int64_t n) {
    const int64_t image = w->in_height * w->in_width * w->c_in;
    const int64_t ahead = 2 * w->in_step * w->c_in;
    for (int64_t t = 0; t < n && first + t < w->n_tiles; t++) {
        const ftl_winograd_tile tile = ftl_winograd_tile_at(w, first + t);
        float *row = v + t * w->c_in;
        window from;
        find_window(&from, x + tile.n * image, w->in_height, w->in_width, w->c_in,
                tile.in_top, tile.in_left, w->in_side);
        if (w->attrs.resample == FTL_RESAMPLE_NONE)
            transform_window(plain_input, row, w->v_point, &from, ahead, w->c_in, 6, 6);
        else if (w->attrs.resample == FTL_RESAMPLE_UP)
            transform_window(up_input, row, w->v_point, &from, ahead, w->c_in, 4, 5);
        else
            transform_window(down_input, row, w->v_point, &from, ahead, w->c_in, 6, 5);
    }
}

#endif
