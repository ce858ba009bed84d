/* resize.h - from an image of any size to the square that a network takes. */
#ifndef FTL_DATASETS_RESIZE_H
#define FTL_DATASETS_RESIZE_H

#include "datasets/image.h"

/* The filter's name, as it is recorded in a pack. A triangle whose half width is one
 * source pixel when enlarging and one target pixel when shrinking, so that no source
 * pixel is skipped; normalised at the borders; accumulated in float, rounded once. */
#define FTL_RESIZE_FILTER "triangle-antialias"

/* Cut the largest square out of the image's centre (an odd pixel is left over at the
 * right or bottom) and bring it to size x size.
 * out  [size, size, channels], channels as in the image; overwritten
 * An image that already has that size is copied exactly. Fails with FTL_ENOMEM. */
ftl_status ftl_resize_square(uint8_t *out, int size, const ftl_image *image);

#endif
