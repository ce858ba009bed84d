/* binned.c - see binned.h. */
#include "trainers/report/binned.h"

#include "trainers/report/chart.h"

#include <math.h>

void ftl_bin(ftl_binned *out, const ftl_column *at, const ftl_column *y, int points) {
    const int each = (at->n + points - 1) / points;
    out->n = 0;
    for (int from = 0; from < at->n; from += each) {
        const int to = from + each < at->n ? from + each : at->n;
        double sum = 0, where = 0, lo = INFINITY, hi = -INFINITY;
        int n = 0;
        for (int i = from; i < to; i++) {
            where += at->value[i];
            if (!isfinite(y->value[i])) continue;
            sum += y->value[i];
            n++;
        }
        ftl_chart_span(&lo, &hi, y->value + from, to - from);
        out->at[out->n] = where / (to - from);
        out->mean[out->n] = n ? sum / n : (double)NAN;
        out->lo[out->n] = n ? lo : (double)NAN;
        out->hi[out->n++] = n ? hi : (double)NAN;
    }
}
