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

#include "trainers/metrics/spool.h"

#include <stdint.h>

#define FTL_PRDC_NEIGHBOURS 5 /* as Naeem et al. */
#define FTL_PRDC_MAX_NEIGHBOURS 64

typedef struct ftl_prdc {
    double precision, recall, density, coverage;
} ftl_prdc;

/* Of each set so many vectors are in memory at a time; a strip is compared with blocks
 * of the other, or of its own, in turn. */
#define FTL_PRDC_STRIP 1024

/* Memory: a strip and a block of vectors, their distances, and 8 bytes for each real
 * vector, 12 for each generated one.
 * spool  n real vectors, then m generated ones, all finite; n and m above k, k in 1 ..
 * 64 Fails with FTL_ENOMEM, FTL_EIO. Equal bits for any number of threads. */
ftl_status ftl_prdc_measure(
        ftl_prdc *out, const ftl_spool *spool, int64_t n, int64_t m, int k);

/* Do a little of it, in as much memory: *share of its work.
 * few   in place of the n and the m the first FTL_PRDC_STRIP of each, or as many as
 * there are; more than k */
ftl_status ftl_prdc_rehearse(
        double *share, const ftl_spool *few, int64_t n, int64_t m, int k);

#endif
