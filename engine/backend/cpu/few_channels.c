/* few_channels.c - 3x3 convolutions from many channels to few; see
 * engine/backend/few_channels.h.
 *
 * Each pixel is multiplied with all taps at once, a matrix product with 9 columns for
 * each of the few channels, line by line; then what the taps of neighbouring pixels
 * give is added. */
#include "engine/backend/few_channels.h"
#include "engine/backend/cpu/panel_product.h"
#include "engine/bf16.h"

#include <string.h>

typedef float four __attribute__((vector_size(16)));
typedef four four_anywhere __attribute__((aligned(4), may_alias));

typedef struct problem {
    const void *x; /* many channels, NHWC */
    bool half;
    int64_t n, height, width, many;
    int64_t words; /* of 32 bits, that a pixel takes */
    int few;
    int64_t panels;
} problem;

static problem read_problem(const ftl_call *call) {
    const ftl_shape s = call->in[0].shape;
    const bool half = call->in[0].type == FTL_BF16;
    const int64_t few = call->out[0].shape.dim[1];
    return (problem) {.x = call->in[0].data,
            .half = half,
            .n = s.dim[0],
            .height = s.dim[2],
            .width = s.dim[3],
            .many = s.dim[1],
            .words = half ? s.dim[1] / 2 : s.dim[1],
            .few = (int)few,
            .panels = ftl_few_channels_panels(few)};
}

/* Kernels as [panel][word][column], column tap * few + o; words as those of a pixel.
 * transposed: w is [many, few, 3, 3], taps reversed. */
static void pack(uint32_t *to, const float *w, const problem *p, bool transposed) {
    memset(to, 0, (size_t)(p->panels * p->words * FTL_PANEL) * sizeof(uint32_t));
    for (int64_t column = 0; column < 9 * p->few; column++)
        for (int64_t i = 0; i < p->many; i++) {
            const int64_t t = column / p->few, o = column % p->few;
            const float tap = transposed ? w[(i * p->few + o) * 9 + 8 - t]
                                         : w[(o * p->many + i) * 9 + t];
            const int64_t panel = column / FTL_PANEL;
            const int64_t word = p->half ? i / 2 : i;
            uint32_t *at =
                    to + (panel * p->words + word) * FTL_PANEL + column % FTL_PANEL;
            if (p->half)
                *at |= (uint32_t)ftl_bf16_narrow(tap) << i % 2 * 16;
            else
                memcpy(at, &tap, sizeof tap);
        }
}

static int64_t line_floats(const problem *p) {
    return p->panels * p->width * FTL_PANEL;
}

/* The sums of a line of pixels: [panel][width][FTL_PANEL]. */
static void multiply_line(
        float *sums, const problem *p, const uint32_t *w, int64_t row) {
    const uint32_t *x = (const uint32_t *)p->x + row * p->width * p->words;
    const int64_t whole = p->width / FTL_PANEL_ROWS * FTL_PANEL_ROWS;
    for (int64_t panel = 0; panel < p->panels; panel++) {
        const uint32_t *taps = w + panel * p->words * FTL_PANEL;
        float *to = sums + panel * p->width * FTL_PANEL;
        product(to, x, p->words, 1, taps, p->words, whole, false, p->half);
        if (whole == p->width) continue;
        const int64_t last = p->width - FTL_PANEL_ROWS; /* some of them again */
        product(to + last * FTL_PANEL, x + last * p->words, p->words, 1, taps, p->words,
                FTL_PANEL_ROWS, false, p->half);
    }
}

/* One pixel: what its neighbours' taps give, added. line: of the rows above, here and
 * below, NULL behind the border. */
FTL_CPU_INLINE four add_taps(
        const float *const line[3], const problem *p, int64_t v, four sum) {
    for (int t = 0; t < 9; t++) {
        const int64_t at = v + t % 3 - 1, column = t * p->few;
        if (!line[t / 3] || at < 0 || at >= p->width) continue;
        const int64_t panel = column / FTL_PANEL;
        const float *from =
                line[t / 3] + (panel * p->width + at) * FTL_PANEL + column % FTL_PANEL;
        sum += *(const four_anywhere *)from;
    }
    return sum;
}

static void write_line(
        float *y, const problem *p, const float *const line[3], const float *bias) {
    four start = {0};
    if (bias) memcpy(&start, bias, (size_t)p->few * sizeof *bias);
    for (int64_t v = 0; v < p->width; v++) {
        const four sum = add_taps(line, p, v, start);
        memcpy(y + v * p->few, &sum, (size_t)p->few * sizeof *y);
    }
}

/* Rows of all images; three lines of sums are kept. */
static void convolve_rows(float *y, const problem *p, const uint32_t *w,
        const float *bias, float *sums, ftl_cpu_range rows) {
    int64_t next = rows.begin % p->height ? rows.begin - 1 : rows.begin;
    for (int64_t row = rows.begin; row < rows.end; row++) {
        const int64_t h = row % p->height;
        const int64_t last = h + 1 < p->height ? row + 1 : row;
        for (; next <= last; next++)
            multiply_line(sums + next % 3 * line_floats(p), p, w, next);
        const float *line[3];
        for (int k = 0; k < 3; k++)
            line[k] = h + k - 1 < 0 || h + k - 1 >= p->height
                              ? NULL
                              : sums + (row + k - 1) % 3 * line_floats(p);
        write_line(y + row * p->width * p->few, p, line, bias);
    }
}

static void run_conv(const ftl_call *call) {
    const problem p = read_problem(call);
    const bool biased = call->op == &ftl_op_conv_bias;
    const float *bias = biased ? call->in[2].data : NULL;
    uint32_t *w = call->scratch;
    float *sums = (float *)(w + p.panels * p.words * FTL_PANEL);
    pack(w, call->in[1].data, &p, call->op == &ftl_op_conv_data);
#pragma omp parallel
    convolve_rows(call->out[0].data, &p, w, bias,
            sums + 3 * omp_get_thread_num() * line_floats(&p),
            ftl_cpu_share(p.n * p.height));
}

#define ROW(which)                                                                     \
    {                                                                                  \
        .name = FTL_CPU_KERNEL, .op = &ftl_op_##which,                                 \
        .prepare = ftl_few_channels_prepare, .run = run_conv, .bf16 = true             \
    }

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_few_channels)[] = {
        ROW(conv),
        ROW(conv_bias),
        ROW(conv_data),
        {.op = NULL},
};
