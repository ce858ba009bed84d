/* test_resize.c - fitting and resizing, against a slow definition and against what
 * PyTorch made of the same pixels. */
#include "datasets/resize.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(uint8_t *pixels, size_t n) {
    uint32_t state = 12345;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
}

static const uint8_t black[3];

static ftl_status crop(uint8_t *out, int size, const ftl_image *image) {
    return ftl_resize(out, size, image, FTL_FIT_CROP, black);
}

static void keeps_what_fits(void) {
    uint8_t pixels[9 * 9 * 3], out[9 * 9 * 3];
    fill(pixels, sizeof pixels);
    FTL_CHECK_OK(crop(out, 9, &(ftl_image) {pixels, 9, 9, 3}));
    FTL_CHECK(memcmp(out, pixels, sizeof out) == 0);
}

static void crops_the_centre(void) {
    uint8_t pixels[4 * 9], out[16];
    fill(pixels, sizeof pixels);
    /* 9 wide, 4 high: columns 2 .. 5, one more is left over at the right. */
    FTL_CHECK_OK(crop(out, 4, &(ftl_image) {pixels, 9, 4, 1}));
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            FTL_CHECK(out[4 * y + x] == pixels[9 * y + x + 2]);
    /* 4 wide, 9 high: rows 2 .. 5 */
    FTL_CHECK_OK(crop(out, 4, &(ftl_image) {pixels, 4, 9, 1}));
    FTL_CHECK(memcmp(out, pixels + 8, 16) == 0);
}

static void keeps_flat_areas(void) {
    uint8_t pixels[37 * 37], out[64 * 64];
    memset(pixels, 201, sizeof pixels);
    for (int size = 1; size <= 64; size++) {
        FTL_CHECK_OK(crop(out, size, &(ftl_image) {pixels, 37, 37, 1}));
        for (int i = 0; i < size * size; i++)
            FTL_CHECK(out[i] == 201);
    }
}

static double triangle(double x) {
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/* One pixel by the definition: all source pixels, two dimensions at once, in double. */
static double slow(const uint8_t *pixels, int side, int size, int x, int y) {
    double scale = (double)side / size, width = scale > 1 ? scale : 1;
    double sum = 0, weights = 0;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            double w = triangle((i + 0.5 - (x + 0.5) * scale) / width) *
                       triangle((j + 0.5 - (y + 0.5) * scale) / width);
            sum += w * pixels[j * side + i];
            weights += w;
        }
    return sum / weights;
}

static void agrees_with_the_definition(void) {
    enum { side = 23 };
    uint8_t pixels[side * side], out[50 * 50];
    const int sizes[] = {1, 2, 5, 7, 11, 16, 22, 24, 46, 50};
    fill(pixels, sizeof pixels);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int size = sizes[k];
        FTL_CHECK_OK(crop(out, size, &(ftl_image) {pixels, side, side, 1}));
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                FTL_CHECK_NEAR(
                        out[y * size + x], slow(pixels, side, size, x, y), 0.5 + 1e-3);
    }
}

static void keeps_channels_apart(void) {
    enum { n = 13 * 13 };
    uint8_t pixels[n * 3], plane[n], out[25 * 3], out_plane[25];
    fill(pixels, sizeof pixels);
    FTL_CHECK_OK(crop(out, 5, &(ftl_image) {pixels, 13, 13, 3}));
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < n; i++)
            plane[i] = pixels[3 * i + c];
        FTL_CHECK_OK(crop(out_plane, 5, &(ftl_image) {plane, 13, 13, 1}));
        for (int i = 0; i < 25; i++)
            FTL_CHECK(out[3 * i + c] == out_plane[i]);
    }
}

/* 8 wide, 3 high in a square of 4: 4 x 2 (1.5 rounded), one row of background above and
 * below; 3 wide, 8 high the other way round. */
