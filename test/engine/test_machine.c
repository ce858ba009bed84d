/* test_machine.c - the machine's limits are numbers, and kernels do not leave them far
 * behind. */
#include "engine/backend/machine.h"
#include "engine/backend/onednn.h"
#include "engine/base/clock.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>

static void limits_are_measured(void) {
    ftl_machine machine;
    const double start = ftl_clock_s();
    FTL_CHECK_OK(ftl_machine_measure(&machine));
    printf("%d threads: %.1f GFLOP/s, bf16 %.1f, %.1f GB/s, %.0f ns, measured in %.2f "
           "s\n",
            machine.threads, machine.flop_per_s * 1e-9, machine.bf16_flop_per_s * 1e-9,
            machine.bytes_per_s * 1e-9, machine.round_trip_s * 1e9,
            ftl_clock_s() - start);
    FTL_CHECK(machine.threads > 0);
    /* Of what a thread does at 1 GHz and up, one vector an operation, and what no
     * processor of today does. */
    FTL_CHECK(machine.flop_per_s > 1e8 && machine.flop_per_s < 1e15);
    FTL_CHECK(machine.bytes_per_s > 1e7 && machine.bytes_per_s < 1e14);
    FTL_CHECK(machine.bf16_flop_per_s == 0 || machine.bf16_flop_per_s > 1e8);
    FTL_CHECK(machine.bf16_flop_per_s < 1e16);
    if (machine.threads == 1)
        FTL_CHECK(machine.round_trip_s == 0);
    else /* no light is faster over a millimetre */
        FTL_CHECK(machine.round_trip_s > 1e-11 && machine.round_trip_s < 10);
}

/* Others on the machine must not make it another answer. */
static void gain_by_bf16_is_the_same_each_time(void) {
    const double start = ftl_clock_s();
    const bool gains = ftl_machine_gains_by_bf16();
    printf("bf16 %s worth it, found in %.3f s\n", gains ? "is" : "is not",
            ftl_clock_s() - start);
    for (int i = 0; i < 20; i++)
        FTL_CHECK(ftl_machine_gains_by_bf16() == gains);
    FTL_CHECK(ftl_onednn_has_bf16() || !gains);
}

int main(void) {
    FTL_TEST(limits_are_measured);
    FTL_TEST(gain_by_bf16_is_the_same_each_time);
    return ftl_test_finish();
}
