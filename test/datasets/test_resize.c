/* test_resize.c - crop and resize against a slow definition. */
#include "datasets/resize.h"
#include "test/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill(uint8_t *pixels, size_t n) {
    uint32_t state = 12345;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
}

static void keeps_what_fits(void) {
    uint8_t pixels[9 * 9 * 3], out[9 * 9 * 3];
    fill(pixels, sizeof pixels);
    FTL_CHECK_OK(ftl_resize_square(out, 9, &(ftl_image) {pixels, 9, 9, 3}));
    FTL_CHECK(memcmp(out, pixels, sizeof out) == 0);
}

static void crops_the_centre(void) {
    uint8_t pixels[4 * 9], out[16];
    fill(pixels, sizeof pixels);
    /* 9 wide, 4 high: columns 2 .. 5, one more is left over at the right. */
    FTL_CHECK_OK(ftl_resize_square(out, 4, &(ftl_image) {pixels, 9, 4, 1}));
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            FTL_CHECK(out[4 * y + x] == pixels[9 * y + x + 2]);
    /* 4 wide, 9 high: rows 2 .. 5 */
    FTL_CHECK_OK(ftl_resize_square(out, 4, &(ftl_image) {pixels, 4, 9, 1}));
    FTL_CHECK(memcmp(out, pixels + 8, 16) == 0);
}

static void keeps_flat_areas(void) {
    uint8_t pixels[37 * 37], out[64 * 64];
    memset(pixels, 201, sizeof pixels);
    for (int size = 1; size <= 64; size++) {
        FTL_CHECK_OK(ftl_resize_square(out, size, &(ftl_image) {pixels, 37, 37, 1}));
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
        FTL_CHECK_OK(
                ftl_resize_square(out, size, &(ftl_image) {pixels, side, side, 1}));
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
    FTL_CHECK_OK(ftl_resize_square(out, 5, &(ftl_image) {pixels, 13, 13, 3}));
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < n; i++)
            plane[i] = pixels[3 * i + c];
        FTL_CHECK_OK(ftl_resize_square(out_plane, 5, &(ftl_image) {plane, 13, 13, 1}));
        for (int i = 0; i < 25; i++)
            FTL_CHECK(out[3 * i + c] == out_plane[i]);
    }
}

int main(void) {
    FTL_TEST(keeps_what_fits);
    FTL_TEST(crops_the_centre);
    FTL_TEST(keeps_flat_areas);
    FTL_TEST(agrees_with_the_definition);
    FTL_TEST(keeps_channels_apart);
    return ftl_test_finish();
}
