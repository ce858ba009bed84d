/* sums.h - sums that are fast and accurate, of numbers in float32 or bf16.
 *
 * Floats are added up in vector lanes for a short while only; then the lanes go into a
 * double. The relative error stays near 1e-7 of the sum of magnitudes. */
#ifndef FTL_ENGINE_BACKEND_CPU_SUMS_H
#define FTL_ENGINE_BACKEND_CPU_SUMS_H

#include "engine/backend/cpu/bf16.h"
#include "engine/backend/cpu/vector.h"

/* Rows whose terms are added up as floats; sums side by side, which hide the latency of
 * an addition; and vectors that stay in registers beside each other. */
#define FTL_CPU_STRETCH 128
#define FTL_CPU_WAYS 4
#define FTL_CPU_SUM_WIDE (FTL_VECTOR == 16 ? 4 : 2)

/* What is added up: a constant wherever these functions are called, so that one of the
 * expressions remains after inlining. */
typedef enum ftl_cpu_term {
    FTL_CPU_SUM,     /* x - shift */
    FTL_CPU_SQUARE,  /* (x - shift)^2 */
    FTL_CPU_PRODUCT, /* (x - shift) z */
} ftl_cpu_term;

/* Where they lie: x and, for a product, z, both of one type. */
typedef struct ftl_cpu_terms {
    const void *x, *z;
    ftl_type type;
} ftl_cpu_terms;

/* The same from number i on. */
static inline ftl_cpu_terms ftl_cpu_terms_at(ftl_cpu_terms from, int64_t i) {
    return (ftl_cpu_terms) {.x = ftl_cpu_in(from.x, from.type, i),
            .z = from.z ? ftl_cpu_in(from.z, from.type, i) : NULL,
            .type = from.type};
}

/* sum[k] += the term at x[at + k], k < width. */
FTL_CPU_INLINE void ftl_cpu_add_row(ftl_cpu_term term, float *restrict sum,
        const void *restrict x, const void *restrict z, ftl_type type,
        const float *restrict shift, int64_t at, int64_t width) {
#pragma omp simd
    for (int64_t k = 0; k < width; k++) {
        const float v = ftl_cpu_load(x, type, at + k) - shift[k];
        if (term == FTL_CPU_SUM)
            sum[k] += v;
        else if (term == FTL_CPU_SQUARE)
            sum[k] += v * v;
        else
            sum[k] += v * ftl_cpu_load(z, type, at + k);
    }
}

/* The same for `wide` vectors. */
FTL_CPU_INLINE void ftl_cpu_add_vectors(ftl_cpu_term term, ftl_vector *sum,
        ftl_cpu_terms from, bool half, const ftl_vector *shift, int64_t at, int wide) {
#pragma GCC unroll 4
    for (int v = 0; v < wide; v++) {
        const int64_t i = at + v * FTL_VECTOR;
        const ftl_vector x = ftl_vector_load(from.x, i, half) - shift[v];
        if (term == FTL_CPU_SUM)
            sum[v] += x;
        else if (term == FTL_CPU_SQUARE)
            sum[v] += x * x;
        else
            sum[v] += x * ftl_vector_load(from.z, i, half);
    }
}

/* total[k] += sum over r < rows of the term at x[r * stride + k], for k < width, at
 * most FTL_CPU_BLOCK_MAX. shift: one for each k. */
FTL_CPU_INLINE void ftl_cpu_sum_columns_of(ftl_cpu_term term, double *restrict total,
        const void *restrict x, const void *restrict z, ftl_type type,
        const float *restrict shift, int64_t rows, int64_t stride, int64_t width) {
    for (int64_t first = 0; first < rows; first += FTL_CPU_STRETCH) {
        const int64_t end = ftl_cpu_min(first + FTL_CPU_STRETCH, rows);
        float sum[FTL_CPU_WAYS][FTL_CPU_BLOCK_MAX];
        for (int way = 0; way < FTL_CPU_WAYS; way++)
            for (int64_t k = 0; k < width; k++)
                sum[way][k] = 0;
        int64_t r = first;
        for (; r + FTL_CPU_WAYS <= end; r += FTL_CPU_WAYS)
            for (int way = 0; way < FTL_CPU_WAYS; way++)
                ftl_cpu_add_row(
                        term, sum[way], x, z, type, shift, (r + way) * stride, width);
        for (; r < end; r++)
            ftl_cpu_add_row(term, sum[0], x, z, type, shift, r * stride, width);
        for (int way = 0; way < FTL_CPU_WAYS; way++)
            for (int64_t k = 0; k < width; k++)
                total[k] += (double)sum[way][k];
    }
}

