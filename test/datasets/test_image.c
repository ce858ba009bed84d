/* test_image.c - JPEG and PNG, good and bad, and the PNG writer. */
#include "datasets/image.h"
#include "engine/base/file.h"
#include "test/datasets/encode_jpeg.h"
#include "test/datasets/encode_png.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* A smooth picture, so that JPEG keeps it nearly as it is. */
static void paint_row(uint8_t *row, int y, int width, int channels) {
    for (int x = 0; x < width; x++)
        for (int c = 0; c < channels; c++)
            *row++ = (uint8_t)(40 + 3 * x + 2 * y + 20 * c);
}

static void paint(uint8_t *pixels, int width, int height, int channels) {
    for (int y = 0; y < height; y++)
        paint_row(pixels + y * width * channels, y, width, channels);
}

static unsigned char *encode(
        unsigned long *n, J_COLOR_SPACE space, int channels, bool progressive) {
    return encode_jpeg(n, 24, 17, channels,
            &(jpeg_kind) {.given = space, .progressive = progressive}, paint_row);
}

static bool near_painting(const ftl_image *image, int channels) {
    uint8_t want[24 * 17 * 3];
    if (image->width != 24 || image->height != 17 || image->channels != channels)
        return false;
    paint(want, 24, 17, channels);
    for (int i = 0; i < 24 * 17 * channels; i++)
        if (abs(image->pixels[i] - want[i]) > 4) return false;
    return true;
}

static void check_jpeg(J_COLOR_SPACE space, int channels, bool progressive) {
    unsigned long n;
    unsigned char *bytes = encode(&n, space, channels, progressive);
    ftl_image image;
    ftl_status status = ftl_image_decode(&image, bytes, n, NULL, "a.jpg");
    free(bytes);
    FTL_CHECK_OK(status);
    bool good = near_painting(&image, channels);
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

static void decodes_jpeg(void) {
    check_jpeg(JCS_RGB, 3, false);
    check_jpeg(JCS_RGB, 3, true);
    check_jpeg(JCS_GRAYSCALE, 1, false);
}

/* Cut anywhere, a JPEG is refused: half an image is none. */
static void refuses_truncated_jpeg(void) {
    unsigned long n;
    unsigned char *bytes = encode(&n, JCS_RGB, 3, true);
    int accepted = 0;
    for (unsigned long cut = 1; cut + 2 < n; cut += 7) {
        unsigned char *part = malloc(cut); /* so that reading beyond it is seen */
        if (!part) abort();
        memcpy(part, bytes, cut);
        ftl_image image;
        if (ftl_image_decode(&image, part, cut, NULL, "cut.jpg") == FTL_OK) accepted++;
        ftl_image_deinit(&image);
        free(part);
        ftl_clear();
    }
    free(bytes);
    FTL_CHECK(accepted == 0);
}

/* Damage may go unnoticed by the format, but never by memory. */
static void survives_damage(void) {
    unsigned long n;
    unsigned char *bytes = encode(&n, JCS_RGB, 3, true);
    for (unsigned long at = 0; at < n; at++) {
        unsigned char was = bytes[at];
        ftl_image image;
        bytes[at] ^= (unsigned char)(1 << at % 8);
        if (ftl_image_decode(&image, bytes, n, NULL, "bad.jpg") == FTL_OK)
            ftl_image_deinit(&image);
        else
            FTL_CHECK(!image.pixels);
        bytes[at] = was;
        ftl_clear();
    }
    free(bytes);
}

static void refuses_jpeg_bomb(void) {
    unsigned long n;
    unsigned char *bytes = encode(&n, JCS_RGB, 3, false);
    ftl_status status = FTL_OK;
    ftl_image image = {0};
    for (unsigned long i = 0; i + 9 < n; i++) {
        if (bytes[i] != 0xff || bytes[i + 1] != 0xc0) continue;
        const unsigned char claim[] = {
                60000 >> 8, 60000 & 255, 60000 >> 8, 60000 & 255};
        memcpy(bytes + i + 5, claim, sizeof claim);
        status = ftl_image_decode(&image, bytes, n, NULL, "bomb.jpg");
        break;
    }
    free(bytes);
    FTL_CHECK_FAILS(status, FTL_EFORMAT, "bomb.jpg: 60000 x 60000 pixels");
}

/* Encode rows of raw bytes as they are. */
static void encode_png(buffer *to, int width, int height, int depth, int type,
        const uint8_t *raw, size_t row_bytes, bool interlaced) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep rows[64];
    to->n = 0;
    png_to_buffer(png, to);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, depth, type,
            interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
            PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[] = {
                {10, 20, 30}, {200, 100, 50}, {255, 255, 255}, {1, 2, 3}};
        png_byte alpha[] = {255, 128};
        png_set_PLTE(png, info, palette, 4);
        png_set_tRNS(png, info, alpha, 2, NULL);
    }
    png_to_buffer(png, to);
    for (int y = 0; y < height; y++) {
        rows[y] = malloc(row_bytes);
        if (!rows[y]) abort();
        memcpy(rows[y], raw + (size_t)y * row_bytes, row_bytes);
    }
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    for (int y = 0; y < height; y++)
        free(rows[y]);
    png_destroy_write_struct(&png, &info);
}

