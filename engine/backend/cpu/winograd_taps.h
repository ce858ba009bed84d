/* winograd_taps.h - 3x3 kernels as vectors over output channels.
 *
 * Kernels lie as [O, I, 3, 3]; vectors run over O, 9 * I floats apart. A block is 16 by
 * 16 channels, turned over in squares of 16 by 16 floats. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_TAPS_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_TAPS_H

#include "engine/backend/cpu/transpose.h"
#include "engine/backend/cpu/vector.h"

#include <string.h>

enum { TAPS_BLOCK = 16 };

/* [channel of x][tap][channel of y] */
typedef float taps_block[TAPS_BLOCK][9][TAPS_BLOCK];

/* Kernels [.., c_in, 3, 3] of channels c .. c + 15 of x and o .. o + 15 of y. */
static inline void taps_read(
        taps_block taps, const float *kernels, int64_t c_in, int64_t c, int64_t o) {
    const float *from = kernels + (o * c_in + c) * 9;
    float *to = taps[0][0];
    for (int k = 0; k < 9; k++)
        tile_to_blocked(to + k * TAPS_BLOCK * TAPS_BLOCK, from + k * TAPS_BLOCK,
                c_in * 9, TAPS_BLOCK);
}

static inline void taps_write(
        float *kernels, taps_block taps, int64_t c_in, int64_t c, int64_t o) {
    float *to = kernels + (o * c_in + c) * 9;
    const float *from = taps[0][0];
    for (int k = 0; k < 9; k++)
        tile_to_dense(to + k * TAPS_BLOCK, from + k * TAPS_BLOCK * TAPS_BLOCK, c_in * 9,
                TAPS_BLOCK);
}

/* The same from kernels [c_in, c_out, 3, 3], whose taps are reversed. */
static inline void taps_read_transposed(
        taps_block taps, const float *kernels, int64_t c_out, int64_t c, int64_t o) {
    float rows[TAPS_BLOCK * 9 + 7] = {0}, turned[TAPS_BLOCK][TAPS_BLOCK];
    for (int i = 0; i < TAPS_BLOCK; i++) {
        memcpy(rows, kernels + ((c + i) * c_out + o) * 9,
                TAPS_BLOCK * 9 * sizeof *rows);
        tile_to_blocked(turned[0], rows, 9, TAPS_BLOCK);
        for (int k = 0; k < 9; k++)
            memcpy(taps[i][8 - k], turned[k], sizeof turned[k]);
    }
}

#endif
