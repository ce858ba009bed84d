/* winograd_product.h - small dense matrix products for the Winograd kernels. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_PRODUCT_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_PRODUCT_H

#include "engine/backend/cpu/vector.h"
#include "engine/backend/winograd.h"

/* Sums that are kept in registers: TILE_ROWS rows of TILE_VECTORS vectors. */
#if FTL_VECTOR == 16
enum { TILE_ROWS = 8, TILE_VECTORS = 2 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2 };
#endif
enum { TILE_WIDTH = TILE_VECTORS * FTL_VECTOR };

/* c [TILE_ROWS, TILE_WIDTH] (+)= a b over n terms; element (r, k) of a lies at
 * a[r * a_row + k * a_step], rows of b and c are FTL_WINOGRAD_PANEL floats apart. */
FTL_CPU_INLINE void product_tile(float *c, const float *a, int64_t a_row,
        int64_t a_step, const float *b, int64_t n, bool add) {
    ftl_vector sum[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            sum[r][v] =
                    add ? ftl_vector_load(c + r * FTL_WINOGRAD_PANEL + v * FTL_VECTOR)
                        : (ftl_vector) {0};
    for (int64_t k = 0; k < n; k++) {
        ftl_vector row[TILE_VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            row[v] = ftl_vector_load(b + k * FTL_WINOGRAD_PANEL + v * FTL_VECTOR);
#pragma GCC unroll 8
        for (int r = 0; r < TILE_ROWS; r++) {
            const float factor = a[r * a_row + k * a_step];
#pragma GCC unroll 2
            for (int v = 0; v < TILE_VECTORS; v++)
                sum[r][v] += factor * row[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 2
        for (int v = 0; v < TILE_VECTORS; v++)
            ftl_vector_store(c + r * FTL_WINOGRAD_PANEL + v * FTL_VECTOR, sum[r][v]);
}

/* The same for `rows` rows (a multiple of FTL_WINOGRAD_ROWS) of a whole panel. */
FTL_CPU_INLINE void product(float *c, const float *a, int64_t a_row, int64_t a_step,
        const float *b, int64_t n, int64_t rows, bool add) {
    for (int64_t r = 0; r < rows; r += TILE_ROWS)
        for (int v = 0; v < FTL_WINOGRAD_PANEL; v += TILE_WIDTH)
            product_tile(c + r * FTL_WINOGRAD_PANEL + v, a + r * a_row, a_row, a_step,
                    b + v, n, add);
}

#endif
