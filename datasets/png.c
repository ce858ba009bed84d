/* png.c - PNG by libpng, whose errors jump back and become a status. */
#include "datasets/exif.h"

#include "engine/base/file.h"

#include <assert.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

/* Everything that a jump must not lose. */
typedef struct codec {
    png_structp png;
    png_infop info;
    jmp_buf jump;
    char message[128];
    const char *name;
    const unsigned char *bytes; /* what is read, and how far */
    size_t n_bytes, at;
    uint8_t *raw; /* as libpng gives it, with alpha */
    png_bytepp rows;
    ftl_image image;
    unsigned char *written; /* what was written so far */
    size_t n_written, capacity;
} codec;

static void jump_out(png_structp png, png_const_charp message) {
    codec *c = png_get_error_ptr(png);
    snprintf(c->message, sizeof c->message, "%s", message);
    longjmp(c->jump, 1);
}

/* Odd profiles and text chunks: the pixels do not depend on them. */
static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png, (void)message;
}

static void give_bytes(png_structp png, png_bytep to, size_t n) {
    codec *c = png_get_io_ptr(png);
    if (n > c->n_bytes - c->at) png_error(png, "the file ends too early");
    memcpy(to, c->bytes + c->at, n);
    c->at += n;
}

/* libpng allocates what a chunk's first bytes claim, up to 2 GB, before it looks
 * whether they are there. */
static void check_chunks(const codec *c) {
    enum { SIGNATURE = 8, AROUND = 12 }; /* length, type, checksum */
    size_t at = SIGNATURE;
    while (at < c->n_bytes) {
        size_t left = c->n_bytes - at;
        if (left < AROUND || png_get_uint_32(c->bytes + at) > left - AROUND)
            png_error(c->png, "the file ends too early");
        if (memcmp(c->bytes + at + 4, "IEND", 4) == 0) return;
        at += AROUND + png_get_uint_32(c->bytes + at);
    }
}

/* [h, w, 1 or 2 or 3 or 4] -> [h, w, 1 or 3], transparency over the background. */
static void drop_alpha(
        ftl_image *to, const uint8_t *raw, size_t n_raw, const uint8_t background[3]) {
    size_t n = (size_t)to->width * (size_t)to->height;
    size_t channels = (size_t)to->channels;
    if (n_raw == channels) {
        memcpy(to->pixels, raw, n * channels);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const uint8_t *from = raw + i * n_raw;
        int alpha = from[n_raw - 1];
        for (size_t c = 0; c < channels; c++) {
            int colour = from[n_raw < 3 ? 0 : c];
            to->pixels[i * channels + c] =
                    (uint8_t)((colour * alpha + background[c] * (255 - alpha) + 127) /
                              255);
        }
    }
}

static int find_orientation(png_structp png, png_infop info) {
    png_bytep bytes;
    png_uint_32 n_bytes;
    if (!png_get_eXIf_1(png, info, &n_bytes, &bytes)) return 1;
    return ftl_exif_orientation(bytes, n_bytes);
}

