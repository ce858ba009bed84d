/* winograd_axes.h - both axes of a tile, and tiles in images. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_AXES_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_AXES_H

#include "engine/backend/cpu/winograd_transform.h"
#include "engine/backend/winograd.h"

typedef void axis(vec *y, const vec *x);

/* [n, n] vectors to [m, m]. The transform is to be named where this is called. */
FTL_CPU_INLINE void both_axes(axis *transform, vec *y, const vec *x, int n, int m) {
    vec columns[36], line[6], result[6];
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

/* Where the values of a tile lie; of those behind the border, zeros. */
typedef struct window {
    const void *at[36];
    int64_t ahead; /* elements to what the window shows when it has moved on */
} window;

/* A batch of images as NHWC, in which windows of side x side px are looked at. */
typedef struct images {
    const void *x, *zeros; /* zeros: of c channels */
    int64_t height, width, c;
    bool half;
    int64_t pixel, line; /* bytes from one to the next */
    int64_t offset[36];  /* of a window's pixels from its first one, in bytes */
} images;

static void find_offsets(images *from, int side) {
    from->pixel = from->c * (from->half ? 2 : 4);
    from->line = from->width * from->pixel;
    for (int k = 0; k < side * side; k++)
        from->offset[k] = k / side * from->line + k % side * from->pixel;
}

/* side x side px of image n, from (top, left); it moves on by `step` px. */
FTL_CPU_INLINE window find_window(
        const images *from, int64_t n, int64_t top, int64_t left, int side, int step) {
    const char *first = (const char *)from->x + (n * from->height + top) * from->line +
                        left * from->pixel;
    window w;
    w.ahead = 2 * step * from->c; /* two tiles: what memory takes is what one takes */
    if (top >= 0 && left >= 0 && top + side <= from->height &&
            left + side <= from->width) {
        for (int k = 0; k < side * side; k++)
            w.at[k] = first + from->offset[k];
        return w;
    }
#pragma GCC unroll 6
    for (int i = 0; i < side; i++) {
        const bool row = top + i >= 0 && top + i < from->height;
#pragma GCC unroll 6
        for (int j = 0; j < side; j++) {
            const bool inside = row & (left + j >= 0) & (left + j < from->width);
            const int k = i * side + j;
            w.at[k] = inside ? first + from->offset[k] : from->zeros;
        }
    }
    return w;
}

/* The window's n x n values of the channels from c on, transformed into m x m. Tiles
 * lie too far apart for the processor to see the pattern: what comes next is fetched,
 * once for each line of the cache. */
FTL_CPU_INLINE void transform_window(axis *transform, vec *out, const window *from,
        int64_t c, int n, int m, bool half) {
    vec in[36];
#pragma GCC unroll 36
    for (int k = 0; k < n * n; k++)
        in[k] = ftl_vector_load(from->at[k], c, half);
    if (c * (half ? 2 : 4) % 64 == 0)
#pragma GCC unroll 36
        for (int k = 0; k < n * n; k++)
            if (k % n >= n - 4)
                __builtin_prefetch(
                        (const char *)from->at[k] + (c + from->ahead) * (half ? 2 : 4));
    both_axes(transform, out, in, n, m);
}

/* Channels begin .. begin + n_channels - 1 of one tile into the points' matrices, at
 * element `at` of the first of them; they are `point` elements apart. */
FTL_CPU_INLINE void transform_tile(axis *transform, void *to, int64_t at, int64_t point,
        const window *from, int64_t begin, int64_t n_channels, int n, int m,
        bool half) {
    for (int64_t c = 0; c < n_channels; c += FTL_VECTOR) {
        vec out[36];
        transform_window(transform, out, from, begin + c, n, m, half);
#pragma GCC unroll 36
        for (int k = 0; k < m * m; k++)
            ftl_vector_store(to, at + k * point + c, out[k], half);
    }
}

/* Two tiles of bf16 into matrices of pairs; the second may be missing (NULL). */
FTL_CPU_INLINE void transform_pair(axis *transform, uint32_t *to, int64_t point,
        const window *first, const window *second, int64_t begin, int64_t n_channels,
        int n, int m) {
    for (int64_t c = 0; c < n_channels; c += FTL_VECTOR) {
        vec one[36], two[36] = {{0}};
        transform_window(transform, one, first, begin + c, n, m, true);
        if (second) transform_window(transform, two, second, begin + c, n, m, true);
#pragma GCC unroll 36
        for (int k = 0; k < m * m; k++)
            ftl_vector_store_pairs(to + k * point + c, one[k], two[k]);
    }
}

/* Do something with the transform of this form that is called f ## _kind, n values to
 * m, all of them constants where it is expanded. COARSE: of a form that is. */
#define WITH_COARSE_TRANSFORM(form, kind, n_plain, n_up, n_down, DO)                   \
    if ((form) == FTL_WINOGRAD_PLAIN) {                                                \
        DO(plain_##kind, n_plain, 6);                                                  \
    } else if ((form) == FTL_WINOGRAD_UP) {                                            \
        DO(up_##kind, n_up, 5);                                                        \
    } else if ((form) == FTL_WINOGRAD_DOWN) {                                          \
        DO(down_##kind, n_down, 5);                                                    \
    }

#define WITH_TRANSFORM(                                                                \
        form, kind, n_plain, n_up, n_down, n_fine, n_fine_up, n_fine_down, DO)         \
    if ((form) == FTL_WINOGRAD_FINE_PLAIN) {                                           \
        DO(fine_plain_##kind, n_fine, 4);                                              \
    } else if ((form) == FTL_WINOGRAD_FINE_UP) {                                       \
        DO(fine_up_##kind, n_fine_up, 3);                                              \
    } else if ((form) == FTL_WINOGRAD_FINE_DOWN) {                                     \
        DO(fine_down_##kind, n_fine_down, 3);                                          \
    } else {                                                                           \
        WITH_COARSE_TRANSFORM(form, kind, n_plain, n_up, n_down, DO)                   \
    }

#endif
