/* gallery_parts.h - the two kinds of galleries. For gallery*.c only. */
#ifndef FTL_DATASETS_GALLERY_PARTS_H
#define FTL_DATASETS_GALLERY_PARTS_H

#include "datasets/gallery.h"
#include "datasets/import_files.h"
#include "engine/base/h5.h"

#include <stdbool.h>

struct ftl_gallery {
    char *path;
    ftl_gallery_options as; /* what is given */
    int64_t n;
    ftl_pack_extent extent;

    /* A folder: */
    ftl_import_options options;
    ftl_import *import; /* for the list; owned, with its arena */
    ftl_import_files files;

    /* A file: */
    ftl_sealed map;
    ftl_h5 *h5;
    int64_t *drawn;       /* [n], which of its images; NULL: all. Owned */
    uint8_t *loaded;      /* where the file does not hold them as they are; owned */
    const uint8_t *bytes; /* [n, height, width, file_channels], or planar */
    int height, width, file_channels;
    bool planar; /* [n, file_channels, height, width] */
};

/* gallery_h5.c reads one image at a time, to [size, size, channels]. */
ftl_status ftl_gallery_open_file(ftl_gallery *gallery);
ftl_status ftl_gallery_read_file(ftl_gallery *gallery, uint8_t *image, int64_t i);

/* One image of n pixels, `from` in so many channels, as the gallery is to give it; both
 * may be the same place only if the channels are the same. `name` is what a message
 * calls it. */
ftl_status ftl_gallery_recolour(const ftl_gallery *gallery, uint8_t *to,
        const uint8_t *from, int channels, const char *name);

#endif
