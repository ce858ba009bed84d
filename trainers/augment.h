/* augment.h - DiffAugment (Zhao, Liu, Lin, Zhu, Han 2020, "Differentiable
 * Augmentation for Data-Efficient GAN Training"): random changes of every image
 * that a discriminator sees, real or generated, through which gradients flow to
 * the generator.
 *
 * In this order, each with its own random numbers u in [0, 1) for each image:
 *   colour       x + u - 1/2; then m + 2 u (x - m), m the mean of a px's
 * channels (not for grey images); then m + (u + 1/2) (x - m), m the mean of the
 * image translation  by whole px, up to 1/8 of the side each way, zeros behind
 * the border cutout       a square of half the side, its centre anywhere,
 * becomes 0 */
#ifndef FTL_TRAINERS_AUGMENT_H
#define FTL_TRAINERS_AUGMENT_H

#include "engine/base/random.h"
#include "engine/plan.h"

/* Bits of a policy; in the order of the names. */
enum { FTL_AUGMENT_COLOUR = 1, FTL_AUGMENT_TRANSLATION = 2, FTL_AUGMENT_CUTOUT = 4 };
#define FTL_AUGMENT_ALL 7u

/* "colour", "translation", "cutout"; NULL-ended. */
extern const char *const ftl_augment_names[];

/* y = T(x), x [n, channels, px, px]. The numbers are inputs "augment..." of the
 * graph, the same ones wherever it is called: make them once, then use them for
 * values of the same shape. */
typedef struct ftl_augment {
    unsigned policy; /* 0: nothing */
    ftl_value brightness, saturation, contrast, code, mask;
} ftl_augment;
ftl_status ftl_augment_begin(
        ftl_augment *a, ftl_graph *graph, unsigned policy, ftl_shape shape);
ftl_status ftl_augment_apply(
        ftl_value *y, const ftl_augment *a, ftl_graph *graph, ftl_value x);

/* Draw the numbers of images at .. at + n - 1 of a plan's batch: those of
 * samples first
 * .. first + n - 1 of the key. */
void ftl_augment_draw(ftl_plan *plan, unsigned policy, int channels, int px, int64_t at,
        int64_t n, ftl_random_key key, int64_t first);

#endif
