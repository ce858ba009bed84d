/* test_onednn_bf16.c - oneDNN's primitives on bf16 operands against plain loops in
 * double on the same rounded operands. */
#include "engine/backend/onednn.h"
#include "engine/base/random.h"
#include "engine/bf16.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sum of n products in float32 is off by n 2^-24 of the sum of magnitudes at most; a
 * result that is rounded to bf16, by 2^-8 of itself more. */
static double tolerance(double value, double magnitude, int64_t n, ftl_type type) {
    const double sum = (double)n * 0x1p-24 * magnitude;
    return sum + (type == FTL_BF16 ? 0x1p-8 * (fabs(value) + sum) : 0) + 1e-30;
}

/* A tensor with its numbers as doubles beside it. */
typedef struct sample {
    ftl_tensor tensor;
    double *value, *magnitude; /* in the order of dense tensors */
} sample;

/* Where element i of a dense tensor lies in this one. */
static int64_t place(const ftl_tensor *t, int64_t i) {
    if (t->layout.kind == FTL_DENSE) return i;
    const int64_t c = t->shape.dim[1], inner = t->shape.dim[2] * t->shape.dim[3];
    return (i / inner / c * inner + i % inner) * c + i / inner % c;
}

static double get(const ftl_tensor *t, int64_t i) {
    if (t->type == FTL_BF16)
        return (double)ftl_bf16_widen(((const uint16_t *)t->data)[place(t, i)]);
    return (double)((const float *)t->data)[place(t, i)];
}

static void put(ftl_tensor *t, int64_t i, float x) {
    if (t->type == FTL_BF16)
        ((uint16_t *)t->data)[place(t, i)] = ftl_bf16_narrow(x);
    else
        ((float *)t->data)[place(t, i)] = x;
}

static void *aligned(size_t bytes) {
    return aligned_alloc(64, (bytes + 127) / 64 * 64);
}

/* Random numbers, each a bf16 number whatever the type. */
static sample make(ftl_shape shape, ftl_type type, bool nhwc, uint64_t index) {
    sample s = {.tensor = {.type = type, .shape = shape}};
    const ftl_random_key key = {.seed = 5, .stream = FTL_STREAM_TEST};
    const size_t n = (size_t)ftl_shape_count(shape);
    float *random = aligned(n * sizeof *random);
    if (nhwc)
        s.tensor.layout =
                (ftl_layout) {.kind = FTL_BLOCKED, .block = (int)shape.dim[1]};
    s.tensor.data = aligned(ftl_tensor_bytes(&s.tensor));
    s.value = calloc(n, sizeof *s.value);
    s.magnitude = calloc(n, sizeof *s.magnitude);
    ftl_random_normal(random, n, key, index);
    for (size_t i = 0; i < n; i++) {
        const float rounded = ftl_bf16_widen(ftl_bf16_narrow(random[i]));
        put(&s.tensor, (int64_t)i, rounded);
        s.value[i] = (double)rounded;
    }
    free(random);
    return s;
}

static void drop(sample *s) {
    free(s->tensor.data);
    free(s->value);
    free(s->magnitude);
}

static void clear(sample *s) {
    for (int64_t i = 0; i < ftl_shape_count(s->tensor.shape); i++)
        s->value[i] = s->magnitude[i] = 0;
}

/* Add up the products of a convolution into the operand that `kind` computes. */
static void naive(const ftl_onednn_conv *conv, sample *x, sample *w, sample *y) {
    const int64_t *xd = conv->x.dim, *wd = conv->w.dim, *yd = conv->y.dim;
    sample *result = conv->kind == FTL_ONEDNN_FORWARD ? y
                     : conv->kind == FTL_ONEDNN_DATA  ? x
                                                      : w;
    clear(result);
    const int64_t n_y = ftl_shape_count(conv->y), n_w = wd[1] * wd[2] * wd[3];
    for (int64_t i = 0; i < n_y; i++)
        for (int64_t j = 0; j < n_w; j++) {
            const int64_t o = i / (yd[2] * yd[3]) % yd[1], c = j / (wd[2] * wd[3]);
            const int64_t row = i / yd[3] % yd[2] * conv->stride - conv->pad_height +
                                j / wd[3] % wd[2];
            const int64_t column =
                    i % yd[3] * conv->stride - conv->pad_width + j % wd[3];
            if (row < 0 || row >= xd[2] || column < 0 || column >= xd[3]) continue;
            const int64_t n = i / (yd[1] * yd[2] * yd[3]);
            const int64_t at_x = ((n * xd[1] + c) * xd[2] + row) * xd[3] + column;
            const int64_t at_w = o * n_w + j;
            double product;
            int64_t at;
            if (result == y)
                at = i, product = x->value[at_x] * w->value[at_w];
            else if (result == x)
                at = at_x, product = y->value[i] * w->value[at_w];
            else
                at = at_w, product = x->value[at_x] * y->value[i];
            result->value[at] += product;
            result->magnitude[at] += fabs(product);
        }
}

