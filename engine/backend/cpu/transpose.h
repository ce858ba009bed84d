/* transpose.h - tiles of 16 by 8 or 16 floats, turned over.
 *
 * By perfect shuffles: if the index of an element in the tile is written in bits, a
 * shuffle moves its first bit to the end, so that log2(rows) of them turn [row][column]
 * into [column][row]. A shuffle interleaves two halves: a flat loop, which compilers
 * turn into vector permutations. */
#ifndef FTL_ENGINE_BACKEND_CPU_TRANSPOSE_H
#define FTL_ENGINE_BACKEND_CPU_TRANSPOSE_H

#include "engine/backend/cpu/cpu.h"

enum { PIXELS = 16, TILE = 16 * PIXELS };

/* y = a[0], b[0], a[1], b[1], ...; n of each */
FTL_CPU_INLINE void interleave(
        float *restrict y, const float *restrict a, const float *restrict b, int n) {
#pragma omp simd
    for (int i = 0; i < n; i++) {
        y[2 * i] = a[i];
        y[2 * i + 1] = b[i];
    }
}

/* [channels][16] with rows `inner` apart into [16][channels]; channels is 8 or 16. */
FTL_CPU_INLINE void tile_to_blocked(
        float *blocked, const float *dense, int64_t inner, int channels) {
    const int half = channels * PIXELS / 2;
    float one[TILE], two[TILE];
    for (int k = 0; k < channels / 2; k++)
        interleave(one + 2 * k * PIXELS, dense + k * inner,
                dense + (k + channels / 2) * inner, PIXELS);
    interleave(two, one, one + half, half);
    if (channels == 8) {
        interleave(blocked, two, two + half, half);
    } else {
        interleave(one, two, two + half, half);
        interleave(blocked, one, one + half, half);
    }
}

/* and back */
FTL_CPU_INLINE void tile_to_dense(
        float *dense, const float *blocked, int64_t inner, int channels) {
    const int half = channels * PIXELS / 2;
    float one[TILE], two[TILE];
    interleave(one, blocked, blocked + half, half);
    interleave(two, one, one + half, half);
    interleave(one, two, two + half, half);
    for (int k = 0; k < channels; k++)
        interleave(dense + k * inner, one + k * PIXELS / 2, one + half + k * PIXELS / 2,
                PIXELS / 2);
}

#endif
