/* kid.c - see kid.h. */
#include "trainers/metrics/kid.h"

#include "engine/backend/gram.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { STRIP = 128 };

/* The mean of k(x_i, y_j); over i != j if both are the same set. */
static ftl_status mean_kernel(
        double *mean, const float *x, int64_t m, const float *y, int64_t n, int64_t d) {
    const bool same = x == y;
    double sum = 0;
    double *strip = malloc(STRIP * (size_t)n * sizeof *strip);
    if (!strip) return ftl_fail(FTL_ENOMEM, "no memory left for KID");
    for (int64_t first = 0; first < m; first += STRIP) {
        const int64_t rows = m - first < STRIP ? m - first : STRIP;
        ftl_gram_products(strip, x + first * d, rows, y, n, d);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < n; j++) {
                if (same && first + i == j) continue;
                const double t = strip[i * n + j] / (double)d + 1;
                sum += t * t * t;
            }
    }
    free(strip);
    *mean = sum / ((double)m * (double)(same ? n - 1 : n));
    return FTL_OK;
}

ftl_status ftl_kid_add(
        ftl_kid *kid, const float *x, int64_t m, const float *y, int64_t n, int64_t d) {
    double xx, yy, xy;
    assert(m > 1 && n > 1 && x != y);
    FTL_TRY(mean_kernel(&xx, x, m, x, m, d));
    FTL_TRY(mean_kernel(&yy, y, n, y, n, d));
    FTL_TRY(mean_kernel(&xy, x, m, y, n, d));
    const double gap = xx + yy - 2 * xy - kid->mean;
    kid->n_blocks++;
    kid->mean += gap / (double)kid->n_blocks;
    kid->squares += gap * gap * (double)(kid->n_blocks - 1) / (double)kid->n_blocks;
    return FTL_OK;
}

double ftl_kid_error(const ftl_kid *kid) {
    const double n = (double)kid->n_blocks;
    assert(kid->n_blocks > 1);
    return sqrt(kid->squares / (n - 1) / n);
}
