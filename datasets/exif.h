/* exif.h - which way up a photograph is. Cameras store the sensor's rows and a number
 * that says how to turn them; viewers do, so must whoever trains on what people see. */
#ifndef FTL_DATASETS_EXIF_H
#define FTL_DATASETS_EXIF_H

#include "datasets/image.h"

/* The tag Orientation of an EXIF block, which begins with TIFF's "II" or "MM":
 *
 *     1 as stored        2 mirrored left-right   3 half a turn     4 mirrored up-down
 *     5 transposed       6 a quarter clockwise   7 transposed on the other diagonal
 *     8 a quarter anticlockwise
 *
 * is what has to be done to the stored rows. 1 also for a block that has no such tag,
 * or that is damaged: the pixels are whole all the same. */
int ftl_exif_orientation(const uint8_t *bytes, size_t n_bytes);

/* Turn the image upright, in place; with 5 to 8 width and height change places. Fails
 * with FTL_ENOMEM; the image is then as it was. `name` is what messages call it. */
ftl_status ftl_image_orient(ftl_image *image, int orientation, const char *name);

#endif
