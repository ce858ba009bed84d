/* test_quality.c - Frechet distance, KID, precision, recall, density and coverage,
 * against what numpy made of the same features (test/golden/make_metrics.py), and
 * against plain loops. */
#include "engine/backend/gram.h"
#include "engine/backend/kernel.h"
#include "engine/base/random.h"
#include "test/harness.h"
#include "test/trainers/golden.h"
#include "trainers/metrics/frechet.h"
#include "trainers/metrics/lapack.h"
#include "trainers/metrics/quality.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *random_floats(int64_t n, uint64_t sample) {
    float *x = malloc((size_t)n * sizeof *x);
    ftl_random_key key = {.seed = 3, .stream = FTL_STREAM_TEST};
    if (x) ftl_random_normal(x, (size_t)n, key, sample);
    return x;
}

/* ------------------------------------------------------------------------- products */

enum { M = 131, N = 77, D = 300 }; /* no multiples of any block */

/* The same sums in the same order, in plain loops; fused: by fused multiply-adds. */
static bool is_loop(
        const double *c, const float *x, const float *y, bool distances, bool fused) {
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < D; k++) {
                const double a = (double)x[i * D + k], b = (double)y[j * D + k];
                const double left = distances ? a - b : a,
                             right = distances ? a - b : b;
                sum = fused ? fma(left, right, sum) : sum + left * right;
            }
            if (memcmp(&sum, &c[i * N + j], sizeof sum) != 0) return false;
        }
    return true;
}

/* Whether a level fuses is up to the compiler. */
static bool is_plain(const double *c, const float *x, const float *y, bool distances) {
    return is_loop(c, x, y, distances, true) || is_loop(c, x, y, distances, false);
}

static void gram_is_a_plain_loop_to_the_bit(void) {
    static double c[M * N];
    float *x = random_floats(M * D, 1), *y = random_floats(N * D, 2);
    bool good = x && y;
    for (int level = 0; good && level <= (int)ftl_cpu_level_best(); level++) {
        ftl_cpu_level_force((ftl_cpu_level)level);
        for (int threads = 1; good && threads <= 8; threads *= 8) {
            omp_set_num_threads(threads);
            ftl_gram_products(c, x, M, y, N, D);
            good = is_plain(c, x, y, false);
            ftl_gram_distances(c, x, M, y, N, D);
            good = good && is_plain(c, x, y, true);
        }
    }
    ftl_cpu_level_force(ftl_cpu_level_best());
    free(x);
    free(y);
    FTL_CHECK(good);
}

static void gram_of_one_matrix_is_symmetric(void) {
    enum { SIDE = 70, DEEP = 5 };
    static double a[DEEP * SIDE], c[SIDE * SIDE];
    for (int i = 0; i < DEEP * SIDE; i++)
        a[i] = sin(i * i);
    for (int i = 0; i < SIDE * SIDE; i++)
        c[i] = i / SIDE + i % SIDE;
    ftl_gram_add(c, a, SIDE, a, SIDE, DEEP);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double want = i + j;
            for (int k = 0; k < DEEP; k++)
                want += a[k * SIDE + i] * a[k * SIDE + j];
            FTL_CHECK_NEAR(c[i * SIDE + j], want, 1e-12);
            FTL_CHECK(memcmp(&c[i * SIDE + j], &c[j * SIDE + i], sizeof want) == 0);
        }
}

/* ------------------------------------------------------------------- against numpy */

/* A set of features that is read in order. */
typedef struct set {
    float *x;
    int64_t n, d, at;
} set;

static ftl_status read_set(void *context, float *out, int64_t count) {
    set *s = context;
    memcpy(out, s->x + s->at * s->d, (size_t)(count * s->d) * sizeof *out);
    s->at += count;
    return FTL_OK;
}

static ftl_feature_stream stream_of(set *s) {
    s->at = 0;
    return (ftl_feature_stream) {.n = s->n, .read = read_set, .context = s};
}

static const bool all[] = {true, true, true};

