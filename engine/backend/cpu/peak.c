/* peak.c - loops that reach what the machine can do: no kernels, see machine.h. */
#include "engine/backend/cpu/peak.h"

#include "engine/backend/cpu/vector.h"

/* More chains than an adder takes cycles times the adders of a core; all of them, with
 * the two operands that they share, fit the registers. */
enum { CHAINS = 12 };

double FTL_CPU_NAME(ftl_cpu_multiply_adds)(float *sink, int64_t rounds) {
    ftl_vector sum[CHAINS], scale = {0}, shift = {0};
    for (int c = 0; c < CHAINS; c++)
        sum[c] = scale + (float)c;
    scale += 0.5f;
    shift += 1;
    for (int64_t i = 0; i < rounds; i++) {
        /* Read anew in each round: else equal rounds might be worked out beforehand. */
        __asm__ volatile("" : "+x"(scale), "+x"(shift));
#pragma GCC unroll 12
        for (int c = 0; c < CHAINS; c++)
            sum[c] = sum[c] * scale + shift;
    }
    for (int c = 0; c < CHAINS; c++)
        for (int k = 0; k < FTL_VECTOR; k++)
            *sink += sum[c][k];
    return 2.0 * CHAINS * FTL_VECTOR * (double)rounds;
}

double FTL_CPU_NAME(ftl_cpu_bf16_multiply_adds)(float *sink, int64_t rounds) {
#ifdef __AVX512BF16__
    ftl_vector sum[CHAINS];
    __m512bh a = {0}, b = {0};
    for (int c = 0; c < CHAINS; c++)
        sum[c] = (ftl_vector) {0} + (float)c;
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+x"(a), "+x"(b));
#pragma GCC unroll 12
        for (int c = 0; c < CHAINS; c++)
            sum[c] = (ftl_vector)_mm512_dpbf16_ps((__m512)sum[c], a, b);
    }
    for (int c = 0; c < CHAINS; c++)
        for (int k = 0; k < FTL_VECTOR; k++)
            *sink += sum[c][k];
    return 4.0 * CHAINS * FTL_VECTOR * (double)rounds;
#else
    (void)sink, (void)rounds;
    return 0;
#endif
}

void FTL_CPU_NAME(ftl_cpu_triad)(float *restrict a, const float *restrict b,
        const float *restrict c, int64_t n) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++)
        a[i] = b[i] + 3 * c[i];
}
