/* test_prdc.c - precision, recall, density and coverage of vectors in a file, against
 * plain loops over all of them. */
#include "engine/base/random.h"
#include "test/harness.h"
#include "trainers/metrics/prdc.h"

#include <fcntl.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of whole numbers: exact, so that it does not matter how it is summed up. */
static double distance(const float *x, const float *y, int64_t d) {
    double sum = 0;
    for (int64_t k = 0; k < d; k++) {
        const double gap = (double)x[k] - (double)y[k];
        sum += gap * gap;
    }
    return sum;
}

/* radius [n] of the balls around the vectors of x; all [n]: scratch */
static void find_radii(
        double *radius, double *all, const float *x, int64_t n, int64_t d, int k) {
    for (int64_t i = 0; i < n; i++) {
        int64_t others = 0;
        for (int64_t j = 0; j < n; j++)
            if (j != i) all[others++] = distance(x + i * d, x + j * d, d);
        qsort(all, (size_t)others, sizeof *all, ascending);
        radius[i] = all[k - 1];
    }
}

/* The definitions of prdc.h, as they are written there. x: real, y: generated */
static ftl_prdc plain(
        const float *x, int64_t n, const float *y, int64_t m, int64_t d, int k) {
    double *r = malloc((size_t)n * sizeof *r), *s = malloc((size_t)m * sizeof *s);
    double *all = malloc((size_t)(n + m) * sizeof *all);
    int64_t precise = 0, recalled = 0, balls_in = 0, covered = 0;
    if (!r || !s || !all) abort();
    find_radii(r, all, x, n, d, k);
    find_radii(s, all, y, m, d, k);
    for (int64_t j = 0; j < m; j++) {
        int64_t n_in = 0;
        for (int64_t i = 0; i < n; i++)
            n_in += distance(x + i * d, y + j * d, d) <= r[i];
        balls_in += n_in;
        precise += n_in > 0;
    }
    for (int64_t i = 0; i < n; i++) {
        bool in_ball = false, has_one = false;
        for (int64_t j = 0; j < m; j++) {
            const double between = distance(x + i * d, y + j * d, d);
            in_ball |= between <= s[j];
            has_one |= between <= r[i];
        }
        recalled += in_ball;
        covered += has_one;
    }
    free(r);
    free(s);
    free(all);
    return (ftl_prdc) {(double)precise / (double)m, (double)recalled / (double)n,
            (double)balls_in / (double)(k * m), (double)covered / (double)n};
}

/* Whole numbers, many of which are equal: vectors too, and distances on the border. */
static float *coarse(int64_t n, int64_t d, uint64_t sample, float spread) {
    float *x = malloc((size_t)(n * d) * sizeof *x);
    const ftl_random_key key = {.seed = 5, .stream = FTL_STREAM_TEST};
    if (!x) abort();
    ftl_random_normal(x, (size_t)(n * d), key, sample);
    for (int64_t i = 0; i < n * d; i++)
        x[i] = (float)(int)(x[i] * spread);
    return x;
}

static ftl_status measure(ftl_prdc *out, const float *x, int64_t n, const float *y,
        int64_t m, int64_t d, int k) {
    ftl_spool spool;
    FTL_TRY(ftl_spool_open(&spool, n + m, d));
    ftl_status status = ftl_spool_write(&spool, x, 0, n);
    if (status == FTL_OK) status = ftl_spool_write(&spool, y, n, m);
    if (status == FTL_OK) status = ftl_prdc_measure(out, &spool, n, m, k);
    ftl_spool_close(&spool);
    return status;
}

/* Shares and counts: the same to the bit. */
static void compare(int64_t n, int64_t m, int64_t d, int k) {
    float *x = coarse(n, d, 1, 2), *y = coarse(m, d, 2, 1.8f);
    const ftl_prdc want = plain(x, n, y, m, d, k);
    ftl_prdc got;
    ftl_status status = measure(&got, x, n, y, m, d, k);
    free(x);
    free(y);
    FTL_CHECK_OK(status);
    printf("%d and %d: %.4f %.4f %.4f %.4f\n", (int)n, (int)m, got.precision,
            got.recall, got.density, got.coverage);
    FTL_CHECK_NEAR(got.precision, want.precision, 0);
    FTL_CHECK_NEAR(got.recall, want.recall, 0);
    FTL_CHECK_NEAR(got.density, want.density, 0);
    FTL_CHECK_NEAR(got.coverage, want.coverage, 0);
    FTL_CHECK(want.precision > 0 && want.recall > 0 && want.coverage > 0);
    FTL_CHECK(want.precision < 1 || want.recall < 1 || want.coverage < 1);
}

static void of_one_block(void) { compare(101, 57, 7, 5); }
static void of_whole_blocks(void) { compare(FTL_PRDC_STRIP, 512, 6, 5); }
static void of_parts_of_blocks(void) { compare(FTL_PRDC_STRIP + 333, 1301, 6, 5); }
static void one_vector_more_than_a_strip(void) {
    compare(FTL_PRDC_STRIP + 1, 257, 6, 3);
}
static void one_neighbour(void) { compare(300, 700, 8, 1); }
static void most_neighbours(void) { compare(1500, 66, 9, FTL_PRDC_MAX_NEIGHBOURS); }

