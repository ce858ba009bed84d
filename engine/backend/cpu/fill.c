/* fill.c - fill and broadcast: every element is the same. Dense outputs. */
#include "engine/backend/cpu/cpu.h"

static void fill(float *y, int64_t n, float value) {
#pragma omp parallel for simd schedule(static) if (n > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n; i++)
        y[i] = value;
}

static void run_fill(const ftl_call *call) {
    const ftl_fill_attrs *attrs = call->attrs;
    fill(call->out[0].data, ftl_cpu_floats(&call->out[0]), attrs->fill);
}

static void run_broadcast(const ftl_call *call) {
    const float *s = call->in[0].data;
    fill(call->out[0].data, ftl_cpu_floats(&call->out[0]), *s);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_fill)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_fill,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_fill},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_broadcast,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_broadcast},
        {.op = NULL},
};
