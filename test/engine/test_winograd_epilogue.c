/* What the Winograd kernels do when they write a result, against the same convolution
 * without it and a plain loop over its result: every instruction set level, form,
 * resampling and order of the work. The convolution itself is in test_winograd.c. */
#include "engine/backend/winograd.h"
#include "engine/bf16.h"
#include "test/engine/find_kernel.h"
#include "test/harness.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A convolution whose images lie as NHWC, as the kernels want them. */
typedef struct trial {
    ftl_conv3x3_attrs attrs;
    ftl_type type; /* of images */
    ftl_shape x, y;
    void *in[2]; /* x, and the image that takes part at the end */
    float *w, *bias;
} trial;

static uint32_t state = 1;

/* -1 .. 1; now and then 0. */
static float number(void) {
    state = state * 1664525 + 1013904223;
    return state >> 28 == 3 ? 0 : (float)(state >> 8) / (1 << 23) - 1;
}

static void *aligned(size_t bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

static void *image(int64_t n, ftl_type type) {
    void *x = aligned((size_t)n * ftl_type_bytes(type));
    float *floats = x;
    uint16_t *halves = x;
    for (int64_t i = 0; i < n; i++)
        if (type == FTL_BF16)
            halves[i] = ftl_bf16_narrow(number());
        else
            floats[i] = number();
    return x;
}

static float at(const void *x, ftl_type type, int64_t i) {
    return type == FTL_BF16 ? ftl_bf16_widen(((const uint16_t *)x)[i])
                            : ((const float *)x)[i];
}

/* y as NHWC; NULL if the kernel does not take the call, or does not know where its
 * operands lie. last: the shape of in[1], the call's last input, if there is one.
 * over: y lies on in[1]'s contents. */
static void *run(const ftl_op *op, const trial *t, ftl_cpu_level level, ftl_shape last,
        bool over) {
    static float scale = 0.75f;
    ftl_call call = {.op = op, .attrs = &t->attrs, .out[0].type = t->type};
    const ftl_kernel *kernel = find_kernel(level, op);
    const size_t bytes = (size_t)ftl_shape_count(t->y) * ftl_type_bytes(t->type);
    const bool transposed = t->attrs.transposed;
    const int64_t i = t->x.dim[1], o = t->y.dim[1];
    ftl_arena *arena;
    bool taken = false;
    if (!kernel || ftl_arena_create(&arena) != FTL_OK) return NULL;
    call.in[0] = (ftl_tensor) {.shape = t->x, .data = t->in[0], .type = t->type};
    call.in[1] = (ftl_tensor) {.data = t->w};
    call.in[1].shape = transposed ? FTL_SHAPE(i, o, 3, 3) : FTL_SHAPE(o, i, 3, 3);
    call.in[2] = (ftl_tensor) {.shape = FTL_SHAPE(1), .data = &scale};
    call.in[3] = (ftl_tensor) {.shape = FTL_SHAPE(o), .data = t->bias};
    const int n = op->n_in - 1;
    if (last.rank == 4)
        call.in[n] = (ftl_tensor) {.shape = last, .data = t->in[1], .type = t->type};
    call.out[0].shape = t->y;
    if (kernel->prepare(&call, arena, &taken) == FTL_OK && taken &&
            (last.rank != 4 ||
                    (call.in[n].type == t->type && call.in[n].layout.block == o))) {
        call.out[0].data = aligned(bytes);
        memset(call.out[0].data, 0xff, bytes); /* NaN */
        if (over) {
            memcpy(call.out[0].data, t->in[1], bytes);
            call.in[n].data = call.out[0].data;
        }
        call.scratch = aligned(call.scratch_bytes);
        memset(call.scratch, 0xff, call.scratch_bytes);
        kernel->run(&call);
        free(call.scratch);
    }
    ftl_arena_free(arena);
    return call.out[0].data;
}

/* Where element i of an image of y's shape lies in one of half its sides; NHWC. */
static int64_t halved(ftl_shape y, int64_t i) {
    const int64_t c = y.dim[1], width = y.dim[3], height = y.dim[2];
    const int64_t v = i / c % width, h = i / c / width % height;
    const int64_t row = i / c / width / height * (height / 2) + h / 2;
    return (row * (width / 2) + v / 2) * c + i % c;
}

/* y is the convolution's result plus the residual: exactly in float32. In bf16 the sum
 * is rounded once, and plain, which it is compared with, has been rounded before. */
static bool is_sum(const trial *t, const void *y, const void *plain, bool up) {
    for (int64_t i = 0; i < ftl_shape_count(t->y); i++) {
        const float r = at(t->in[1], t->type, up ? halved(t->y, i) : i);
        const float conv = at(plain, t->type, i), got = at(y, t->type, i);
        const float want = conv + r;
        const float limit =
                t->type == FTL_F32 ? 0 : (fabsf(conv) + fabsf(want)) / 256 + 1e-30f;
        if (!(fabsf(got - want) <= limit)) return false;
    }
    return true;
}

static void add(const trial *t, ftl_cpu_level level) {
    const ftl_shape half =
            FTL_SHAPE(t->y.dim[0], t->y.dim[1], t->y.dim[2] / 2, t->y.dim[3] / 2);
    const bool even = t->y.dim[2] % 2 == 0 && t->y.dim[3] % 2 == 0;
    void *plain = run(&ftl_op_conv3x3_bias, t, level, (ftl_shape) {0}, false);
    FTL_CHECK(plain);
    for (int up = 0; up < (even ? 2 : 1); up++)
        for (int over = 0; over < (up ? 1 : 2); over++) {
            void *y = run(&ftl_op_conv3x3_add, t, level, up ? half : t->y, over);
            const bool good = y && is_sum(t, y, plain, up);
            free(y);
            if (!good)
                ftl_test_fail(__FILE__, __LINE__,
                        "add, level %d, type %d, coarse %d, resample %d, up %d, over "
                        "%d, %lld px",
                        (int)level, (int)t->type, (int)t->attrs.coarse,
                        (int)t->attrs.resample, up, over, (long long)t->y.dim[2]);
        }
    free(plain);
}

/* Bits: what the mask lets pass is what the convolution gives, the rest is +0. */
static bool is_masked(const trial *t, const void *y, const void *plain) {
    int passed = 0;
    for (int64_t i = 0; i < ftl_shape_count(t->y); i++) {
        const bool pass = at(t->in[1], t->type, i) > 0;
        const float want = pass ? at(plain, t->type, i) : 0;
        const float got = at(y, t->type, i);
        if (memcmp(&got, &want, sizeof got) != 0) return false;
        passed += pass;
    }
    return passed > 0;
}

static void mask(const trial *t, ftl_cpu_level level) {
    void *plain = run(&ftl_op_conv3x3, t, level, (ftl_shape) {0}, false);
    FTL_CHECK(plain);
    for (int over = 0; over < 2; over++) {
        void *y = run(&ftl_op_conv3x3_mask, t, level, t->y, over);
        const bool good = y && is_masked(t, y, plain);
        free(y);
        if (!good)
            ftl_test_fail(__FILE__, __LINE__,
                    "mask, level %d, type %d, coarse %d, resample %d, over %d, %lld px",
                    (int)level, (int)t->type, (int)t->attrs.coarse,
                    (int)t->attrs.resample, over, (long long)t->y.dim[2]);
    }
    free(plain);
}

typedef void ending(const trial *t, ftl_cpu_level level);

static const int64_t shapes[][5] = {
        {2, 16, 48, 8, 8},   /* half a panel behind a whole one */
        {3, 32, 16, 10, 6},  /* tiles that reach over the border */
        {1, 16, 16, 32, 36}, /* many tiles: kernels first */
        {4, 128, 64, 8, 8},  /* few: images first */
        {1, 16, 16, 2, 2},
};

static void try(
        ending *end, ftl_type type, bool coarse, int resample, const int64_t *s) {
    trial t = {.type = type,
            .attrs = {.resample = resample, .scale = 0.5f, .coarse = coarse}};
    ftl_shape y = FTL_SHAPE(s[0], s[2], s[3], s[4]);
    for (int i = 2; i < 4; i++) {
        if (resample == FTL_RESAMPLE_UP) y.dim[i] *= 2;
        if (resample == FTL_RESAMPLE_DOWN) y.dim[i] /= 2;
    }
    t.x = FTL_SHAPE(s[0], s[1], s[3], s[4]);
    t.y = y;
    t.in[0] = image(ftl_shape_count(t.x), type);
    t.in[1] = image(ftl_shape_count(t.y), type);
    t.w = image(s[1] * s[2] * 9, FTL_F32);
    t.bias = image(s[2], FTL_F32);
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (int transposed = 0; transposed < 2; transposed++) {
            t.attrs.transposed = transposed;
            omp_set_num_threads(level % 2 ? 3 : 1);
            end(&t, (ftl_cpu_level)level);
        }
    for (int i = 0; i < 2; i++)
        free(t.in[i]);
    free(t.w);
    free(t.bias);
}

static void try_all(ending *end, ftl_type type) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int resample = 0; resample < 3; resample++)
            for (int coarse = 0; coarse < (type == FTL_BF16 ? 2 : 1); coarse++)
                try(end, type, coarse, resample, shapes[i]);
}

static void residuals_are_added(void) { try_all(add, FTL_F32); }
static void residuals_are_added_in_bf16(void) { try_all(add, FTL_BF16); }
static void masks_let_pass(void) { try_all(mask, FTL_F32); }
static void masks_let_pass_in_bf16(void) { try_all(mask, FTL_BF16); }

int main(void) {
    FTL_TEST(residuals_are_added);
    FTL_TEST(residuals_are_added_in_bf16);
    FTL_TEST(masks_let_pass);
    FTL_TEST(masks_let_pass_in_bf16);
    return ftl_test_finish();
}
