/* run_quality.h - metrics of quality of what a generator draws, or of images. For
 * this folder only. */
#ifndef FTL_TRAINERS_RUN_RUN_QUALITY_H
#define FTL_TRAINERS_RUN_RUN_QUALITY_H

#include "engine/base/option.h"
#include "trainers/evaluator.h"
#include "trainers/metrics/report.h"

/* The real images that are compared with: some of a pack, or all of it. */
typedef struct ftl_quality_real {
    const char *name; /* "evaluation" */
    const ftl_pack *pack;
    const int64_t *index; /* [n] into the pack; NULL: 0 .. n - 1 */
    int64_t n;
} ftl_quality_real;

/* The images that are judged, in random order: uint8 as in a pack of the real ones. */
typedef struct ftl_quality_generated {
    int64_t n;
    /* Write the next `count` of them. */
    ftl_status (*read)(void *context, uint8_t *images, int64_t count);
    void *context;
} ftl_quality_generated;

/* What computes the features that metrics compare: the graph of weights that
 * tools/convert_inception.py wrote, or, if there are none, a classifier's penultimate
 * layer. */
typedef struct ftl_run_extractor {
    const char *weights;
    ftl_classifier *classifier;
} ftl_run_extractor;

/* What was measured; `evaluation` points into it, so that it has to stay in place. */
typedef struct ftl_run_quality {
    ftl_evaluation_quality evaluation;
    char hash[FTL_SHA256_HEX];
} ftl_run_quality;

/* What draws the samples of a measurement, in order, and counts what they are called:
 * the context of ftl_run_draw_next. */
typedef struct ftl_run_drawing {
    ftl_evaluator evaluator; /* with a classifier; the user opens and closes it */
    ftl_random_key key;
    int64_t done;
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    double confidence; /* of the classifier, mean over the samples done */
} ftl_run_drawing;
ftl_status ftl_run_draw_next(void *drawing, uint8_t *images, int64_t count);

/* Names of metrics to flags; FTL_ECONFIG names one that there is not. want
 * [FTL_N_QUALITY_METRICS]; *any: is there one? */
ftl_status ftl_run_quality_want(bool *want, bool *any, const ftl_texts *names);

/* Measure, in features of the classifier. The real images are read in an order that
 * the seed draws. Fails as ftl_quality_measure does. */
ftl_status ftl_run_quality_measure(ftl_run_quality *out,
        const ftl_run_extractor *extractor, const ftl_quality_real *real,
        const ftl_quality_generated *generated, const bool *want, uint64_t seed);

/* What it takes, apart from drawing n_generated images. Seconds. */
typedef struct ftl_run_quality_cost {
    double opening_s, figures_s;
    int64_t scratch_bytes; /* of disk in $TMPDIR while it measures */
    double batch_s;        /* of features, of so many images: */
    int batch;
} ftl_run_quality_cost;
/* Do a little of it, in the same memory. Fails as it does. */
ftl_status ftl_run_quality_rehearse(ftl_run_quality_cost *out,
        const ftl_run_extractor *extractor, const ftl_quality_real *real,
        int64_t n_generated, const bool *want);

#endif