static void compare(const sample *got, int64_t n_terms) {
    for (int64_t i = 0; i < ftl_shape_count(got->tensor.shape); i++)
        FTL_CHECK_NEAR(get(&got->tensor, i), got->value[i],
                tolerance(got->value[i], got->magnitude[i], n_terms, got->tensor.type));
}

/* Into or out of the layout that oneDNN chose, with a change of type on the way. */
static ftl_status reorder(const ftl_tensor *from, const ftl_tensor *to) {
    ftl_onednn *primitive;
    FTL_TRY(ftl_onednn_reorder_create(&primitive, from, to));
    void *scratch = aligned(ftl_onednn_scratch_bytes(primitive));
    const void *in[] = {from->data};
    ftl_onednn_run(primitive, in, to->data, scratch);
    ftl_onednn_release(primitive);
    free(scratch);
    return FTL_OK;
}

static ftl_status run_conv(
        const ftl_onednn_conv *conv, sample *x, sample *w, sample *y) {
    ftl_arena *arena;
    ftl_onednn *primitive;
    FTL_TRY(ftl_arena_create(&arena));
    const bool weights = conv->kind == FTL_ONEDNN_WEIGHTS;
    ftl_tensor packed = {.type = weights ? conv->result : conv->type, .shape = conv->w};
    FTL_TRY(ftl_onednn_conv_create(&primitive, &packed.layout, conv, arena));
    if (strstr(ftl_onednn_name(primitive), "ref") ||
            strstr(ftl_onednn_name(primitive), "gemm"))
        return ftl_fail(FTL_EBACKEND, "slow: %s", ftl_onednn_name(primitive));
    packed.data = aligned(packed.layout.bytes);
    void *scratch = aligned(ftl_onednn_scratch_bytes(primitive));
    if (!weights) FTL_TRY(reorder(&w->tensor, &packed));
    const void *forward[] = {x->tensor.data, packed.data};
    const void *data[] = {y->tensor.data, packed.data};
    const void *both[] = {x->tensor.data, y->tensor.data};
    if (conv->kind == FTL_ONEDNN_FORWARD)
        ftl_onednn_run(primitive, forward, y->tensor.data, scratch);
    else if (conv->kind == FTL_ONEDNN_DATA)
        ftl_onednn_run(primitive, data, x->tensor.data, scratch);
    else
        ftl_onednn_run(primitive, both, packed.data, scratch);
    if (weights) FTL_TRY(reorder(&packed, &w->tensor));
    ftl_onednn_release(primitive);
    free(packed.data);
    free(scratch);
    ftl_arena_free(arena);
    return FTL_OK;
}

static void check_conv(ftl_onednn_conv conv) {
    const bool forward = conv.kind == FTL_ONEDNN_FORWARD;
    const bool data = conv.kind == FTL_ONEDNN_DATA;
    sample x = make(conv.x, data ? conv.result : conv.type, true, 0);
    sample y = make(conv.y, forward ? conv.result : conv.type, true, 1);
    sample w = make(conv.w, FTL_F32, false, 2); /* as parameters lie */
    FTL_CHECK_OK(run_conv(&conv, &x, &w, &y));
    naive(&conv, &x, &w, &y);
    const int64_t window = conv.w.dim[2] * conv.w.dim[3];
    if (forward)
        compare(&y, conv.x.dim[1] * window);
    else if (data)
        compare(&x, conv.y.dim[1] * window);
    else
        compare(&w, conv.y.dim[0] * conv.y.dim[2] * conv.y.dim[3]);
    drop(&x), drop(&y), drop(&w);
}

