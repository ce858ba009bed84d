/* few_channels_weights.c - the gradient of 3x3 kernels between many channels and few;
 * see engine/backend/few_channels.h.
 *
 * Vectors run over the many channels: all taps of a vector of them stay in registers
 * while it walks over the pixels. */
#include "engine/backend/cpu/vector.h"
#include "engine/backend/few_channels.h"

#include <string.h>

/* dw = sum over pixels of `wide` there times `thin` at the same pixel and around it. */
typedef struct problem {
    const void *wide;  /* many channels, NHWC: x, or dy */
    const float *thin; /* few channels: the other one */
    bool half;         /* wide is bf16 */
    bool wide_is_dy;
    int64_t n, height, width, many;
    int few;
} problem;

static problem read_problem(const ftl_call *call) {
    const ftl_shape x = call->in[0].shape, dy = call->in[1].shape;
    const int wide = x.dim[1] <= FTL_FEW_CHANNELS ? 1 : 0;
    return (problem) {.wide = call->in[wide].data,
            .thin = call->in[1 - wide].data,
            .half = call->in[wide].type == FTL_BF16,
            .wide_is_dy = wide == 1,
            .n = x.dim[0],
            .height = x.dim[2],
            .width = x.dim[3],
            .many = wide ? dy.dim[1] : x.dim[1],
            .few = (int)(wide ? x.dim[1] : dy.dim[1])};
}

/* sum [position][few] += a pixel of a vector of channels. Position k is the pixel
 * (k / 3 - 1, k % 3 - 1) off; near: some of them lie behind the border. */
FTL_CPU_INLINE void add_pixel(ftl_vector *sum, const problem *p, int64_t row, int64_t v,
        int64_t c, int few, bool half, bool near) {
    const int64_t h = row % p->height;
    const ftl_vector x =
            ftl_vector_load(p->wide, (row * p->width + v) * p->many + c, half);
#pragma GCC unroll 9
    for (int k = 0; k < 9; k++) {
        const int64_t down = k / 3 - 1, right = k % 3 - 1;
        if (near && (h + down < 0 || h + down >= p->height || v + right < 0 ||
                            v + right >= p->width))
            continue;
        const float *from = p->thin + ((row + down) * p->width + v + right) * few;
#pragma GCC unroll 4
        for (int o = 0; o < few; o++)
            sum[k * few + o] += from[o] * x;
    }
}

/* sums [position][few] vectors of channels c .. += those of a row. */
FTL_CPU_INLINE void add_row(
        float *sums, const problem *p, int64_t row, int64_t c, int few, bool half) {
    ftl_vector sum[9 * FTL_FEW_CHANNELS] = {{0}};
    const int64_t h = row % p->height;
    const bool near = h == 0 || h == p->height - 1;
    const int64_t begin = near ? p->width : 1;
    for (int64_t v = 0; v < begin; v++)
        add_pixel(sum, p, row, v, c, few, half, true);
    for (int64_t v = begin; v < p->width - 1; v++)
        add_pixel(sum, p, row, v, c, few, half, false);
    if (!near && p->width > 1) add_pixel(sum, p, row, p->width - 1, c, few, half, true);
    for (int k = 0; k < 9 * few; k++)
        ftl_vector_store(sums, k * p->many + c,
                ftl_vector_load(sums, k * p->many + c, false) + sum[k], false);
}

/* add_row with few and half as constants. */
static void add_any_row(float *sums, const problem *p, int64_t row, int64_t c) {
#define CASE(few, half)                                                                \
    case (few)*2 + (half):                                                             \
        add_row(sums, p, row, c, few, half);                                           \
        break
    switch (p->few * 2 + p->half) {
        CASE(1, false);
        CASE(1, true);
        CASE(2, false);
        CASE(2, true);
        CASE(3, false);
        CASE(3, true);
        CASE(4, false);
        CASE(4, true);
    default:
        break;
    }
#undef CASE
}

/* One thread's rows, all channels. */
static void add_share(float *sums, const problem *p, ftl_cpu_range rows) {
    memset(sums, 0, (size_t)(9 * p->few * p->many) * sizeof *sums);
    for (int64_t row = rows.begin; row < rows.end; row++)
        for (int64_t c = 0; c < p->many; c += FTL_VECTOR)
            add_any_row(sums, p, row, c);
}

/* The threads' sums, in order, to their place. */
static void write_kernel(float *dw, const problem *p, const float *sums, int threads) {
    const int64_t n = 9 * p->few * p->many;
    for (int64_t i = 0; i < n; i++) {
        const int64_t k = i / p->many / p->few, o = i / p->many % p->few;
        const int64_t c = i % p->many;
        float sum = sums[i];
        for (int thread = 1; thread < threads; thread++)
            sum += sums[thread * n + i];
        /* dy sees x through tap k where x lies, k - 4 off; x sees dy on the other side.
         */
        dw[p->wide_is_dy ? (c * p->few + o) * 9 + k : (o * p->many + c) * 9 + 8 - k] =
                sum;
    }
}

static void run_weights(const ftl_call *call) {
    const problem p = read_problem(call);
    float *sums = call->scratch;
    int threads = 1;
#pragma omp parallel
    {
#pragma omp single
        threads = omp_get_num_threads();
        add_share(sums + omp_get_thread_num() * 9 * p.few * p.many, &p,
                ftl_cpu_share(p.n * p.height));
    }
    write_kernel(call->out[0].data, &p, sums, threads);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_few_channels_weights)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv_weights,
                .prepare = ftl_few_channels_prepare_weights,
                .run = run_weights,
                .bf16 = true},
        {.op = NULL},
};
