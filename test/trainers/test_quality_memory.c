/* test_quality_memory.c - measuring more images takes no more memory. A program of its
 * own, since the system tells the peak of all that it does. */
#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/random.h"
#include "test/harness.h"
#include "trainers/metrics/quality.h"

#include <stdio.h>
#include <stdlib.h>

enum { D = 128, FEW = 2000, MANY = 10000, GENERATED = 300 };

/* Made when they are asked for, so that they take no memory. */
static ftl_status make_up(void *context, float *out, int64_t count) {
    uint64_t *at = context;
    const ftl_random_key key = {.seed = 11, .stream = FTL_STREAM_TEST};
    ftl_random_normal(out, (size_t)(count * D), key, (*at)++);
    return FTL_OK;
}

static ftl_status measure(ftl_quality *q, int64_t n) {
    static const bool want[FTL_N_QUALITY_METRICS] = {
            [FTL_QUALITY_KID] = true, [FTL_QUALITY_PRDC] = true};
    uint64_t real = 0, generated = 1000;
    const ftl_feature_stream x = {n, make_up, &real},
                             y = {GENERATED, make_up, &generated};
    return ftl_quality_measure(q, &x, &y, D, want);
}

static void more_images_take_no_more_memory(void) {
    ftl_quality few, many;
    setenv("TMPDIR", ftl_test_directory(), 1);
    FTL_CHECK_OK(measure(&few, FEW));
    const double before_mib = ftl_clock_peak_mib();
    FTL_CHECK_OK(measure(&many, MANY));
    const double more_mib = ftl_clock_peak_mib() - before_mib;
    printf("%d images: %.2f MiB; %d: %.2f more\n", FEW, before_mib, MANY, more_mib);
    FTL_CHECK(many.n_real == MANY && many.prdc.precision > 0.5);
    FTL_CHECK(!ftl_directory_occupied(getenv("TMPDIR")));
    if (ftl_test_is_checked()) return;
    /* Blocks are of 200 images, then of 1,000, which is the most they ever are. All
     * that came on top are 3.9 MiB. */
    const double block_mib = (1000 - 200) * D * 4.0 / 1048576;
    FTL_CHECK(before_mib > 2 && more_mib < block_mib + 1);
}

int main(void) {
    FTL_TEST(more_images_take_no_more_memory);
    return ftl_test_finish();
}