static void check_shapes(ftl_onednn_conv_kind kind, ftl_type result) {
    static const struct {
        int64_t in, out, kernel, px;
        int stride, pad;
    } cases[] = {{32, 48, 3, 8, 1, 1}, {3, 32, 3, 16, 1, 1}, {32, 3, 3, 16, 1, 1},
            {32, 64, 4, 8, 2, 1}, {24, 40, 1, 6, 1, 0}, {3, 64, 7, 16, 2, 3},
            {64, 32, 1, 8, 2, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int64_t y_px =
                (cases[i].px + 2 * cases[i].pad - cases[i].kernel) / cases[i].stride +
                1;
        check_conv((ftl_onednn_conv) {.kind = kind,
                .x = FTL_SHAPE(2, cases[i].in, cases[i].px, cases[i].px),
                .w = FTL_SHAPE(
                        cases[i].out, cases[i].in, cases[i].kernel, cases[i].kernel),
                .y = FTL_SHAPE(2, cases[i].out, y_px, y_px),
                .stride = cases[i].stride,
                .pad_height = cases[i].pad,
                .pad_width = cases[i].pad,
                .type = FTL_BF16,
                .result = result});
    }
}

static void forward_bf16(void) { check_shapes(FTL_ONEDNN_FORWARD, FTL_BF16); }
static void forward_float(void) { check_shapes(FTL_ONEDNN_FORWARD, FTL_F32); }
static void data_bf16(void) { check_shapes(FTL_ONEDNN_DATA, FTL_BF16); }
static void data_float(void) { check_shapes(FTL_ONEDNN_DATA, FTL_F32); }
static void weights_float(void) { check_shapes(FTL_ONEDNN_WEIGHTS, FTL_F32); }

static void check_matmul(ftl_type y_type, bool transpose_a, bool transpose_b) {
    const int64_t m = 9, n = 40, k = 33;
    sample a =
            make(transpose_a ? FTL_SHAPE(k, m) : FTL_SHAPE(m, k), FTL_BF16, false, 3);
    sample b =
            make(transpose_b ? FTL_SHAPE(n, k) : FTL_SHAPE(k, n), FTL_BF16, false, 4);
    sample y = make(FTL_SHAPE(m, n), y_type, false, 5);
    ftl_onednn *primitive;
    FTL_CHECK_OK(ftl_onednn_matmul_create(
            &primitive, m, n, k, transpose_a, transpose_b, FTL_BF16, y_type));
    void *scratch = aligned(ftl_onednn_scratch_bytes(primitive));
    const void *in[] = {a.tensor.data, b.tensor.data};
    ftl_onednn_run(primitive, in, y.tensor.data, scratch);
    clear(&y);
    for (int64_t i = 0; i < m * n * k; i++) {
        const int64_t row = i / k / n, column = i / k % n, p = i % k;
        const double product = a.value[transpose_a ? p * m + row : row * k + p] *
                               b.value[transpose_b ? column * k + p : p * n + column];
        y.value[row * n + column] += product;
        y.magnitude[row * n + column] += fabs(product);
    }
    compare(&y, k);
    ftl_onednn_release(primitive);
    free(scratch);
    drop(&a), drop(&b), drop(&y);
}

static void matrix_products(void) {
    check_matmul(FTL_BF16, false, false);
    check_matmul(FTL_F32, false, true);
    check_matmul(FTL_F32, true, false);
    check_matmul(FTL_BF16, true, true);
}

/* Halves of the distance between neighbours go to the even one; the largest float
 * overflows; NaN and infinity stay, also where the payload of a NaN is in its lower
 * half only. */
static void rounding(void) {
    FTL_CHECK(ftl_bf16_narrow(1 + 0x1p-8f) == 0x3f80);
    FTL_CHECK(ftl_bf16_narrow(1 + 0x1p-8f + 0x1p-23f) == 0x3f81);
    FTL_CHECK(ftl_bf16_narrow(1 + 3 * 0x1p-8f) == 0x3f82);
    FTL_CHECK(ftl_bf16_narrow(-1 - 3 * 0x1p-8f) == 0xbf82);
    FTL_CHECK(ftl_bf16_narrow(-0.0f) == 0x8000);
    FTL_CHECK(ftl_bf16_narrow(3.4028235e38f) == 0x7f80);
    FTL_CHECK(ftl_bf16_narrow(-INFINITY) == 0xff80);
    const uint32_t bits = 0x7f800001u;
    float nan;
    memcpy(&nan, &bits, sizeof nan);
    FTL_CHECK(isnan(ftl_bf16_widen(ftl_bf16_narrow(nan))));
    for (uint32_t half = 0; half <= 0xffff; half++) {
        const float x = ftl_bf16_widen((uint16_t)half);
        FTL_CHECK(isnan(x) || ftl_bf16_narrow(x) == half);
    }
}

int main(void) {
    FTL_TEST(rounding);
    if (!ftl_onednn_has_bf16()) {
        printf("no native bf16 here: its primitives are not tested\n");
        return ftl_test_finish();
    }
    FTL_TEST(forward_bf16);
    FTL_TEST(forward_float);
    FTL_TEST(data_bf16);
    FTL_TEST(data_float);
    FTL_TEST(weights_float);
    FTL_TEST(matrix_products);
    return ftl_test_finish();
}
