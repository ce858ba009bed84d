/* samples.c - concat, slice and pad: whole samples, in whatever layout, are moved. */
#include "engine/backend/cpu/cpu.h"

#include <string.h>

static void copy(unsigned char *y, const unsigned char *x, int64_t n_bytes) {
#pragma omp parallel if (n_bytes > FTL_CPU_SERIAL * 4)
    {
        const ftl_cpu_range range = ftl_cpu_share(n_bytes);
        memcpy(y + range.begin, x + range.begin, (size_t)(range.end - range.begin));
    }
}

/* Zero bits are the number 0 in every type. */
static void zero(unsigned char *y, int64_t n_bytes) {
#pragma omp parallel if (n_bytes > FTL_CPU_SERIAL * 4)
    {
        const ftl_cpu_range range = ftl_cpu_share(n_bytes);
        memset(y + range.begin, 0, (size_t)(range.end - range.begin));
    }
}

static int64_t bytes_of(const ftl_tensor *tensor) {
    return (int64_t)ftl_tensor_bytes(tensor);
}

static void run_concat(const ftl_call *call) {
    const int64_t n = bytes_of(&call->in[0]);
    unsigned char *y = call->out[0].data;
    copy(y, call->in[0].data, n);
    copy(y + n, call->in[1].data, bytes_of(&call->in[1]));
}

static void run_slice(const ftl_call *call) {
    const ftl_slice_attrs *attrs = call->attrs;
    const unsigned char *x = call->in[0].data;
    const int64_t n = bytes_of(&call->in[0]) / call->in[0].shape.dim[0];
    copy(call->out[0].data, x + attrs->first * n, attrs->count * n);
}

static void run_pad(const ftl_call *call) {
    const ftl_pad_attrs *attrs = call->attrs;
    const int64_t n_x = bytes_of(&call->in[0]);
    const int64_t n = n_x / call->in[0].shape.dim[0];
    unsigned char *y = call->out[0].data;
    zero(y, attrs->before * n);
    copy(y + attrs->before * n, call->in[0].data, n_x);
    zero(y + attrs->before * n + n_x, attrs->behind * n);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_samples)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_concat,
                .prepare = ftl_cpu_prepare_move,
                .run = run_concat,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_slice,
                .prepare = ftl_cpu_prepare_move,
                .run = run_slice,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_pad,
                .prepare = ftl_cpu_prepare_move,
                .run = run_pad,
                .bf16 = true},
        {.op = NULL},
};
