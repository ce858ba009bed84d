/* prdc.c - see prdc.h. Distances are squared throughout. */
#include "trainers/metrics/prdc.h"

#include "engine/backend/gram.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { STRIP = 64 };

typedef struct balls {
    const float *x; /* [n, d] */
    double *radius; /* [n] squared */
    int64_t n;
} balls;

/* The k-th smallest of n, number `self` not counted. */
static double smallest(const double *value, int64_t n, int64_t self, int k) {
    double least[FTL_PRDC_MAX_NEIGHBOURS]; /* ascending */
    for (int i = 0; i < k; i++)
        least[i] = INFINITY;
    for (int64_t j = 0; j < n; j++) {
        if (j == self || !(value[j] < least[k - 1])) continue;
        int i = k - 1;
        for (; i > 0 && value[j] < least[i - 1]; i--)
            least[i] = least[i - 1];
        least[i] = value[j];
    }
    return least[k - 1];
}

static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

/* Of the first `most`. strip: room for [STRIP, n]. */
static void measure_radii(balls *b, int64_t most, double *strip, int64_t d, int k) {
    const int64_t n = lesser(b->n, most);
    for (int64_t first = 0; first < n; first += STRIP) {
        const int64_t rows = lesser(n - first, STRIP);
        ftl_gram_distances(strip, b->x + first * d, rows, b->x, b->n, d);
#pragma omp parallel for
        for (int64_t i = 0; i < rows; i++)
            b->radius[first + i] = smallest(strip + i * b->n, b->n, first + i, k);
    }
}

/* What one real vector sees. */
typedef struct sight {
    bool recalled, covered;
} sight;

/* distance  [m] from the generated ones; inside [m]: in how many balls of real ones
 * each is, to be increased */
static sight look(const double *distance, double radius, const balls *generated,
        int32_t *inside) {
    sight s = {false, false};
    for (int64_t j = 0; j < generated->n; j++) {
        const bool in = distance[j] <= radius;
        inside[j] += in;
        s.covered |= in;
        s.recalled |= distance[j] <= generated->radius[j];
    }
    return s;
}

/* As the first `most` of the real ones see it. */
static void count(ftl_prdc *out, const balls *real, const balls *generated,
        int64_t most, double *strip, int32_t *inside, int64_t d, int k) {
    const int64_t n = lesser(real->n, most), m = generated->n;
    int64_t recalled = 0, covered = 0, precise = 0, balls_in = 0;
    for (int64_t first = 0; first < n; first += STRIP) {
        const int64_t rows = lesser(n - first, STRIP);
        ftl_gram_distances(strip, real->x + first * d, rows, generated->x, m, d);
        for (int64_t i = 0; i < rows; i++) {
            sight s = look(strip + i * m, real->radius[first + i], generated, inside);
            recalled += s.recalled;
            covered += s.covered;
        }
    }
    for (int64_t j = 0; j < m; j++) {
        precise += inside[j] > 0;
        balls_in += inside[j];
    }
    *out = (ftl_prdc) {.precision = (double)precise / (double)m,
            .recall = (double)recalled / (double)n,
            .density = (double)balls_in / ((double)k * (double)m),
            .coverage = (double)covered / (double)n};
}

static ftl_status measure(ftl_prdc *out, const float *real, int64_t n,
        const float *generated, int64_t m, int64_t d, int k, int64_t most) {
    assert(k >= 1 && k <= FTL_PRDC_MAX_NEIGHBOURS && n > k && m > k);
    const size_t longest = (size_t)(n > m ? n : m);
    balls r = {real, malloc((size_t)n * sizeof(double)), n};
    balls g = {generated, malloc((size_t)m * sizeof(double)), m};
    double *strip = malloc(STRIP * longest * sizeof *strip);
    int32_t *inside = calloc((size_t)m, sizeof *inside);
    bool good = r.radius && g.radius && strip && inside;
    if (good) {
        measure_radii(&r, most, strip, d, k);
        measure_radii(&g, most, strip, d, k);
        count(out, &r, &g, most, strip, inside, d, k);
    }
    free(r.radius);
    free(g.radius);
    free(strip);
    free(inside);
    return good ? FTL_OK
                : ftl_fail(FTL_ENOMEM, "no memory left for precision and recall");
}

ftl_status ftl_prdc_measure(ftl_prdc *out, const float *real, int64_t n,
        const float *generated, int64_t m, int64_t d, int k) {
    return measure(out, real, n, generated, m, d, k, INT64_MAX);
}

ftl_status ftl_prdc_rehearse(double *share, const float *real, int64_t n,
        const float *generated, int64_t m, int64_t d, int k) {
    ftl_prdc of_few;
    const double x = (double)n, y = (double)m;
    const double few_x = (double)lesser(n, STRIP), few_y = (double)lesser(m, STRIP);
    *share = (few_x * x + few_y * y + few_x * y) / (x * x + y * y + x * y);
    return measure(&of_few, real, n, generated, m, d, k, STRIP);
}
