/* preference.h - which group a discriminator takes for the more real one.
 *
 * One that was trained on a biased set scores the groups differently. It can unlearn
 * that while it trains; one that stands still (fairTL++'s D_s) pays the generator for
 * its favourite until the end. The generator's loss is - sum_k weight_k mean D_k(G(z)),
 * so that an image of group a earns weight (mean D_s(a) - mean D_s(b)) more than one of
 * b. */
#ifndef FTL_TRAINERS_PREFERENCE_H
#define FTL_TRAINERS_PREFERENCE_H

#include "datasets/split.h"
#include "trainers/gan.h"

/* What is much: from here on a run warns. weight times the difference of mean scores */
#define FTL_PREFERENCE_MUCH 0.4

/* Mean score, in evaluation mode, of a set's images of each group.
 * mean   [n_groups <= FTL_FAIRNESS_MAX_GROUPS], overwritten; NaN for a group without
 *        images
 * index  of the discriminator in gan->d
 * split  of images of the gan's shape; not empty
 * Equal bits for any number of threads. Fails with FTL_ENOMEM; mean is then
 * unspecified. */
ftl_status ftl_preference_measure(double *mean, const ftl_gan *gan, int index,
        const ftl_split *split, int n_groups);

#endif
