/* resize.c - see resize.h. Separable: rows first, into float, then columns. */
#include "datasets/resize.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* [side, side, c] with rows stride apart -> [side, size, c] */
static void resize_rows(float *to, const uint8_t *from, size_t stride, int side,
        int size, int channels, const taps *t) {
    for (int y = 0; y < side; y++) {
        const uint8_t *row = from + (size_t)y * stride;
        for (int x = 0; x < size; x++) {
            const float *weight = t->weight + (size_t)x * (size_t)t->n;
            for (int c = 0; c < channels; c++) {
                float sum = 0;
                for (int k = 0; k < t->count[x]; k++)
                    sum += weight[k] * (float)row[(t->first[x] + k) * channels + c];
                *to++ = sum;
            }
        }
    }
}

/* [side, size, c] -> [size, size, c] */
static void resize_columns(
        uint8_t *to, const float *from, int size, int channels, const taps *t) {
    size_t n_row = (size_t)size * (size_t)channels;
    for (int y = 0; y < size; y++) {
        const float *weight = t->weight + (size_t)y * (size_t)t->n;
        for (size_t x = 0; x < n_row; x++) {
            float sum = 0;
            for (int k = 0; k < t->count[y]; k++)
                sum += weight[k] * from[(size_t)(t->first[y] + k) * n_row + x];
            /* Weights are positive: only rounding can leave [0, 255]. */
            float value = floorf(sum + 0.5f);
            *to++ = (uint8_t)(value > 255 ? 255 : value);
        }
    }
}

ftl_status ftl_resize_square(uint8_t *out, int size, const ftl_image *image) {
    assert(size > 0);
    int channels = image->channels;
    int side = image->width < image->height ? image->width : image->height;
    size_t stride = (size_t)image->width * (size_t)channels;
    const uint8_t *from = image->pixels +
                          (size_t)((image->height - side) / 2) * stride +
                          (size_t)((image->width - side) / 2) * (size_t)channels;
    size_t n_row = (size_t)size * (size_t)channels;
    if (side == size) {
        for (int y = 0; y < size; y++)
            memcpy(out + (size_t)y * n_row, from + (size_t)y * stride, n_row);
        return FTL_OK;
    }
    taps t = {0};
    float *between = NULL;
    ftl_status status;
    FTL_TRY_OUT(taps_init(&t, size, side));
    between = malloc(sizeof(float) * (size_t)side * n_row);
    if (!between) {
        status = ftl_fail(FTL_ENOMEM, "no memory for resizing %d pixels", side);
        goto out;
    }
    resize_rows(between, from, stride, side, size, channels, &t);
    resize_columns(out, between, size, channels, &t);
out:
    free(between);
    taps_deinit(&t);
    return status;
}
