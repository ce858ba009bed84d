/* The Winograd kernels against the reference kernels of their ops: every instruction
 * set level, resampling and direction, shapes with partial tiles, both ways to order
 * the work, 1 to 8 threads. */
#include "engine/backend/winograd.h"
#include "engine/bf16.h"
#include "test/engine/find_kernel.h"
#include "test/harness.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct trial {
    const ftl_op *op;
    ftl_resample resample;
    bool transposed;
    int64_t n, c_in, c_out, height, width; /* of x */
    bool half;                             /* images in bf16 */
    bool coarse;
} trial;

static uint32_t state = 1;

static float *random_floats(int64_t n) {
    float *x = aligned_alloc(64, ((size_t)n * sizeof *x + 63) / 64 * 64);
    for (int64_t i = 0; i < n; i++) {
        state = state * 1664525 + 1013904223;
        x[i] = (float)(state >> 8) / (1 << 23) - 1;
    }
    return x;
}

/* What bf16 holds of them. */
static void round_floats(float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        x[i] = ftl_bf16_widen(ftl_bf16_narrow(x[i]));
}

/* In place: a tensor of floats in bf16, or back. */
static void convert(void *x, int64_t n, bool to_half) {
    float *floats = x;
    uint16_t *halves = x;
    for (int64_t i = 0; i < n; i++)
        if (to_half)
            halves[i] = ftl_bf16_narrow(floats[i]);
        else
            floats[n - 1 - i] = ftl_bf16_widen(halves[n - 1 - i]);
}

/* Dense to NHWC or back. */
static float *reordered(const float *x, ftl_shape s, bool to_nhwc) {
    const int64_t c = s.dim[1], inner = s.dim[2] * s.dim[3];
    float *y =
            aligned_alloc(64, ((size_t)ftl_shape_count(s) * sizeof *y + 63) / 64 * 64);
    for (int64_t i = 0; i < ftl_shape_count(s); i++) {
        const int64_t at = (i / (c * inner) * inner + i % inner) * c + i / inner % c;
        if (to_nhwc)
            y[at] = x[i];
        else
            y[i] = x[at];
    }
    return y;
}

static void set_call(ftl_call *call, const trial *t, ftl_conv3x3_attrs *attrs) {
    *attrs = (ftl_conv3x3_attrs) {.resample = t->resample,
            .transposed = t->transposed,
            .scale = 0.75f,
            .coarse = t->coarse};
    *call = (ftl_call) {.op = t->op, .attrs = attrs};
    const ftl_shape x = FTL_SHAPE(t->n, t->c_in, t->height, t->width);
    ftl_shape y = FTL_SHAPE(t->n, t->c_out, t->height, t->width);
    for (int i = 2; i < 4; i++) {
        if (t->resample == FTL_RESAMPLE_UP) y.dim[i] *= 2;
        if (t->resample == FTL_RESAMPLE_DOWN) y.dim[i] /= 2;
    }
    call->in[0].shape = x;
    call->in[1].shape = t->op == &ftl_op_conv3x3_weights ? y
                        : t->transposed ? FTL_SHAPE(t->c_in, t->c_out, 3, 3)
                                        : FTL_SHAPE(t->c_out, t->c_in, 3, 3);
    call->in[2].shape = FTL_SHAPE(1);
    call->in[3].shape = FTL_SHAPE(t->c_out);
}

/* The kernel's result, dense; NULL if it does not take the call. */
static float *run(const ftl_kernel *kernel, const ftl_call *dense, int threads) {
    ftl_call call = *dense;
    ftl_arena *arena;
    bool taken = false;
    omp_set_num_threads(threads);
    if (ftl_arena_create(&arena) != FTL_OK) abort();
    if (kernel->prepare(&call, arena, &taken) != FTL_OK || !taken) {
        ftl_arena_free(arena);
        return NULL;
    }
    for (int i = 0; i < call.op->n_in; i++)
        if (call.in[i].layout.kind == FTL_BLOCKED) {
            const int64_t n = ftl_shape_count(call.in[i].shape);
            call.in[i].data = reordered(call.in[i].data, call.in[i].shape, true);
            if (call.in[i].type == FTL_BF16) convert(call.in[i].data, n, true);
        }
    call.out[0].data = random_floats(ftl_shape_count(call.out[0].shape));
    call.scratch = random_floats((int64_t)(call.scratch_bytes / sizeof(float)));
    memset(call.scratch, 0xff, call.scratch_bytes); /* NaN */
    kernel->run(&call);
    float *got = call.out[0].data;
    if (call.out[0].type == FTL_BF16)
        convert(got, ftl_shape_count(call.out[0].shape), false);
    if (call.out[0].layout.kind == FTL_BLOCKED) {
        got = reordered(got, call.out[0].shape, false);
        free(call.out[0].data);
    }
    for (int i = 0; i < call.op->n_in; i++)
        if (call.in[i].layout.kind == FTL_BLOCKED) free(call.in[i].data);
    free(call.scratch);
    ftl_arena_free(arena);
    return got;
}

/* Largest error, relative to the largest value. */
static double distance(const float *got, const float *want, int64_t n) {
    double error = 0, largest = 0;
    for (int64_t i = 0; i < n; i++) {
        const double e = fabs((double)got[i] - (double)want[i]);
        if (!(e <= error)) error = e; /* NaN too */
        largest = fmax(largest, fabs((double)want[i]));
    }
    return error / largest;
}

