/* few_channels.c - 3x3 convolutions from many channels to few, and the gradient of
 * their kernels; see engine/backend/few_channels.h.
 *
 * Vectors run over the many channels. Forward, each pixel keeps a sum for each of the
 * few, whose lanes are added in the end; the gradient keeps all taps of 16 channels in
 * registers while it walks over the pixels. */
#include "engine/backend/few_channels.h"
#include "engine/backend/cpu/vector.h"

#include <string.h>

enum { PIXELS = 4 };

typedef struct problem {
    const void *x; /* many channels, NHWC */
    bool half;
    int64_t n, height, width, many;
    int few;
} problem;

static problem read_problem(const ftl_call *call, int64_t few) {
    const ftl_shape s = call->in[0].shape;
    return (problem) {call->in[0].data, call->in[0].type == FTL_BF16, s.dim[0],
            s.dim[2], s.dim[3], s.dim[1], (int)few};
}

/* Kernels as [tap][few][many]; transposed: w is [many, few, 3, 3], taps reversed. */
static void pack(float *to, const float *w, const problem *p, bool transposed) {
    for (int t = 0; t < 9; t++)
        for (int o = 0; o < p->few; o++)
            for (int64_t i = 0; i < p->many; i++)
                to[(t * p->few + o) * p->many + i] =
                        transposed ? w[(i * p->few + o) * 9 + 8 - t]
                                   : w[(o * p->many + i) * 9 + t];
}

FTL_CPU_INLINE float sum_lanes(ftl_vector x) {
    float lanes[FTL_VECTOR], sum = 0;
    ftl_vector_store(lanes, 0, x, false);
#pragma omp simd reduction(+ : sum)
    for (int k = 0; k < FTL_VECTOR; k++)
        sum += lanes[k];
    return sum;
}

/* Where PIXELS pixels of line `row` lie, from column `first` on; zeros, with a mask of
 * 0, behind the border. */
typedef struct line {
    const void *at[PIXELS];
    int64_t mask[PIXELS];
} line;

FTL_CPU_INLINE line find_line(const problem *p, int64_t row, int64_t first, bool half) {
    static const float zeros[FTL_VECTOR];
    const int64_t pixel = p->many * (half ? 2 : 4);
    const char *start = (const char *)p->x + row * p->width * pixel;
    line found;
    for (int k = 0; k < PIXELS; k++) {
        const bool inside = first + k >= 0 && first + k < p->width;
        found.at[k] = inside ? (const void *)(start + (first + k) * pixel) : zeros;
        found.mask[k] = inside ? -1 : 0;
    }
    return found;
}

/* What one tap adds to the sums of PIXELS pixels. As many are under way as hide the
 * latency of an addition. */
FTL_CPU_INLINE void add_tap(ftl_vector sum[PIXELS][FTL_FEW_CHANNELS], const line *from,
        const float *tap, int64_t many, int few, bool half) {
    for (int64_t c = 0; c < many; c += FTL_VECTOR) {
        ftl_vector taps[FTL_FEW_CHANNELS];
        for (int o = 0; o < few; o++)
            taps[o] = ftl_vector_load(tap, o * many + c, false);
#pragma GCC unroll 4
        for (int k = 0; k < PIXELS; k++) {
            const ftl_vector x = ftl_vector_load(from->at[k], c & from->mask[k], half);
#pragma GCC unroll 4
            for (int o = 0; o < few; o++)
                sum[k][o] += x * taps[o];
        }
    }
}

/* PIXELS pixels of a row, from (h, v) on: y [PIXELS][few]. */
FTL_CPU_INLINE void convolve_pixels(float *y, const problem *p, const float *w,
        const float *bias, int64_t row, int64_t v, int few, bool half) {
    const int64_t h = row % p->height;
    ftl_vector sum[PIXELS][FTL_FEW_CHANNELS] = {{{0}}};
    for (int t = 0; t < 9; t++) {
        const int64_t down = t / 3 - 1;
        if (h + down < 0 || h + down >= p->height) continue;
        const line from = find_line(p, row + down, v + t % 3 - 1, half);
        add_tap(sum, &from, w + t * few * p->many, p->many, few, half);
    }
    for (int k = 0; k < PIXELS && v + k < p->width; k++)
        for (int o = 0; o < few; o++)
            y[k * few + o] = sum_lanes(sum[k][o]) + (bias ? bias[o] : 0);
}

