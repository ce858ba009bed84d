/* image.h - one decoded image, and the formats it comes from and goes to.
 *
 * Pixels are uint8 [height, width, channels], row-major, grey (1 channel) or RGB (3).
 * Decoders work on bytes in memory, check the size that a header claims before they
 * allocate anything for it, and take a file with missing or damaged pixels as unusable
 * rather than as half an image. No gamma or colour profile is applied. Thread-safe:
 * no state is shared. */
#ifndef FTL_DATASETS_IMAGE_H
#define FTL_DATASETS_IMAGE_H

#include "engine/base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Limits of what is decoded: a header may claim 60,000 x 60,000 in 100 bytes. A JPEG of
 * more pixels, if it can be read row by row, is decoded at 1/2 or 1/4 of its size. */
#define FTL_IMAGE_MAX_SIDE 30000
#ifndef FTL_IMAGE_MAX_PIXELS /* fuzzers are built with fewer */
#define FTL_IMAGE_MAX_PIXELS (INT64_C(1) << 26)
#endif

typedef struct ftl_image {
    uint8_t *pixels; /* [height, width, channels], owned */
    int width, height;
    int channels; /* 1 grey, 3 RGB */
} ftl_image;

/* How to decode, and what was met. */
typedef struct ftl_image_decoding {
    uint8_t background[3]; /* RGB, what transparency is laid over */
    /* Set by decoding: */
    int width, height; /* of the image in the file, upright */
    int reduced;       /* it was decoded at 1/reduced of that size: 1, 2 or 4 */
} ftl_image_decoding;

/* Fails with FTL_EFORMAT when a side or the product is beyond the limits; `name` is
 * what the message calls the image. */
ftl_status ftl_image_check_size(int64_t width, int64_t height, const char *name);

/* Zeroed pixels. Release with ftl_image_deinit. Fails with FTL_ENOMEM or FTL_EFORMAT
 * (limits); *out is then empty. */
ftl_status ftl_image_init(
        ftl_image *out, int width, int height, int channels, const char *name);
void ftl_image_deinit(ftl_image *image);

/* Decode a JPEG or PNG; the first bytes tell which, not the file's name. Turned upright
 * as the file's EXIF says.
 * Fails with FTL_EFORMAT (damaged, truncated, empty, too large), FTL_EUNSUPPORTED
 * (neither format, or a kind of JPEG that is not read), FTL_ENOMEM; *out is then
 * empty. decoding NULL: over black. `name` is what messages call the file. */
ftl_status ftl_image_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, const char *name);

/* JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK. The latter two are
 * taken as inverted (0 is full ink), as every program that writes them does, and made
 * RGB by red = cyan * black / 255 and so on, without an ink profile. Not yet turned. */
ftl_status ftl_jpeg_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name);

/* PNG: every colour type and depth. 16 bits are scaled to 8; palettes become RGB;
 * transparency is laid over the background, round((colour * alpha + background * (255 -
 * alpha)) / 255), for which a grey image becomes RGB if the background is a colour. Not
 * yet turned. */
ftl_status ftl_png_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name);

/* Versions of the libraries that decode, "libjpeg-turbo 2.1.5, libpng 1.6.39". Static.
 */
const char *ftl_jpeg_version(void);
const char *ftl_png_version(void);

/* A grey or RGB PNG in memory: *bytes is malloc'ed. Equal pixels and an equal libpng
 * give equal bytes; `name` is what messages call it. Fails with FTL_ENOMEM,
 * FTL_EBACKEND. */
ftl_status ftl_png_encode(unsigned char **bytes, size_t *n_bytes,
        const ftl_image *image, const char *name);

/* Write a grey or RGB PNG, atomically (file.h). Without time or text: equal pixels and
 * an equal libpng give equal bytes. Fails with FTL_EIO, FTL_ENOMEM, FTL_EBACKEND. */
ftl_status ftl_png_write(const char *path, const ftl_image *image);

#endif
