/* test_base_random.c - Philox against its published vectors, and the distributions. */
#include "engine/base/random.h"
#include "test/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const ftl_random_key key = {.seed = 1234, .stream = FTL_STREAM_TEST, .step = 5};

/* Words of a counter and a key, put where random.h says that they go. */
static bool philox_gives(
        const uint32_t c[4], const uint32_t k[2], const uint32_t want[4]) {
    ftl_random_key of_vector = {
            .seed = k[0] | (uint64_t)k[1] << 32, .stream = c[3] & 0xffff, .step = c[2]};
    uint64_t block = c[0] | (uint64_t)(c[3] >> 16 & 0xff) << 32;
    uint64_t sample = c[1] | (uint64_t)(c[3] >> 24) << 32;
    uint32_t got[4];
    ftl_random_bits(got, of_vector, sample, block);
    return !memcmp(got, want, sizeof got);
}

/* philox4x32-10 of kat_vectors, Random123 1.14.0. */
static void known_answers(void) {
    FTL_CHECK(philox_gives((uint32_t[]) {0, 0, 0, 0}, (uint32_t[]) {0, 0},
            (uint32_t[]) {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    FTL_CHECK(
            philox_gives((uint32_t[]) {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                    (uint32_t[]) {0xffffffff, 0xffffffff},
                    (uint32_t[]) {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    FTL_CHECK(
            philox_gives((uint32_t[]) {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                    (uint32_t[]) {0xa4093822, 0x299f31d0},
                    (uint32_t[]) {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

/* Each coordinate on its own makes other bits. */
static void every_coordinate_matters(void) {
    enum { N = 8 };
    uint32_t bits[N][4];
    ftl_random_key other[N];
    for (int i = 0; i < N; i++)
        other[i] = key;
    other[1].seed ^= 1;
    other[2].seed ^= (uint64_t)1 << 63;
    other[3].stream += 256;
    other[4].step++;
    for (int i = 0; i < N; i++) {
        ftl_random_bits(bits[i], other[i], 7 + (i == 5) + ((uint64_t)(i == 6) << 39),
                9 + ((uint64_t)(i == 7) << 39));
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++)
            FTL_CHECK(memcmp(bits[i], bits[j], sizeof bits[i]));
    }
}

static void elements_do_not_depend_on_n(void) {
    float all[40], some[40];
    for (int normal = 0; normal < 2; normal++) {
        void (*draw)(float *, size_t, ftl_random_key, uint64_t) =
                normal ? ftl_random_normal : ftl_random_uniform;
        draw(all, 40, key, 3);
        for (size_t n = 0; n < 40; n++) {
            for (int i = 0; i < 40; i++)
                some[i] = -100;
            draw(some, n, key, 3);
            FTL_CHECK(!memcmp(all, some, n * sizeof *all));
            for (size_t i = n; i < 40; i++)
                FTL_CHECK(!(some[i] > -100));
        }
    }
}

enum { N_SAMPLES = 2000, N_ELEMENTS = 100, N_DRAWS = N_SAMPLES * N_ELEMENTS };
static float draws[N_SAMPLES][N_ELEMENTS];

/* Standard errors at 200,000 draws; 5 of them are allowed. */
static void uniform_is_uniform(void) {
    double sum = 0, squares = 0, along = 0, across = 0;
    int n_below[10] = {0};
    for (int s = 0; s < N_SAMPLES; s++) {
        ftl_random_uniform(draws[s], N_ELEMENTS, key, (uint64_t)s);
    }
    for (int s = 0; s < N_SAMPLES; s++) {
        for (int e = 0; e < N_ELEMENTS; e++) {
            double x = (double)draws[s][e];
            FTL_CHECK(x >= 0 && x < 1 && !(fmod(x * 0x1p24, 1) > 0));
            sum += x;
            squares += x * x;
            n_below[(int)(x * 10)]++;
            if (e) along += (x - 0.5) * (double)(draws[s][e - 1] - 0.5f);
            if (s) across += (x - 0.5) * (double)(draws[s - 1][e] - 0.5f);
        }
    }
    double root = sqrt(N_DRAWS);
    FTL_CHECK_NEAR(sum / N_DRAWS, 0.5, 5 * 0.2887 / root);
    FTL_CHECK_NEAR(squares / N_DRAWS, 1.0 / 3, 5 * 0.2981 / root);
    FTL_CHECK_NEAR(along / N_DRAWS, 0, 5 * 0.0833 / root);
    FTL_CHECK_NEAR(across / N_DRAWS, 0, 5 * 0.0833 / root);
    for (int i = 0; i < 10; i++)
        FTL_CHECK_NEAR(n_below[i] * 1.0 / N_DRAWS, 0.1, 5 * 0.3 / root);
}

static void normal_is_normal(void) {
    double power[5] = {0}, along = 0, across = 0, largest = 0;
    int n_within_1 = 0, n_within_2 = 0;
    for (int s = 0; s < N_SAMPLES; s++) {
        ftl_random_normal(draws[s], N_ELEMENTS, key, (uint64_t)s);
    }
    for (int s = 0; s < N_SAMPLES; s++) {
        for (int e = 0; e < N_ELEMENTS; e++) {
            double x = (double)draws[s][e];
            for (int p = 1; p < 5; p++)
                power[p] += pow(x, p);
            n_within_1 += fabs(x) < 1;
            n_within_2 += fabs(x) < 2;
            largest = fmax(largest, fabs(x));
            if (e) along += x * (double)draws[s][e - 1];
            if (s) across += x * (double)draws[s - 1][e];
        }
    }
    double root = sqrt(N_DRAWS);
    FTL_CHECK_NEAR(power[1] / N_DRAWS, 0, 5 / root);
    FTL_CHECK_NEAR(power[2] / N_DRAWS, 1, 5 * sqrt(2) / root);
    FTL_CHECK_NEAR(power[3] / N_DRAWS, 0, 5 * sqrt(15) / root);
    FTL_CHECK_NEAR(power[4] / N_DRAWS, 3, 5 * sqrt(96) / root);
    FTL_CHECK_NEAR(along / N_DRAWS, 0, 5 / root);
    FTL_CHECK_NEAR(across / N_DRAWS, 0, 5 / root);
    FTL_CHECK_NEAR(n_within_1 * 1.0 / N_DRAWS, 0.682689, 5 * 0.4654 / root);
    FTL_CHECK_NEAR(n_within_2 * 1.0 / N_DRAWS, 0.954500, 5 * 0.2084 / root);
    FTL_CHECK(largest > 3.9 && largest < 6.7);
}

static void below_is_uniform(void) {
    enum { N = 70000 };
    int n_hit[7] = {0};
    for (uint64_t e = 0; e < N; e++) {
        uint64_t x = ftl_random_below(7, key, 2, e);
        FTL_CHECK(x < 7);
        n_hit[x]++;
    }
    for (int i = 0; i < 7; i++)
        FTL_CHECK_NEAR(n_hit[i], N / 7.0, 5 * sqrt(N * 6 / 49.0));
    FTL_CHECK(ftl_random_below(1, key, 0, 0) == 0);
}

/* The worst bound rejects half of the draws. Without rejection the lower half of the
 * range would come up twice as often as the upper. */
static void below_rejects(void) {
    enum { N = 20000 };
    uint64_t bound = UINT64_MAX / 4 * 3;
    int n_low = 0;
    for (uint64_t e = 0; e < N; e++) {
        uint64_t x = ftl_random_below(bound, key, 3, e);
        FTL_CHECK(x < bound);
        n_low += x < bound / 3;
    }
    FTL_CHECK_NEAR(n_low * 1.0 / N, 1.0 / 3, 5 * 0.4714 / sqrt(N));
    n_low = 0;
    bound = ((uint64_t)1 << 63) + 1;
    for (uint64_t e = 0; e < N; e++) {
        uint64_t x = ftl_random_below(bound, key, 3, e);
        FTL_CHECK(x < bound);
        n_low += x < bound / 2;
    }
    FTL_CHECK_NEAR(n_low * 1.0 / N, 0.5, 5 * 0.5 / sqrt(N));
}

static void permutations(void) {
    enum { N = 1000 };
    int64_t p[N], q[N];
    bool seen[N] = {false};
    ftl_random_permutation(p, N, key);
    int n_fixed = 0;
    for (int i = 0; i < N; i++) {
        FTL_CHECK(p[i] >= 0 && p[i] < N && !seen[p[i]]);
        seen[p[i]] = true;
        n_fixed += p[i] == i;
    }
    FTL_CHECK(n_fixed < 10);
    ftl_random_permutation(q, N, key);
    FTL_CHECK(!memcmp(p, q, sizeof p));
    ftl_random_key next = key;
    next.step++;
    ftl_random_permutation(q, N, next);
    FTL_CHECK(memcmp(p, q, sizeof p));
    ftl_random_permutation(p, 1, key);
    FTL_CHECK(p[0] == 0);
    ftl_random_permutation(NULL, 0, key);
}

/* All 24 orders of four come up equally often. */
static void permutations_are_uniform(void) {
    enum { N = 24000 };
    int n_hit[256] = {0};
    ftl_random_key k = key;
    for (k.step = 0; k.step < N; k.step++) {
        int64_t p[4];
        ftl_random_permutation(p, 4, k);
        n_hit[p[0] | p[1] << 2 | p[2] << 4 | p[3] << 6]++;
    }
    int n_orders = 0;
    for (int i = 0; i < 256; i++) {
        if (!n_hit[i]) continue;
        n_orders++;
        FTL_CHECK_NEAR(n_hit[i], N / 24.0, 5 * sqrt(N * 23 / 576.0));
    }
    FTL_CHECK(n_orders == 24);
}

/* Splits and runs of users hang on these bits. Computed by another program. */
static void bits_stay(void) {
    static const float uniform[4] = {10311306, 8139596, 16559201, 3308489};
    static const int64_t permuted[6] = {3, 4, 0, 5, 1, 2};
    float x[4];
    ftl_random_uniform(x, 4, key, 0);
    for (int i = 0; i < 4; i++)
        x[i] *= 0x1p24f;
    FTL_CHECK(!memcmp(x, uniform, sizeof x));
    int64_t p[6];
    ftl_random_permutation(p, 6, key);
    FTL_CHECK(!memcmp(p, permuted, sizeof p));
}

int main(void) {
    FTL_TEST(known_answers);
    FTL_TEST(every_coordinate_matters);
    FTL_TEST(elements_do_not_depend_on_n);
    FTL_TEST(uniform_is_uniform);
    FTL_TEST(normal_is_normal);
    FTL_TEST(below_is_uniform);
    FTL_TEST(below_rejects);
    FTL_TEST(permutations);
    FTL_TEST(permutations_are_uniform);
    FTL_TEST(bits_stay);
    return ftl_test_finish();
}