/* The same for vectors side by side, `wide` of them, whose sums stay in registers. */
FTL_CPU_INLINE void ftl_cpu_sum_vectors(ftl_cpu_term term, double *restrict total,
        ftl_cpu_terms from, bool half, const float *shift, int64_t rows, int64_t stride,
        int wide) {
    ftl_vector shifts[FTL_CPU_SUM_WIDE];
#pragma GCC unroll 4
    for (int v = 0; v < wide; v++)
        shifts[v] = ftl_vector_load(shift, v * FTL_VECTOR, false);
    for (int64_t first = 0; first < rows; first += FTL_CPU_STRETCH) {
        const int64_t end = ftl_cpu_min(first + FTL_CPU_STRETCH, rows);
        ftl_vector sum[FTL_CPU_WAYS][FTL_CPU_SUM_WIDE] = {0};
        int64_t r = first;
        for (; r + FTL_CPU_WAYS <= end; r += FTL_CPU_WAYS)
#pragma GCC unroll 4
            for (int way = 0; way < FTL_CPU_WAYS; way++)
                ftl_cpu_add_vectors(
                        term, sum[way], from, half, shifts, (r + way) * stride, wide);
        for (; r < end; r++)
            ftl_cpu_add_vectors(term, sum[0], from, half, shifts, r * stride, wide);
        for (int way = 0; way < FTL_CPU_WAYS; way++)
            for (int v = 0; v < wide; v++)
                for (int64_t k = 0; k < FTL_VECTOR; k++)
                    total[v * FTL_VECTOR + k] += (double)sum[way][v][k];
    }
}

FTL_CPU_INLINE void ftl_cpu_sum_columns_in(ftl_cpu_term term, double *total,
        ftl_cpu_terms from, ftl_type type, const float *shift, int64_t rows,
        int64_t stride, int64_t width) {
    enum { WIDE = FTL_CPU_SUM_WIDE * FTL_VECTOR };
    const bool half = type == FTL_BF16;
    int64_t k = 0;
    for (; k + WIDE <= width; k += WIDE)
        ftl_cpu_sum_vectors(term, total + k, ftl_cpu_terms_at(from, k), half, shift + k,
                rows, stride, FTL_CPU_SUM_WIDE);
    for (; k + FTL_VECTOR <= width; k += FTL_VECTOR)
        ftl_cpu_sum_vectors(term, total + k, ftl_cpu_terms_at(from, k), half, shift + k,
                rows, stride, 1);
    const ftl_cpu_terms rest = ftl_cpu_terms_at(from, k);
    if (k < width)
        ftl_cpu_sum_columns_of(term, total + k, rest.x, rest.z, type, shift + k, rows,
                stride, width - k);
}

FTL_CPU_INLINE void ftl_cpu_sum_columns(ftl_cpu_term term, double *total,
        ftl_cpu_terms from, const float *shift, int64_t rows, int64_t stride,
        int64_t width) {
    if (from.type == FTL_BF16)
        ftl_cpu_sum_columns_in(term, total, from, FTL_BF16, shift, rows, stride, width);
    else
        ftl_cpu_sum_columns_in(term, total, from, FTL_F32, shift, rows, stride, width);
}

/* sum over i < n of the term: 16 columns side by side, then what is left over. */
FTL_CPU_INLINE double ftl_cpu_sum_flat(
        ftl_cpu_term term, ftl_cpu_terms from, float shift, int64_t n) {
    enum { LANES = 16 };
    const ftl_type type = from.type;
    double lane[LANES] = {0}, total = 0;
    float shifts[LANES];
    for (int k = 0; k < LANES; k++)
        shifts[k] = shift;
    ftl_cpu_sum_columns(term, lane, from, shifts, n / LANES, LANES, LANES);
    for (int k = 0; k < LANES; k++)
        total += lane[k];
    for (int64_t i = n / LANES * LANES; i < n; i++) {
        const double v = (double)(ftl_cpu_load(from.x, type, i) - shift);
        if (term == FTL_CPU_SUM)
            total += v;
        else if (term == FTL_CPU_SQUARE)
            total += v * v;
        else
            total += v * (double)ftl_cpu_load(from.z, type, i);
    }
    return total;
}

#endif
