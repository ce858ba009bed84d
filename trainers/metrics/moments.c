/* moments.c - see moments.h. */
#include "trainers/metrics/moments.h"

#include "engine/backend/gram.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_moments_init(ftl_moments *m, int64_t d) {
    const size_t n = (size_t)d;
    *m = (ftl_moments) {.d = d,
            .mean = calloc(n, sizeof(double)),
            .scatter = calloc(n * n, sizeof(double)),
            .chunk = malloc((FTL_MOMENTS_CHUNK + 1) * n * sizeof(double))};
    if (m->mean && m->scatter && m->chunk) return FTL_OK;
    ftl_moments_deinit(m);
    return ftl_fail(
            FTL_ENOMEM, "no memory left for a covariance of %" PRId64 " features", d);
}

void ftl_moments_deinit(ftl_moments *m) {
    free(m->mean);
    free(m->scatter);
    free(m->chunk);
    *m = (ftl_moments) {0};
}

/* With n vectors of mean M merged, and c of mean m waiting:
 *   M' = M + (m - M) c / (n + c)
 *   S' = S + sum (x - m) (x - m)^T + (m - M) (m - M)^T n c / (n + c)
 * The last term is one more row of what the sum runs over. */
static void merge(ftl_moments *m) {
    const int64_t d = m->d, n = m->n_merged, c = m->n - n;
    const double weight = (double)n * (double)c / (double)(n + c);
    double *row = m->chunk + c * d;
    for (int64_t j = 0; j < d; j++) {
        double sum = 0;
        for (int64_t i = 0; i < c; i++)
            sum += m->chunk[i * d + j];
        const double mean = sum / (double)c;
        for (int64_t i = 0; i < c; i++)
            m->chunk[i * d + j] -= mean;
        row[j] = (mean - m->mean[j]) * sqrt(weight);
        m->mean[j] += (mean - m->mean[j]) * (double)c / (double)(n + c);
    }
    ftl_gram_add(m->scatter, m->chunk, d, m->chunk, d, n ? c + 1 : c);
    m->n_merged = m->n;
}

ftl_status ftl_moments_add(ftl_moments *m, const float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        double *row = m->chunk + (m->n - m->n_merged) * m->d;
        for (int64_t j = 0; j < m->d; j++) {
            row[j] = (double)x[i * m->d + j];
            if (!isfinite(row[j]))
                return ftl_fail(FTL_ENUMERIC,
                        "feature %" PRId64 " of image %" PRId64 " is NaN or infinite",
                        j, m->n);
        }
        m->n++;
        if (m->n - m->n_merged == FTL_MOMENTS_CHUNK) merge(m);
    }
    return FTL_OK;
}

void ftl_moments_finish(ftl_moments *m) {
    if (m->n > m->n_merged) merge(m);
}
