/* resize.c - see resize.h. Separable: rows first, into float, then columns. The floats
 * of a target column are few, and stay in the nearest cache. */
#include "datasets/resize.h"

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

static float sum_of(const float *weight, int n, const uint8_t *from, int step) {
    float sum = 0;
    for (int k = 0; k < n; k++)
        sum += weight[k] * (float)from[k * step];
    return sum;
}

/* [height, width, c] -> [height, n, c] */
static void resize_rows(float *to, const uint8_t *from, area source, int n,
        int channels, const taps *t) {
    for (int y = 0; y < source.height; y++, from += source.stride)
        for (int x = 0; x < n; x++) {
            const float *weight = t->weight + (size_t)x * (size_t)t->n;
            const uint8_t *first = from + t->first[x] * channels;
            for (int c = 0; c < channels; c++)
                *to++ = sum_of(weight, t->count[x], first + c, channels);
        }
}

/* [height, n_row] -> rows of n_row values; sum [n_row] is scratch. */
static void resize_columns(uint8_t *to, const float *from, area target, size_t n_row,
        const taps *t, float *sum) {
    for (int y = 0; y < target.height; y++, to += target.stride) {
        const float *weight = t->weight + (size_t)y * (size_t)t->n;
        const float *row = from + (size_t)t->first[y] * n_row;
        memset(sum, 0, sizeof *sum * n_row);
        for (int k = 0; k < t->count[y]; k++, row += n_row)
            for (size_t x = 0; x < n_row; x++)
                sum[x] += weight[k] * row[x];
        /* Weights are positive: only rounding can leave [0, 255]. */
        for (size_t x = 0; x < n_row; x++) {
            float value = floorf(sum[x] + 0.5f);
            to[x] = (uint8_t)(value > 255 ? 255 : value);
        }
    }
}

static ftl_status resize_area(
        uint8_t *to, area target, const uint8_t *from, area source, int channels) {
    size_t n_row = (size_t)target.width * (size_t)channels;
    if (target.width == source.width && target.height == source.height) {
        for (int y = 0; y < target.height; y++)
            memcpy(to + (size_t)y * target.stride, from + (size_t)y * source.stride,
                    n_row);
        return FTL_OK;
    }
    taps across = {0}, down = {0};
    float *between = NULL;
    ftl_status status;
    FTL_TRY_OUT(taps_init(&across, target.width, source.width));
    FTL_TRY_OUT(taps_init(&down, target.height, source.height));
    between = malloc(sizeof(float) * ((size_t)source.height + 1) * n_row);
    if (!between) {
        status = ftl_fail(FTL_ENOMEM, "no memory for resizing %d x %d pixels",
                source.width, source.height);
        goto out;
    }
    resize_rows(between, from, source, target.width, channels, &across);
    resize_columns(
            to, between, target, n_row, &down, between + (size_t)source.height * n_row);
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
