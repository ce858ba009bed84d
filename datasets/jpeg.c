/* jpeg.c - JPEG by libjpeg-turbo.
 *
 * The library's default handler ends the process, and a truncated file is but a
 * warning to it, with grey where pixels are missing. Here both jump back and become a
 * status. */
#include "datasets/image.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
/* After jpeglib.h, which it needs. */
#include <jerror.h>

/* A progressive file may repeat its scans without end; encoders write about ten. */
#define MAX_SCANS 200

typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
    ftl_image image;
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

static ftl_status decode(
        decoder *d, const void *bytes, size_t n_bytes, const char *name) {
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    if (setjmp(d->jump))
        return ftl_fail(FTL_EFORMAT, "%s: damaged JPEG: %s", name, d->message);
    jpeg_create_decompress(jpeg);
    jpeg->progress = &d->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)n_bytes);
    jpeg_read_header(jpeg, TRUE);
    FTL_TRY(ftl_image_check_size(jpeg->image_width, jpeg->image_height, name));
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return ftl_fail(FTL_EUNSUPPORTED,
                "%s: a CMYK JPEG; convert it to RGB, CMYK is not read", name);
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return ftl_fail(FTL_EUNSUPPORTED, "%s: a JPEG of %d components", name,
                jpeg->num_components);
    int channels = jpeg->num_components;
    jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    FTL_TRY(ftl_image_init(&d->image, (int)jpeg->image_width, (int)jpeg->image_height,
            channels, name));
    jpeg_start_decompress(jpeg);
    size_t row_bytes = (size_t)d->image.width * (size_t)channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = d->image.pixels + jpeg->output_scanline * row_bytes;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return FTL_OK;
}

ftl_status ftl_jpeg_decode(
        ftl_image *out, const void *bytes, size_t n_bytes, const char *name) {
    *out = (ftl_image) {0};
    decoder *d = calloc(1, sizeof *d);
    if (!d) return ftl_fail(FTL_ENOMEM, "%s: no memory for a JPEG decoder", name);
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = jump_out;
    d->errors.emit_message = note_warning;
    d->progress.progress_monitor = watch_scans;
    d->jpeg.client_data = d;
    ftl_status status = decode(d, bytes, n_bytes, name);
    jpeg_destroy_decompress(&d->jpeg);
    if (status == FTL_OK)
        *out = d->image;
    else
        ftl_image_deinit(&d->image);
    free(d);
    return status;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *ftl_jpeg_version(void) {
    return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
}
