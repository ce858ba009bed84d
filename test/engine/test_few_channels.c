/* Convolutions between many channels and few against the reference kernels of their
 * ops: every instruction set level, 1 to 4 channels, float32 and bf16, 1 and 3 threads.
 */
#include "engine/backend/few_channels.h"
#include "engine/bf16.h"
#include "test/engine/find_kernel.h"
#include "test/harness.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3, H = 5, W = 11, MANY = 48, MOST = N * H * W * MANY + 64 };

static void fill(float *x, int64_t n, bool half) {
    static uint32_t state = 1;
    for (int64_t i = 0; i < n; i++) {
        state = state * 1664525 + 1013904223;
        x[i] = (float)(state >> 8) / (1 << 23) - 1;
        if (half) x[i] = ftl_bf16_widen(ftl_bf16_narrow(x[i]));
    }
}

/* As the kernel wants the tensor: NHWC or dense, bf16 or float32. */
static void store(void *to, const float *dense, const ftl_tensor *t) {
    const ftl_shape s = t->shape;
    const int64_t inner = s.dim[2] * s.dim[3], c = s.dim[1];
    for (int64_t i = 0; i < ftl_shape_count(s); i++) {
        int64_t at = i;
        if (t->layout.kind == FTL_BLOCKED)
            at = (i / (c * inner) * inner + i % inner) * c + i / inner % c;
        if (t->type == FTL_BF16)
            ((uint16_t *)to)[at] = ftl_bf16_narrow(dense[i]);
        else
            ((float *)to)[at] = dense[i];
    }
}

static float got_at(const ftl_tensor *t, int64_t i) {
    const int64_t inner = t->shape.dim[2] * t->shape.dim[3], c = t->shape.dim[1];
    if (t->layout.kind == FTL_BLOCKED)
        i = (i / (c * inner) * inner + i % inner) * c + i / inner % c;
    return ((const float *)t->data)[i];
}

/* The op from MANY channels to few; narrow: conv_weights where it is x that has few. */
typedef struct trial {
    const ftl_op *op;
    bool narrow;
    int few;
    bool half;
    ftl_cpu_level level;
    int threads;
} trial;

static void set_shapes(ftl_call *call, const trial *t) {
    const ftl_shape wide = FTL_SHAPE(N, MANY, H, W), thin = FTL_SHAPE(N, t->few, H, W);
    call->in[0].shape = t->narrow ? thin : wide;
    call->in[1].shape = t->narrow                       ? wide
                        : t->op == &ftl_op_conv_weights ? thin
                        : t->op == &ftl_op_conv_data    ? FTL_SHAPE(MANY, t->few, 3, 3)
                                                        : FTL_SHAPE(t->few, MANY, 3, 3);
    call->in[2].shape = FTL_SHAPE(t->few);
}

static void try(const trial *t) {
    const ftl_op *op = t->op;
    const int wide = t->narrow ? 1 : 0;
    static float dense[3][MOST], given[3][MOST], want[MOST], got[MOST];
    static float scratch[2 * FTL_PANEL * (MANY + 3 * 3 * W)];
    const ftl_conv_attrs attrs = {.stride = 1,
            .pad_height = 1,
            .pad_width = 1,
            .height = op == &ftl_op_conv_data ? H : 0,
            .width = op == &ftl_op_conv_data ? W : 0,
            .kernel_height = op == &ftl_op_conv_weights ? 3 : 0,
            .kernel_width = op == &ftl_op_conv_weights ? 3 : 0};
    ftl_call call = {.op = op, .attrs = &attrs};
    set_shapes(&call, t);
    FTL_CHECK_OK(op->infer(call.in, &attrs, call.out));
    for (int i = 0; i < op->n_in; i++) {
        fill(dense[i], ftl_shape_count(call.in[i].shape), t->half && i == wide);
        call.in[i].data = dense[i];
    }
    call.out[0].data = want;
    op->reference(&call);
    bool taken = false;
    if (t->half) call.in[wide].type = FTL_BF16;
    omp_set_num_threads(t->threads);
    const ftl_kernel *kernel = find_kernel(t->level, op);
    FTL_CHECK(kernel);
    FTL_CHECK_OK(kernel->prepare(&call, NULL, &taken));
    FTL_CHECK(taken && call.out[0].type == FTL_F32);
    FTL_CHECK(call.scratch_bytes <= sizeof scratch);
    for (int i = 0; i < op->n_in; i++) {
        store(given[i], dense[i], &call.in[i]);
        call.in[i].data = given[i];
    }
    call.out[0].data = got;
    call.scratch = scratch;
    memset(scratch, 0xff, sizeof scratch); /* NaN */
    kernel->run(&call);
    for (int64_t i = 0; i < ftl_shape_count(call.out[0].shape); i++)
        FTL_CHECK_NEAR((double)got_at(&call.out[0], i), (double)want[i],
                t->half && op != &ftl_op_conv_weights ? 5e-2 : 2e-5);
}

static void kernels_agree_with_references(void) {
    static const ftl_op *const ops[] = {
            &ftl_op_conv, &ftl_op_conv_bias, &ftl_op_conv_data, &ftl_op_conv_weights};
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (int op = 0; op < 5; op++)
            for (int few = 1; few <= FTL_FEW_CHANNELS; few++)
                for (int half = 0; half < 2; half++)
                    for (int threads = 1; threads <= 3; threads += 2)
                        try(&(trial) {ops[op < 4 ? op : 3], op == 4, few, half,
                                (ftl_cpu_level)level, threads});
}

static void others_are_left_alone(void) {
    const ftl_conv_attrs attrs = {.stride = 1, .pad_height = 1, .pad_width = 1};
    const ftl_conv_attrs strided = {2, 1, 1, 0, 0, 0, 0}, wide = {1, 1, 0, 0, 0, 0, 0};
    FTL_CHECK(ftl_few_channels_suit(&attrs, FTL_SHAPE(3, 16, 3, 3), 3, 16));
    FTL_CHECK(!ftl_few_channels_suit(&attrs, FTL_SHAPE(5, 16, 3, 3), 5, 16));
    FTL_CHECK(!ftl_few_channels_suit(&attrs, FTL_SHAPE(3, 24, 3, 3), 3, 24));
    FTL_CHECK(!ftl_few_channels_suit(&attrs, FTL_SHAPE(3, 16, 1, 1), 3, 16));
    FTL_CHECK(!ftl_few_channels_suit(&wide, FTL_SHAPE(3, 16, 3, 3), 3, 16));
    FTL_CHECK(!ftl_few_channels_suit(&strided, FTL_SHAPE(3, 16, 3, 3), 3, 16));
}

int main(void) {
    FTL_TEST(kernels_agree_with_references);
    FTL_TEST(others_are_left_alone);
    return ftl_test_finish();
}