static ftl_status measure(ftl_quality *q, set *real, set *generated) {
    ftl_feature_stream x = stream_of(real), y = stream_of(generated);
    return ftl_quality_measure(q, &x, &y, real->d, all);
}

static ftl_status read_case_set(
        set *s, ftl_h5 *h5, const char *name, const char *side) {
    char path[64];
    ftl_h5_info info;
    snprintf(path, sizeof path, "/%s/%s", name, side);
    FTL_TRY(ftl_h5_describe(h5, path, &info));
    *s = (set) {.n = info.dims[0], .d = info.dims[1]};
    s->x = malloc((size_t)info.count * sizeof *s->x);
    if (!s->x) return FTL_ENOMEM;
    return ftl_h5_read(h5, path, FTL_H5_F32, info.count, s->x);
}

static double attribute(ftl_h5 *h5, const char *name, const char *key) {
    char path[64];
    double value = NAN;
    snprintf(path, sizeof path, "/%s", name);
    if (ftl_h5_attr_read(h5, path, key, FTL_H5_F64, 1, &value) != FTL_OK) return NAN;
    return value;
}

/* 1e-6 of the value is what is promised; this is what is reached. */
static bool agrees(ftl_h5 *h5, const char *name, const char *key, double got) {
    const double want = attribute(h5, name, key);
    return ftl_test_near(__FILE__, __LINE__, key, got, want, 1e-9 * fabs(want));
}

static void compare_with_numpy(const char *name) {
    ftl_golden golden;
    set real, generated;
    ftl_quality q;
    FTL_CHECK_OK(ftl_golden_open(&golden, "metrics"));
    FTL_CHECK_OK(read_case_set(&real, golden.h5, name, "real"));
    FTL_CHECK_OK(read_case_set(&generated, golden.h5, name, "generated"));
    FTL_CHECK_OK(measure(&q, &real, &generated));
    bool good = agrees(golden.h5, name, "frechet", q.frechet) &&
                agrees(golden.h5, name, "kid", q.kid) &&
                agrees(golden.h5, name, "kid_error", q.kid_error) &&
                agrees(golden.h5, name, "precision", q.prdc.precision) &&
                agrees(golden.h5, name, "recall", q.prdc.recall) &&
                agrees(golden.h5, name, "density", q.prdc.density) &&
                agrees(golden.h5, name, "coverage", q.prdc.coverage);
    free(real.x);
    free(generated.x);
    ftl_golden_close(&golden);
    FTL_CHECK(good && q.kid_blocks == 10 && q.neighbours == 5);
}

static void far_from_zero(void) { compare_with_numpy("full"); }
static void fewer_vectors_than_features(void) { compare_with_numpy("few"); }
static void features_that_never_fire(void) { compare_with_numpy("dead"); }
static void a_collapsed_generator(void) { compare_with_numpy("collapsed"); }

/* ---------------------------------------------------------------------- properties */

static void a_set_has_no_distance_from_itself(void) {
    enum { IMAGES = 600, FEATURES = 150 };
    set a = {random_floats(IMAGES * FEATURES, 4), IMAGES, FEATURES, 0}, b = a;
    ftl_quality q;
    FTL_CHECK_OK(measure(&q, &a, &b));
    free(a.x);
    FTL_CHECK(q.frechet >= 0 && q.frechet < 1e-10);
    FTL_CHECK(q.prdc.precision == 1 && q.prdc.recall == 1 && q.prdc.coverage == 1);
    FTL_CHECK_NEAR(q.prdc.density, 1.2, 0.1); /* each ball: 5 neighbours and itself */
}

