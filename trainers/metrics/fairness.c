/* fairness.c - FD and its correction for the classifier's errors; see fairness.h. */
#include "trainers/metrics/fairness.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX = FTL_FAIRNESS_MAX_GROUPS };
static const double z = 1.96;

static int64_t sum(int n, const int64_t *counts) {
    int64_t total = 0;
    for (int i = 0; i < n; i++) {
        assert(counts[i] >= 0);
        total += counts[i];
    }
    return total;
}

/* ------------------------------------------------------------------- distances */

double ftl_fairness_fd(int n_groups, const double *share) {
    double squares = 0;
    for (int i = 0; i < n_groups; i++)
        squares += pow(share[i] - 1.0 / n_groups, 2);
    return sqrt(squares);
}

double ftl_fairness_l1(int n_groups, const double *share) {
    double distance = 0;
    for (int i = 0; i < n_groups; i++)
        distance += fabs(share[i] - 1.0 / n_groups);
    return distance;
}

double ftl_fairness_kl(int n_groups, const double *share) {
    double divergence = 0;
    for (int i = 0; i < n_groups; i++)
        if (share[i] > 0) divergence += share[i] * log(n_groups * share[i]);
    return divergence > 0 ? divergence : 0; /* rounding */
}

ftl_status ftl_fairness_count(ftl_fairness *out, int n_groups, const int64_t *counts) {
    assert(n_groups >= 2);
    memset(out, 0, sizeof *out);
    if (n_groups > MAX)
        return ftl_fail(FTL_EINPUT, "fairness of %d groups: at most %d can be measured",
                n_groups, MAX);
    out->n_groups = n_groups;
    out->n = sum(n_groups, counts);
    if (out->n == 0)
        return ftl_fail(FTL_EINPUT, "fairness of no images: none was classified");
    for (int i = 0; i < n_groups; i++) {
        out->counts[i] = counts[i];
        out->share[i] = (double)counts[i] / (double)out->n;
    }
    out->fd = ftl_fairness_fd(n_groups, out->share);
    out->l1 = ftl_fairness_l1(n_groups, out->share);
    out->kl = ftl_fairness_kl(n_groups, out->share);
    return FTL_OK;
}

/* ---------------------------------------------------------------- the classifier */

/* Is the symmetric matrix positive definite once t is taken from its diagonal? By
 * Cholesky's decomposition, which exists only then. */
static bool is_above(int n, const double *matrix, double t) {
    double l[MAX * MAX];
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            double rest = matrix[i * n + j] - (i == j ? t : 0);
            for (int k = 0; k < j; k++)
                rest -= l[i * n + k] * l[j * n + k];
            if (i == j && !(rest > 0)) return false;
            l[i * n + j] = i == j ? sqrt(rest) : rest / l[j * n + j];
        }
    }
    return true;
}

double ftl_fairness_gain(int n_groups, const double *rates) {
    const int n = n_groups;
    double row[MAX] = {0}, total = 0, matrix[MAX * MAX];
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            row[i] += (rates[i * n + j] + rates[j * n + i]) / 2 / n;
        total += row[i] / n;
    }
    /* The symmetric part, without what it does to the constant vector, which instead
     * becomes an eigenvector to a value that can never be the smallest. */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            matrix[i * n + j] = (rates[i * n + j] + rates[j * n + i]) / 2 - row[i] -
                                row[j] + total + 1.0 * (n + 1) / n;
    double low = -n, high = n + 1; /* rates are between 0 and 1 */
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(is_above(n, matrix, middle) ? &low : &high) = middle;
    }
    return low;
}

/* rates[i][j] = P(called j | is i). Fails when a group has no images. */
static ftl_status estimate_rates(double *rates, int n, const int64_t *confusion) {
    for (int i = 0; i < n; i++) {
        const int64_t images = sum(n, confusion + i * n);
        if (images == 0)
            return ftl_fail(FTL_EINPUT,
                    "the classifier's error rates cannot be known: the validation set "
                    "has no image of group %d",
                    i);
        for (int j = 0; j < n; j++)
            rates[i * n + j] = (double)confusion[i * n + j] / (double)images;
    }
    return FTL_OK;
}

