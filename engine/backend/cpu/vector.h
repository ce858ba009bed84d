/* vector.h - one vector register of floats, as wide as the instruction set level has.
 *
 * GCC's and clang's vector extensions: portable, and without the compiler's guess
 * whether a loop is worth a vector. */
#ifndef FTL_ENGINE_BACKEND_CPU_VECTOR_H
#define FTL_ENGINE_BACKEND_CPU_VECTOR_H

#include "engine/backend/cpu/cpu.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define FTL_VECTOR 16
#elif defined(__AVX__)
#define FTL_VECTOR 8
#else
#define FTL_VECTOR 4
#endif

typedef float ftl_vector __attribute__((vector_size(4 * FTL_VECTOR)));
typedef uint32_t ftl_words __attribute__((vector_size(4 * FTL_VECTOR)));
typedef uint16_t ftl_halves __attribute__((vector_size(2 * FTL_VECTOR)));
typedef ftl_vector ftl_vector_anywhere __attribute__((aligned(2), may_alias));
typedef ftl_words ftl_words_anywhere __attribute__((aligned(2), may_alias));
typedef ftl_halves ftl_halves_anywhere __attribute__((aligned(2), may_alias));

/* Bits whose upper halves are x in bf16, rounded to nearest, ties to even. */
FTL_CPU_INLINE ftl_words ftl_vector_round(ftl_vector x) {
    const ftl_words bits = (ftl_words)x;
    return bits + 0x7fffu + (bits >> 16 & 1u);
}

/* FTL_VECTOR elements from the index on, of float32 or, if half, of bf16. GCC 12 makes
 * six instructions of the portable form where AVX-512 has two. */
FTL_CPU_INLINE ftl_vector ftl_vector_load(const void *x, int64_t index, bool half) {
    if (!half) return *(const ftl_vector_anywhere *)((const float *)x + index);
    const ftl_halves halves =
            *(const ftl_halves_anywhere *)((const uint16_t *)x + index);
#ifdef __AVX512F__
    return (ftl_vector)((ftl_words)_mm512_cvtepu16_epi32((__m256i)halves) << 16);
#else
    return (ftl_vector)(__builtin_convertvector(halves, ftl_words) << 16);
#endif
}

FTL_CPU_INLINE void ftl_vector_store(void *y, int64_t index, ftl_vector x, bool half) {
    if (!half) {
        *(ftl_vector_anywhere *)((float *)y + index) = x;
        return;
    }
#ifdef __AVX512BF16__
    const ftl_halves halves = (ftl_halves)_mm512_cvtneps_pbh((__m512)x);
#else
    const ftl_halves halves =
            __builtin_convertvector(ftl_vector_round(x) >> 16, ftl_halves);
#endif
    *(ftl_halves_anywhere *)((uint16_t *)y + index) = halves;
}

/* Pairs of bf16 as words, first in the lower half: what products of bf16 want. GCC 12
 * makes ten instructions of the portable form. */
FTL_CPU_INLINE void ftl_vector_store_pairs(
        uint32_t *y, ftl_vector first, ftl_vector second) {
#ifdef __AVX512BF16__
    /* all of the first vector, then all of the second; and in turn */
    static const uint16_t order[32] = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
            7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
    *(ftl_words_anywhere *)y =
            (ftl_words)_mm512_permutexvar_epi16(_mm512_loadu_si512(order), halves);
#else
    *(ftl_words_anywhere *)y =
            ftl_vector_round(first) >> 16 | (ftl_vector_round(second) & 0xffff0000u);
#endif
}

#endif
