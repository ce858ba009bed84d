/* gram_tiles.c - products and distances in double: no kernels, see gram.h.
 *
 * A tile of sums is kept in registers while it goes through all of the depth. */
#include "engine/backend/cpu/gram_tiles.h"

#include "engine/backend/cpu/vector.h"

#include <stdbool.h>

enum {
    LANES = FTL_VECTOR / 2,
    ROWS = FTL_VECTOR == 16 ? 8 : 4,
    BLOCK = FTL_GRAM_BLOCK
};

typedef double lanes __attribute__((vector_size(8 * LANES)));
typedef lanes lanes_anywhere __attribute__((aligned(8), may_alias));

FTL_CPU_INLINE lanes load(const double *x) { return *(const lanes_anywhere *)x; }
FTL_CPU_INLINE void store(double *x, lanes v) { *(lanes_anywhere *)x = v; }

FTL_CPU_INLINE lanes add(lanes sum, double a, lanes b, bool distances) {
    const lanes gap = a - b;
    return distances ? sum + gap * gap : sum + a * b;
}

FTL_CPU_INLINE void update_tile(
        double *c, const double *a, const double *b, int64_t depth, bool distances) {
    lanes left[ROWS], right[ROWS];
    for (int r = 0; r < ROWS; r++) {
        left[r] = load(c + r * BLOCK);
        right[r] = load(c + r * BLOCK + LANES);
    }
    for (int64_t k = 0; k < depth; k++) {
        const lanes b_left = load(b + k * BLOCK), b_right = load(b + k * BLOCK + LANES);
#pragma GCC unroll 8
        for (int r = 0; r < ROWS; r++) {
            left[r] = add(left[r], a[k * BLOCK + r], b_left, distances);
            right[r] = add(right[r], a[k * BLOCK + r], b_right, distances);
        }
    }
    for (int r = 0; r < ROWS; r++) {
        store(c + r * BLOCK, left[r]);
        store(c + r * BLOCK + LANES, right[r]);
    }
}

FTL_CPU_INLINE void update(
        double *c, const double *a, const double *b, int64_t depth, bool distances) {
    for (int j = 0; j < BLOCK; j += 2 * LANES)
        for (int i = 0; i < BLOCK; i += ROWS)
            update_tile(c + i * BLOCK + j, a + i, b + j, depth, distances);
}

void FTL_CPU_NAME(ftl_cpu_gram_products)(
        double *c, const double *a, const double *b, int64_t depth) {
    update(c, a, b, depth, false);
}

void FTL_CPU_NAME(ftl_cpu_gram_distances)(
        double *c, const double *a, const double *b, int64_t depth) {
    update(c, a, b, depth, true);
}
