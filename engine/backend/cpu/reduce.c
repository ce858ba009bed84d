/* reduce.c - dot, sum and row_sum, and row_broadcast, the transpose of the last.
 *
 * Sums run over memory: the padding of blocked tensors is zero and adds nothing. Each
 * row is cut into pieces, whose sums are added in their order by one thread. */
#include "engine/backend/cpu/sums.h"

/* Pieces of rows of n floats: their sums lie in the scratch memory. */
static int64_t pieces_of(int64_t n) { return ftl_cpu_ceil_div(n, FTL_CPU_PIECE); }

static void sum_rows(const ftl_call *call, ftl_cpu_term term, int64_t rows) {
    const ftl_cpu_terms from = {.x = call->in[0].data,
            .z = term == FTL_CPU_PRODUCT ? call->in[1].data : NULL};
    float *y = call->out[0].data;
    double *partial = call->scratch;
    const int64_t n = ftl_cpu_floats(&call->in[0]) / rows, pieces = pieces_of(n);

#pragma omp parallel for schedule(static) if (rows * n > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < rows * pieces; i++) {
        const int64_t first = i % pieces * FTL_CPU_PIECE;
        const int64_t size = ftl_cpu_min(FTL_CPU_PIECE, n - first);
        const ftl_cpu_terms here = ftl_cpu_terms_at(from, i / pieces * n + first);
        if (term == FTL_CPU_PRODUCT)
            partial[i] = ftl_cpu_sum_flat(FTL_CPU_PRODUCT, here, 0, size);
        else
            partial[i] = ftl_cpu_sum_flat(FTL_CPU_SUM, here, 0, size);
    }
    for (int64_t row = 0; row < rows; row++) {
        double total = 0;
        for (int64_t i = 0; i < pieces; i++)
            total += partial[row * pieces + i];
        y[row] = (float)total;
    }
}

static ftl_status prepare_rows(
        ftl_call *call, ftl_arena *arena, bool *taken, int64_t rows) {
    FTL_TRY(ftl_cpu_prepare_follow(call, arena, taken));
    if (!*taken) return FTL_OK;
    const int64_t n = ftl_cpu_floats(&call->in[0]) / rows;
    call->scratch_bytes = (size_t)(rows * pieces_of(n)) * sizeof(double);
    return FTL_OK;
}

static ftl_status prepare_all(ftl_call *call, ftl_arena *arena, bool *taken) {
    return prepare_rows(call, arena, taken, 1);
}

static ftl_status prepare_row_sum(ftl_call *call, ftl_arena *arena, bool *taken) {
    return prepare_rows(call, arena, taken, call->in[0].shape.dim[0]);
}

static void run_dot(const ftl_call *call) { sum_rows(call, FTL_CPU_PRODUCT, 1); }

static void run_sum(const ftl_call *call) { sum_rows(call, FTL_CPU_SUM, 1); }

static void run_row_sum(const ftl_call *call) {
    sum_rows(call, FTL_CPU_SUM, call->in[0].shape.dim[0]);
}

static void run_row_broadcast(const ftl_call *call) {
    const float *x = call->in[0].data;
    float *y = call->out[0].data;
    const int64_t rows = call->in[0].shape.dim[0];
    const int64_t n = ftl_cpu_floats(&call->out[0]) / rows;
#pragma omp parallel for schedule(static) if (rows * n > FTL_CPU_SERIAL)
    for (int64_t row = 0; row < rows; row++) {
        const float value = x[row];
#pragma omp simd
        for (int64_t i = row * n; i < (row + 1) * n; i++)
            y[i] = value;
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_reduce)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_dot,
                .prepare = prepare_all,
                .run = run_dot},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_sum,
                .prepare = prepare_all,
                .run = run_sum},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_row_sum,
                .prepare = prepare_row_sum,
                .run = run_row_sum},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_row_broadcast,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_row_broadcast},
        {.op = NULL},
};