/* Of N(0, I) and N(s, c^2 I): d (s^2 + (1 - c)^2), but for the bias of few images. */
static void the_frechet_distance_of_two_normals(void) {
    enum { IMAGES = 20000, FEATURES = 8 };
    set a = {random_floats(IMAGES * FEATURES, 5), IMAGES, FEATURES, 0};
    set b = {random_floats(IMAGES * FEATURES, 6), IMAGES, FEATURES, 0};
    ftl_quality q;
    for (int i = 0; i < IMAGES * FEATURES; i++)
        b.x[i] = 0.5f + 2 * b.x[i];
    FTL_CHECK_OK(measure(&q, &a, &b));
    free(a.x);
    free(b.x);
    FTL_CHECK_NEAR(q.frechet, FEATURES * (0.25 + 1), 0.15);
    FTL_CHECK(q.kid_blocks == 20 && q.kid > 10 * q.kid_error);
}

/* KID is unbiased, also with blocks of unequal sizes: of two samples of one
 * distribution it is 0 within its standard error. */
static void kid_is_unbiased(void) {
    enum { REPEATS = 40, REAL = 60, GENERATED = 200, FEATURES = 6 };
    double sum = 0, squares = 0, errors = 0;
    for (int r = 0; r < REPEATS; r++) {
        set a = {random_floats(REAL * FEATURES, 100 + (uint64_t)r), REAL, FEATURES, 0};
        set b = {random_floats(GENERATED * FEATURES, 200 + (uint64_t)r), GENERATED,
                FEATURES, 0};
        ftl_quality q;
        FTL_CHECK_OK(measure(&q, &a, &b));
        free(a.x);
        free(b.x);
        sum += q.kid;
        squares += q.kid * q.kid;
        errors += q.kid_error * q.kid_error;
    }
    const double mean = sum / REPEATS, variance = squares / REPEATS - mean * mean;
    FTL_CHECK(fabs(mean) < 3 * sqrt(variance / REPEATS));
    /* and the error is that of the estimates */
    FTL_CHECK(errors / REPEATS > variance / 2 && errors / REPEATS < variance * 2);
}

static void bits_do_not_depend_on_threads(void) {
    enum { IMAGES = 700, FEATURES = 130 };
    set a = {random_floats(IMAGES * FEATURES, 7), IMAGES, FEATURES, 0};
    set b = {random_floats(IMAGES * FEATURES, 8), IMAGES - 150, FEATURES, 0};
    ftl_quality one, other;
    omp_set_num_threads(1);
    FTL_CHECK_OK(measure(&one, &a, &b));
    for (int threads = 2; threads <= 8; threads *= 2) {
        omp_set_num_threads(threads);
        FTL_CHECK_OK(measure(&other, &a, &b));
        FTL_CHECK(omp_get_max_threads() == threads); /* LAPACK gave them back */
        FTL_CHECK(memcmp(&one.frechet, &other.frechet, sizeof(double)) == 0);
        FTL_CHECK(memcmp(&one.kid, &other.kid, sizeof(double)) == 0);
        FTL_CHECK(memcmp(&one.kid_error, &other.kid_error, sizeof(double)) == 0);
        FTL_CHECK(memcmp(&one.prdc, &other.prdc, sizeof one.prdc) == 0);
    }
    free(a.x);
    free(b.x);
}

static void moments_do_not_depend_on_cuts(void) {
    enum { IMAGES = 1000, FEATURES = 5 };
    float *x = random_floats(IMAGES * FEATURES, 9);
    ftl_moments whole, parts;
    FTL_CHECK_OK(ftl_moments_init(&whole, FEATURES));
    FTL_CHECK_OK(ftl_moments_init(&parts, FEATURES));
    FTL_CHECK_OK(ftl_moments_add(&whole, x, IMAGES));
    for (int64_t i = 0, n = 1; i < IMAGES; i += n, n = n * 3 % 61 + 1) {
        if (n > IMAGES - i) n = IMAGES - i;
        FTL_CHECK_OK(ftl_moments_add(&parts, x + i * FEATURES, n));
    }
    ftl_moments_finish(&whole);
    ftl_moments_finish(&parts);
    FTL_CHECK(memcmp(whole.mean, parts.mean, FEATURES * sizeof(double)) == 0);
    FTL_CHECK(memcmp(whole.scatter, parts.scatter,
                      FEATURES * FEATURES * sizeof(double)) == 0);
    ftl_moments_deinit(&whole);
    ftl_moments_deinit(&parts);
    free(x);
}

