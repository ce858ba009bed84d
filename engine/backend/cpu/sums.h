/* sums.h - sums that are fast and accurate.
 *
 * Floats are added up in vector lanes for a short while only; then the lanes go into a
 * double. The relative error stays near 1e-7 of the sum of magnitudes. */
#ifndef FTL_ENGINE_BACKEND_CPU_SUMS_H
#define FTL_ENGINE_BACKEND_CPU_SUMS_H

#include "engine/backend/cpu/cpu.h"

/* What is added up: a constant wherever these functions are called, so that one of the
 * expressions remains after inlining. */
typedef enum ftl_cpu_term {
    FTL_CPU_SUM,     /* x - shift */
    FTL_CPU_SQUARE,  /* (x - shift)^2 */
    FTL_CPU_PRODUCT, /* (x - shift) z */
} ftl_cpu_term;

/* sum[k] += the term at x[at + k], k < width. */
FTL_CPU_INLINE void ftl_cpu_add_row(ftl_cpu_term term, float *restrict sum,
        const float *restrict x, const float *restrict z, const float *restrict shift,
        int64_t at, int64_t width) {
#pragma omp simd
    for (int64_t k = 0; k < width; k++) {
        const float v = x[at + k] - shift[k];
        sum[k] +=
                term == FTL_CPU_SUM ? v : v * (term == FTL_CPU_SQUARE ? v : z[at + k]);
    }
}

/* total[k] += sum over r < rows of the term at x[r * stride + k], for k < width, at
 * most FTL_CPU_BLOCK_MAX. shift: one for each k. */
FTL_CPU_INLINE void ftl_cpu_sum_columns_of(ftl_cpu_term term, double *restrict total,
        const float *restrict x, const float *restrict z, const float *restrict shift,
        int64_t rows, int64_t stride, int64_t width) {
    enum { STRETCH = 128, WAYS = 4 }; /* ways: sums side by side hide the latency */
    for (int64_t first = 0; first < rows; first += STRETCH) {
        const int64_t end = ftl_cpu_min(first + STRETCH, rows);
        float sum[WAYS][FTL_CPU_BLOCK_MAX];
        for (int way = 0; way < WAYS; way++)
            for (int64_t k = 0; k < width; k++)
                sum[way][k] = 0;
        int64_t r = first;
        for (; r + WAYS <= end; r += WAYS)
            for (int way = 0; way < WAYS; way++)
                ftl_cpu_add_row(term, sum[way], x, z, shift, (r + way) * stride, width);
        for (; r < end; r++)
            ftl_cpu_add_row(term, sum[0], x, z, shift, r * stride, width);
        for (int way = 0; way < WAYS; way++)
            for (int64_t k = 0; k < width; k++)
                total[k] += (double)sum[way][k];
    }
}

/* The same: full blocks of 16 and 8 stay in registers. */
FTL_CPU_INLINE void ftl_cpu_sum_columns(ftl_cpu_term term, double *total,
        const float *x, const float *z, const float *shift, int64_t rows,
        int64_t stride, int64_t width) {
    if (width == 16)
        ftl_cpu_sum_columns_of(term, total, x, z, shift, rows, stride, 16);
    else if (width == 8)
        ftl_cpu_sum_columns_of(term, total, x, z, shift, rows, stride, 8);
    else
        ftl_cpu_sum_columns_of(term, total, x, z, shift, rows, stride, width);
}

/* sum over i < n of the term: 16 columns side by side, then what is left over. */
FTL_CPU_INLINE double ftl_cpu_sum_flat(
        ftl_cpu_term term, const float *x, const float *z, float shift, int64_t n) {
    enum { LANES = 16 };
    double lane[LANES] = {0}, total = 0;
    float shifts[LANES];
    for (int k = 0; k < LANES; k++)
        shifts[k] = shift;
    ftl_cpu_sum_columns_of(term, lane, x, z, shifts, n / LANES, LANES, LANES);
    for (int k = 0; k < LANES; k++)
        total += lane[k];
    for (int64_t i = n / LANES * LANES; i < n; i++) {
        const double v = (double)(x[i] - shift);
        total += term == FTL_CPU_SUM ? v
                                     : v * (term == FTL_CPU_SQUARE ? v : (double)z[i]);
    }
    return total;
}

#endif
