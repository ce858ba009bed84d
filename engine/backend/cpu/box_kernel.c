/* box_kernel.c - 3x3 kernels to 4x4 and back, output channels shared among threads. */
#include "engine/ops/box_kernel.h"
#include "engine/backend/cpu/cpu.h"

static void run_box(const ftl_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    const float *w = call->in[0].data;
    float *y = call->out[0].data;
    const int64_t n_out = call->in[0].shape.dim[0], n_in = call->in[0].shape.dim[1];
    const int64_t to_out = a->transposed ? 16 : 16 * n_in;
    const int64_t to_in = a->transposed ? 16 * n_out : 16;
#pragma omp parallel for schedule(static) if (16 * n_out * n_in > FTL_CPU_SERIAL)
    for (int64_t o = 0; o < n_out; o++)
        for (int64_t i = 0; i < n_in; i++)
            ftl_box_one(y + o * to_out + i * to_in, w + 9 * (o * n_in + i), a->scale,
                    a->transposed);
}

static void run_grad(const ftl_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    const float *dy = call->in[0].data;
    float *dw = call->out[0].data;
    const int64_t n_out = call->out[0].shape.dim[0], n_in = call->out[0].shape.dim[1];
    const int64_t to_out = a->transposed ? 16 : 16 * n_in;
    const int64_t to_in = a->transposed ? 16 * n_out : 16;
#pragma omp parallel for schedule(static) if (16 * n_out * n_in > FTL_CPU_SERIAL)
    for (int64_t o = 0; o < n_out; o++)
        for (int64_t i = 0; i < n_in; i++)
            ftl_box_one_grad(dw + 9 * (o * n_in + i), dy + o * to_out + i * to_in,
                    a->scale, a->transposed);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_box_kernel)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_box_kernel,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_box},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_box_kernel_grad,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_grad},
        {.op = NULL},
};
