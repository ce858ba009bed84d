/* gram.c - see gram.h.
 *
 * c is computed in blocks of 64 x 64, for 128 elements of the vectors at a time. What a
 * block needs is packed beside each other, padded with zeros; sums are kept in
 * registers (cpu/gram_tiles.c) and carry on from what c holds, so that packing and
 * blocks leave the order of a sum as it is in a plain loop. */
#include "engine/backend/gram.h"

#include "engine/backend/cpu/gram_tiles.h"
#include "engine/backend/kernel.h"

#include <stdbool.h>
#include <string.h>

enum { BLOCK = FTL_GRAM_BLOCK, DEPTH = 128 };

#ifdef FTL_CPU_X86
#define LEVELS(name)                                                                   \
    { name##_baseline, name##_v3, name##_v4, name##_v4_bf16 }
#else
#define LEVELS(name)                                                                   \
    { name##_baseline, name##_baseline, name##_baseline, name##_baseline }
#endif
static ftl_cpu_gram *const gram_products[FTL_CPU_LEVELS] =
        LEVELS(ftl_cpu_gram_products);
static ftl_cpu_gram *const gram_distances[FTL_CPU_LEVELS] =
        LEVELS(ftl_cpu_gram_distances);

/* One side: rows of floats [n, d], or columns of doubles [d, n]. */
typedef struct side {
    const float *rows;
    const double *columns;
    int64_t n, d;
} side;

/* Vectors first .. first + BLOCK - 1 of a side, their elements k .. k + depth - 1, as
 * packed [depth, BLOCK]; zeros behind the last vector. */
static void pack(
        double *packed, const side *s, int64_t first, int64_t k, int64_t depth) {
    int64_t n = s->n - first < BLOCK ? s->n - first : BLOCK;
    if (n < BLOCK) memset(packed, 0, (size_t)(depth * BLOCK) * sizeof *packed);
    for (int64_t t = 0; s->columns && t < depth; t++)
        memcpy(packed + t * BLOCK, s->columns + (k + t) * s->n + first,
                (size_t)n * sizeof *packed);
    for (int64_t i = 0; s->rows && i < n; i++)
        for (int64_t t = 0; t < depth; t++)
            packed[t * BLOCK + i] = (double)s->rows[(first + i) * s->d + k + t];
}

static void compute_block(
        double *c, const double *a, const double *b, int64_t depth, bool distances) {
    (distances ? gram_distances : gram_products)[ftl_cpu_level_used()](c, a, b, depth);
}

/* Between the block of c at (i, j) and a copy of it. */
static void move_block(double *c, double *block, int64_t i, int64_t j, int64_t m,
        int64_t n, bool back) {
    int64_t n_rows = m - i < BLOCK ? m - i : BLOCK;
    size_t row_bytes = (size_t)(n - j < BLOCK ? n - j : BLOCK) * sizeof *c;
    for (int64_t r = 0; r < n_rows; r++) {
        double *there = c + (i + r) * n + j, *here = block + r * BLOCK;
        memcpy(back ? there : here, back ? here : there, row_bytes);
    }
}

static void update_block(
        double *c, const side *x, const side *y, int64_t i, int64_t j, bool distances) {
    double a[DEPTH * BLOCK], b[DEPTH * BLOCK], block[BLOCK * BLOCK] = {0};
    move_block(c, block, i, j, x->n, y->n, false);
    for (int64_t k = 0; k < x->d; k += DEPTH) {
        int64_t depth = x->d - k < DEPTH ? x->d - k : DEPTH;
        pack(a, x, i, k, depth);
        pack(b, y, j, k, depth);
        compute_block(block, a, b, depth, distances);
    }
    move_block(c, block, i, j, x->n, y->n, true);
}

static void update(double *c, const side *x, const side *y, bool distances) {
    bool symmetric = x->columns && x->columns == y->columns;
    int64_t m = x->n, n = y->n;
#pragma omp parallel for collapse(2) schedule(dynamic)
    for (int64_t i = 0; i < m; i += BLOCK)
        for (int64_t j = 0; j < n; j += BLOCK)
            if (!symmetric || i <= j) update_block(c, x, y, i, j, distances);
    for (int64_t i = 0; symmetric && i < m; i++)
        for (int64_t j = 0; j < i; j++)
            c[i * n + j] = c[j * n + i];
}

void ftl_gram_add(
        double *c, const double *a, int64_t m, const double *b, int64_t n, int64_t k) {
    update(c, &(side) {.columns = a, .n = m, .d = k},
            &(side) {.columns = b, .n = n, .d = k}, false);
}

void ftl_gram_products(
        double *c, const float *x, int64_t m, const float *y, int64_t n, int64_t d) {
    memset(c, 0, (size_t)(m * n) * sizeof *c);
    update(c, &(side) {.rows = x, .n = m, .d = d}, &(side) {.rows = y, .n = n, .d = d},
            false);
}

void ftl_gram_distances(
        double *c, const float *x, int64_t m, const float *y, int64_t n, int64_t d) {
    memset(c, 0, (size_t)(m * n) * sizeof *c);
    update(c, &(side) {.rows = x, .n = m, .d = d}, &(side) {.rows = y, .n = n, .d = d},
            true);
}