static void check_png_over(ftl_image_decoding *decoding, int depth, int type,
        const uint8_t *raw, size_t row_bytes, bool interlaced, int channels,
        const uint8_t want[]) {
    static buffer b;
    ftl_image image;
    encode_png(&b, 2, 2, depth, type, raw, row_bytes, interlaced);
    FTL_CHECK_OK(ftl_image_decode(&image, b.bytes, b.n, decoding, "a.png"));
    bool good = image.width == 2 && image.height == 2 && image.channels == channels &&
                memcmp(image.pixels, want, 4 * (size_t)channels) == 0;
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

static void check_png(int depth, int type, const uint8_t *raw, size_t row_bytes,
        bool interlaced, int channels, const uint8_t want[]) {
    check_png_over(NULL, depth, type, raw, row_bytes, interlaced, channels, want);
}

static void decodes_png(void) {
    const uint8_t grey[] = {0, 85, 170, 255};
    check_png(8, PNG_COLOR_TYPE_GRAY, grey, 2, false, 1, grey);
    check_png(8, PNG_COLOR_TYPE_GRAY, grey, 2, true, 1, grey);
    const uint8_t grey2[] = {0x10, 0xb0}; /* 0 1 / 2 3 in two bits each */
    check_png(2, PNG_COLOR_TYPE_GRAY, grey2, 1, false, 1, grey);
    const uint8_t grey16[] = {0, 0, 85, 85, 170, 170, 255, 255};
    check_png(16, PNG_COLOR_TYPE_GRAY, grey16, 4, false, 1, grey);
    /* 0x10ff is 16.93 of 255: to the nearest, not cut off. */
    const uint8_t between[] = {0x10, 0xff, 0x10, 0x10, 0, 0, 0, 0};
    const uint8_t rounded[] = {17, 16, 0, 0};
    check_png(16, PNG_COLOR_TYPE_GRAY, between, 4, false, 1, rounded);
    const uint8_t rgb[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    check_png(8, PNG_COLOR_TYPE_RGB, rgb, 6, false, 3, rgb);
}

static void lays_alpha_over_black(void) {
    const uint8_t rgba[] = {
            255, 100, 3, 255, 255, 100, 3, 0, 255, 100, 3, 128, 8, 8, 8, 255};
    const uint8_t want[] = {255, 100, 3, 0, 0, 0, 128, 50, 2, 8, 8, 8};
    check_png(8, PNG_COLOR_TYPE_RGB_ALPHA, rgba, 8, false, 3, want);
    const uint8_t grey[] = {255, 255, 255, 0, 200, 51, 7, 255};
    const uint8_t want_grey[] = {255, 0, 40, 7};
    check_png(8, PNG_COLOR_TYPE_GRAY_ALPHA, grey, 4, false, 1, want_grey);
    const uint8_t palette[] = {0, 1, 2, 3};
    const uint8_t want_palette[] = {10, 20, 30, 100, 50, 25, 255, 255, 255, 1, 2, 3};
    check_png(8, PNG_COLOR_TYPE_PALETTE, palette, 2, false, 3, want_palette);
}

static void lays_alpha_over_a_colour(void) {
    ftl_image_decoding white = {.background = {255, 255, 255}};
    ftl_image_decoding colour = {.background = {0, 100, 200}};
    const uint8_t rgba[] = {
            255, 100, 3, 255, 255, 100, 3, 0, 255, 100, 3, 128, 8, 8, 8, 255};
    const uint8_t over_white[] = {255, 100, 3, 255, 255, 255, 255, 177, 129, 8, 8, 8};
    check_png_over(&white, 8, PNG_COLOR_TYPE_RGB_ALPHA, rgba, 8, false, 3, over_white);
    FTL_CHECK(white.width == 2 && white.height == 2 && white.reduced == 1);
    const uint8_t grey[] = {255, 255, 255, 0, 200, 51, 7, 255};
    const uint8_t grey_over_white[] = {255, 255, 244, 7};
    check_png_over(
            &white, 8, PNG_COLOR_TYPE_GRAY_ALPHA, grey, 4, false, 1, grey_over_white);
    /* Grey over a colour has a colour. */
    const uint8_t over_colour[] = {255, 255, 255, 0, 100, 200, 40, 120, 200, 7, 7, 7};
    check_png_over(
            &colour, 8, PNG_COLOR_TYPE_GRAY_ALPHA, grey, 4, false, 3, over_colour);
}

static void refuses_bad_png(void) {
    static buffer b;
    uint8_t pixels[16 * 16];
    ftl_image image;
    paint(pixels, 16, 16, 1);
    encode_png(&b, 16, 16, 8, PNG_COLOR_TYPE_GRAY, pixels, 16, false);
    for (size_t cut = 8; cut < b.n; cut++) {
        unsigned char *part = malloc(cut);
        if (!part) abort();
        memcpy(part, b.bytes, cut);
        ftl_status status = ftl_image_decode(&image, part, cut, NULL, "cut.png");
        free(part);
        FTL_CHECK_FAILS(status, FTL_EFORMAT, "cut.png: damaged PNG");
    }
    /* Every chunk that matters has a checksum. */
    for (size_t at = 8; at < b.n; at++) {
        b.bytes[at] ^= 4;
        ftl_status status = ftl_image_decode(&image, b.bytes, b.n, NULL, "bit.png");
        if (status == FTL_OK) {
            bool equal = memcmp(image.pixels, pixels, sizeof pixels) == 0;
            ftl_image_deinit(&image);
            FTL_CHECK(equal);
        }
        ftl_clear();
        b.bytes[at] ^= 4;
    }
}

static void refuses_png_bomb(void) {
    static buffer b;
    uint8_t pixel[] = {0};
    ftl_image image;
    encode_png(&b, 1, 1, 8, PNG_COLOR_TYPE_GRAY, pixel, 1, false);
    const unsigned char claim[] = {0, 0, 60000 >> 8, 60000 & 255};
    memcpy(b.bytes + 16, claim, 4);
    memcpy(b.bytes + 20, claim, 4);
    unsigned long crc = crc32(0, b.bytes + 12, 17);
    for (int i = 0; i < 4; i++)
        b.bytes[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    FTL_CHECK_FAILS(ftl_image_decode(&image, b.bytes, b.n, NULL, "bomb.png"),
            FTL_EFORMAT, "bomb.png: 60000 x 60000 pixels");
}

static void refuses_other_files(void) {
    ftl_image image;
    FTL_CHECK_FAILS(ftl_image_decode(&image, "", 0, NULL, "e.jpg"), FTL_EFORMAT,
            "e.jpg: the file is empty");
    FTL_CHECK_FAILS(ftl_image_decode(&image, "GIF89a", 6, NULL, "g.png"),
            FTL_EUNSUPPORTED, "g.png: neither JPEG nor PNG");
    FTL_CHECK_FAILS(ftl_image_decode(&image, "\xff\xd8", 2, NULL, "s.jpg"),
            FTL_EUNSUPPORTED, "s.jpg");
}

static void writes_png(void) {
    const char *directory = ftl_test_directory();
    char path[2][256];
    uint8_t pixels[20 * 30 * 3];
    for (int channels = 1; channels <= 3; channels += 2) {
        char *bytes[2];
        size_t n[2];
        ftl_image image = {pixels, 20, 30, channels}, back;
        paint(pixels, 20, 30, channels);
        for (int i = 0; i < 2; i++) {
            snprintf(path[i], sizeof path[i], "%s/%d.png", directory, i);
            FTL_CHECK_OK(ftl_png_write(path[i], &image));
            FTL_CHECK_OK(ftl_file_read(&bytes[i], &n[i], path[i]));
        }
        bool equal = n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0;
        unsigned char *in_memory;
        size_t n_in_memory;
        FTL_CHECK_OK(ftl_png_encode(&in_memory, &n_in_memory, &image, "x.png"));
        equal &= n_in_memory == n[0] && memcmp(in_memory, bytes[0], n[0]) == 0;
        free(in_memory);
        ftl_status status = ftl_image_decode(&back, bytes[0], n[0], NULL, path[0]);
        free(bytes[0]);
        free(bytes[1]);
        FTL_CHECK(equal);
        FTL_CHECK_OK(status);
        bool same = back.width == 20 && back.height == 30 &&
                    back.channels == channels &&
                    memcmp(back.pixels, pixels, 600 * (size_t)channels) == 0;
        ftl_image_deinit(&back);
        FTL_CHECK(same);
    }
    FTL_CHECK(ftl_png_write("/nowhere/at/all.png", &(ftl_image) {pixels, 20, 30, 1}) ==
              FTL_EIO);
    ftl_clear();
}

int main(void) {
    FTL_TEST(decodes_jpeg);
    FTL_TEST(refuses_truncated_jpeg);
    FTL_TEST(survives_damage);
    FTL_TEST(refuses_jpeg_bomb);
    FTL_TEST(decodes_png);
    FTL_TEST(lays_alpha_over_black);
    FTL_TEST(lays_alpha_over_a_colour);
    FTL_TEST(refuses_bad_png);
    FTL_TEST(refuses_png_bomb);
    FTL_TEST(refuses_other_files);
    FTL_TEST(writes_png);
    return ftl_test_finish();
}
