/* exif.c - see exif.h. EXIF is a TIFF file without pixels: a header, then a directory
 * of entries of 12 bytes, {tag, type, count, value}, all in one of two byte orders. */
#include "datasets/exif.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 8
#define ENTRY_BYTES 12
#define TAG_ORIENTATION 0x112
#define TYPE_SHORT 3

typedef struct block {
    const uint8_t *bytes;
    size_t n_bytes;
    bool big_endian;
} block;

/* The caller has checked that they are there. */
static uint32_t read_u16(const block *b, size_t at) {
    const uint8_t *p = b->bytes + at;
    return b->big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t read_u32(const block *b, size_t at) {
    uint32_t first = read_u16(b, at), second = read_u16(b, at + 2);
    return b->big_endian ? first << 16 | second : second << 16 | first;
}

int ftl_exif_orientation(const uint8_t *bytes, size_t n_bytes) {
    block b = {bytes, n_bytes, n_bytes >= HEADER_BYTES && bytes[0] == 'M'};
    if (n_bytes < HEADER_BYTES || memcmp(bytes, b.big_endian ? "MM" : "II", 2) != 0 ||
            read_u16(&b, 2) != 42)
        return 1;
    size_t at = read_u32(&b, 4);
    if (at > n_bytes - 2) return 1;
    size_t n_entries = read_u16(&b, at);
    at += 2;
    for (size_t i = 0; i < n_entries && n_bytes - at >= ENTRY_BYTES; i++) {
        if (read_u16(&b, at) == TAG_ORIENTATION && read_u16(&b, at + 2) == TYPE_SHORT) {
            uint32_t value = read_u16(&b, at + 8);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
        at += ENTRY_BYTES;
    }
    return 1;
}

ftl_status ftl_image_orient(ftl_image *image, int orientation, const char *name) {
    assert(orientation >= 1 && orientation <= 8);
    if (orientation == 1) return FTL_OK;
    bool swap = orientation >= 5;
    bool flip_x = orientation == 2 || orientation == 3 || orientation >= 7;
    bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 ||
                  orientation == 7;
    ftl_image to;
    FTL_TRY(ftl_image_init(&to, swap ? image->height : image->width,
            swap ? image->width : image->height, image->channels, name));
    size_t channels = (size_t)image->channels;
    uint8_t *out = to.pixels;
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++, out += channels) {
            int from_x = swap ? y : x, from_y = swap ? x : y;
            if (flip_x) from_x = image->width - 1 - from_x;
            if (flip_y) from_y = image->height - 1 - from_y;
            size_t at = (size_t)from_y * (size_t)image->width + (size_t)from_x;
            memcpy(out, image->pixels + at * channels, channels);
        }
    ftl_image_deinit(image);
    *image = to;
    return FTL_OK;
}
