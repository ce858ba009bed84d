/* bf16.h - numbers in memory, stored as float32 or as bf16, for kernels that compute in
 * float32. Where types are constants after inlining, loops over them become vectors. */
#ifndef FTL_ENGINE_BACKEND_CPU_BF16_H
#define FTL_ENGINE_BACKEND_CPU_BF16_H

#include "engine/backend/cpu/cpu.h"
#include "engine/bf16.h"

#include <string.h>

/* Where number i lies. */
static inline void *ftl_cpu_at(void *x, ftl_type type, int64_t i) {
    return (unsigned char *)x + i * (type == FTL_BF16 ? 2 : 4);
}

static inline const void *ftl_cpu_in(const void *x, ftl_type type, int64_t i) {
    return (const unsigned char *)x + i * (type == FTL_BF16 ? 2 : 4);
}

static inline float ftl_cpu_load(const void *x, ftl_type type, int64_t i) {
    const float *wide = x;
    const uint16_t *half = x;
    return type == FTL_BF16 ? ftl_bf16_widen(half[i]) : wide[i];
}

static inline void ftl_cpu_store(void *y, ftl_type type, int64_t i, float value) {
    float *wide = y;
    uint16_t *half = y;
    if (type == FTL_BF16)
        half[i] = ftl_bf16_narrow(value);
    else
        wide[i] = value;
}

/* A piece that is widened on the stack, in the cache: three of them, and what they come
 * from, fit into the first level. */
#define FTL_CPU_SPAN 2048

/* n numbers, n <= FTL_CPU_SPAN, as floats: themselves, or widened into the buffer. */
static inline const float *ftl_cpu_widen(
        float buffer[FTL_CPU_SPAN], const void *x, ftl_type type, int64_t n) {
    if (type == FTL_F32) return x;
    const uint16_t *half = x;
#pragma omp simd
    for (int64_t i = 0; i < n; i++)
        buffer[i] = ftl_bf16_widen(half[i]);
    return buffer;
}

static inline void ftl_cpu_narrow(uint16_t *y, const float *x, int64_t n) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++)
        y[i] = ftl_bf16_narrow(x[i]);
}

#endif
