/* frechet.h - the Frechet distance of two sets of features, each taken to be normal.
 *
 * Heusel et al. 2017 ("GANs trained by a two time-scale update rule ...", equation 6):
 *     || m1 - m2 ||^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))
 * with means m and unbiased covariances S (divided by n - 1). It is biased upwards by
 * few images, more so for many features: compare figures of the same n only. */
#ifndef FTL_TRAINERS_METRICS_FRECHET_H
#define FTL_TRAINERS_METRICS_FRECHET_H

#include "trainers/metrics/moments.h"

/* Of two finished moments of at least 2 vectors each and as many features. Fewer
 * vectors than features are fine. Fails with FTL_ENOMEM, FTL_ENUMERIC. Equal bits for
 * any number of threads. */
ftl_status ftl_frechet_distance(
        double *distance, const ftl_moments *a, const ftl_moments *b);

/* Seconds that it takes where a is of n and b of m vectors, in the same memory. Both
 * are overwritten by what is as much work, and then good for nothing. */
ftl_status ftl_frechet_rehearse(
        double *seconds, ftl_moments *a, int64_t n, ftl_moments *b, int64_t m);

#endif
