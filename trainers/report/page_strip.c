/* page_strip.c - a row of a grid: the same latents as in the same row of another one.
 *
 * A page of many grids would be large; one row of each says how images change. */
#include "datasets/grid.h"
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

#include <stdlib.h>

enum { LEAST_SIDE = 12 }; /* of the images in a grid */

static bool is_white(const ftl_image *image, int x, int y) {
    const uint8_t *pixel =
            image->pixels +
            ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
    for (int k = 0; k < image->channels; k++)
        if (pixel[k] != 255) return false;
    return true;
}

/* Are there white gaps at all multiples of this, both ways? */
static bool is_parted(const ftl_image *image, int pitch) {
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            if ((x % pitch < FTL_GRID_GAP || y % pitch < FTL_GRID_GAP) &&
                    !is_white(image, x, y))
                return false;
    return true;
}

/* Pixels from a row to the next: the least that parts it into squares, since images on
 * white may look parted by more. 0: it is no grid of several rows. */
static int pitch_of(const ftl_image *image) {
    const int width = image->width - FTL_GRID_GAP,
              height = image->height - FTL_GRID_GAP;
    for (int columns = width / (LEAST_SIDE + FTL_GRID_GAP); columns > 1; columns--) {
        const int pitch = width / columns;
        if (width % columns == 0 && height % pitch == 0 && height > pitch &&
                is_parted(image, pitch))
            return pitch;
    }
    return 0;
}

/* A PNG of its first row. */
static ftl_status encode(unsigned char **png, size_t *n, const char *bytes,
        size_t n_bytes, const char *file) {
    ftl_image image;
    FTL_TRY(ftl_image_decode(&image, bytes, n_bytes, NULL, file));
    const int pitch = pitch_of(&image);
    if (pitch) image.height = pitch + FTL_GRID_GAP; /* rows lie behind each other */
    const ftl_status status = ftl_png_encode(png, n, &image, file);
    ftl_image_deinit(&image);
    return status;
}

ftl_status ftl_page_strip(ftl_page *page, const ftl_source_sample *sample,
        const char *label, const char *name) {
    char *bytes;
    unsigned char *png;
    size_t n;
    FTL_TRY(ftl_page_read_sample(page, sample, &bytes, &n));
    if (!bytes) return FTL_OK;
    const ftl_status status = encode(&png, &n, bytes, n, sample->file);
    free(bytes);
    if (status != FTL_OK) return ftl_source_excuse(page->source, status);
    fputs("<div class=\"strip\"><span>", page->file);
    ftl_html_text(page->file, label);
    fputs("</span>", page->file);
    ftl_page_image(page, png, n, name);
    fputs("</div>\n", page->file);
    free(png);
    return FTL_OK;
}
