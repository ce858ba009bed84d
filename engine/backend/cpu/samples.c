/* samples.c - concat, slice and pad: whole samples, in whatever layout, are moved. */
#include "engine/backend/cpu/cpu.h"

#include <string.h>

static void copy(float *y, const float *x, int64_t n) {
#pragma omp parallel if (n > FTL_CPU_SERIAL)
    {
        const ftl_cpu_range range = ftl_cpu_share(n);
        memcpy(y + range.begin, x + range.begin,
                (size_t)(range.end - range.begin) * sizeof *y);
    }
}

static void zero(float *y, int64_t n) {
#pragma omp parallel if (n > FTL_CPU_SERIAL)
    {
        const ftl_cpu_range range = ftl_cpu_share(n);
        memset(y + range.begin, 0, (size_t)(range.end - range.begin) * sizeof *y);
    }
}

static void run_concat(const ftl_call *call) {
    const int64_t n = ftl_cpu_floats(&call->in[0]);
    float *y = call->out[0].data;
    copy(y, call->in[0].data, n);
    copy(y + n, call->in[1].data, ftl_cpu_floats(&call->in[1]));
}

static void run_slice(const ftl_call *call) {
    const ftl_slice_attrs *attrs = call->attrs;
    const float *x = call->in[0].data;
    const int64_t n = ftl_cpu_floats(&call->in[0]) / call->in[0].shape.dim[0];
    copy(call->out[0].data, x + attrs->first * n, attrs->count * n);
}

static void run_pad(const ftl_call *call) {
    const ftl_pad_attrs *attrs = call->attrs;
    const int64_t n_x = ftl_cpu_floats(&call->in[0]);
    const int64_t n = n_x / call->in[0].shape.dim[0];
    float *y = call->out[0].data;
    zero(y, attrs->before * n);
    copy(y + attrs->before * n, call->in[0].data, n_x);
    zero(y + attrs->before * n + n_x, attrs->behind * n);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_samples)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_concat,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_concat},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_slice,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_slice},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_pad,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_pad},
        {.op = NULL},
};
