/* gallery.h - images that are to be measured, whoever made them.
 *
 * A folder of JPEG and PNG files, folders below it too; or an HDF5 file: a pack, or any
 * file with a dataset /images of uint8, [n, height, width, channels], [n, channels,
 * height, width] or [n, height, width], channels 1 or 3. They come out as squares of
 * one size, fitted as an import does it. Nothing is left out in silence, as a share of
 * images that were chosen by being readable says nothing, and copies count: a generator
 * that repeats itself is to be measured as it is. */
#ifndef FTL_DATASETS_GALLERY_H
#define FTL_DATASETS_GALLERY_H

#include "datasets/pack.h"
#include "datasets/resize.h"
#include "engine/base/status.h"

#include <stdint.h>

typedef struct ftl_gallery ftl_gallery;

/* How images are to come out: size x size px, with so many channels (1 or 3). */
typedef struct ftl_gallery_options {
    int size, channels;
    ftl_fit fit;
    uint8_t background[3]; /* RGB, behind transparency and around padded images; grey
                              where channels is 1 */
} ftl_gallery_options;

/* Grey images are made RGB; of RGB ones grey is made only if they are grey to the eye:
 * three equal channels. Other files in a folder give a warning. A pack is verified; an
 * HDF5 file that is none has no seal, so that libhdf5 is shown its bytes as they are.
 * *out is owned by the caller. Fails with FTL_EIO, FTL_ENOMEM, FTL_EINPUT (no image in
 * it, or nothing there), FTL_EFORMAT (a damaged file, no HDF5 file, or no such dataset
 * in it); *out is then NULL. */
ftl_status ftl_gallery_open(
        ftl_gallery **out, const char *path, const ftl_gallery_options *options);

/* NULL is fine. */
void ftl_gallery_close(ftl_gallery *gallery);

/* How many there are: the order is bytewise by name, or that of the file. */
int64_t ftl_gallery_count(const ftl_gallery *gallery);

/* Keep n of the images, drawn at random by FTL_STREAM_GALLERY of the seed, in the order
 * that they had; 1 <= n <= count. A generator's output may lie sorted, by class for
 * one, so that its first n would say nothing of the others. Fails with FTL_ENOMEM; all
 * are then kept. */
ftl_status ftl_gallery_draw(ftl_gallery *gallery, int64_t n, uint64_t seed);

/* Sides of the images that were read until now, as they came. */
ftl_pack_extent ftl_gallery_extent(const ftl_gallery *gallery);

/* Decode and fit n images from `first` on.
 * images  uint8 [n, size, size, channels], overwritten
 * Equal bytes for any number of threads. Fails with FTL_EINPUT (an image that cannot be
 * used, named with the reason; a coloured one where grey is asked for),
 * FTL_EINTERRUPTED, FTL_ENOMEM, FTL_EBACKEND. */
ftl_status ftl_gallery_read(
        ftl_gallery *gallery, uint8_t *images, int64_t first, int64_t n);

#endif
