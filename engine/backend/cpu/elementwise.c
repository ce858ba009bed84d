/* elementwise.c - y[i] = f(x[i], z[i]) as flat loops over memory, or, where operands or
 * the result are stored as bf16, over pieces of it.
 *
 * All operands have one layout, so blocked ones need no special care as long as f(0) =
 * 0 leaves their padding zero; the others take layouts without padding only. The output
 * may lie on any operand: `omp simd` is told of no aliasing that would forbid it, since
 * elements only ever meet elements of the same index. */
#include "engine/backend/cpu/bf16.h"

#include <math.h>
#include <string.h>

typedef void span_function(
        const ftl_call *call, float *y, const float *x, const float *z, int64_t n);

static void run_pieces(const ftl_call *call, span_function *span, ftl_cpu_range range) {
    const ftl_tensor *x = &call->in[0], *z = &call->in[1], *y = &call->out[0];
    const bool narrow = y->type == FTL_BF16;
    float x_wide[FTL_CPU_SPAN], z_wide[FTL_CPU_SPAN], y_wide[FTL_CPU_SPAN];
    for (int64_t i = range.begin, n; i < range.end; i += n) {
        n = ftl_cpu_min(FTL_CPU_SPAN, range.end - i);
        void *out = ftl_cpu_at(y->data, y->type, i);
        const float *a =
                ftl_cpu_widen(x_wide, ftl_cpu_in(x->data, x->type, i), x->type, n);
        const float *b = a;
        if (call->op->n_in > 1 && ftl_shape_equal(x->shape, z->shape))
            b = ftl_cpu_widen(z_wide, ftl_cpu_in(z->data, z->type, i), z->type, n);
        span(call, narrow ? y_wide : out, a, b, n);
        if (narrow) ftl_cpu_narrow(out, y_wide, n);
    }
}

static void run(const ftl_call *call, span_function *span) {
    const int64_t n = ftl_cpu_floats(&call->out[0]);
#pragma omp parallel if (n > FTL_CPU_SERIAL)
    run_pieces(call, span, ftl_cpu_share(n));
}

/* The run function of an op with y[i] = expression, in which x[i] and z[i] are the
 * operands and p and q two numbers that are fetched once. */
#define MAP(which, p_, q_, expression)                                                 \
    static void span_##which(const ftl_call *call, float *y, const float *x,           \
            const float *z, int64_t n) {                                               \
        const float p = (p_), q = (q_);                                                \
        (void)call, (void)z, (void)p, (void)q;                                         \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = (expression);       \
    }                                                                                  \
    static void run_##which(const ftl_call *call) { run(call, span_##which); }

/* exp(x) for x <= 88 or so: 2^k exp(r) with |r| <= log(2) / 2. Adding 1.5 * 2^23 rounds
 * to the nearest integer and leaves it in the low bits. The polynomial is a minimax fit
 * of (exp(r) - 1 - r) / r^2 with a relative error of 3e-9. NaN stays. */
