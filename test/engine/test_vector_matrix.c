/* Products of one row with a matrix against the reference kernel of matmul: every
 * instruction set level, both ways round, sizes with and without a rest; the same bits
 * on 1 and 3 threads. */
#include "engine/backend/vector_matrix.h"
#include "test/harness.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 700 };

static const ftl_kernel *find(ftl_cpu_level level) {
    const ftl_kernel *row;
    for (int i = 0; (row = ftl_cpu_kernels(level, i)); i++)
        for (; row->op; row++)
            if (row->op == &ftl_op_matmul) return row;
    return NULL;
}

static void fill(float *x, int64_t n) {
    static uint32_t state = 1;
    for (int64_t i = 0; i < n; i++) {
        state = state * 1664525 + 1013904223;
        x[i] = (float)(state >> 8) / (1 << 23) - 1;
    }
}

static void try(ftl_cpu_level level, int64_t k, int64_t n, bool transposed) {
    static float x[MOST], w[MOST * MOST], want[MOST], got[2][MOST];
    const ftl_matmul_attrs attrs = {.transpose_b = transposed};
    ftl_call call = {.op = &ftl_op_matmul, .attrs = &attrs};
    call.in[0] = (ftl_tensor) {.shape = FTL_SHAPE(1, k), .data = x};
    call.in[1] = (ftl_tensor) {
            .shape = transposed ? FTL_SHAPE(n, k) : FTL_SHAPE(k, n), .data = w};
    FTL_CHECK_OK(call.op->infer(call.in, &attrs, call.out));
    fill(x, k);
    fill(w, k * n);
    call.out[0].data = want;
    call.op->reference(&call);
    const ftl_kernel *kernel = find(level);
    bool taken = false;
    if (!kernel) abort();
    FTL_CHECK_OK(kernel->prepare(&call, NULL, &taken));
    FTL_CHECK(taken);
    for (int i = 0; i < 2; i++) {
        omp_set_num_threads(1 + 2 * i);
        memset(got[i], 0xff, sizeof got[i]); /* NaN */
        call.out[0].data = got[i];
        kernel->run(&call);
    }
    for (int64_t i = 0; i < n; i++)
        FTL_CHECK_NEAR((double)got[0][i], (double)want[i], 2e-6 * sqrt((double)k) * 4);
    FTL_CHECK(!memcmp(got[0], got[1], (size_t)n * sizeof(float)));
    FTL_CHECK(n == MOST || isnan(got[1][n]));
}

static void kernels_agree_with_the_reference(void) {
    static const int64_t sizes[][2] = {
            {1, 1}, {8, 16}, {9, 17}, {27, 32}, {32, 27}, {699, 577}, {256, MOST}};
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int transposed = 0; transposed < 2; transposed++)
                try((ftl_cpu_level)level, sizes[i][0], sizes[i][1], transposed);
}

static void other_products_are_left_alone(void) {
    const ftl_matmul_attrs plain = {0}, turned = {.transpose_a = 1};
    ftl_call call = {.op = &ftl_op_matmul, .attrs = &plain};
    call.in[0].shape = FTL_SHAPE(2, 3);
    FTL_CHECK(!ftl_vector_matrix_takes(&call));
    call.in[0].shape = FTL_SHAPE(1, 3);
    FTL_CHECK(ftl_vector_matrix_takes(&call));
    call.attrs = &turned;
    FTL_CHECK(!ftl_vector_matrix_takes(&call));
}

int main(void) {
    FTL_TEST(kernels_agree_with_the_reference);
    FTL_TEST(other_products_are_left_alone);
    return ftl_test_finish();
}
