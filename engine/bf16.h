/* bf16.h - single bf16 numbers (FTL_BF16): the upper half of a float32. */
#ifndef FTL_ENGINE_BF16_H
#define FTL_ENGINE_BF16_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Exact. */
static inline float ftl_bf16_widen(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* To the nearest, ties to even; off by 2^-8 of x at most. What is too large becomes
 * infinity; NaN stays NaN, of the same sign. */
static inline uint16_t ftl_bf16_narrow(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
    const uint32_t quiet = bits >> 16 | 0x40u;
    return (uint16_t)(isnan(x) ? quiet : rounded);
}

#endif
