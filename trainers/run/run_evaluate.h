/* run_evaluate.h - the parts of ftl_evaluate (run.h). For run_evaluate*.c only. */
#ifndef FTL_TRAINERS_RUN_RUN_EVALUATE_H
#define FTL_TRAINERS_RUN_RUN_EVALUATE_H

#include "trainers/run/run_opened.h"

/* The real images of --real, and what is to be measured. Zeroed at first; the file is
 * the caller's to close in any case. */
typedef struct ftl_evaluate_real {
    ftl_pack_file *file; /* NULL: nothing is */
    bool want[FTL_N_QUALITY_METRICS];
    char name[FTL_RUN_PATH_BYTES];
} ftl_evaluate_real;

/* Open --real, if it is given, and look whether its images and the weights are such as
 * can be compared with. of: what the classifier takes. Fails with FTL_ECONFIG,
 * FTL_EINPUT, and as opening a pack does. */
ftl_status ftl_evaluate_open_real(ftl_evaluate_real *real,
        const ftl_evaluate_options *options, const ftl_classifier_options *of);

/* Measure. Fails as ftl_run_quality_measure does. */
ftl_status ftl_evaluate_compare(ftl_run_quality *out, const ftl_evaluate_real *real,
        ftl_run_opened *judge, const ftl_quality_generated *generated,
        const ftl_evaluate_options *options);

/* Measure options->images: a table and an object of metrics.json, as ftl_evaluate. */
ftl_status ftl_evaluate_images(
        const ftl_evaluate_options *options, FILE *table, FILE *json);

#endif
