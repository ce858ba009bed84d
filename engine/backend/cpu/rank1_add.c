/* rank1_add.c - y = s x + a b': one pass over memory, in place if x is not read again.
 */
#include "engine/backend/cpu/cpu.h"

static void run(const ftl_call *call) {
    const float *x = call->in[0].data, *a = call->in[2].data, *b = call->in[3].data;
    const float s = *(const float *)call->in[1].data;
    const int64_t rows = ftl_shape_count(call->in[2].shape);
    const int64_t columns = ftl_shape_count(call->in[3].shape);
    float *y = call->out[0].data;
#pragma omp parallel for schedule(static) if (rows * columns > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < rows; i++) {
        const float scale = a[i];
#pragma omp simd
        for (int64_t j = 0; j < columns; j++)
            y[i * columns + j] = s * x[i * columns + j] + scale * b[j];
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_rank1_add)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_rank1_add,
                .prepare = ftl_cpu_prepare_dense,
                .run = run,
                .overwrites = 1},
        {.op = NULL},
};