static void bits_do_not_depend_on_threads(void) {
    enum { N = FTL_PRDC_STRIP + 76, M = 900, D = 40 };
    float *x = coarse(N, D, 3, 1000), *y = coarse(M, D, 4, 990);
    ftl_prdc one = {0}, other = {0};
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    bool good = measure(&one, x, N, y, M, D, 5) == FTL_OK;
    for (int n = 2; good && n <= 8; n += 3) {
        omp_set_num_threads(n);
        good = measure(&other, x, N, y, M, D, 5) == FTL_OK &&
               memcmp(&one, &other, sizeof one) == 0;
    }
    omp_set_num_threads(threads);
    free(x);
    free(y);
    FTL_CHECK(good);
}

static void a_rehearsal_knows_its_share(void) {
    enum { N = FTL_PRDC_STRIP, D = 4, K = 5 };
    float *x = coarse(2 * N, D, 5, 1000);
    ftl_spool spool;
    double all, some, few;
    FTL_CHECK_OK(ftl_spool_open(&spool, 2 * N, D));
    FTL_CHECK_OK(ftl_spool_write(&spool, x, 0, 2 * N));
    free(x);
    FTL_CHECK_OK(ftl_prdc_rehearse(&all, &spool, 70, 200, K));
    FTL_CHECK_OK(ftl_prdc_rehearse(&some, &spool, 100, 3 * N, K));
    FTL_CHECK_OK(ftl_prdc_rehearse(&few, &spool, 2 * N, 10 * N, K));
    ftl_spool_close(&spool);
    FTL_CHECK_NEAR(all, 1, 0);
    FTL_CHECK_NEAR(some,
            (100 * 100 + 100 * 1024 + 1024 * 1024) /
                    (100 * 100 + 300.0 * 1024 + 9.0 * 1024 * 1024),
            1e-12);
    FTL_CHECK_NEAR(few, 3.0 / (4 + 20 + 100), 1e-12);
}

/* ------------------------------------------------------------------------- the file */

static void is_read_as_it_was_written(void) {
    enum { N = 10, D = 3 };
    float *x = coarse(N, D, 6, 1000), back[4 * D];
    ftl_spool spool;
    FTL_CHECK_OK(ftl_spool_open(&spool, N, D));
    FTL_CHECK_OK(ftl_spool_write(&spool, x + 6 * D, 6, 4));
    FTL_CHECK_OK(ftl_spool_write(&spool, x, 0, 6));
    FTL_CHECK_OK(ftl_spool_read(back, &spool, 4, 4));
    FTL_CHECK(memcmp(back, x + 4 * D, sizeof back) == 0);
    free(x);
    ftl_spool_close(&spool);
    ftl_spool_close(&spool);
    FTL_CHECK(spool.fd == -1 && ftl_spool_bytes(10, 3) == 120);
}

/* A limit on the size of files is the nearest that a test gets to a full disk. */
static void says_that_there_is_no_room(void) {
    ftl_spool spool;
    struct rlimit limit, small;
    char want[600];
    const char *directory = ftl_test_directory();
    setenv("TMPDIR", directory, 1);
    FTL_CHECK(!getrlimit(RLIMIT_FSIZE, &limit));
    small = limit;
    small.rlim_cur = 5000;
    signal(SIGXFSZ, SIG_IGN);
    FTL_CHECK(!setrlimit(RLIMIT_FSIZE, &small));
    const ftl_status status = ftl_spool_open(&spool, 1000, 50);
    setrlimit(RLIMIT_FSIZE, &limit);
    snprintf(want, sizeof want,
            "%s: 200000 bytes cannot be kept in it for a while: File too large; TMPDIR "
            "names another folder",
            directory);
    FTL_CHECK_FAILS(status, FTL_EIO, want);
    FTL_CHECK(spool.fd == -1);
    ftl_spool_close(&spool);
}

/* Where room could not be taken beforehand, or the disk fails. */
static void says_that_it_cannot_be_used(void) {
    float x[6] = {0};
    ftl_spool spool = {.n = 2, .d = 3, .fd = open("/dev/full", O_RDWR)};
    setenv("TMPDIR", ftl_test_directory(), 1);
    FTL_CHECK(spool.fd >= 0);
    FTL_CHECK_FAILS(ftl_spool_write(&spool, x, 0, 2), FTL_EIO,
            ": 24 bytes of features cannot be written to it: No space left on device; "
            "TMPDIR names another folder");
    ftl_spool_close(&spool);
    spool.fd = open("/dev/null", O_RDWR);
    FTL_CHECK_FAILS(ftl_spool_read(x, &spool, 0, 2), FTL_EIO,
            ": 24 bytes of features cannot be read back from it: it is cut");
    ftl_spool_close(&spool);
}

int main(void) {
    FTL_TEST(of_one_block);
    FTL_TEST(of_whole_blocks);
    FTL_TEST(of_parts_of_blocks);
    FTL_TEST(one_vector_more_than_a_strip);
    FTL_TEST(one_neighbour);
    FTL_TEST(most_neighbours);
    FTL_TEST(bits_do_not_depend_on_threads);
    FTL_TEST(a_rehearsal_knows_its_share);
    FTL_TEST(is_read_as_it_was_written);
    FTL_TEST(says_that_there_is_no_room);
    FTL_TEST(says_that_it_cannot_be_used);
    return ftl_test_finish();
}
