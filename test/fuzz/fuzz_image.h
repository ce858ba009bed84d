/* fuzz_image.h - what targets that decode images promise in common. */
#ifndef FTL_TEST_FUZZ_IMAGE_H
#define FTL_TEST_FUZZ_IMAGE_H

#include "datasets/exif.h"
#include "datasets/resize.h"
#include "test/fuzz/fuzz.h"

#include <stdlib.h>

typedef ftl_status fuzz_decoder(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name);

/* Decode, turn upright, and fit into a square; every pixel of it is read. */
static inline void fuzz_image(fuzz_decoder *decode, const uint8_t *data, size_t size) {
    ftl_image image;
    int orientation = 1;
    ftl_image_decoding decoding = {.background = {200, 100, 50}, .reduced = 1};
    if (!fuzz_accepted(decode(&image, data, size, &decoding, &orientation, "x"))) {
        FUZZ_CHECK(!image.pixels);
        return;
    }
    int64_t n_pixels = (int64_t)image.width * image.height;
    FUZZ_CHECK(image.pixels && image.width > 0 && image.height > 0);
    FUZZ_CHECK(image.channels == 1 || image.channels == 3);
    FUZZ_CHECK(n_pixels <= FTL_IMAGE_MAX_PIXELS);
    FUZZ_CHECK(orientation >= 1 && orientation <= 8);
    FUZZ_CHECK(
            (decoding.width + decoding.reduced - 1) / decoding.reduced == image.width);
    FUZZ_CHECK(ftl_image_orient(&image, orientation, "x") == FTL_OK);
    FUZZ_CHECK(n_pixels == (int64_t)image.width * image.height);
    uint8_t square[12 * 12 * 3], grey[3] = {7, 7, 7};
    for (int fit = 0; fit < FTL_N_FITS; fit++)
        FUZZ_CHECK(ftl_resize(square, 12, &image, (ftl_fit)fit, grey) == FTL_OK);
    ftl_image_deinit(&image);
}

#endif