FTL_CPU_INLINE void convolve_all(float *y, const problem *p, const float *w,
        const float *bias, int few, bool half) {
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < p->n * p->height; row++)
        for (int64_t v = 0; v < p->width; v += PIXELS)
            convolve_pixels(
                    y + (row * p->width + v) * few, p, w, bias, row, v, few, half);
}

/* few and half as constants. */
#define WITH_FEW(p, f)                                                                 \
    switch ((p)->few * 2 + (p)->half) {                                                \
    case 2:                                                                            \
        f(1, false);                                                                   \
        break;                                                                         \
    case 3:                                                                            \
        f(1, true);                                                                    \
        break;                                                                         \
    case 4:                                                                            \
        f(2, false);                                                                   \
        break;                                                                         \
    case 5:                                                                            \
        f(2, true);                                                                    \
        break;                                                                         \
    case 6:                                                                            \
        f(3, false);                                                                   \
        break;                                                                         \
    case 7:                                                                            \
        f(3, true);                                                                    \
        break;                                                                         \
    case 8:                                                                            \
        f(4, false);                                                                   \
        break;                                                                         \
    default:                                                                           \
        f(4, true);                                                                    \
        break;                                                                         \
    }

static void run_conv(const ftl_call *call) {
    const problem p = read_problem(call, call->out[0].shape.dim[1]);
    const bool biased = call->op == &ftl_op_conv_bias;
    const float *bias = biased ? call->in[2].data : NULL;
    float *w = call->scratch, *y = call->out[0].data;
    pack(w, call->in[1].data, &p, call->op == &ftl_op_conv_data);
#define CONVOLVE(few, half) convolve_all(y, &p, w, bias, few, half)
    WITH_FEW(&p, CONVOLVE)
}

/* sums [tap][few] vectors of channels c .. += those of a row. */
FTL_CPU_INLINE void add_row(float *sums, const problem *p, const float *dy, int64_t row,
        int64_t c, int few, bool half) {
    ftl_vector sum[9 * FTL_FEW_CHANNELS] = {{0}};
    const int64_t h = row % p->height;
    for (int64_t v = 0; v < p->width; v++) {
        const ftl_vector x =
                ftl_vector_load(p->x, (row * p->width + v) * p->many + c, half);
        /* x at (h, v) meets tap t for the pixel of dy that it was seen from */
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) {
            const int64_t down = 1 - t / 3, right = 1 - t % 3;
            if (h + down < 0 || h + down >= p->height || v + right < 0 ||
                    v + right >= p->width)
                continue;
            const float *from = dy + ((row + down) * p->width + v + right) * few;
#pragma GCC unroll 4
            for (int o = 0; o < few; o++)
                sum[t * few + o] += from[o] * x;
        }
    }
    for (int k = 0; k < 9 * few; k++)
        ftl_vector_store(sums, k * p->many + c,
                ftl_vector_load(sums, k * p->many + c, false) + sum[k], false);
}

/* One thread's rows, all channels. */
static void add_share(
        float *sums, const problem *p, const float *dy, ftl_cpu_range rows) {
    memset(sums, 0, (size_t)(9 * p->few * p->many) * sizeof *sums);
    for (int64_t row = rows.begin; row < rows.end; row++)
        for (int64_t c = 0; c < p->many; c += FTL_VECTOR) {
#define ADD(few, half) add_row(sums, p, dy, row, c, few, half)
            WITH_FEW(p, ADD)
        }
}

static void run_weights(const ftl_call *call) {
    const problem p = read_problem(call, call->in[1].shape.dim[1]);
    const float *dy = call->in[1].data;
    float *sums = call->scratch, *dw = call->out[0].data;
    const int64_t n = 9 * p.few * p.many;
    int threads = 1;
#pragma omp parallel
    {
        const int thread = omp_get_thread_num();
#pragma omp single
        threads = omp_get_num_threads();
        add_share(sums + thread * n, &p, dy, ftl_cpu_share(p.n * p.height));
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t t = i / p.many / p.few, o = i / p.many % p.few, c = i % p.many;
        float sum = sums[i];
        for (int k = 1; k < threads; k++)
            sum += sums[k * n + i];
        dw[(o * p.many + c) * 9 + t] = sum;
    }
}

#define ROW(which, function)                                                           \
    {                                                                                  \
        .name = FTL_CPU_KERNEL, .op = &ftl_op_##which,                                 \
        .prepare = ftl_few_channels_prepare, .run = function, .bf16 = true             \
    }

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_few_channels)[] = {
        ROW(conv, run_conv),
        ROW(conv_bias, run_conv),
        ROW(conv_data, run_conv),
        ROW(conv_weights, run_weights),
        {.op = NULL},
};
