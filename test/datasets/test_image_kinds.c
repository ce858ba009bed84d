/* test_image_kinds.c - what cameras, presses and scanners write: EXIF, CMYK, huge. */
#include "datasets/exif.h"
#include "datasets/image.h"
#include "test/datasets/encode_jpeg.h"
#include "test/datasets/encode_png.h"
#include "test/harness.h"

/* --------------------------------------------------------------------------- EXIF */

/* A block with two entries, of which the second is the orientation. */
static size_t make_exif(uint8_t *to, bool big_endian, int orientation) {
    static const uint8_t little[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x0f, 1, 2, 0,
            1, 0, 0, 0, 'x', 0, 0, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t big[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2, 1, 0x0f, 0, 2, 0,
            0, 0, 1, 'x', 0, 0, 0, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0};
    memcpy(to, big_endian ? big : little, sizeof little);
    to[big_endian ? 31 : 30] = (uint8_t)orientation;
    return sizeof little;
}

static void reads_orientations(void) {
    uint8_t block[64];
    for (int big = 0; big < 2; big++)
        for (int o = 1; o <= 8; o++) {
            size_t n = make_exif(block, big, o);
            FTL_CHECK(ftl_exif_orientation(block, n) == o);
        }
    size_t n = make_exif(block, false, 9); /* there is no such */
    FTL_CHECK(ftl_exif_orientation(block, n) == 1);
    n = make_exif(block, false, 6);
    block[24] = 4; /* not of the type that it must have */
    FTL_CHECK(ftl_exif_orientation(block, n) == 1);
}

/* Truncated or damaged, a block says nothing, and no byte behind it is read. */
static void survives_bad_exif(void) {
    uint8_t whole[64];
    for (int big = 0; big < 2; big++) {
        size_t n = make_exif(whole, big, 6);
        for (size_t cut = 0; cut < n; cut++) {
            uint8_t *part = malloc(cut ? cut : 1);
            if (!part) abort();
            memcpy(part, whole, cut);
            int orientation = ftl_exif_orientation(part, cut);
            free(part);
            FTL_CHECK(orientation == 1);
        }
        for (size_t at = 0; at < n; at++)
            for (int bit = 0; bit < 8; bit++) {
                uint8_t *copy = malloc(n);
                if (!copy) abort();
                memcpy(copy, whole, n);
                copy[at] ^= (uint8_t)(1 << bit);
                int orientation = ftl_exif_orientation(copy, n);
                free(copy);
                FTL_CHECK(orientation >= 1 && orientation <= 8);
            }
    }
}

/* What a viewer shows of the rows 123 / 456 under each orientation. */
static void turns_images(void) {
    static const char *const want[] = {"123456", "321654", "654321", "456123", "142536",
            "415263", "635241", "362514"};
    for (int o = 1; o <= 8; o++)
        for (int channels = 1; channels <= 3; channels += 2) {
            ftl_image image;
            FTL_CHECK_OK(ftl_image_init(&image, 3, 2, channels, "a.jpg"));
            for (int i = 0; i < 6 * channels; i++)
                image.pixels[i] =
                        (uint8_t)("123456"[i / channels] + 100 * (i % channels));
            FTL_CHECK_OK(ftl_image_orient(&image, o, "a.jpg"));
            bool good = image.width == (o < 5 ? 3 : 2) &&
                        image.height == (o < 5 ? 2 : 3) && image.channels == channels;
            for (int i = 0; good && i < 6 * channels; i++)
                good = image.pixels[i] ==
                       (uint8_t)(want[o - 1][i / channels] + 100 * (i % channels));
            ftl_image_deinit(&image);
            FTL_CHECK(good);
        }
}

/* Dark at the left, bright at the right. */
static void ramp(uint8_t *row, int y, int width, int channels) {
    (void)y;
    for (int i = 0; i < width * channels; i++)
        row[i] = (uint8_t)(255 * (i / channels) / width);
}

static void decodes_jpeg_upright(void) {
    uint8_t app1[64] = {'E', 'x', 'i', 'f', 0, 0};
    unsigned long n;
    size_t n_exif = make_exif(app1 + 6, true, 6);
    jpeg_kind kind = {.given = JCS_GRAYSCALE, .app1 = app1, .n_app1 = 6 + n_exif};
    unsigned char *bytes = encode_jpeg(&n, 40, 16, 1, &kind, ramp);
    ftl_image image;
    ftl_image_decoding decoding = {0};
    ftl_status status = ftl_image_decode(&image, bytes, n, &decoding, "phone.jpg");
    free(bytes);
    FTL_CHECK_OK(status);
    /* A quarter clockwise: what was left is now above. */
    bool good = image.width == 16 && image.height == 40 && decoding.width == 16 &&
                decoding.height == 40 && image.pixels[0] < 20 &&
                image.pixels[15] < 20 && image.pixels[16 * 39] > 230;
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

static void decodes_png_upright(void) {
    static buffer b;
    uint8_t row[] = {1, 2, 3}, exif[64];
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_to_buffer(png, &b);
    png_set_IHDR(png, info, 3, 1, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
            PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_eXIf_1(png, info, (png_uint_32)make_exif(exif, false, 8), exif);
    png_write_info(png, info);
    png_write_row(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    ftl_image image;
    FTL_CHECK_OK(ftl_image_decode(&image, b.bytes, b.n, NULL, "phone.png"));
    bool good = image.width == 1 && image.height == 3 && image.pixels[0] == 3 &&
                image.pixels[2] == 1;
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

/* --------------------------------------------------------------------------- CMYK */

/* Inverted, as in every such file: 255 is no ink. */
static void inks(uint8_t *row, int y, int width, int channels) {
    static const uint8_t left[] = {255, 128, 0, 255}, right[] = {200, 200, 100, 51};
    (void)y;
    for (int x = 0; x < width; x++)
        memcpy(row + x * channels, x < width / 2 ? left : right, (size_t)channels);
}

static bool near(const uint8_t *pixel, int r, int g, int b) {
    return abs(pixel[0] - r) <= 3 && abs(pixel[1] - g) <= 3 && abs(pixel[2] - b) <= 3;
}

static void check_inks(J_COLOR_SPACE stored, bool progressive) {
    unsigned long n;
    jpeg_kind kind = {JCS_CMYK, stored, progressive, NULL, 0};
    unsigned char *bytes = encode_jpeg(&n, 32, 16, 4, &kind, inks);
    ftl_image image;
    ftl_status status = ftl_image_decode(&image, bytes, n, NULL, "press.jpg");
    free(bytes);
    FTL_CHECK_OK(status);
    bool good = image.width == 32 && image.height == 16 && image.channels == 3 &&
                near(image.pixels, 255, 128, 0) &&
                near(image.pixels + 3 * (32 * 15 + 31), 40, 40, 20);
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

static void decodes_inks(void) {
    check_inks(JCS_CMYK, false);
    check_inks(JCS_YCCK, false);
    check_inks(JCS_YCCK, true);
}

/* --------------------------------------------------------------------------- huge */

static void decodes_huge_jpeg(void) {
    unsigned long n;
    unsigned char *bytes = encode_jpeg(
            &n, 24000, 3000, 1, &(jpeg_kind) {.given = JCS_GRAYSCALE}, ramp);
    ftl_image image;
    ftl_image_decoding decoding = {0};
    ftl_status status = ftl_image_decode(&image, bytes, n, &decoding, "poster.jpg");
    free(bytes);
    FTL_CHECK_OK(status);
    bool good = decoding.width == 24000 && decoding.height == 3000 &&
                decoding.reduced == 2 && image.width == 12000 && image.height == 1500;
    for (int x = 0; good && x < image.width; x += 100)
        good = abs(image.pixels[x] - 255 * x / image.width) <= 2;
    ftl_image_deinit(&image);
    FTL_CHECK(good);
}

/* All passes of a progressive file are in memory at once. */
static void refuses_huge_progressive_jpeg(void) {
    unsigned long n;
    jpeg_kind kind = {.given = JCS_GRAYSCALE, .progressive = true};
    unsigned char *bytes = encode_jpeg(&n, 64, 64, 1, &kind, ramp);
    ftl_image image;
    ftl_status status = FTL_OK;
    for (unsigned long i = 0; i + 9 < n; i++) {
        static const unsigned char claim[] = {
                20000 >> 8, 20000 & 255, 20000 >> 8, 20000 & 255};
        if (bytes[i] != 0xff || bytes[i + 1] != 0xc2) continue;
        memcpy(bytes + i + 5, claim, sizeof claim);
        status = ftl_image_decode(&image, bytes, n, NULL, "bomb.jpg");
        break;
    }
    free(bytes);
    FTL_CHECK_FAILS(status, FTL_EFORMAT, "bomb.jpg: 20000 x 20000 pixels; at most");
}

static void refuses_other_kinds(void) {
    unsigned long n;
    jpeg_kind kind = {.given = JCS_GRAYSCALE};
    unsigned char *bytes = encode_jpeg(&n, 64, 64, 1, &kind, ramp);
    ftl_image image;
    ftl_status status = FTL_OK;
    for (unsigned long i = 0; i + 9 < n; i++) {
        if (bytes[i] != 0xff || bytes[i + 1] != 0xc0) continue;
        bytes[i + 4] = 12; /* bits a sample */
        status = ftl_image_decode(&image, bytes, n, NULL, "x-ray.jpg");
        break;
    }
    FTL_CHECK_FAILS(status, FTL_EUNSUPPORTED,
            "x-ray.jpg: a kind of JPEG that is not read: Unsupported JPEG data "
            "precision 12");
    free(bytes);
    kind = (jpeg_kind) {JCS_UNKNOWN, JCS_UNKNOWN, false, NULL, 0};
    bytes = encode_jpeg(&n, 64, 64, 2, &kind, ramp);
    status = ftl_image_decode(&image, bytes, n, NULL, "two.jpg");
    free(bytes);
    FTL_CHECK_FAILS(status, FTL_EUNSUPPORTED, "two.jpg: a JPEG of 2 components");
}

int main(void) {
    FTL_TEST(reads_orientations);
    FTL_TEST(survives_bad_exif);
    FTL_TEST(turns_images);
    FTL_TEST(decodes_jpeg_upright);
    FTL_TEST(decodes_png_upright);
    FTL_TEST(decodes_inks);
    FTL_TEST(decodes_huge_jpeg);
    FTL_TEST(refuses_huge_progressive_jpeg);
    FTL_TEST(refuses_other_kinds);
    return ftl_test_finish();
}
