/* vector_matrix.c - y = x w or x w' for one row x; see engine/backend/vector_matrix.h.
 *
 * Each number of w is used once: what counts is that some rows of it are read side by
 * side, from their beginning to their end. Threads share out the numbers of y, so their
 * count does not change a bit. */
#include "engine/backend/vector_matrix.h"
#include "engine/backend/cpu/cpu.h"

#include <string.h>

enum { ROWS = 8, LINE = 16 }; /* rows side by side; floats of a cache line */

/* y [n] += the sum of `rows` rows of w, each times its number of x. */
FTL_CPU_INLINE void add_rows(
        float *y, const float *x, const float *w, int64_t step, int64_t n, int rows) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        float sum = y[i];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
            sum += x[r] * w[r * step + i];
        y[i] = sum;
    }
}

/* y = x w for some columns of w [k, step]. */
static void multiply(
        float *y, const float *x, const float *w, int64_t k, int64_t step, int64_t n) {
    int64_t row = 0;
    memset(y, 0, (size_t)n * sizeof *y);
    for (; row + ROWS <= k; row += ROWS)
        add_rows(y, x + row, w + row * step, step, n, ROWS);
    for (; row < k; row++)
        add_rows(y, x + row, w + row * step, step, n, 1);
}

/* y [4] = the products of x with 4 rows of w. */
static void multiply_rows(float *y, const float *x, const float *w, int64_t k) {
    float a = 0, b = 0, c = 0, d = 0;
#pragma omp simd reduction(+ : a, b, c, d)
    for (int64_t i = 0; i < k; i++) {
        a += x[i] * w[i];
        b += x[i] * w[k + i];
        c += x[i] * w[2 * k + i];
        d += x[i] * w[3 * k + i];
    }
    y[0] = a;
    y[1] = b;
    y[2] = c;
    y[3] = d;
}

static float multiply_row(const float *x, const float *w, int64_t k) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < k; i++)
        sum += x[i] * w[i];
    return sum;
}

/* y = x w' for n rows of w [n, k], in fours that begin at a multiple of LINE. */
static void multiply_transposed(
        float *y, const float *x, const float *w, int64_t k, int64_t n) {
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        multiply_rows(y + i, x, w + i * k, k);
    for (; i < n; i++)
        y[i] = multiply_row(x, w + i * k, k);
}

static void run(const ftl_call *call) {
    const ftl_matmul_attrs *attrs = call->attrs;
    const float *x = call->in[0].data, *w = call->in[1].data;
    float *y = call->out[0].data;
    const int64_t k = call->in[0].shape.dim[1], n = call->out[0].shape.dim[1];
#pragma omp parallel if (n * k > FTL_CPU_SERIAL)
    {
        const ftl_cpu_range lines = ftl_cpu_share(ftl_cpu_ceil_div(n, LINE));
        const int64_t begin = ftl_cpu_min(lines.begin * LINE, n);
        const int64_t mine = ftl_cpu_min(lines.end * LINE, n) - begin;
        if (attrs->transpose_b)
            multiply_transposed(y + begin, x, w + begin * k, k, mine);
        else
            multiply(y + begin, x, w + begin, k, n, mine);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_vector_matrix)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_matmul,
                .prepare = ftl_vector_matrix_prepare,
                .run = run},
        {.op = NULL},
};
