/* vector.h - one vector register of floats, as wide as the instruction set level has.
 *
 * GCC's and clang's vector extensions: portable, and without the compiler's guess
 * whether a loop is worth a vector. */
#ifndef FTL_ENGINE_BACKEND_CPU_VECTOR_H
#define FTL_ENGINE_BACKEND_CPU_VECTOR_H

#include "engine/backend/cpu/cpu.h"

#if defined(__AVX512F__)
#define FTL_VECTOR 16
#elif defined(__AVX__)
#define FTL_VECTOR 8
#else
#define FTL_VECTOR 4
#endif

typedef float ftl_vector __attribute__((vector_size(4 * FTL_VECTOR)));
typedef float ftl_vector_unaligned
        __attribute__((vector_size(4 * FTL_VECTOR), aligned(4), may_alias));

FTL_CPU_INLINE ftl_vector ftl_vector_load(const float *x) {
    return *(const ftl_vector_unaligned *)x;
}

FTL_CPU_INLINE void ftl_vector_store(float *y, ftl_vector x) {
    *(ftl_vector_unaligned *)y = x;
}

#endif
