/* peak.h - the loops of peak.c, once for each instruction set level; see machine.h. */
#ifndef FTL_ENGINE_BACKEND_CPU_PEAK_H
#define FTL_ENGINE_BACKEND_CPU_PEAK_H

#include <stdint.h>

/* Multiply and add in registers for so many rounds. Returns how many operations that
 * were; adds what came out to *sink. */
typedef double ftl_cpu_multiply_adds(float *sink, int64_t rounds);
/* a = b + 3 c; none overlaps another. */
typedef void ftl_cpu_triad(float *a, const float *b, const float *c, int64_t n);

extern ftl_cpu_multiply_adds ftl_cpu_multiply_adds_baseline, ftl_cpu_multiply_adds_v3,
        ftl_cpu_multiply_adds_v4, ftl_cpu_multiply_adds_v4_bf16;
/* The same with pairs of bf16 that are multiplied and added to a float32, as
 * panel_product.h does it; levels without an instruction for that return 0. */
extern ftl_cpu_multiply_adds ftl_cpu_bf16_multiply_adds_baseline,
        ftl_cpu_bf16_multiply_adds_v3, ftl_cpu_bf16_multiply_adds_v4,
        ftl_cpu_bf16_multiply_adds_v4_bf16;
extern ftl_cpu_triad ftl_cpu_triad_baseline, ftl_cpu_triad_v3, ftl_cpu_triad_v4,
        ftl_cpu_triad_v4_bf16;

#endif