static void try(const trial *t) {
    ftl_conv3x3_attrs attrs;
    ftl_call call;
    set_call(&call, t, &attrs);
    FTL_CHECK_OK(t->op->infer(call.in, &attrs, call.out));
    const int64_t n = ftl_shape_count(call.out[0].shape);
    for (int i = 0; i < t->op->n_in; i++) {
        const bool image = i == 0 || (i == 1 && t->op == &ftl_op_conv3x3_weights);
        call.in[i].data = random_floats(ftl_shape_count(call.in[i].shape));
        if (!t->half || !image) continue;
        round_floats(call.in[i].data, ftl_shape_count(call.in[i].shape));
        call.in[i].type = FTL_BF16;
    }
    if (t->half && t->op != &ftl_op_conv3x3_weights) call.out[0].type = FTL_BF16;
    float *want = call.out[0].data = random_floats(n);
    t->op->reference(&call);
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (int threads = 1; threads <= 8; threads = threads == 1 ? 3 : threads + 5) {
            float *got = run(find_kernel((ftl_cpu_level)level, t->op), &call, threads);
            /* Rounding grows with the terms of a sum: 3e-5 is five times what was
             * measured, and a thousandth of what a wrong coefficient gives. In bf16
             * transformed values are rounded to 2^-9, of which interpolation makes
             * some percent, most where few are added; sums and differences do not. */
            const bool fine = !t->coarse && t->op != &ftl_op_conv3x3_weights;
            const double limit = !t->half ? 3e-5 : fine ? 1e-2 : 1.5e-1;
            const double error = got ? distance(got, want, n) : (double)INFINITY;
            if (!(error <= limit))
                ftl_test_fail(__FILE__, __LINE__,
                        "%s level %d, %d threads, half %d, coarse %d, resample %d, "
                        "transposed %d, "
                        "%lld to "
                        "%lld channels, %lldx%lld: off by %g",
                        t->op->name, level, threads, t->half, t->coarse,
                        (int)t->resample, t->transposed, (long long)t->c_in,
                        (long long)t->c_out, (long long)t->height, (long long)t->width,
                        error);
            free(got);
        }
    for (int i = 0; i < t->op->n_in; i++)
        free(call.in[i].data);
    free(want);
}

static const int64_t shapes[][5] = {
        {2, 16, 48, 8, 8},  /* half a panel behind a whole one */
        {3, 32, 16, 10, 6}, /* tiles that reach over the border */
        {5, 48, 96, 6, 10},
        {1, 16, 16, 32, 36}, /* many tiles: kernels first */
        {2, 128, 64, 8, 8},  /* few: images first */
        {1, 16, 16, 2, 2},
};

static void try_all(bool half, bool coarse) {
    static const ftl_op *const ops[] = {
            &ftl_op_conv3x3, &ftl_op_conv3x3_bias, &ftl_op_conv3x3_weights};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int op = 0; op < (coarse ? 2 : 3); op++)
            for (int resample = 0; resample < 3; resample++)
                for (int transposed = 0; transposed < (op == 2 ? 1 : 2); transposed++)
                    try(&(trial) {ops[op], (ftl_resample)resample, transposed,
                            shapes[i][0], shapes[i][1], shapes[i][2], shapes[i][3],
                            shapes[i][4], half, coarse});
}

static void kernels_agree_with_references(void) { try_all(false, false); }
static void kernels_agree_in_bf16(void) { try_all(true, false); }
static void coarse_kernels_agree_in_bf16(void) { try_all(true, true); }

/* Both orders of the work occur above. */
static void both_orders_are_tried(void) {
    int seen[2] = {0, 0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const trial t = {&ftl_op_conv3x3, FTL_RESAMPLE_NONE, false, shapes[i][0],
                shapes[i][1], shapes[i][2], shapes[i][3], shapes[i][4], false, false};
        ftl_conv3x3_attrs attrs;
        ftl_call call;
        ftl_arena *arena;
        bool taken;
        set_call(&call, &t, &attrs);
        FTL_CHECK_OK(t.op->infer(call.in, &attrs, call.out));
        FTL_CHECK_OK(ftl_arena_create(&arena));
        FTL_CHECK_OK(ftl_winograd_prepare_conv(&call, arena, &taken));
        seen[((const ftl_winograd *)call.bound)->images_first]++;
        ftl_arena_free(arena);
    }
    FTL_CHECK(seen[0] && seen[1]);
}

static void odd_channels_are_left_to_others(void) {
    const trial t = {
            &ftl_op_conv3x3, FTL_RESAMPLE_NONE, false, 8, 24, 16, 16, 16, false, false};
    ftl_conv3x3_attrs attrs;
    ftl_call call;
    bool taken = false;
    set_call(&call, &t, &attrs);
    FTL_CHECK_OK(t.op->infer(call.in, &attrs, call.out));
    FTL_CHECK_OK(ftl_winograd_prepare_conv(&call, NULL, &taken));
    FTL_CHECK(!taken);
    FTL_CHECK(!ftl_winograd_suits(
            call.in[0].shape, call.out[0].shape, FTL_RESAMPLE_NONE));
}

int main(void) {
    FTL_TEST(kernels_agree_with_references);
    FTL_TEST(kernels_agree_in_bf16);
    FTL_TEST(coarse_kernels_agree_in_bf16);
    FTL_TEST(both_orders_are_tried);
    FTL_TEST(odd_channels_are_left_to_others);
    return ftl_test_finish();
}
