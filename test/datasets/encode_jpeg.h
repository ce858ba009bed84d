/* encode_jpeg.h - JPEG files for tests, by libjpeg-turbo's compressor. */
#ifndef FTL_TEST_DATASETS_ENCODE_JPEG_H
#define FTL_TEST_DATASETS_ENCODE_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

typedef struct jpeg_kind {
    J_COLOR_SPACE given;  /* what the pixels are */
    J_COLOR_SPACE stored; /* what the file has; JCS_UNKNOWN: the usual */
    bool progressive;
    const uint8_t *app1; /* a segment in front of the image, or NULL */
    size_t n_app1;
} jpeg_kind;

/* One row of pixels, [width, channels], into `row`. */
typedef void jpeg_row(uint8_t *row, int y, int width, int channels);

/* The file's bytes, malloc'ed. */
static inline unsigned char *encode_jpeg(unsigned long *n, int width, int height,
        int channels, const jpeg_kind *kind, jpeg_row *paint) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    uint8_t *pixels = malloc((size_t)width * (size_t)channels);
    if (!pixels) abort();
    *n = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, n);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = channels;
    jpeg.in_color_space = kind->given;
    jpeg_set_defaults(&jpeg);
    if (kind->stored != JCS_UNKNOWN) jpeg_set_colorspace(&jpeg, kind->stored);
    jpeg_set_quality(&jpeg, 98, TRUE);
    if (kind->progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (kind->app1)
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, kind->app1, (unsigned)kind->n_app1);
    for (int y = 0; y < height; y++) {
        JSAMPROW row = pixels;
        paint(pixels, y, width, channels);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(pixels);
    return bytes;
}

#endif