static ftl_status fail_useless(double gain) {
    return ftl_fail(FTL_EINPUT,
            "the classifier tells the groups apart too badly to correct for its "
            "errors: "
            "J = %.3f on the validation set, %.1f is needed (1 is perfect, 0 is "
            "guessing); train it longer or on more images",
            gain, FTL_FAIRNESS_MIN_GAIN);
}

/* ------------------------------------------------------------------- two groups */

/* Notation of the paper; ni validation images of group i, ki of them right. */
ftl_status ftl_fairness_share_interval(
        double interval[2], const int64_t counts[2], const int64_t confusion[4]) {
    const double x = (double)counts[0], n = (double)sum(2, counts);
    const double k0 = (double)confusion[0], n0 = (double)sum(2, confusion);
    const double k1 = (double)confusion[3], n1 = (double)sum(2, confusion + 2);
    const double n_ = n + z * z, p_called = (x + z * z / 2) / n_;
    const double a0 = (k0 + 1) / (n0 + 2), a1 = (k1 + 1) / (n1 + 2);
    const double j = a0 + a1 - 1;
    if (!(j >= FTL_FAIRNESS_MIN_GAIN)) return fail_useless(j);
    const double v0 = a0 * (1 - a0) / (n0 + 2), v1 = a1 * (1 - a1) / (n1 + 2);
    const double p = (p_called + a1 - 1) / j;
    const double shift = 2 * z * z * (p * v0 - (1 - p) * v1);
    const double half =
            z / j *
            sqrt(p_called * (1 - p_called) / n_ + p * p * v0 + (1 - p) * (1 - p) * v1);
    interval[0] = p + shift - half;
    interval[1] = p + shift + half;
    return FTL_OK;
}

/* FD = sqrt(2) |p - 1/2| of two groups, over an interval of p. */
static void fold(double fd[2], const double p[2]) {
    const double low = M_SQRT2 * fabs(p[0] - 0.5), high = M_SQRT2 * fabs(p[1] - 0.5);
    const bool balanced = p[0] <= 0.5 && p[1] >= 0.5;
    fd[0] = balanced ? 0 : fmin(low, high);
    fd[1] = fmax(low, high);
}

static ftl_status correct_two(
        ftl_fairness *out, const double *rates, const int64_t *confusion) {
    const double a0 = rates[0], a1 = rates[3];
    const double p = (out->share[0] - (1 - a1)) / (a0 + a1 - 1);
    out->share_corrected[0] = fmin(fmax(p, 0), 1);
    out->share_corrected[1] = 1 - out->share_corrected[0];
    double interval[2];
    FTL_TRY(ftl_fairness_share_interval(interval, out->counts, confusion));
    out->contradicted = interval[0] > 1 || interval[1] < 0;
    for (int i = 0; i < 2; i++)
        interval[i] = fmin(fmax(interval[i], 0), 1);
    fold(out->fd_interval, interval);
    return FTL_OK;
}

/* ------------------------------------------------------------------------- both */

static ftl_status correct(ftl_fairness *out, const int64_t *confusion, uint64_t seed) {
    const int n = out->n_groups;
    double rates[MAX * MAX] = {0};
    FTL_TRY(estimate_rates(rates, n, confusion));
    const double gain = ftl_fairness_gain(n, rates);
    if (!(gain >= FTL_FAIRNESS_MIN_GAIN)) return fail_useless(gain);
    if (n == 2) {
        FTL_TRY(correct_two(out, rates, confusion));
    } else {
        ftl_fairness_unmix(out->share_corrected, n, rates, out->share);
        ftl_fairness_bootstrap(out->fd_interval, &out->contradicted, n,
                out->share_corrected, out->counts, confusion, seed);
    }
    out->fd_corrected = ftl_fairness_fd(n, out->share_corrected);
    return FTL_OK;
}

ftl_status ftl_fairness_measure(ftl_fairness *out, int n_groups, const int64_t *counts,
        const int64_t *confusion, uint64_t seed) {
    FTL_TRY(ftl_fairness_count(out, n_groups, counts));
    return correct(out, confusion, seed);
}