static void pads(void) {
    uint8_t pixels[24 * 3], out[16 * 3];
    const uint8_t background[] = {1, 2, 3};
    memset(pixels, 77, sizeof pixels);
    for (int turn = 0; turn < 2; turn++) {
        ftl_image image = {pixels, turn ? 3 : 8, turn ? 8 : 3, 3};
        FTL_CHECK_OK(ftl_resize(out, 4, &image, FTL_FIT_PAD, background));
        for (int i = 0; i < 16; i++) {
            int place = turn ? i % 4 : i / 4;
            bool inside = place == 1 || place == 2;
            for (int c = 0; c < 3; c++)
                FTL_CHECK(out[3 * i + c] == (inside ? 77 : background[c]));
        }
    }
    /* The odd line of background is at the bottom; pixels of its size are copied. */
    uint8_t grey[5], square[25];
    fill(grey, 5);
    FTL_CHECK_OK(ftl_resize(
            square, 5, &(ftl_image) {grey, 5, 1, 1}, FTL_FIT_PAD, background));
    for (int i = 0; i < 25; i++)
        FTL_CHECK(square[i] == (i / 5 == 2 ? grey[i % 5] : 1));
    FTL_CHECK_OK(ftl_resize(
            square, 4, &(ftl_image) {grey, 5, 1, 1}, FTL_FIT_PAD, background));
    for (int i = 0; i < 16; i++)
        FTL_CHECK((square[i] == 1) == (i / 4 != 1));
}

static void stretches(void) {
    static const uint8_t want[] = {10, 70, 190, 250};
    uint8_t pixels[6 * 2], out[16];
    for (int i = 0; i < 12; i++)
        pixels[i] = i < 6 ? 10 : 250;
    FTL_CHECK_OK(
            ftl_resize(out, 4, &(ftl_image) {pixels, 6, 2, 1}, FTL_FIT_STRETCH, black));
    for (int i = 0; i < 16; i++) /* rows at 0 1/4 3/4 1 of the way */
        FTL_CHECK(out[i] == want[i / 4]);
    fill(pixels, sizeof pixels);
    FTL_CHECK_OK(
            ftl_resize(out, 2, &(ftl_image) {pixels, 2, 2, 1}, FTL_FIT_STRETCH, black));
    FTL_CHECK(memcmp(out, pixels, 4) == 0);
}

/* Of one case of the golden file: what PyTorch made in float, and the fit. */
static ftl_status check_golden(ftl_h5 *h5, uint8_t *pixels, int height, int width,
        const char *name, ftl_fit fit, int size, double *worst) {
    uint8_t *out = malloc((size_t)(size * size) * 3);
    float *want = malloc(sizeof *want * (size_t)(size * size) * 3);
    ftl_status status = out && want ? FTL_OK : FTL_ENOMEM;
    if (!status)
        status = ftl_h5_read(h5, name, FTL_H5_F32, (int64_t)size * size * 3, want);
    if (!status)
        status = ftl_resize(
                out, size, &(ftl_image) {pixels, width, height, 3}, fit, black);
    for (int i = 0; !status && i < size * size * 3; i++)
        *worst = fmax(*worst, fabs(out[i] - (double)want[i]));
    free(out);
    free(want);
    return status;
}

static void agrees_with_pytorch(void) {
    static const int sizes[] = {24, 80};
    char *bytes;
    size_t n;
    ftl_h5 *h5;
    ftl_h5_info info;
    uint8_t pixels[128 * 128 * 3];
    double worst = 0;
    FTL_CHECK_OK(ftl_file_read(&bytes, &n, FTL_TEST_GOLDEN "/resize.h5"));
    FTL_CHECK_OK(ftl_h5_open(&h5, bytes, n, "resize.h5"));
    ftl_status status = ftl_h5_describe(h5, "/pixels", &info);
    if (!status && info.count <= (int64_t)sizeof pixels)
        status = ftl_h5_read(h5, "/pixels", FTL_H5_U8, info.count, pixels);
    int height = (int)info.dims[0], width = (int)info.dims[1];
    for (size_t i = 0; !status && i < sizeof sizes / sizeof *sizes; i++)
        for (int fit = 0; !status && fit < FTL_N_FITS; fit++) {
            char name[64];
            snprintf(name, sizeof name, "/%s/%d", ftl_fit_names[fit], sizes[i]);
            status = check_golden(
                    h5, pixels, height, width, name, (ftl_fit)fit, sizes[i], &worst);
        }
    ftl_h5_close(h5);
    free(bytes);
    FTL_CHECK_OK(status);
    FTL_CHECK(height == 93 && width == 71);
    FTL_CHECK_NEAR(worst, 0.5, 1e-3); /* rounding, and no more than that */
}

int main(void) {
    FTL_TEST(keeps_what_fits);
    FTL_TEST(crops_the_centre);
    FTL_TEST(keeps_flat_areas);
    FTL_TEST(agrees_with_the_definition);
    FTL_TEST(keeps_channels_apart);
    FTL_TEST(pads);
    FTL_TEST(stretches);
    FTL_TEST(agrees_with_pytorch);
    return ftl_test_finish();
}
