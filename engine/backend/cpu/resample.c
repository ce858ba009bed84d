/* resample.c - upsample2 and sum_pool2: between rows of W pixels and two of 2 W. */
#include "engine/backend/cpu/sums.h"

#include <string.h>

/* One pixel of `block` floats into one of y. One store in a loop: of more, compilers
 * fear that they overlap. */
FTL_CPU_INLINE void put(float *y, const float *x, int64_t block) {
#pragma omp simd
    for (int64_t k = 0; k < block; k++)
        y[k] = x[k];
}

/* One row x into the two of y, one after the other: memory likes to be written in
 * order, and the second time x comes from the cache. */
FTL_CPU_INLINE void upsample_row(
        float *y, const float *x, int64_t width, int64_t block) {
    for (int row = 0; row < 2; row++)
        for (int64_t w = 0; w < width; w++) {
            put(y, x + w * block, block);
            put(y + block, x + w * block, block);
            y += 2 * block;
        }
}

static void upsample_row_dense(float *y, const float *x, int64_t width) {
#pragma omp simd
    for (int64_t w = 0; w < width; w++) {
        const float v = x[w];
        y[2 * w] = v, y[2 * w + 1] = v;
    }
    memcpy(y + 2 * width, y, (size_t)(2 * width) * sizeof *y);
}

static void run_upsample2(const ftl_call *call) {
    const float *x = call->in[0].data;
    float *y = call->out[0].data;
    const ftl_channels t = ftl_tensor_channels(&call->in[0]);
    const int64_t width = call->in[0].shape.dim[3], row = width * t.block;
    const int64_t n_rows = ftl_cpu_floats(&call->in[0]) / row;
#pragma omp parallel for schedule(static) if (4 * n_rows * row > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n_rows; i++) {
        float *out = y + 4 * i * row;
        if (t.block == 1)
            upsample_row_dense(out, x + i * row, width);
        else if (t.block == 16)
            upsample_row(out, x + i * row, width, 16);
        else if (t.block == 8)
            upsample_row(out, x + i * row, width, 8);
        else
            upsample_row(out, x + i * row, width, t.block);
    }
}

/* Two rows of x into one of y. */
FTL_CPU_INLINE void pool_row(
        float *y, const float *x, float scale, int64_t width, int64_t block) {
    const float *lower = x + 2 * width * block;
    for (int64_t w = 0; w < width; w++) {
        const int64_t left = 2 * w * block, right = left + block;
#pragma omp simd
        for (int64_t k = 0; k < block; k++)
            y[w * block + k] = scale * (x[left + k] + x[right + k] + lower[left + k] +
                                               lower[right + k]);
    }
}

static void pool_row_dense(float *y, const float *x, float scale, int64_t width) {
    const float *lower = x + 2 * width;
#pragma omp simd
    for (int64_t w = 0; w < width; w++)
        y[w] = scale * (x[2 * w] + x[2 * w + 1] + lower[2 * w] + lower[2 * w + 1]);
}

static void run_sum_pool2(const ftl_call *call) {
    const ftl_pool2_attrs *attrs = call->attrs;
    const float *x = call->in[0].data, scale = attrs->scale;
    float *y = call->out[0].data;
    const ftl_channels t = ftl_tensor_channels(&call->out[0]);
    const int64_t width = call->out[0].shape.dim[3], row = width * t.block;
    const int64_t n_rows = ftl_cpu_floats(&call->out[0]) / row;
#pragma omp parallel for schedule(static) if (4 * n_rows * row > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n_rows; i++) {
        if (t.block == 1)
            pool_row_dense(y + i * row, x + 4 * i * row, scale, width);
        else if (t.block == 16)
            pool_row(y + i * row, x + 4 * i * row, scale, width, 16);
        else if (t.block == 8)
            pool_row(y + i * row, x + 4 * i * row, scale, width, 8);
        else
            pool_row(y + i * row, x + 4 * i * row, scale, width, t.block);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_resample)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_upsample2,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_upsample2},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_sum_pool2,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_sum_pool2},
        {.op = NULL},
};
