/* test_batch.c - the order of samples, and images on their way in and out. */
#include "datasets/batch.h"
#include "datasets/order.h"
#include "engine/base/random.h"
#include "test/harness.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#define N 13

static void visits_each_once_an_epoch(void) {
    ftl_order order;
    int64_t taken[4 * N];
    FTL_CHECK_OK(ftl_order_init(&order, N, 5, FTL_STREAM_ORDER));
    ftl_order_take(&order, taken, NULL, 0, 4 * N);
    ftl_order_deinit(&order);
    for (int e = 0; e < 4; e++) {
        int seen = 0;
        for (int i = 0; i < N; i++) {
            FTL_CHECK(taken[e * N + i] >= 0 && taken[e * N + i] < N);
            seen |= 1 << taken[e * N + i];
        }
        FTL_CHECK(seen == (1 << N) - 1);
    }
    FTL_CHECK(memcmp(taken, taken + N, N * sizeof *taken) != 0);
}

/* The position is the only state: any cut, backwards too, gives the same samples. */
static void depends_on_the_position_alone(void) {
    ftl_order a, b;
    int64_t whole[5 * N], piece[7], index[N];
    for (int i = 0; i < N; i++)
        index[i] = 1000 + 3 * i;
    FTL_CHECK_OK(ftl_order_init(&a, N, 5, FTL_STREAM_ORDER));
    FTL_CHECK_OK(ftl_order_init(&b, N, 5, FTL_STREAM_ORDER));
    ftl_order_take(&a, whole, NULL, 0, 5 * N);
    bool good = true;
    for (int first = 5 * N - 7; first >= 0; first -= 3) {
        ftl_order_take(&b, piece, index, first, 7);
        for (int i = 0; i < 7; i++)
            good &= piece[i] == index[whole[first + i]];
    }
    ftl_order_deinit(&a);
    ftl_order_deinit(&b);
    FTL_CHECK(good);
}

static void differs_by_seed_and_stream(void) {
    ftl_order order;
    int64_t taken[3][N];
    const uint64_t seeds[] = {5, 6, 5};
    const uint32_t streams[] = {
            FTL_STREAM_ORDER, FTL_STREAM_ORDER, FTL_STREAM_CLASSIFIER_ORDER};
    for (int i = 0; i < 3; i++) {
        FTL_CHECK_OK(ftl_order_init(&order, N, seeds[i], streams[i]));
        ftl_order_take(&order, taken[i], NULL, 0, N);
        ftl_order_deinit(&order);
    }
    FTL_CHECK(memcmp(taken[0], taken[1], sizeof taken[0]) != 0);
    FTL_CHECK(memcmp(taken[0], taken[2], sizeof taken[0]) != 0);
}

static void flips_half(void) {
    bool flip[4096], part[100];
    int n = 0;
    ftl_order_flips(flip, 3, FTL_STREAM_FLIP, 0, 4096);
    for (int i = 0; i < 4096; i++)
        n += flip[i];
    FTL_CHECK_NEAR(n, 2048, 4 * 32); /* four standard deviations */
    ftl_order_flips(part, 3, FTL_STREAM_FLIP, 1234, 100);
    FTL_CHECK(memcmp(part, flip + 1234, sizeof part) == 0);
}

static uint8_t images[N * 4 * 5 * 3];

static ftl_pack example(void) {
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)(i * 37 + i / 256);
    return (ftl_pack) {
            .n = N, .height = 4, .width = 5, .channels = 3, .images = images};
}

static void gathers(void) {
    ftl_pack pack = example();
    const int64_t index[] = {12, 0, 5, 5};
    const bool flip[] = {false, true, true, false};
    float out[4 * 3 * 4 * 5];
    ftl_batch_gather(out, &pack, index, flip, 4);
    const float *got = out;
    for (int i = 0; i < 4; i++)
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 5; x++, got++) {
                    int from = flip[i] ? 4 - x : x;
                    int byte = images[((index[i] * 4 + y) * 5 + from) * 3 + c];
                    FTL_CHECK_NEAR((double)*got, byte / 127.5 - 1, 1e-6);
                }
}

static void goes_there_and_back(void) {
    uint8_t bytes[256], back[256];
    float x[256];
    const int64_t index[] = {0};
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    ftl_pack pack = {.n = 1, .height = 16, .width = 16, .channels = 1, .images = bytes};
    ftl_batch_gather(x, &pack, index, NULL, 1);
    FTL_CHECK(x[0] >= -1 && x[0] <= -1 && x[255] >= 1 && x[255] <= 1);
    ftl_batch_to_bytes(back, x, 1, 1, 16, 16);
    FTL_CHECK(memcmp(bytes, back, sizeof bytes) == 0);
}

static void limits_and_rounds(void) {
    const float x[] = {-9, 9, NAN, INFINITY, -INFINITY, 0, 0.5f / 127.5f, -1.004f};
    const uint8_t want[] = {0, 255, 0, 255, 0, 128, 128, 0}; /* 127.5 goes up */
    uint8_t got[8];
    ftl_batch_to_bytes(got, x, 8, 1, 1, 1);
    FTL_CHECK(memcmp(got, want, sizeof want) == 0);
}

static void moves_channels_last(void) {
    ftl_pack pack = example();
    const int64_t index[] = {3, 9};
    float x[2 * 60];
    uint8_t back[2 * 60];
    ftl_batch_gather(x, &pack, index, NULL, 2);
    ftl_batch_to_bytes(back, x, 2, 3, 4, 5);
    FTL_CHECK(!memcmp(back, images + 3 * 60, 60));
    FTL_CHECK(!memcmp(back + 60, images + 9 * 60, 60));
}

static void is_the_same_on_any_number_of_threads(void) {
    ftl_pack pack = example();
    int64_t index[N];
    float one[sizeof images], many[sizeof images];
    for (int i = 0; i < N; i++)
        index[i] = N - 1 - i;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    ftl_batch_gather(one, &pack, index, NULL, N);
    omp_set_num_threads(8);
    ftl_batch_gather(many, &pack, index, NULL, N);
    omp_set_num_threads(threads);
    FTL_CHECK(memcmp(one, many, sizeof one) == 0);
}

int main(void) {
    FTL_TEST(visits_each_once_an_epoch);
    FTL_TEST(depends_on_the_position_alone);
    FTL_TEST(differs_by_seed_and_stream);
    FTL_TEST(flips_half);
    FTL_TEST(gathers);
    FTL_TEST(goes_there_and_back);
    FTL_TEST(limits_and_rounds);
    FTL_TEST(moves_channels_last);
    FTL_TEST(is_the_same_on_any_number_of_threads);
    return ftl_test_finish();
}
