/* gallery_h5.c - galleries that are HDF5 files; see gallery.h. */
#include "datasets/gallery_parts.h"

#include <stdlib.h>
#include <string.h>

#define IMAGES "/images"

static ftl_status refuse(const ftl_gallery *g, const char *why) {
    return ftl_fail(FTL_EFORMAT,
            "%s: %s; " IMAGES
            " must be uint8 [n, height, width, channels], [n, channels, height, width] "
            "or [n, height, width], channels 1 or 3",
            g->path, why);
}

static bool are_channels(int64_t n) { return n == 1 || n == 3; }

static ftl_status read_shape(ftl_gallery *g, const ftl_h5_info *info) {
    const int64_t *d = info->dims;
    int64_t height, width, channels = 1;
    if (info->type != FTL_H5_U8)
        return refuse(g, "its " IMAGES " are no bytes (0 black, 255 white)");
    if (info->rank == 3) {
        height = d[1];
        width = d[2];
    } else if (info->rank == 4 && are_channels(d[3])) {
        height = d[1];
        width = d[2];
        channels = d[3];
    } else if (info->rank == 4 && are_channels(d[1])) {
        g->planar = true;
        channels = d[1];
        height = d[2];
        width = d[3];
    } else {
        return refuse(g, "its " IMAGES " have another shape");
    }
    if (height < 1 || width < 1 || height > FTL_PACK_MAX_SIDE ||
            width > FTL_PACK_MAX_SIDE)
        return ftl_fail(FTL_EFORMAT,
                "%s: its images of %lld x %lld px have a side that is not in 1..%d",
                g->path, (long long)width, (long long)height, FTL_PACK_MAX_SIDE);
    if (d[0] < 1) return ftl_fail(FTL_EINPUT, "%s: no image in it", g->path);
    g->n = d[0];
    g->height = (int)height;
    g->width = (int)width;
    g->file_channels = (int)channels;
    return FTL_OK;
}

/* Mapped where the file holds them as they are, else read at once. */
static ftl_status read_images(ftl_gallery *g) {
    ftl_h5_info info;
    if (!ftl_h5_has(g->h5, IMAGES)) return refuse(g, "has no dataset " IMAGES);
    FTL_TRY(ftl_h5_describe(g->h5, IMAGES, &info));
    FTL_TRY(read_shape(g, &info));
    if (info.offset >= 0) {
        g->bytes = g->map.bytes + info.offset;
        return FTL_OK;
    }
    g->loaded = malloc((size_t)info.count);
    if (!g->loaded)
        return ftl_fail(
                FTL_ENOMEM, "%s: no memory for %lld images", g->path, (long long)g->n);
    g->bytes = g->loaded;
    return ftl_h5_read(g->h5, IMAGES, FTL_H5_U8, info.count, g->loaded);
}

/* What is ours is verified as ours; of a checkpoint no image can be taken. */
static ftl_status check_format(const ftl_gallery *g, bool sealed) {
    char *format;
    if (!ftl_h5_attr_has(g->h5, "/", "format")) return FTL_OK;
    FTL_TRY(ftl_h5_attr_read_text(g->h5, "/", "format", &format));
    bool ours = strncmp(format, "fairtl-", 7) == 0;
    bool pack = strcmp(format, "fairtl-pack") == 0;
    free(format);
    if (ours && !pack)
        return ftl_fail(FTL_EFORMAT,
                "%s: holds no images but a model: measure it without --images",
                g->path);
    if (!ours || sealed) return FTL_OK;
    return ftl_fail(FTL_EFORMAT,
            "%s: truncated: a pack must end with the trailer that fairtl wrote",
            g->path);
}

ftl_status ftl_gallery_open_file(ftl_gallery *g) {
    bool sealed;
    FTL_TRY(ftl_sealed_open_any(&g->map, &sealed, g->path));
    FTL_TRY(ftl_h5_open_foreign(&g->h5, g->map.bytes, g->map.n_bytes, g->path));
    FTL_TRY(check_format(g, sealed));
    FTL_TRY(read_images(g));
    g->extent = (ftl_pack_extent) {g->width, g->height, g->width, g->height};
    return FTL_OK;
}

/* One image as [height, width, channels]; a grey one is repeated in each channel. */
static void interleave(
        const ftl_gallery *g, uint8_t *to, const uint8_t *from, size_t n_channels) {
    size_t n = (size_t)g->height * (size_t)g->width, n_from = (size_t)g->file_channels;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < n_channels; c++) {
            size_t of = n_from == 1 ? 0 : c;
            to[i * n_channels + c] =
                    g->planar ? from[of * n + i] : from[i * n_from + of];
        }
}

ftl_status ftl_gallery_read_file(ftl_gallery *g, uint8_t *image, int64_t i) {
    char name[64];
    ftl_image whole = {0};
    ftl_status status;
    /* Grey images are made RGB first: what they are padded with may be no grey. */
    int channels =
            g->as.channels > g->file_channels ? g->as.channels : g->file_channels;
    size_t n_fitted = (size_t)g->as.size * (size_t)g->as.size * (size_t)channels;
    uint8_t *fitted = malloc(n_fitted);
    snprintf(name, sizeof name, "image %lld", (long long)i);
    if (!fitted) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory left", g->path);
        goto out;
    }
    FTL_TRY_OUT(ftl_image_init(&whole, g->width, g->height, channels, name));
    size_t n_bytes = (size_t)g->height * (size_t)g->width * (size_t)g->file_channels;
    interleave(g, whole.pixels, g->bytes + (size_t)i * n_bytes, (size_t)channels);
    FTL_TRY_OUT(ftl_resize(fitted, g->as.size, &whole, g->as.fit, g->as.background));
    FTL_TRY_OUT(ftl_gallery_recolour(g, image, fitted, channels, name));
out:
    ftl_image_deinit(&whole);
    free(fitted);
    return status;
}
