/* binned.h - losses as curves that can be read. A loss is that of one batch, and noisy:
 * where there are many, a point is the mean of several in a row. */
#ifndef FTL_TRAINERS_REPORT_BINNED_H
#define FTL_TRAINERS_REPORT_BINNED_H

#include "trainers/report/source.h"

enum { FTL_BINNED_POINTS = 60 };

/* Of each point where it is, its mean and its range; NaN if it has no number. */
typedef struct ftl_binned {
    double at[FTL_BINNED_POINTS], mean[FTL_BINNED_POINTS], lo[FTL_BINNED_POINTS],
            hi[FTL_BINNED_POINTS];
    int n;
} ftl_binned;

/* At most so many points, 1 .. FTL_BINNED_POINTS. at and y are equally long. */
void ftl_bin(ftl_binned *out, const ftl_column *at, const ftl_column *y, int points);

#endif
