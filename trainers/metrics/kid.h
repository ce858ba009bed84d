/* kid.h - the kernel inception distance: squared maximum mean discrepancy.
 *
 * Binkowski et al. 2018 ("Demystifying MMD GANs"): the unbiased estimator of MMD^2
 * (equation 3; Gretton et al. 2012, lemma 6) with the kernel
 * k(x, y) = (x.y / d + 1)^3 (section 4), averaged over blocks. Theirs are drawn anew
 * for each estimate and overlap; ours are disjoint, so that memory does not grow with
 * the number of images, each image counts once, and the standard error over blocks is
 * one. It may be negative: it is unbiased. */
#ifndef FTL_TRAINERS_METRICS_KID_H
#define FTL_TRAINERS_METRICS_KID_H

#include "engine/base/status.h"

#include <stdint.h>

typedef struct ftl_kid {
    int64_t n_blocks;
    double mean, squares; /* of the blocks' estimates; squares: of the distances from
                             the mean */
} ftl_kid;

/* Add the estimate of one block (to zeroed ones at first). Fails with FTL_ENOMEM.
 * x, y  [m, d], [n, d]; m and n are 2 or more, and need not be equal */
ftl_status ftl_kid_add(
        ftl_kid *kid, const float *x, int64_t m, const float *y, int64_t n, int64_t d);

/* Standard error of the mean; of 2 blocks or more. */
double ftl_kid_error(const ftl_kid *kid);

#endif
