/* grid.h - many images in one picture. */
#ifndef FTL_DATASETS_GRID_H
#define FTL_DATASETS_GRID_H

#include "datasets/image.h"

/* Pixels between two images of a grid, and around it. */
#define FTL_GRID_GAP 2

/* Lay images out in rows of `columns`, the first in the upper left corner, each of its
 * pixels drawn as scale x scale, on white.
 * images  uint8 [n, height, width, channels]; n >= 1
 * *out is released with ftl_image_deinit. Fails with FTL_EFORMAT (the picture would be
 * larger than an image may be), FTL_ENOMEM; *out is then empty. */
ftl_status ftl_grid_compose(ftl_image *out, const uint8_t *images, int64_t n,
        int height, int width, int channels, int columns, int scale);

/* Put two pictures side by side on white, a title over each, a caption (which may have
 * several lines, or be "") below both. Text is drawn by font.h at twice its size. The
 * result is grey if both are, else RGB. Errors as above. */
ftl_status ftl_grid_compare(ftl_image *out, const ftl_image *left,
        const char *left_title, const ftl_image *right, const char *right_title,
        const char *caption);

/* Put n pictures below each other on white, each under its title; n >= 1. Text, colours
 * and errors as above. */
ftl_status ftl_grid_stack(
        ftl_image *out, const ftl_image *pictures, const char *const *titles, int n);

#endif
