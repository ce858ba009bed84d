/* resize.c - see resize.h. Separable: columns first, into float, then rows. The first
 * pass sees every pixel of the source and runs along rows of memory, many values at
 * once; the second, which cannot, sees as many rows as the result has. */
#include "datasets/resize.h"

#include "engine/base/clones.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const ftl_fit_names[] = {"crop", "pad", "stretch", NULL};

/* A rectangle of pixels in a larger picture. */
typedef struct area {
    int width, height;
    size_t stride; /* values from one row to the next */
} area;

/* For each target position the source pixels that it is made of. */
typedef struct taps {
    int n;         /* places for weights of one target position */
    int *first;    /* [size] first source pixel */
    int *count;    /* [size] number of source pixels, <= n */
    float *weight; /* [size, n], summing to 1 over count, then 0 */
} taps;

static void taps_deinit(taps *t) {
    free(t->first);
    free(t->count);
    free(t->weight);
}

static ftl_status taps_init(taps *t, int size, int source) {
    double scale = (double)source / size;
    double support = scale > 1 ? scale : 1;
    t->n = 2 * (int)ceil(support) + 1;
    t->first = malloc(sizeof(int) * (size_t)size);
    t->count = malloc(sizeof(int) * (size_t)size);
    t->weight = calloc((size_t)size * (size_t)t->n, sizeof *t->weight);
    if (!t->first || !t->count || !t->weight)
        return ftl_fail(FTL_ENOMEM, "no memory for resizing to %d pixels", size);
    for (int i = 0; i < size; i++) {
        /* Pixel j covers [j, j + 1]; its weight is the triangle's at its centre. */
        double centre = (i + 0.5) * scale;
        int first = (int)floor(centre - support);
        int last = (int)ceil(centre + support);
        if (first < 0) first = 0;
        if (last > source) last = source;
        while (first < last && first + 0.5 <= centre - support)
            first++;
        while (last > first && last - 0.5 >= centre + support)
            last--;
        assert(last > first && last - first <= t->n);
        double sum = 0;
        for (int j = first; j < last; j++)
            sum += 1 - fabs(j + 0.5 - centre) / support;
        for (int j = first; j < last; j++)
            t->weight[(size_t)i * (size_t)t->n + (size_t)(j - first)] =
                    (float)((1 - fabs(j + 0.5 - centre) / support) / sum);
        t->first[i] = first;
        t->count[i] = last - first;
    }
    return FTL_OK;
}

/* Values of `from` that the second pass reads at once: those of a pixel, and some of
 * the next one, which cost nothing and are left over. */
#define AT_ONCE 4

/* to += weight[k] * row k for each k in turn; four rows in a pass over `to`, each of
 * which is rounded as if it were alone. */
FTL_CLONES static void add_rows(float *restrict to, const uint8_t *restrict row,
        size_t stride, const float *weight, int n, size_t n_row) {
    for (; n >= 4; n -= 4, weight += 4, row += 4 * stride) {
        const uint8_t *a = row, *b = a + stride, *c = b + stride, *d = c + stride;
        for (size_t x = 0; x < n_row; x++) {
            float sum = to[x] + weight[0] * (float)a[x];
            sum += weight[1] * (float)b[x];
            sum += weight[2] * (float)c[x];
            to[x] = sum + weight[3] * (float)d[x];
        }
    }
    for (; n > 0; n--, weight++, row += stride)
        for (size_t x = 0; x < n_row; x++)
            to[x] += *weight * (float)row[x];
}

/* [height, n_row] with rows stride apart -> [n, n_row] */
static void resize_columns(float *to, const uint8_t *from, area source, size_t n_row,
        int n, const taps *t) {
    for (int y = 0; y < n; y++, to += n_row) {
        memset(to, 0, sizeof *to * n_row);
        add_rows(to, from + (size_t)t->first[y] * source.stride, source.stride,
                t->weight + (size_t)y * (size_t)t->n, t->count[y], n_row);
    }
}

/* Weights are positive and sum to 1 but for rounding: 0 <= sum < 255.5. */
static uint8_t rounded(float sum) { return (uint8_t)(int)(sum + 0.5f); }

/* [width, channels], and AT_ONCE more values behind them -> [n, channels] */
static void resize_row(
        uint8_t *to, const float *from, int n, int channels, const taps *t) {
    for (int x = 0; x < n; x++, to += channels) {
        const float *weight = t->weight + (size_t)x * (size_t)t->n;
        const float *first = from + t->first[x] * channels;
        float sum[AT_ONCE] = {0};
        for (int k = 0; k < t->count[x]; k++, first += channels)
            for (int c = 0; c < AT_ONCE; c++)
                sum[c] += weight[k] * first[c];
        for (int c = 0; c < channels; c++)
            to[c] = rounded(sum[c]);
    }
}

static ftl_status resize_area(
        uint8_t *to, area target, const uint8_t *from, area source, int channels) {
    size_t n_from = (size_t)source.width * (size_t)channels;
    if (target.width == source.width && target.height == source.height) {
        for (int y = 0; y < target.height; y++)
            memcpy(to + (size_t)y * target.stride, from + (size_t)y * source.stride,
                    n_from);
        return FTL_OK;
    }
    taps across = {0}, down = {0};
    float *between = NULL;
    ftl_status status;
    FTL_TRY_OUT(taps_init(&across, target.width, source.width));
    FTL_TRY_OUT(taps_init(&down, target.height, source.height));
    size_t n_between = (size_t)target.height * n_from;
    between = malloc(sizeof(float) * (n_between + AT_ONCE));
    if (!between) {
        status = ftl_fail(FTL_ENOMEM, "no memory for resizing %d x %d pixels",
                source.width, source.height);
        goto out;
    }
    memset(between + n_between, 0, sizeof(float) * AT_ONCE);
    resize_columns(between, from, source, n_from, target.height, &down);
    for (int y = 0; y < target.height; y++)
        resize_row(to + (size_t)y * target.stride, between + (size_t)y * n_from,
                target.width, channels, &across);
out:
    free(between);
    taps_deinit(&across);
    taps_deinit(&down);
    return status;
}

/* The shorter side of a padded image. */
static int scaled(int side, int longer, int size) {
    int n = (int)lround((double)side * size / longer);
    return n < 1 ? 1 : n;
}

static void fill(uint8_t *out, int size, int channels, const uint8_t background[3]) {
    for (size_t i = 0; i < (size_t)size * (size_t)size; i++)
        memcpy(out + i * (size_t)channels, background, (size_t)channels);
}

ftl_status ftl_resize(uint8_t *out, int size, const ftl_image *image, ftl_fit fit,
        const uint8_t background[3]) {
    assert(size > 0);
    int channels = image->channels, width = image->width, height = image->height;
    int shorter = width < height ? width : height;
    int longer = width < height ? height : width;
    const uint8_t *from = image->pixels;
    area source = {width, height, (size_t)width * (size_t)channels};
    area target = {size, size, (size_t)size * (size_t)channels};
    if (fit == FTL_FIT_CROP) {
        from += (size_t)((height - shorter) / 2) * source.stride +
                (size_t)((width - shorter) / 2) * (size_t)channels;
        source.width = source.height = shorter;
    }
    if (fit == FTL_FIT_PAD && shorter < longer) {
        target.width = scaled(width, longer, size);
        target.height = scaled(height, longer, size);
        fill(out, size, channels, background);
        out += (size_t)((size - target.height) / 2) * target.stride +
               (size_t)((size - target.width) / 2) * (size_t)channels;
    }
    return resize_area(out, target, from, source, channels);
}
