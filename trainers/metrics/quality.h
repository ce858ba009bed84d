/* quality.h - how far generated images are from real ones, in features of both.
 *
 * Two streams of feature vectors are read once, side by side, in blocks of at most
 * FTL_QUALITY_BLOCK. Memory holds moments and a block of each, and does not grow with
 * the number of images: for precision, recall, density and coverage, which compare each
 * vector with all others, they are kept in a file (spool.h), and 8 or 12 bytes of each
 * in memory. */
#ifndef FTL_TRAINERS_METRICS_QUALITY_H
#define FTL_TRAINERS_METRICS_QUALITY_H

#include "engine/base/status.h"
#include "trainers/metrics/kid.h"
#include "trainers/metrics/prdc.h"

#include <stdbool.h>
#include <stdint.h>

/* KID is averaged over as many blocks as it takes to keep each at most so large, and
 * over FTL_QUALITY_MIN_BLOCKS at least. */
#define FTL_QUALITY_BLOCK 1000
#define FTL_QUALITY_MIN_BLOCKS 10
/* Fewest images of either side: 2 a block. */
#define FTL_QUALITY_MIN (2 * FTL_QUALITY_MIN_BLOCKS)

/* n vectors. KID takes them to be in random order. */
typedef struct ftl_feature_stream {
    int64_t n;
    /* Write the next `count` ones to out [count, d]. */
    ftl_status (*read)(void *context, float *out, int64_t count);
    void *context;
} ftl_feature_stream;

/* Which metrics. */
typedef enum ftl_quality_metric {
    FTL_QUALITY_FRECHET,
    FTL_QUALITY_KID,
    FTL_QUALITY_PRDC,
    FTL_N_QUALITY_METRICS,
} ftl_quality_metric;

/* "frechet", "kid", "prdc", NULL. */
extern const char *const ftl_quality_names[FTL_N_QUALITY_METRICS + 1];

/* The extractor whose Frechet distance is called FID (Heusel et al. 2017), and no
 * other's: the Inception graph of December 2015. */
#define FTL_QUALITY_FID_EXTRACTOR "inception-2015"
bool ftl_quality_is_fid(const char *extractor);

typedef struct ftl_quality {
    bool has[FTL_N_QUALITY_METRICS]; /* which of the following were measured */
    int64_t n_real, n_generated;
    double frechet;
    double kid, kid_error; /* mean of the blocks, its standard error */
    int64_t kid_blocks;
    ftl_prdc prdc;
    int64_t neighbours; /* of prdc */
} ftl_quality;

/* In how many blocks they are read where the larger side has so many; and fewest
 * images of either side: FTL_QUALITY_MIN, or more where that are more than 10,000. */
int64_t ftl_quality_blocks(int64_t more);
int64_t ftl_quality_needed(int64_t more);

/* Bytes of disk in $TMPDIR, or /tmp, while so many are measured. */
int64_t ftl_quality_scratch_bytes(
        int64_t n_real, int64_t n_generated, int64_t d, const bool *want);

/* Fails with FTL_EINPUT where there are too few images (ftl_quality_needed),
 * FTL_ENOMEM, FTL_ENUMERIC, FTL_EIO (no room for the file: before anything is read),
 * and as the streams do. Equal bits for any number of threads if the streams give them.
 * d     features of a vector
 * want  [FTL_N_QUALITY_METRICS] */
ftl_status ftl_quality_measure(ftl_quality *out, const ftl_feature_stream *real,
        const ftl_feature_stream *generated, int64_t d, const bool *want);

/* Seconds that it takes to measure so many vectors beside reading them: from a little
 * of each metric, but all of the Frechet distance, whose three decompositions depend on
 * d alone. In as much memory: all that it holds is written to; with little of
 * the disk. Fails with FTL_ENOMEM, FTL_ENUMERIC, FTL_EIO. */
ftl_status ftl_quality_rehearse(double *seconds, int64_t n_real, int64_t n_generated,
        int64_t d, const bool *want);

#endif
