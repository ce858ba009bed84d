/* machine.h - what this machine can do at most, measured.
 *
 * The roofs under which kernels work: multiplications and additions from registers, and
 * bytes to and from main memory, by all threads of OpenMP together. Takes some tenths
 * of a second and 144 MiB; the best of several tries, so that others on the machine
 * disturb it little. */
#ifndef FTL_ENGINE_BACKEND_MACHINE_H
#define FTL_ENGINE_BACKEND_MACHINE_H

#include "engine/base/status.h"

#include <stdbool.h>

typedef struct ftl_machine {
    int threads;
    double flop_per_s; /* float32: fused multiply-adds (2 each), or what the instruction
                          set level in use has instead */
    double bf16_flop_per_s; /* oneDNN's products of large bf16 matrices; 0 where bf16 is
                               not native */
    double bytes_per_s;     /* a[i] = b[i] + s c[i] on arrays that no cache holds */
    double round_trip_s;    /* a word from a thread to another one and back, between the
                               two farthest from each other, of which one is the first:
                               some 0.1 us where processors share a cache, several times
                               that where they do not; 0: there is one thread */
} ftl_machine;

/* Does this processor multiply pairs of bf16 in registers at least FTL_BF16_WORTH times
 * as fast as float32? Zen 5 does it twice as fast; where both have the same rate,
 * training in bf16 takes longer than in float32, since kernels have to convert more.
 * Measured in some 0.02 s, by turns, the best of each; false where bf16 is not native.
 */
#define FTL_BF16_WORTH 1.25
bool ftl_machine_gains_by_bf16(void);

/* Fails with FTL_ENOMEM, FTL_EBACKEND. */
ftl_status ftl_machine_measure(ftl_machine *out);

#endif
