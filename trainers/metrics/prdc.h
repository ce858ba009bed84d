/* prdc.h - precision, recall, density and coverage by balls around neighbours.
 *
 * The ball of a vector reaches to its k-th nearest neighbour in its own set, itself not
 * counted, border included.
 *     precision  share of the generated in the ball of any real one
 *     recall     share of the real in the ball of any generated one
 *                (Kynkaanniemi et al. 2019, "Improved precision and recall metric for
 *                assessing generative models", equations 1 and 2)
 *     density    how many balls of real ones a generated one is in, in the mean, over
 *                k: 1 where the sets agree, may be more
 *     coverage   share of the real with any generated one in its ball
 *                (Naeem et al. 2020, "Reliable fidelity and diversity metrics for
 *                generative models", equations 4 and 5)
 * All four depend on the numbers of images: compare figures of the same numbers only.
 */
#ifndef FTL_TRAINERS_METRICS_PRDC_H
#define FTL_TRAINERS_METRICS_PRDC_H

#include "engine/base/status.h"

#include <stdint.h>

#define FTL_PRDC_NEIGHBOURS 5 /* as Naeem et al. */
#define FTL_PRDC_MAX_NEIGHBOURS 64

typedef struct ftl_prdc {
    double precision, recall, density, coverage;
} ftl_prdc;

/* Both sets are held as they are: who is a neighbour is known when all are there. The
 * distances, of which there are n * m, are not: they come in strips.
 * real, generated  [n, d], [m, d], finite; n and m above k, k in 1 .. 64
 * Fails with FTL_ENOMEM. Equal bits for any number of threads. */
ftl_status ftl_prdc_measure(ftl_prdc *out, const float *real, int64_t n,
        const float *generated, int64_t m, int64_t d, int k);

/* Do a little of it, in the same memory: *share of its work. */
ftl_status ftl_prdc_rehearse(double *share, const float *real, int64_t n,
        const float *generated, int64_t m, int64_t d, int k);

#endif
