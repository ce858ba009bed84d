/* comparison_results.h - what the runs of a comparison came to: compare.csv, and a
 * table for people; and how many there are to be: planned.csv.
 *
 * compare.csv has a line of names,
 *     method,ratio,seed,fd,fd_corrected,fd_lo,fd_hi,frechet,extractor,checkpoint,seconds
 * then the pre-trained model (method "pre-trained", ratio and seed empty), then
 * methods, ratios and seeds in the order of the configuration: for each run that is
 * done its last generator and, if its looks chose one, its best by corrected FD
 * (checkpoint "last", "best"). fd_lo and fd_hi are the 95 % interval of fd_corrected.
 * frechet and extractor are empty if they were not measured. A run that failed has a
 * line with empty figures and checkpoint "failed". seconds are the run's, in both its
 * lines.
 *
 * planned.csv has a line of names, method,ratio,runs, then methods and ratios in that
 * order, with the number of their runs, whether they are done or not. */
#ifndef FTL_TRAINERS_COMPARISON_COMPARISON_RESULTS_H
#define FTL_TRAINERS_COMPARISON_COMPARISON_RESULTS_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FTL_EXTRACTOR_BYTES 64

/* Of one generator. */
typedef struct ftl_compared_figures {
    bool has;
    double fd, fd_corrected, fd_interval[2];
    double frechet; /* NaN: not measured */
    char extractor[FTL_EXTRACTOR_BYTES];
} ftl_compared_figures;

/* A run that has ended. */
typedef struct ftl_result {
    int method, ratio, seed; /* which; -1: the pre-trained model, which has none */
    bool failed;
    ftl_compared_figures last, best;
    double seconds;
} ftl_result;

/* All of a comparison. result: the pre-trained model first; others in any order. */
typedef struct ftl_results {
    const char *const *method; /* [n_methods] names */
    const double *ratio;       /* [n_ratios] */
    const int64_t *seed;       /* [n_seeds] */
    int n_methods, n_ratios, n_seeds;
    const int *n_runs; /* [n_methods, n_ratios] with as many seeds; 0: not compared */
    const ftl_result *result;
    int n_results;
} ftl_results;

/* Figures of metrics.json, of its last stage: the last generator and the best by
 * corrected FD, where there is one. adapted: of an adaptation, not of what it began
 * with. Fails with FTL_EFORMAT, FTL_EIO (there is none). */
ftl_status ftl_result_read(ftl_result *out, const char *metrics_path, bool adapted);

/* Write compare.csv, or planned.csv, at once. Fails with FTL_EIO, FTL_ENOMEM. */
ftl_status ftl_results_write_csv(const ftl_results *results, const char *path);
ftl_status ftl_results_write_planned(const ftl_results *results, const char *path);

/* Mean and standard deviation (of n - 1) of n values, NaN left out. n_used: how many;
 * with less than two the deviation is NaN, with none the mean too. */
void ftl_results_mean(
        double *mean, double *deviation, int *n_used, const double *value, int n);

/* A table: methods and ratios in the order of the configuration, mean (standard
 * deviation) over seeds of the last and of the best generator; and what that means. */
void ftl_results_print(const ftl_results *results, FILE *file);

#endif
