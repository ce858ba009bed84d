/* grid.c - see grid.h. */
#include "datasets/grid.h"

#include "datasets/font.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#define TEXT_SCALE 2
#define MARGIN 8
#define WHITE 255
#define BLACK 0

static ftl_status init_white(
        ftl_image *out, int64_t width, int64_t height, int channels) {
    FTL_TRY(ftl_image_check_size(width, height, "a grid"));
    FTL_TRY(ftl_image_init(out, (int)width, (int)height, channels, "a grid"));
    memset(out->pixels, WHITE, (size_t)(width * height * channels));
    return FTL_OK;
}

/* The pixel at (x, y); one after another in a row. */
static uint8_t *pixel(const ftl_image *image, int x, int y) {
    return image->pixels +
           ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
}

ftl_status ftl_grid_compose(ftl_image *out, const uint8_t *images, int64_t n,
        int height, int width, int channels, int columns, int scale) {
    assert(n >= 1 && columns >= 1 && scale >= 1 && width >= 1 && height >= 1);
    *out = (ftl_image) {0};
    if (columns > n) columns = (int)n;
    int64_t rows = (n + columns - 1) / columns;
    int64_t step_x = (int64_t)width * scale + FTL_GRID_GAP;
    int64_t step_y = (int64_t)height * scale + FTL_GRID_GAP;
    if (rows > INT_MAX / step_y || columns > INT_MAX / step_x)
        return ftl_fail(FTL_EFORMAT, "a grid: %lld images of %d x %d are too many",
                (long long)n, width, height);
    FTL_TRY(init_white(out, columns * step_x + FTL_GRID_GAP,
            rows * step_y + FTL_GRID_GAP, channels));
    const uint8_t *from = images;
    for (int64_t i = 0; i < n; i++) {
        int left = (int)(i % columns * step_x) + FTL_GRID_GAP;
        int top = (int)(i / columns * step_y) + FTL_GRID_GAP;
        for (int y = 0; y < height * scale; y++) {
            uint8_t *to = pixel(out, left, top + y);
            const uint8_t *row =
                    from + (size_t)(y / scale) * (size_t)(width * channels);
            for (int x = 0; x < width * scale; x++, to += channels)
                memcpy(to, row + (size_t)(x / scale) * (size_t)channels,
                        (size_t)channels);
        }
        from += (size_t)height * (size_t)width * (size_t)channels;
    }
    return FTL_OK;
}

static void paste(ftl_image *to, const ftl_image *from, int left, int top) {
    for (int y = 0; y < from->height; y++)
        for (int x = 0; x < from->width; x++)
            for (int c = 0; c < to->channels; c++)
                pixel(to, left + x, top + y)[c] =
                        pixel(from, x, y)[from->channels == 1 ? 0 : c];
}

/* A title in the middle of its column. */
static void draw_title(ftl_image *to, const char *title, int left, int width) {
    int x = left + (width - ftl_font_width(title, TEXT_SCALE)) / 2;
    ftl_font_draw(to, x, MARGIN, TEXT_SCALE, title, BLACK);
}

static int max(int a, int b) { return a > b ? a : b; }

ftl_status ftl_grid_compare(ftl_image *out, const ftl_image *left,
        const char *left_title, const ftl_image *right, const char *right_title,
        const char *caption) {
    *out = (ftl_image) {0};
    /* A column is as wide as its picture or its title, whichever is wider. */
    int column_1 = max(left->width, ftl_font_width(left_title, TEXT_SCALE));
    int column_2 = max(right->width, ftl_font_width(right_title, TEXT_SCALE));
    int both = column_1 + 2 * MARGIN + column_2;
    int width = max(both, ftl_font_width(caption, TEXT_SCALE));
    int title = max(ftl_font_height(left_title, TEXT_SCALE),
            ftl_font_height(right_title, TEXT_SCALE));
    int top = MARGIN + title;
    int below = top + max(left->height, right->height) + MARGIN;
    int height = below + (caption[0] ? ftl_font_height(caption, TEXT_SCALE) : 0);
    int channels = max(left->channels, right->channels);
    FTL_TRY(init_white(out, width + 2 * MARGIN, height + MARGIN, channels));

    int x_1 = MARGIN + (width - both) / 2;
    int x_2 = x_1 + column_1 + 2 * MARGIN;
    draw_title(out, left_title, x_1, column_1);
    draw_title(out, right_title, x_2, column_2);
    paste(out, left, x_1 + (column_1 - left->width) / 2, top);
    paste(out, right, x_2 + (column_2 - right->width) / 2, top);
    ftl_font_draw(out, MARGIN, below, TEXT_SCALE, caption, BLACK);
    return FTL_OK;
}

ftl_status ftl_grid_stack(
        ftl_image *out, const ftl_image *pictures, const char *const *titles, int n) {
    int width = 0, channels = 1;
    int64_t height = MARGIN;
    *out = (ftl_image) {0};
    assert(n >= 1);
    for (int i = 0; i < n; i++) {
        width = max(
                width, max(pictures[i].width, ftl_font_width(titles[i], TEXT_SCALE)));
        height += ftl_font_height(titles[i], TEXT_SCALE) + pictures[i].height + MARGIN;
        channels = max(channels, pictures[i].channels);
    }
    FTL_TRY(init_white(out, width + 2 * MARGIN, height, channels));
    int y = MARGIN;
    for (int i = 0; i < n; i++) {
        /* Over the first image, not over the gap in front of it. */
        ftl_font_draw(out, MARGIN + FTL_GRID_GAP, y, TEXT_SCALE, titles[i], BLACK);
        y += ftl_font_height(titles[i], TEXT_SCALE);
        paste(out, &pictures[i], MARGIN, y);
        y += pictures[i].height + MARGIN;
    }
    return FTL_OK;
}
