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

/* Where a block lies in memory: 16 rows of 16 kernels each, `row` floats apart. */
typedef struct taps_place {
    const float *first;
    int64_t row;
} taps_place;

enum { TAPS_LINES = 9 }; /* cache lines of 16 kernels */

/* Some rows of a block that is read soon: they lie too far apart for the processor to
 * see the pattern. */
static inline void taps_fetch(taps_place from, int first, int n_rows) {
    for (int i = first; i < first + n_rows; i++)
        for (int k = 0; k < TAPS_LINES; k++)
            __builtin_prefetch(from.first + i * from.row + k * TAPS_BLOCK);
}

/* Rows are channels of y, columns channels of x. */
static inline void taps_read(taps_block taps, taps_place from) {
    float *to = taps[0][0];
    for (int k = 0; k < 9; k++)
        tile_to_blocked(to + k * TAPS_BLOCK * TAPS_BLOCK, from.first + k * TAPS_BLOCK,
                from.row, TAPS_BLOCK);
}

/* Rows are channels of x, columns channels of y, and taps are reversed. */
static inline void taps_read_transposed(taps_block taps, taps_place from) {
    float rows[TAPS_BLOCK * 9 + 7] = {0}, turned[TAPS_BLOCK][TAPS_BLOCK];
    for (int i = 0; i < TAPS_BLOCK; i++) {
        memcpy(rows, from.first + i * from.row, TAPS_BLOCK * 9 * sizeof *rows);
        tile_to_blocked(turned[0], rows, 9, TAPS_BLOCK);
        for (int k = 0; k < 9; k++)
            memcpy(taps[i][8 - k], turned[k], sizeof turned[k]);
    }
}

/* A row of a block that is written soon. */
static inline void taps_fetch_to_write(float *first, int64_t row, int i) {
    for (int k = 0; k < TAPS_LINES; k++)
        __builtin_prefetch(first + i * row + k * TAPS_BLOCK, 1);
}

/* Rows are channels of y, `row` floats apart, columns channels of x. */
static inline void taps_write(float *first, int64_t row, taps_block taps) {
    const float *from = taps[0][0];
    for (int k = 0; k < 9; k++)
        tile_to_dense(first + k * TAPS_BLOCK, from + k * TAPS_BLOCK * TAPS_BLOCK, row,
                TAPS_BLOCK);
}

#endif
