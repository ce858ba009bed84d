/* jpeg.c - JPEG by libjpeg-turbo.
 *
 * The library's default handler ends the process, and a truncated file is but a
 * warning to it, with grey where pixels are missing. Here both jump back and become a
 * status. */
#include "datasets/exif.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
/* After jpeglib.h, which it needs. */
#include <jerror.h>

/* EXIF is in the first application segment, behind this. */
#define EXIF_MARKER (JPEG_APP0 + 1)
static const uint8_t exif_mark[] = {'E', 'x', 'i', 'f', 0, 0};

/* A progressive file may repeat its scans without end; encoders write about ten. */
#define MAX_SCANS 200

/* The library divides each side by 1, 2, 4 or 8. */
#define LARGEST_DIVISOR 8

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
    ftl_image image;
    uint8_t *inks; /* a row of CMYK, malloc'ed */
} decoder;

static void jump_out(j_common_ptr jpeg) {
    decoder *d = jpeg->client_data;
    jpeg->err->format_message(jpeg, d->message);
    longjmp(d->jump, 1);
}

/* Warnings have level -1, traces 0 and more. */
static void note_warning(j_common_ptr jpeg, int level) {
    int code = jpeg->err->msg_code;
    if (level >= 0) return;
    /* Nothing is missing from an image with these two. */
    if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR) return;
    jump_out(jpeg);
}

static void watch_scans(j_common_ptr jpeg) {
    decoder *d = jpeg->client_data;
    if (d->jpeg.input_scan_number <= MAX_SCANS) return;
    snprintf(d->message, sizeof d->message, "more than %d scans", MAX_SCANS);
    longjmp(d->jump, 1);
}

/* These are whole files, of a kind that the library was not built for. */
static bool is_unknown_kind(int code) {
    return code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION ||
           code == JERR_ARITH_NOTIMPL || code == JERR_CONVERSION_NOTIMPL;
}

/* What a file of one pass, which is read row by row, is divided by. One of several
 * passes is kept in memory whole by the library. */
static ftl_status choose_size(struct jpeg_decompress_struct *jpeg, const char *name) {
    int64_t width = jpeg->image_width, height = jpeg->image_height;
    jpeg_calc_output_dimensions(jpeg);
    if (width > FTL_IMAGE_MAX_SIDE || height > FTL_IMAGE_MAX_SIDE ||
            width * height <= FTL_IMAGE_MAX_PIXELS || jpeg_has_multiple_scans(jpeg))
        return ftl_image_check_size(width, height, name);
    while ((int64_t)jpeg->output_width * (int64_t)jpeg->output_height >
            FTL_IMAGE_MAX_PIXELS) {
        if (jpeg->scale_denom == LARGEST_DIVISOR) /* nor does that help */
            return ftl_image_check_size(width, height, name);
        jpeg->scale_denom *= 2;
        jpeg_calc_output_dimensions(jpeg);
    }
    return FTL_OK;
}

static ftl_status choose_colours(
        struct jpeg_decompress_struct *jpeg, const char *name) {
    switch (jpeg->num_components) {
    case 1:
        jpeg->out_color_space = JCS_GRAYSCALE;
        return FTL_OK;
    case 3:
        jpeg->out_color_space = JCS_RGB;
        return FTL_OK;
    case 4:
        jpeg->out_color_space = JCS_CMYK;
        return FTL_OK;
    default:
        return ftl_fail(FTL_EUNSUPPORTED, "%s: a JPEG of %d components", name,
                jpeg->num_components);
    }
}

static int find_orientation(const struct jpeg_decompress_struct *jpeg) {
    const struct jpeg_marker_struct *m = jpeg->marker_list;
    for (; m; m = m->next)
        if (m->marker == EXIF_MARKER && m->data_length >= sizeof exif_mark &&
                memcmp(m->data, exif_mark, sizeof exif_mark) == 0)
            return ftl_exif_orientation(
                    m->data + sizeof exif_mark, m->data_length - sizeof exif_mark);
    return 1;
}

/* [n, 4] -> [n, 3]: each colour is what its ink and black let through. */
static void take_inks(uint8_t *to, const uint8_t *inks, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 3; c++)
            to[3 * i + c] = (uint8_t)((inks[4 * i + c] * inks[4 * i + 3] + 127) / 255);
}

static ftl_status read_pixels(decoder *d, const char *name) {
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    bool inks = jpeg->out_color_space == JCS_CMYK;
    FTL_TRY(ftl_image_init(&d->image, (int)jpeg->output_width, (int)jpeg->output_height,
            jpeg->num_components == 1 ? 1 : 3, name));
    size_t width = jpeg->output_width;
    size_t row_bytes = width * (size_t)d->image.channels;
    if (inks) {
        d->inks = malloc(4 * width);
        if (!d->inks) return ftl_fail(FTL_ENOMEM, "%s: no memory for its inks", name);
    }
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = d->image.pixels + jpeg->output_scanline * row_bytes;
        JSAMPROW row = inks ? d->inks : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (inks) take_inks(to, d->inks, width);
    }
    jpeg_finish_decompress(jpeg);
    return FTL_OK;
}

static ftl_status decode(decoder *d, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name) {
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    if (setjmp(d->jump)) {
        if (is_unknown_kind(d->errors.msg_code))
            return ftl_fail(FTL_EUNSUPPORTED, "%s: a kind of JPEG that is not read: %s",
                    name, d->message);
        return ftl_fail(FTL_EFORMAT, "%s: damaged JPEG: %s", name, d->message);
    }
    jpeg_create_decompress(jpeg);
    jpeg->progress = &d->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)n_bytes);
    jpeg_save_markers(jpeg, EXIF_MARKER, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    FTL_TRY(choose_colours(jpeg, name));
    FTL_TRY(choose_size(jpeg, name));
    decoding->width = (int)jpeg->image_width;
    decoding->height = (int)jpeg->image_height;
    decoding->reduced = (int)(jpeg->scale_denom / jpeg->scale_num);
    *orientation = find_orientation(jpeg);
    return read_pixels(d, name);
}

ftl_status ftl_jpeg_decode(ftl_image *out, const void *bytes, size_t n_bytes,
        ftl_image_decoding *decoding, int *orientation, const char *name) {
    *out = (ftl_image) {0};
    decoder *d = calloc(1, sizeof *d);
    if (!d) return ftl_fail(FTL_ENOMEM, "%s: no memory for a JPEG decoder", name);
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = jump_out;
    d->errors.emit_message = note_warning;
    d->progress.progress_monitor = watch_scans;
    d->jpeg.client_data = d;
    ftl_status status = decode(d, bytes, n_bytes, decoding, orientation, name);
    jpeg_destroy_decompress(&d->jpeg);
    if (status == FTL_OK)
        *out = d->image;
    else
        ftl_image_deinit(&d->image);
    free(d->inks);
    free(d);
    return status;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *ftl_jpeg_version(void) {
    return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
}
