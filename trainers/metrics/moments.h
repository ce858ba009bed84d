/* moments.h - mean and covariance of feature vectors that come one after another.
 *
 * Memory is d * d doubles, whatever the number of vectors. They are taken in chunks of
 * FTL_MOMENTS_CHUNK, each centred on its own mean and merged into what was there (Chan,
 * Golub and LeVeque 1983, equations 2.1), all in double: no cancellation, and the same
 * bits however a caller cuts the stream and for any number of threads. */
#ifndef FTL_TRAINERS_METRICS_MOMENTS_H
#define FTL_TRAINERS_METRICS_MOMENTS_H

#include "engine/base/status.h"

#include <stdint.h>

#define FTL_MOMENTS_CHUNK 256

typedef struct ftl_moments {
    int64_t d, n;    /* n: vectors taken */
    double *mean;    /* [d] of the merged ones */
    double *scatter; /* [d, d]: sum of (x - mean) (x - mean)^T of the merged ones */
    int64_t n_merged;
    double *chunk; /* [FTL_MOMENTS_CHUNK + 1, d]: those that wait */
} ftl_moments;

/* None yet. Release with ftl_moments_deinit, which takes zeroed ones too. Fails with
 * FTL_ENOMEM. */
ftl_status ftl_moments_init(ftl_moments *m, int64_t d);
void ftl_moments_deinit(ftl_moments *m);

/* Take n vectors. Fails with FTL_ENUMERIC where one holds NaN or infinity; the moments
 * are then good for nothing.
 * x  [n, d] */
ftl_status ftl_moments_add(ftl_moments *m, const float *x, int64_t n);

/* Merge those that wait: mean and scatter are then of all n. The last call. */
void ftl_moments_finish(ftl_moments *m);

#endif
