/* image.c - what JPEG and PNG have in common. */
#include "datasets/image.h"

#include "datasets/exif.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_image_check_size(int64_t width, int64_t height, const char *name) {
    if (width < 1 || height < 1)
        return ftl_fail(FTL_EFORMAT, "%s: an image of %lld x %lld pixels", name,
                (long long)width, (long long)height);
    if (width > FTL_IMAGE_MAX_SIDE || height > FTL_IMAGE_MAX_SIDE ||
            width * height > FTL_IMAGE_MAX_PIXELS)
        return ftl_fail(FTL_EFORMAT,
                "%s: %lld x %lld pixels; at most %d a side and %lld in all are read",
                name, (long long)width, (long long)height, FTL_IMAGE_MAX_SIDE,
                (long long)FTL_IMAGE_MAX_PIXELS);
    return FTL_OK;
}

ftl_status ftl_image_init(
        ftl_image *out, int width, int height, int channels, const char *name) {
    assert(channels == 1 || channels == 3);
    *out = (ftl_image) {0};
    FTL_TRY(ftl_image_check_size(width, height, name));
    size_t n = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *pixels = calloc(n, 1);
    if (!pixels)
        return ftl_fail(FTL_ENOMEM, "%s: no memory for %zu bytes of pixels", name, n);
    *out = (ftl_image) {pixels, width, height, channels};
    return FTL_OK;
}

void ftl_image_deinit(ftl_image *image) {
    free(image->pixels);
    *image = (ftl_image) {0};
}

static ftl_status decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name) {
    static const unsigned char jpeg[] = {0xff, 0xd8, 0xff};
    static const unsigned char png[] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
    if (n_bytes == 0) return ftl_fail(FTL_EFORMAT, "%s: the file is empty", name);
    if (n_bytes >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
        return ftl_jpeg_decode(out, bytes, n_bytes, decoding, orientation, name);
    if (n_bytes >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return ftl_png_decode(out, bytes, n_bytes, decoding, orientation, name);
    return ftl_fail(FTL_EUNSUPPORTED, "%s: neither JPEG nor PNG", name);
}

ftl_status ftl_image_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, const char *name) {
    ftl_image_decoding over_black = {0};
    int orientation = 1;
    *out = (ftl_image) {0};
    if (!decoding) decoding = &over_black;
    FTL_TRY(decode(out, bytes, n_bytes, decoding, &orientation, name));
    ftl_status status = ftl_image_orient(out, orientation, name);
    if (status != FTL_OK) {
        ftl_image_deinit(out);
        return status;
    }
    if (orientation < 5) return FTL_OK;
    int width = decoding->width;
    decoding->width = decoding->height;
    decoding->height = width;
    return FTL_OK;
}
