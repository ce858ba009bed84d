/* spatial.c - spatial_sum and spatial_broadcast, each the transpose of the other. */
#include "engine/backend/cpu/channels.h"

/* y[k], k < width: sums over rows x[0], x[stride], ... of one block. */
static void sum_block(
        float *y, ftl_cpu_terms x, int64_t rows, int64_t stride, int64_t width) {
    static const float no_shift[FTL_CPU_BLOCK_MAX];
    double sum[FTL_CPU_BLOCK_MAX] = {0};
    if (stride == 1)
        sum[0] = ftl_cpu_sum_flat(FTL_CPU_SUM, x, 0, rows);
    else
        ftl_cpu_sum_columns(FTL_CPU_SUM, sum, x, no_shift, rows, stride, width);
    for (int64_t k = 0; k < width; k++)
        y[k] = (float)sum[k];
}

static void run_spatial_sum(const ftl_call *call) {
    const ftl_cpu_terms x = {.x = call->in[0].data, .type = call->in[0].type};
    float *y = call->out[0].data;
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
#pragma omp parallel for schedule(                                                     \
        static) if (ftl_cpu_rows(t) * t.block > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < t.n * t.n_blocks; i++) {
        const int64_t first = i % t.n_blocks * t.block;
        const int64_t n_channels = ftl_cpu_min(t.block, t.c - first);
        for (int64_t k = 0; k < n_channels; k += FTL_CPU_BLOCK_MAX)
            sum_block(y + i / t.n_blocks * t.c + first + k,
                    ftl_cpu_terms_at(x, i * t.inner * t.block + k), t.inner, t.block,
                    ftl_cpu_min(FTL_CPU_BLOCK_MAX, n_channels - k));
    }
}

/* Behind a sum over space there are convolutions, which like blocks: so do what comes
 * back through it. */
static ftl_status prepare_broadcast(ftl_call *call, ftl_arena *arena, bool *taken) {
    FTL_TRY(ftl_cpu_prepare_dense(call, arena, taken));
    const int block = ftl_cpu_block();
    if (*taken && call->out[0].shape.dim[1] >= block)
        call->out[0].layout = (ftl_layout) {.kind = FTL_BLOCKED, .block = block};
    return FTL_OK;
}

/* rows of y, all alike */
FTL_CPU_INLINE void repeat(void *restrict y, ftl_type type,
        const float *restrict values, int64_t rows, int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
#pragma omp simd
        for (int64_t k = 0; k < width; k++)
            ftl_cpu_store(y, type, r * width + k, values[k]);
    }
}

static void run_spatial_broadcast(const ftl_call *call) {
    const float *x = call->in[0].data;
    const ftl_type type = call->out[0].type;
    const ftl_channels t = ftl_tensor_channels(&call->out[0]);
#pragma omp parallel for schedule(                                                     \
        static) if (ftl_cpu_rows(t) * t.block > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < t.n * t.n_blocks; i++) {
        float copy[FTL_CPU_BLOCK_MAX];
        const float *values =
                ftl_cpu_block_values(copy, x + i / t.n_blocks * t.c, t, i % t.n_blocks);
        void *out = ftl_cpu_at(call->out[0].data, type, i * t.inner * t.block);
        if (type == FTL_BF16)
            repeat(out, FTL_BF16, values, t.inner, t.block);
        else
            repeat(out, FTL_F32, values, t.inner, t.block);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_spatial)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_spatial_sum,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_spatial_sum,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_spatial_broadcast,
                .prepare = prepare_broadcast,
                .run = run_spatial_broadcast,
                .bf16 = true},
        {.op = NULL},
};