static void refuses_what_cannot_be_measured(void) {
    enum { IMAGES = 20, FEATURES = 2 };
    set a = {random_floats(IMAGES * FEATURES, 10), IMAGES, FEATURES, 0}, b = a;
    ftl_quality q;
    b.n = 19;
    FTL_CHECK_FAILS(measure(&q, &a, &b), FTL_EINPUT,
            "20 real and 19 generated images are too few: each side needs 20");
    b.n = 20;
    FTL_CHECK_OK(measure(&q, &a, &b));
    a.x[7] = NAN;
    FTL_CHECK_FAILS(measure(&q, &a, &b), FTL_ENUMERIC,
            "feature 1 of image 3 is NaN or infinite");
    free(a.x);
}

static void says_what_it_keeps_on_disk(void) {
    const bool others[FTL_N_QUALITY_METRICS] = {
            [FTL_QUALITY_FRECHET] = true, [FTL_QUALITY_KID] = true};
    FTL_CHECK(ftl_quality_scratch_bytes(100, 20, 8, all) == 120 * 8 * 4);
    FTL_CHECK(ftl_quality_scratch_bytes(100, 20, 8, others) == 0);
}

static double rehearsed_s(int64_t n_real, int64_t n_generated, int64_t d, int metric) {
    bool want[FTL_N_QUALITY_METRICS] = {false};
    double seconds;
    if (metric >= 0) want[metric] = true;
    ftl_status status = ftl_quality_rehearse(&seconds, n_real, n_generated, d, want);
    return status == FTL_OK ? seconds : -1;
}

/* The least of seven: what else the machine does only adds. -1: one has failed. */
static double least_s(int64_t n_real, int64_t n_generated, int64_t d, int metric) {
    double least = INFINITY;
    for (int i = 0; i < 7; i++)
        least = fmin(least, rehearsed_s(n_real, n_generated, d, metric));
    return least;
}

static void a_rehearsal_tells_of_all(void) {
    for (int metric = 0; metric < FTL_N_QUALITY_METRICS; metric++)
        FTL_CHECK(rehearsed_s(20, 20, 32, metric) > 0);
    /* 140 times as many pairs; one that takes longer than it should is of no matter. */
    const double few_s = least_s(300, 300, 32, FTL_QUALITY_PRDC);
    const double none_s = least_s(300, 300, 256, -1);
    FTL_CHECK(few_s > 0 && none_s >= 0);
    FTL_CHECK(rehearsed_s(300, 6000, 32, FTL_QUALITY_PRDC) > 10 * few_s);
    FTL_CHECK(rehearsed_s(300, 300, 256, FTL_QUALITY_FRECHET) > none_s);
}

static void names_its_lapack(void) {
    char text[FTL_LAPACK_TEXT];
    FTL_CHECK(strstr(ftl_lapack_version(text), "lapack") || strstr(text, "OpenBLAS"));
}

int main(void) {
    FTL_TEST(gram_is_a_plain_loop_to_the_bit);
    FTL_TEST(gram_of_one_matrix_is_symmetric);
    FTL_TEST(far_from_zero);
    FTL_TEST(fewer_vectors_than_features);
    FTL_TEST(features_that_never_fire);
    FTL_TEST(a_collapsed_generator);
    FTL_TEST(a_set_has_no_distance_from_itself);
    FTL_TEST(the_frechet_distance_of_two_normals);
    FTL_TEST(kid_is_unbiased);
    FTL_TEST(bits_do_not_depend_on_threads);
    FTL_TEST(moments_do_not_depend_on_cuts);
    FTL_TEST(refuses_what_cannot_be_measured);
    FTL_TEST(says_what_it_keeps_on_disk);
    FTL_TEST(a_rehearsal_tells_of_all);
    FTL_TEST(names_its_lapack);
    return ftl_test_finish();
}
