/* encode_png.h - PNG files that libpng writes into memory. */
#ifndef FTL_TEST_DATASETS_ENCODE_PNG_H
#define FTL_TEST_DATASETS_ENCODE_PNG_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct buffer {
    unsigned char bytes[65536];
    size_t n;
} buffer;

static inline void to_buffer(png_structp png, png_bytep from, size_t n) {
    buffer *b = png_get_io_ptr(png);
    if (n > sizeof b->bytes - b->n) abort();
    memcpy(b->bytes + b->n, from, n);
    b->n += n;
}

static inline void no_flush(png_structp png) { (void)png; }

/* What libpng writes from now on is added to the buffer. */
static inline void png_to_buffer(png_structp png, buffer *to) {
    png_set_write_fn(png, to, to_buffer, no_flush);
}

#endif
