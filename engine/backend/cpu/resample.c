/* resample.c - upsample2 and sum_pool2: between rows of W pixels and two of 2 W. */
#include "engine/backend/cpu/sums.h"

#include <string.h>

/* One pixel of `block` numbers into one of y. One store in a loop: of more, compilers
 * fear that they overlap. */
FTL_CPU_INLINE void put(void *y, int64_t at_y, const void *x, int64_t at_x,
        ftl_type type, int64_t block) {
    float *y_wide = y;
    uint16_t *y_half = y;
    const float *x_wide = x;
    const uint16_t *x_half = x;
    if (type == FTL_BF16) {
#pragma omp simd
        for (int64_t k = 0; k < block; k++)
            y_half[at_y + k] = x_half[at_x + k];
    } else {
#pragma omp simd
        for (int64_t k = 0; k < block; k++)
            y_wide[at_y + k] = x_wide[at_x + k];
    }
}

/* One row x into the two of y, one after the other: memory likes to be written in
 * order, and the second time x comes from the cache. */
FTL_CPU_INLINE void upsample_row(
        void *y, const void *x, ftl_type type, int64_t width, int64_t block) {
    for (int row = 0; row < 2; row++)
        for (int64_t w = 0; w < width; w++) {
            const int64_t to = 2 * (row * width + w) * block;
            put(y, to, x, w * block, type, block);
            put(y, to + block, x, w * block, type, block);
        }
}

FTL_CPU_INLINE void upsample_row_dense(
        void *y, const void *x, ftl_type type, int64_t width) {
#pragma omp simd
    for (int64_t w = 0; w < width; w++) {
        const float v = ftl_cpu_load(x, type, w);
        ftl_cpu_store(y, type, 2 * w, v);
        ftl_cpu_store(y, type, 2 * w + 1, v);
    }
    memcpy(ftl_cpu_at(y, type, 2 * width), y,
            (size_t)(2 * width) * ftl_type_bytes(type));
}

/* Row i of x into its two of y. */
FTL_CPU_INLINE void upsample_rows(void *y, const void *x, ftl_type type, int64_t width,
        int64_t block, int64_t i) {
    void *out = ftl_cpu_at(y, type, 4 * i * width * block);
    const void *in = ftl_cpu_in(x, type, i * width * block);
    if (block == 1)
        upsample_row_dense(out, in, type, width);
    else if (block == 16)
        upsample_row(out, in, type, width, 16);
    else if (block == 8)
        upsample_row(out, in, type, width, 8);
    else
        upsample_row(out, in, type, width, block);
}

static void run_upsample2(const ftl_call *call) {
    const void *x = call->in[0].data;
    void *y = call->out[0].data;
    const int64_t block = ftl_tensor_channels(&call->in[0]).block;
    const int64_t width = call->in[0].shape.dim[3], row = width * block;
    const int64_t n_rows = ftl_cpu_floats(&call->in[0]) / row;
    const bool half = call->in[0].type == FTL_BF16;
#pragma omp parallel for schedule(static) if (4 * n_rows * row > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n_rows; i++)
        if (half)
            upsample_rows(y, x, FTL_BF16, width, block, i);
        else
            upsample_rows(y, x, FTL_F32, width, block, i);
}

/* Two rows of x into one of y, each of its type. */
FTL_CPU_INLINE void pool_row(void *restrict y, ftl_type y_type, const void *restrict x,
        ftl_type type, float scale, int64_t width, int64_t block) {
    const int64_t lower = 2 * width * block;
    for (int64_t w = 0; w < width; w++) {
        const int64_t left = 2 * w * block, right = left + block;
#pragma omp simd
        for (int64_t k = 0; k < block; k++) {
            const float upper_sum =
                    ftl_cpu_load(x, type, left + k) + ftl_cpu_load(x, type, right + k);
            const float sum = upper_sum + ftl_cpu_load(x, type, lower + left + k) +
                              ftl_cpu_load(x, type, lower + right + k);
            ftl_cpu_store(y, y_type, w * block + k, scale * sum);
        }
    }
}

/* The same, blocks of 16, 8 and 1 as constants. */
FTL_CPU_INLINE void pool_row_in(void *y, ftl_type y_type, const void *x, ftl_type type,
        float scale, int64_t width, int64_t block) {
    if (block == 1)
        pool_row(y, y_type, x, type, scale, width, 1);
    else if (block == 16)
        pool_row(y, y_type, x, type, scale, width, 16);
    else if (block == 8)
        pool_row(y, y_type, x, type, scale, width, 8);
    else
        pool_row(y, y_type, x, type, scale, width, block);
}

static void run_sum_pool2(const ftl_call *call) {
    const ftl_pool2_attrs *attrs = call->attrs;
    const ftl_tensor *x = &call->in[0], *y = &call->out[0];
    const int64_t block = ftl_tensor_channels(y).block;
    const int64_t width = y->shape.dim[3], row = width * block;
    const int64_t n_rows = ftl_cpu_floats(y) / row;
#pragma omp parallel for schedule(static) if (4 * n_rows * row > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n_rows; i++) {
        const void *in = ftl_cpu_in(x->data, x->type, 4 * i * row);
        void *out = ftl_cpu_at(y->data, y->type, i * row);
        if (x->type == FTL_F32 && y->type == FTL_F32)
            pool_row_in(out, FTL_F32, in, FTL_F32, attrs->scale, width, block);
        else if (x->type == FTL_F32)
            pool_row_in(out, FTL_BF16, in, FTL_F32, attrs->scale, width, block);
        else if (y->type == FTL_F32)
            pool_row_in(out, FTL_F32, in, FTL_BF16, attrs->scale, width, block);
        else
            pool_row_in(out, FTL_BF16, in, FTL_BF16, attrs->scale, width, block);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_resample)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_upsample2,
                .prepare = ftl_cpu_prepare_move,
                .run = run_upsample2,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_sum_pool2,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_sum_pool2,
                .bf16 = true},
        {.op = NULL},
};
