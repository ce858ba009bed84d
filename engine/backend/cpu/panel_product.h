/* panel_product.h - small dense matrix products, for the Winograd kernels and
 * few_channels.c.
 *
 * Operands are 32-bit words: a float, or, if half, two bf16 whose products are both
 * added. Sums are float32. */
#ifndef FTL_ENGINE_BACKEND_CPU_PANEL_PRODUCT_H
#define FTL_ENGINE_BACKEND_CPU_PANEL_PRODUCT_H

#include "engine/backend/cpu/vector.h"
#include "engine/backend/panel.h"

/* Sums that are kept in registers: TILE_ROWS rows of TILE_VECTORS vectors. */
#if FTL_VECTOR == 16
enum { TILE_ROWS = 8, TILE_VECTORS = 2 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2 };
#endif
enum { TILE_WIDTH = TILE_VECTORS * FTL_VECTOR };

/* sum + a b, for one word of a. */
FTL_CPU_INLINE ftl_vector multiply_add(
        ftl_vector sum, uint32_t a, ftl_words b, bool half) {
    const ftl_words word = a - (ftl_words) {0};
    if (!half) return sum + (ftl_vector)word * (ftl_vector)b;
#ifdef __AVX512BF16__
    return (ftl_vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)word, (__m512bh)b);
#else
    sum += (ftl_vector)(word << 16) * (ftl_vector)(b << 16);
    return sum + (ftl_vector)(word & 0xffff0000u) * (ftl_vector)(b & 0xffff0000u);
#endif
}

enum { LINE_WORDS = 16, STEPS_AHEAD = 32 };

/* At word k of a tile: what is wanted soon is fetched. Operands come from the third
 * level cache or, where threads share none, from another thread's, and what the
 * processor fetches unasked comes too late. Where a row's words lie side by side, those
 * of the next rows; else words some steps on, of which several tiles use each line:
 * row, the tile's first, tells whether it is the first to come by. */
FTL_CPU_INLINE void fetch_operands(const uint32_t *a, int64_t a_row, int64_t a_step,
        const uint32_t *b, int64_t k, int64_t row) {
    if (a_step == 1) {
        if (k % LINE_WORDS == 0)
#pragma GCC unroll 8
            for (int r = 0; r < TILE_ROWS; r++)
                __builtin_prefetch(a + (TILE_ROWS + r) * a_row + k);
        return;
    }
    if (row % LINE_WORDS == 0) __builtin_prefetch(a + (k + STEPS_AHEAD) * a_step);
    if (row > 0) return;
#pragma GCC unroll 2
    for (int i = 0; i < FTL_PANEL; i += LINE_WORDS)
        __builtin_prefetch(b + (k + STEPS_AHEAD) * FTL_PANEL + i);
}

/* c [TILE_ROWS, TILE_WIDTH] (+)= a b over n words; word (r, k) of a lies at
 * a[r * a_row + k * a_step], rows of b and c are FTL_PANEL words apart; `row`: which of
 * the product's the tile begins with. */
FTL_CPU_INLINE void product_tile(float *c, const uint32_t *a, int64_t a_row,
        int64_t a_step, const uint32_t *b, int64_t n, int64_t row, bool add,
        bool half) {
    ftl_vector sum[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            sum[r][v] = add ? ftl_vector_load(c, r * FTL_PANEL + v * FTL_VECTOR, false)
                            : (ftl_vector) {0};
    for (int64_t k = 0; k < n; k++) {
        ftl_words of_b[TILE_VECTORS];
        fetch_operands(a, a_row, a_step, b, k, row);
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            of_b[v] = *(const ftl_words_anywhere *)(b + k * FTL_PANEL + v * FTL_VECTOR);
#pragma GCC unroll 8
        for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 2
            for (int v = 0; v < TILE_VECTORS; v++)
                sum[r][v] = multiply_add(
                        sum[r][v], a[r * a_row + k * a_step], of_b[v], half);
    }
#pragma GCC unroll 8
    for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            ftl_vector_store(c, r * FTL_PANEL + v * FTL_VECTOR, sum[r][v], false);
}

/* The same for `rows` rows (a multiple of FTL_PANEL_ROWS) of a whole panel. */
FTL_CPU_INLINE void product_of(float *c, const uint32_t *a, int64_t a_row,
        int64_t a_step, const uint32_t *b, int64_t n, int64_t rows, bool add,
        bool half) {
    for (int64_t r = 0; r < rows; r += TILE_ROWS)
        for (int v = 0; v < FTL_PANEL; v += TILE_WIDTH)
            product_tile(c + r * FTL_PANEL + v, a + r * a_row, a_row, a_step, b + v, n,
                    r, add, half);
}

/* The same again, for words of a row that lie side by side, or FTL_PANEL apart with the
 * rows side by side; which of them, and `half`, are known at run time. */
static void product(float *c, const uint32_t *a, int64_t a_row, int64_t a_step,
        const uint32_t *b, int64_t n, int64_t rows, bool add, bool half) {
    if (a_step == 1 && half)
        product_of(c, a, a_row, 1, b, n, rows, add, true);
    else if (a_step == 1)
        product_of(c, a, a_row, 1, b, n, rows, add, false);
    else if (half)
        product_of(c, a, 1, FTL_PANEL, b, n, rows, add, true);
    else
        product_of(c, a, 1, FTL_PANEL, b, n, rows, add, false);
}

#endif