static inline float exponential(float x) {
    const float magic = 12582912.0f;
    const float shifted = x * 1.44269504f + magic;
    const float k = shifted - magic;
    const float r = (x - k * 0.693145752f) - k * 1.42860677e-6f;
    const float q =
            0.49999993f +
            r * (0.16666521f + r * (0.04166839f + r * (0.00836871f + r * 0.00138146f)));
    const float p = 1 + (r + r * r * q);
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* tanh(x) = 1 - 2 / (exp(2 x) + 1); near 0, where that cancels, x + x^3 p(x^2) with a
 * minimax fit of relative error 4e-8. Off by less than 2e-7 everywhere; 0 stays 0. */
static inline float hyperbolic_tangent(float x) {
    const float size = fabsf(x);
    const float capped = size > 10 ? 10 : size; /* keeps NaN */
    const float far = 1 - 2 / (exponential(2 * capped) + 1);
    const float u = size > 0.55f ? 0 : size * size;
    const float near =
            size +
            size * u *
                    (-0.33332947f +
                            u * (0.13320725f + u * (-0.05267181f + u * 0.01643758f)));
    return copysignf(size > 0.55f ? far : near, x);
}

/* Both values are computed: without masked loads, a load behind a condition would keep
 * the loop from being vectorised. */
static inline float either(int condition, float yes, float no) {
    return condition ? yes : no;
}

static float slope(const ftl_call *call) {
    const ftl_leaky_relu_attrs *attrs = call->attrs;
    return attrs->slope;
}

static float scalar(const ftl_call *call) { return *(const float *)call->in[1].data; }

static ftl_affine_attrs affine(const ftl_call *call) {
    const ftl_affine_attrs *attrs = call->attrs;
    return *attrs;
}

MAP(add, 0, 0, x[i] + z[i])
MAP(sub, 0, 0, x[i] - z[i])
MAP(mul, 0, 0, x[i] * z[i])
MAP(affine, affine(call).scale, affine(call).shift, x[i] * p + q)
MAP(relu_floats, 0, 0, x[i] <= 0 ? 0 : x[i])
MAP(relu_grad_floats, 0, 0, either(x[i] > 0, z[i], 0))
MAP(leaky_relu, slope(call), 0, x[i] > 0 ? x[i] : p * x[i])
MAP(leaky_relu_grad, slope(call), 0, either(x[i] > 0, z[i], p *z[i]))
MAP(tanh, 0, 0, hyperbolic_tangent(x[i]))
MAP(tanh_grad, 0, 0, z[i] * (1 - x[i] * x[i]))
MAP(reciprocal, 0, 0, 1 / x[i])
MAP(rsqrt, 0, 0, 1 / sqrtf(x[i]))
MAP(sigmoid, 0, 0, 1 / (1 + expf(-x[i])))
MAP(softplus, 0, 0, fmaxf(x[i], 0) + log1pf(expf(-fabsf(x[i]))))
MAP(scale_by, scalar(call), 0, x[i] * p)

/* ReLUs of bf16 alone need no arithmetic, and are so common that it shows: as integers,
 * 1 .. 0x7f80 are the positive numbers up to infinity, 0x8000 .. 0xff80 the negative
 * ones with -0; NaNs lie behind either. */
static bool is_bf16(const ftl_call *call) {
    bool all = call->out[0].type == FTL_BF16;
    for (int i = 0; i < call->op->n_in; i++)
        all &= call->in[i].type == FTL_BF16;
    return all;
}

static void run_relu(const ftl_call *call) {
    const uint16_t *x = call->in[0].data;
    uint16_t *y = call->out[0].data;
    const int64_t n = ftl_cpu_floats(&call->out[0]);
    if (!is_bf16(call)) {
        run_relu_floats(call);
        return;
    }
#pragma omp parallel for simd schedule(static) if (n > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n; i++)
        y[i] = (uint16_t)(x[i] - 0x8000) <= 0x7f80 ? 0 : x[i];
}

static void run_relu_grad(const ftl_call *call) {
    const uint16_t *x = call->in[0].data, *dy = call->in[1].data;
    uint16_t *dx = call->out[0].data;
    const int64_t n = ftl_cpu_floats(&call->out[0]);
    if (!is_bf16(call)) {
        run_relu_grad_floats(call);
        return;
    }
#pragma omp parallel for simd schedule(static) if (n > FTL_CPU_SERIAL)
    for (int64_t i = 0; i < n; i++) {
        const uint16_t passed =
                dy[i]; /* read in any case: or the loop is no vector's */
        dx[i] = (uint16_t)(x[i] - 1) < 0x7f80 ? passed : 0;
    }
}

static ftl_status prepare_affine(ftl_call *call, ftl_arena *arena, bool *taken) {
    const ftl_affine_attrs *attrs = call->attrs;
    if (attrs->shift == 0) return ftl_cpu_prepare_follow(call, arena, taken);
    return ftl_cpu_prepare_unpadded(call, arena, taken);
}

#define ROW(which, how, bits)                                                          \
    {                                                                                  \
        .name = FTL_CPU_KERNEL, .op = &ftl_op_##which, .prepare = how,                 \
        .run = run_##which, .overwrites = bits, .bf16 = true                           \
    }

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_elementwise)[] = {
        ROW(add, ftl_cpu_prepare_follow, 3),
        ROW(sub, ftl_cpu_prepare_follow, 3),
        ROW(mul, ftl_cpu_prepare_follow, 3),
        ROW(affine, prepare_affine, 1),
        ROW(relu, ftl_cpu_prepare_follow, 1),
        ROW(relu_grad, ftl_cpu_prepare_follow, 3),
        ROW(leaky_relu, ftl_cpu_prepare_follow, 1),
        ROW(leaky_relu_grad, ftl_cpu_prepare_follow, 3),
        ROW(tanh, ftl_cpu_prepare_follow, 1),
        ROW(tanh_grad, ftl_cpu_prepare_follow, 3),
        ROW(reciprocal, ftl_cpu_prepare_unpadded, 1),
        ROW(rsqrt, ftl_cpu_prepare_unpadded, 1),
        ROW(sigmoid, ftl_cpu_prepare_unpadded, 1),
        ROW(softplus, ftl_cpu_prepare_unpadded, 1),
        ROW(scale_by, ftl_cpu_prepare_follow, 1),
        {.op = NULL},
};
