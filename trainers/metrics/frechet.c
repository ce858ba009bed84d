/* frechet.c - see frechet.h.
 *
 * The trace of (S1 S2)^(1/2) is the sum of the singular values of R1^T R2, where S = R
 * R^T: S1 S2 has the eigenvalues of (R1^T R2) (R1^T R2)^T. So no root of a matrix that
 * is not symmetric is taken, nothing is complex, nothing is added to a diagonal. And
 * where an eigenvalue of S1 S2 is 0, its root would turn an error of 1e-16 into one of
 * 1e-8, as many times as vectors are missing to features; singular values keep 1e-16.
 * For that R leaves out the eigenvectors of S whose eigenvalue is rounding alone. */
#include "trainers/metrics/frechet.h"

#include "engine/backend/gram.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "trainers/metrics/lapack.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

static ftl_status fail_memory(void) {
    return ftl_fail(FTL_ENOMEM, "no memory left for a Frechet distance");
}

/* r [d, *rank], malloc'ed, with r r^T = scatter / (n - 1). */
static ftl_status take_root(double **r, int64_t *rank, const ftl_moments *m) {
    const int64_t d = m->d;
    const size_t n_elements = (size_t)d * (size_t)d;
    ftl_status status = FTL_OK;
    double *v = malloc(n_elements * sizeof *v), *w = malloc((size_t)d * sizeof *w);
    *r = NULL;
    if (!v || !w) {
        status = fail_memory();
        goto out;
    }
    for (size_t i = 0; i < n_elements; i++)
        v[i] = m->scatter[i] / (double)(m->n - 1);
    FTL_TRY_OUT(ftl_lapack_eigen(v, w, d));
    const double floor = (double)d * DBL_EPSILON * w[d - 1];
    int64_t first = 0; /* of those that count: eigenvalues ascend */
    while (first < d && !(w[first] > floor))
        first++;
    *rank = d - first;
    *r = malloc((n_elements ? n_elements : 1) * sizeof **r);
    if (!*r) {
        status = fail_memory();
        goto out;
    }
    for (int64_t j = first; j < d; j++)
        for (int64_t i = 0; i < d; i++)
            (*r)[i * *rank + j - first] = v[j * d + i] * sqrt(w[j]);
out:
    free(v);
    free(w);
    return status;
}

/* The sum of the singular values of a^T b. */
static ftl_status sum_singular(double *sum, const double *a, int64_t m, const double *b,
        int64_t n, int64_t d) {
    *sum = 0;
    const int64_t least = m < n ? m : n;
    if (!least) return FTL_OK; /* all vectors of one set are equal */
    double *product = calloc((size_t)m * (size_t)n, sizeof *product);
    double *s = malloc((size_t)least * sizeof *s);
    ftl_status status = product && s ? FTL_OK : fail_memory();
    if (status == FTL_OK) {
        ftl_gram_add(product, a, m, b, n, d);
        status = ftl_lapack_singular_values(s, product, m, n);
    }
    for (int64_t i = 0; status == FTL_OK && i < least; i++)
        *sum += s[i];
    free(product);
    free(s);
    return status;
}

ftl_status ftl_frechet_distance(
        double *distance, const ftl_moments *a, const ftl_moments *b) {
    assert(a->d == b->d && a->n > 1 && b->n > 1);
    assert(a->n == a->n_merged && b->n == b->n_merged);
    const int64_t d = a->d;
    double *root_a = NULL, *root_b = NULL, common, sum = 0;
    int64_t rank_a, rank_b;
    ftl_status status;
    FTL_TRY_OUT(take_root(&root_a, &rank_a, a));
    FTL_TRY_OUT(take_root(&root_b, &rank_b, b));
    FTL_TRY_OUT(sum_singular(&common, root_a, rank_a, root_b, rank_b, d));
    for (int64_t i = 0; i < d; i++) {
        const double gap = a->mean[i] - b->mean[i];
        sum += gap * gap + a->scatter[i * d + i] / (double)(a->n - 1) +
               b->scatter[i * d + i] / (double)(b->n - 1);
    }
    *distance = fmax(0, sum - 2 * common); /* of equal sets: 0 but for rounding */
out:
    free(root_a);
    free(root_b);
    return status;
}

/* A covariance of the rank that n vectors give it, as good as: the rest is not 0 but
 * rounding, as in a real one, since LAPACK would leave zeros out. What takes time is
 * rank and spread of the eigenvalues: these all differ, and those of the random matrix,
 * within 2 sqrt(rank / 3) of 0, are moved above it. */
static void make_up(ftl_moments *m, int64_t n, uint64_t seed) {
    const ftl_random_key key = {.seed = seed, .stream = FTL_STREAM_TEST};
    const int64_t d = m->d, rank = n - 1 < d ? n - 1 : d;
    uint32_t bits[4] = {0};
    for (int64_t i = 0; i < d; i++) {
        const double size = i < rank ? 1 : 1e-9;
        for (int64_t j = 0; j < i; j++) {
            if (j % 4 == 0) ftl_random_bits(bits, key, (uint64_t)i, (uint64_t)j / 4);
            m->scatter[i * d + j] = m->scatter[j * d + i] =
                    size * (j < rank ? 1 : 1e-9) * (bits[j % 4] * 0x1p-31 - 1);
        }
        m->scatter[i * d + i] = size * size * (1 + 2 * sqrt((double)rank / 3));
    }
    m->n = m->n_merged = n;
}

ftl_status ftl_frechet_rehearse(
        double *seconds, ftl_moments *a, int64_t n, ftl_moments *b, int64_t m) {
    double distance;
    make_up(a, n, 1);
    make_up(b, m, 2);
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_frechet_distance(&distance, a, b));
    *seconds = ftl_clock_s() - begin;
    return FTL_OK;
}
