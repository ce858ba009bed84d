/* test_base_clock.c - time moves forward at its usual pace; memory is counted. */
#include "engine/base/clock.h"
#include "test/harness.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static void seconds(void) {
    double start = ftl_clock_s(), last = start;
    for (int i = 0; i < 1000; i++) {
        double now = ftl_clock_s();
        FTL_CHECK(now >= last);
        last = now;
    }
    struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    double passed = ftl_clock_s() - start;
    FTL_CHECK(passed >= 0.02 && passed < 20);
}

static void peak(void) {
    double before = ftl_clock_peak_mib();
    FTL_CHECK(before > 0.1 && before < 1e6);
    size_t n = 64 << 20;
    volatile char *block = malloc(n); /* volatile: or the stores are optimised away */
    FTL_CHECK(block);
    for (size_t i = 0; i < n; i += 1024)
        block[i] = 1;
    double with = ftl_clock_peak_mib();
    free((void *)(uintptr_t)block);
    FTL_CHECK(with > before + 32 && with < before + 256);
    FTL_CHECK(ftl_clock_peak_mib() >= with);
}

int main(void) {
    FTL_TEST(seconds);
    FTL_TEST(peak);
    return ftl_test_finish();
}
