/* resize.h - from an image of any size to the square that a network takes. */
#ifndef FTL_DATASETS_RESIZE_H
#define FTL_DATASETS_RESIZE_H

#include "datasets/image.h"

/* The filter's name, as it is recorded in a pack. A triangle whose half width is one
 * source pixel when enlarging and one target pixel when shrinking, so that no source
 * pixel is skipped; normalised at the borders; accumulated in float, rounded once. */
#define FTL_RESIZE_FILTER "triangle-antialias"

typedef enum ftl_fit {
    FTL_FIT_CROP,    /* the largest square of the centre; an odd pixel is left over at
                        the right or bottom */
    FTL_FIT_PAD,     /* all of it, its longer side filling the square, centred on the
                        background, an odd pixel of which is at the right or bottom */
    FTL_FIT_STRETCH, /* all of it, each side by its own factor */
    FTL_N_FITS,
} ftl_fit;

/* "crop", "pad", "stretch", NULL. */
extern const char *const ftl_fit_names[FTL_N_FITS + 1];

/* Bring an image to size x size.
 * out         [size, size, channels], channels as in the image; overwritten
 * background  RGB, of which a grey image takes the first: used by FTL_FIT_PAD
 * What already has its size is copied exactly. Fails with FTL_ENOMEM. */
ftl_status ftl_resize(uint8_t *out, int size, const ftl_image *image, ftl_fit fit,
        const uint8_t background[3]);

#endif