/* Have libpng give 8 bits, and no palette. */
static void choose_transforms(png_structp png, png_infop info) {
    int type = png_get_color_type(png, info);
    int depth = png_get_bit_depth(png, info);
    if (depth == 16) png_set_scale_16(png);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (type == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static bool is_grey(const uint8_t colour[3]) {
    return colour[0] == colour[1] && colour[1] == colour[2];
}

static ftl_status read_image(codec *c, ftl_image_decoding *decoding, int *orientation) {
    if (setjmp(c->jump))
        return ftl_fail(FTL_EFORMAT, "%s: damaged PNG: %s", c->name, c->message);
    png_structp png = c->png;
    png_set_read_fn(png, c, give_bytes);
    check_chunks(c);
    png_read_info(png, c->info);
    png_uint_32 width = png_get_image_width(png, c->info);
    png_uint_32 height = png_get_image_height(png, c->info);
    FTL_TRY(ftl_image_check_size(width, height, c->name));

    choose_transforms(png, c->info);
    size_t n_raw = png_get_channels(png, c->info);
    size_t row_bytes = png_get_rowbytes(png, c->info);
    assert(row_bytes == (size_t)width * n_raw);
    bool grey = n_raw == 1 || (n_raw == 2 && is_grey(decoding->background));
    FTL_TRY(ftl_image_init(&c->image, (int)width, (int)height, grey ? 1 : 3, c->name));
    c->raw = malloc(row_bytes * height);
    c->rows = malloc(sizeof *c->rows * height);
    if (!c->raw || !c->rows)
        return ftl_fail(FTL_ENOMEM, "%s: no memory for its pixels", c->name);
    for (size_t y = 0; y < height; y++)
        c->rows[y] = c->raw + y * row_bytes;
    png_read_image(png, c->rows);
    png_read_end(png, NULL);
    drop_alpha(&c->image, c->raw, n_raw, decoding->background);
    decoding->width = (int)width;
    decoding->height = (int)height;
    decoding->reduced = 1;
    *orientation = find_orientation(png, c->info);
    return FTL_OK;
}

ftl_status ftl_png_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name) {
    *out = (ftl_image) {0};
    ftl_status status = FTL_ENOMEM;
    codec *c = calloc(1, sizeof *c);
    if (!c) goto out;
    *c = (codec) {.bytes = bytes, .n_bytes = n_bytes, .name = name};
    c->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, c, jump_out, ignore_warning);
    if (c->png) c->info = png_create_info_struct(c->png);
    if (c->info) status = read_image(c, decoding, orientation);
out:
    if (status == FTL_ENOMEM) ftl_fail(status, "%s: no memory for a PNG decoder", name);
    if (!c) return status;
    png_destroy_read_struct(&c->png, &c->info, NULL);
    free(c->raw);
    free(c->rows);
    if (status == FTL_OK)
        *out = c->image;
    else
        ftl_image_deinit(&c->image);
    free(c);
    return status;
}

static void take_bytes(png_structp png, png_bytep from, size_t n) {
    codec *c = png_get_io_ptr(png);
    if (n > c->capacity - c->n_written) {
        size_t capacity = c->capacity ? c->capacity : 4096;
        while (n > capacity - c->n_written)
            capacity *= 2;
        unsigned char *grown = realloc(c->written, capacity);
        if (!grown) png_error(png, "no memory left");
        c->written = grown;
        c->capacity = capacity;
    }
    memcpy(c->written + c->n_written, from, n);
    c->n_written += n;
}

static void flush_nothing(png_structp png) { (void)png; }

static ftl_status write_image(codec *c, const ftl_image *image) {
    if (setjmp(c->jump))
        return ftl_fail(FTL_EBACKEND, "%s: libpng: %s", c->name, c->message);
    png_structp png = c->png;
    png_set_write_fn(png, c, take_bytes, flush_nothing);
    png_set_IHDR(png, c->info, (png_uint_32)image->width, (png_uint_32)image->height, 8,
            image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
            PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_write_info(png, c->info);
    size_t row_bytes = (size_t)image->width * (size_t)image->channels;
    for (size_t y = 0; y < (size_t)image->height; y++)
        png_write_row(png, image->pixels + y * row_bytes);
    png_write_end(png, NULL);
    return FTL_OK;
}

ftl_status ftl_png_encode(unsigned char **bytes, size_t *n_bytes,
        const ftl_image *image, const char *name) {
    assert(image->channels == 1 || image->channels == 3);
    ftl_status status = FTL_ENOMEM;
    codec *c = calloc(1, sizeof *c);
    if (!c) goto out;
    c->name = name;
    c->png =
            png_create_write_struct(PNG_LIBPNG_VER_STRING, c, jump_out, ignore_warning);
    if (c->png) c->info = png_create_info_struct(c->png);
    if (c->info) status = write_image(c, image);
out:
    if (status == FTL_ENOMEM) ftl_fail(status, "%s: no memory for a PNG encoder", name);
    if (!c) return status;
    png_destroy_write_struct(&c->png, &c->info);
    if (status == FTL_OK) {
        *bytes = c->written;
        *n_bytes = c->n_written;
    } else {
        free(c->written);
    }
    free(c);
    return status;
}

ftl_status ftl_png_write(const char *path, const ftl_image *image) {
    unsigned char *bytes;
    size_t n_bytes;
    FTL_TRY(ftl_png_encode(&bytes, &n_bytes, image, path));
    const ftl_status status = ftl_file_write(path, bytes, n_bytes);
    free(bytes);
    return status;
}

const char *ftl_png_version(void) { return "libpng " PNG_LIBPNG_VER_STRING; }
