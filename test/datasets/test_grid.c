/* test_grid.c - where pixels go in a grid, and what the font draws. */
#include "datasets/font.h"
#include "datasets/grid.h"
#include "test/harness.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t *at(const ftl_image *image, int x, int y) {
    return image->pixels +
           ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
}

static void composes(void) {
    /* Five images of 2 x 3 (height, width), all pixels different. */
    uint8_t images[5 * 2 * 3 * 3];
    ftl_image grid;
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)i;
    FTL_CHECK_OK(ftl_grid_compose(&grid, images, 5, 2, 3, 3, 2, 2));
    FTL_CHECK(grid.width == 2 * (6 + 2) + 2 && grid.height == 3 * (4 + 2) + 2);
    for (int i = 0; i < 5; i++)
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++) {
                const uint8_t *want = images + ((i * 2 + y / 2) * 3 + x / 2) * 3;
                FTL_CHECK(!memcmp(
                        at(&grid, 2 + i % 2 * 8 + x, 2 + i / 2 * 6 + y), want, 3));
            }
    const uint8_t white[] = {255, 255, 255};
    FTL_CHECK(!memcmp(at(&grid, 0, 0), white, 3));
    FTL_CHECK(!memcmp(at(&grid, 8, 3), white, 3));   /* a gap */
    FTL_CHECK(!memcmp(at(&grid, 12, 15), white, 3)); /* the place of a sixth */
    ftl_image_deinit(&grid);
}

static void refuses_what_is_too_large(void) {
    uint8_t pixel = 0;
    ftl_image grid;
    FTL_CHECK_FAILS(ftl_grid_compose(&grid, &pixel, 1, 1, 1, 1, 1, 100000), FTL_EFORMAT,
            "a grid: 100004 x 100004 pixels");
    FTL_CHECK(!grid.pixels);
}

static void compares(void) {
    uint8_t black[10 * 10] = {0}, colour[30 * 20 * 3];
    memset(colour, 77, sizeof colour);
    ftl_image left = {black, 10, 10, 1}, right = {colour, 30, 20, 3}, both;
    FTL_CHECK_OK(ftl_grid_compare(&both, &left, "before", &right, "after", "a\nbc"));
    FTL_CHECK(both.channels == 3);
    int n_77 = 0, n_0 = 0, n_other = 0;
    for (int i = 0; i < both.width * both.height; i++) {
        n_77 += both.pixels[3 * i] == 77;
        n_0 += both.pixels[3 * i] == 0;
        n_other += both.pixels[3 * i] != 77 && both.pixels[3 * i] % 255;
    }
    FTL_CHECK(n_77 == 600 && n_other == 0);
    FTL_CHECK(n_0 > 100 + 100); /* the left picture and some letters */
    ftl_image_deinit(&both);
}

/* Every printable character draws something, and no two the same. */
static void draws_different_glyphs(void) {
    enum { width = 6, height = 10 };
    uint8_t seen[95][width * height];
    for (int c = ' '; c <= '~'; c++) {
        char text[] = {(char)c, 0};
        ftl_image cell = {seen[c - ' '], width, height, 1};
        memset(seen[c - ' '], 0, width * height);
        ftl_font_draw(&cell, 0, 0, 1, text, 1);
        FTL_CHECK((memchr(seen[c - ' '], 1, width * height) != NULL) == (c != ' '));
        for (int d = ' '; d < c; d++)
            FTL_CHECK(memcmp(seen[c - ' '], seen[d - ' '], width * height));
    }
}

static void cuts_text_at_the_border(void) {
    uint8_t *pixels = calloc(5 * 5, 1);
    if (!pixels) abort();
    ftl_image image = {pixels, 5, 5, 1};
    ftl_font_draw(&image, -7, -3, 2, "Wide\nWords\x80", 255);
    ftl_font_draw(&image, 100, 100, 2, "gone", 255);
    bool drawn = memchr(pixels, 255, 25) != NULL;
    free(pixels);
    FTL_CHECK(drawn);
    FTL_CHECK(ftl_font_width("ab\nabc", 2) == 2 * 17);
    FTL_CHECK(ftl_font_height("ab\nabc", 2) == 2 * 20);
    FTL_CHECK(ftl_font_width("", 2) == 0);
    /* A character of several bytes is one box. */
    FTL_CHECK(ftl_font_width("m\xc3\xa4nner", 1) == ftl_font_width("manner", 1));
    FTL_CHECK(ftl_font_width("\xe6\x97\xa5\xe6\x9c\xac", 1) == 11);
}

int main(void) {
    FTL_TEST(composes);
    FTL_TEST(refuses_what_is_too_large);
    FTL_TEST(compares);
    FTL_TEST(draws_different_glyphs);
    FTL_TEST(cuts_text_at_the_border);
    return ftl_test_finish();
}
