/* cpu_trial.h - one fast CPU kernel, run on the numbers of a row and compared with the
 * reference kernel of its op. */
#ifndef FTL_TEST_ENGINE_CPU_TRIAL_H
#define FTL_TEST_ENGINE_CPU_TRIAL_H

#include "engine/backend/kernel.h"
#include "test/engine/cpu_memory.h"
#include "test/engine/find_kernel.h"
#include "test/harness.h"

#include <omp.h>
#include <stdio.h>

typedef struct trial {
    const row *row;
    ftl_shape x; /* the shape of letter x */
    ftl_call call;
    float *dense[FTL_MAX_IN], *want[FTL_MAX_OUT];
    char name[160];
} trial;

static inline ftl_shape input_shape(
        char letter, ftl_shape x, const ftl_pool_attrs *pool) {
    switch (letter) {
    case 'z':
        x.dim[0] += 2;
        return x;
    case 'w':
        x.dim[1] += 3;
        return x;
    case 'c':
    case 'd':
        return FTL_SHAPE(x.dim[1]);
    case 'n':
        return FTL_SHAPE(x.dim[0]);
    case 'r':
        return FTL_SHAPE(ftl_shape_count(x) / x.dim[0]);
    case 'm':
        return FTL_SHAPE(x.dim[0], x.dim[1]);
    case 's':
        return FTL_SHAPE(1);
    case 'y':
        for (int i = 2; i < 4; i++)
            x.dim[i] = (x.dim[i] + 2 * pool->pad - pool->kernel) / pool->stride + 1;
        return x;
    default:
        return x;
    }
}

/* Inputs, attributes and what the reference makes of them. half: the images among the
 * inputs hold bf16 numbers. */
static inline bool trial_init_in(
        trial *t, const row *r, ftl_shape x, void *attrs, bool half) {
    const ftl_op *op = ftl_op_find(r->op);
    *t = (trial) {.row = r, .x = x, .call = {.op = op, .attrs = attrs}};
    random_state = 1; /* rows that come before must not change what this one draws */
    memcpy(attrs, &r->attrs, sizeof r->attrs);
    ftl_shape *chosen = attrs;
    if (op->attrs_bytes >= sizeof *chosen && chosen->rank == -1) *chosen = x;
    for (int i = 0; i < op->n_in; i++) {
        ftl_tensor *in = &t->call.in[i];
        in->type = FTL_F32;
        in->shape = input_shape(r->inputs[i], x, &r->attrs.pool);
        t->dense[i] = in->data = memory(ftl_tensor_bytes(in));
        for (int64_t k = 0; k < floats_of(in); k++)
            t->dense[i][k] = random_value(r->kind[i]);
        for (int64_t k = 0; k < floats_of(in) && half && in->shape.rank == 4; k++)
            t->dense[i][k] = ftl_bf16_widen(ftl_bf16_narrow(t->dense[i][k]));
    }
    if (op->infer(t->call.in, attrs, t->call.out) != FTL_OK) return false;
    for (int i = 0; i < op->n_out; i++)
        t->want[i] = t->call.out[i].data = memory(ftl_tensor_bytes(&t->call.out[i]));
    op->reference(&t->call);
    return true;
}

static inline bool trial_init(trial *t, const row *r, ftl_shape x, void *attrs) {
    return trial_init_in(t, r, x, attrs, false);
}

static inline void trial_deinit(trial *t) {
    for (int i = 0; i < FTL_MAX_IN; i++)
        free(t->dense[i]);
    for (int i = 0; i < FTL_MAX_OUT; i++)
        free(t->want[i]);
}

static inline double terms(const trial *t) {
    const double all = (double)ftl_shape_count(t->x);
    switch (t->row->terms) {
    case ONE:
        return 1;
    case ALL:
        return all;
    case CHANNEL:
        return all / (double)t->x.dim[1];
    case SAMPLE:
        return all / (double)t->x.dim[0];
    case PLANE:
        return all / (double)(t->x.dim[0] * t->x.dim[1]);
    }
    return 0;
}

static inline bool same(float got, float want, double tolerance, double magnitude) {
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
    if (got == want) return true; /* infinities too */
    return fabs((double)got - (double)want) <=
           tolerance * (fabs((double)want) + magnitude);
}

/* A number that is stored as bf16 was rounded once: by 2^-8 of itself at most. */
static inline bool same_in(
        ftl_type type, float got, float want, double tolerance, double magnitude) {
    if (type != FTL_BF16) return same(got, want, tolerance, magnitude);
    if (tolerance == 0) want = ftl_bf16_widen(ftl_bf16_narrow(want));
    if (tolerance == 0 || isinf(want)) return same(got, want, 0, 0);
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
    const double computed = tolerance * (fabs((double)want) + magnitude);
    return fabs((double)got - (double)want) <=
           computed + 0x1p-8 * (fabs((double)want) + computed);
}

/* Outputs against the reference; padding must be zero. */
static inline bool compare(const trial *t, const ftl_call *call) {
    const double magnitude = terms(t);
    for (int i = 0; i < call->op->n_out; i++) {
        const ftl_tensor *out = &call->out[i];
        ftl_tensor rest = *out;
        rest.data = memory(ftl_tensor_bytes(out));
        memcpy(rest.data, out->data, ftl_tensor_bytes(out));
        bool good = true;
        const int64_t n = ftl_shape_count(out->shape);
        for (int64_t k = 0; k < n && good; k++) {
            const int64_t at = position(out, k);
            const float got = load(out, at);
            good = same_in(out->type, got, t->want[i][k], t->row->tolerance, magnitude);
            store(&rest, at, 0);
            if (!good)
                ftl_test_fail(__FILE__, __LINE__,
                        "%s: output %d [%lld] is %.9g, not %.9g", t->name, i,
                        (long long)k, (double)got, (double)t->want[i][k]);
        }
        const int64_t n_floats = floats_of(out);
        for (int64_t k = 0; k < n_floats && good; k++) {
            good = load(&rest, k) == 0;
            if (!good)
                ftl_test_fail(__FILE__, __LINE__, "%s: padding of output %d is %g",
                        t->name, i, (double)load(&rest, k));
        }
        free(rest.data);
        if (!good) return false;
    }
    return true;
}

/* Run the kernel on inputs that are there, into fresh outputs, or, if overwritten >= 0,
 * with output 0 on a copy of that input. */
static inline void run(
        const ftl_kernel *kernel, ftl_call *call, int threads, int overwritten) {
    for (int i = 0; i < call->op->n_out; i++)
        call->out[i].data = memory(ftl_tensor_bytes(&call->out[i]));
    if (overwritten >= 0) {
        ftl_tensor *in = &call->in[overwritten];
        memcpy(call->out[0].data, in->data, ftl_tensor_bytes(in));
        in->data = call->out[0].data;
    }
    call->scratch = memory(call->scratch_bytes);
    omp_set_num_threads(threads);
    kernel->run(call);
    free(call->scratch);
}

static inline void free_outputs(ftl_call *call) {
    for (int i = 0; i < call->op->n_out; i++)
        free(call->out[i].data);
}

static inline bool equal_bits(const trial *t, const ftl_call *a, const ftl_call *b) {
    for (int i = 0; i < a->op->n_out; i++)
        if (memcmp(a->out[i].data, b->out[i].data, ftl_tensor_bytes(&a->out[i]))) {
            ftl_test_fail(
                    __FILE__, __LINE__, "%s: output %d has other bits", t->name, i);
            return false;
        }
    return true;
}

/* One kernel with prepared layouts: 1 thread, then 2 and 8, then in place: equal bits.
 * More threads than processors are slow: some layouts do without them. */
static inline bool run_all(
        const trial *t, const ftl_kernel *kernel, ftl_call *call, int most_threads) {
    for (int i = 0; i < call->op->n_in; i++)
        call->in[i].data = from_dense(&call->in[i], t->dense[i]);
    ftl_call first = *call;
    run(kernel, &first, 1, -1);
    bool good = compare(t, &first);
    for (int threads = 2; threads <= most_threads && good; threads += 6) {
        ftl_call other = *call;
        run(kernel, &other, threads, -1);
        good = equal_bits(t, &first, &other);
        free_outputs(&other);
    }
    for (int i = 0; i < call->op->n_in && good; i++) {
        const size_t bytes = ftl_tensor_bytes(&call->in[i]);
        if (!(kernel->overwrites >> i & 1)) continue;
        if (bytes != ftl_tensor_bytes(&call->out[0])) continue;
        ftl_call other = *call;
        run(kernel, &other, 1, i);
        good = equal_bits(t, &first, &other);
        free_outputs(&other);
    }
    free_outputs(&first);
    for (int i = 0; i < call->op->n_in; i++)
        free(call->in[i].data);
    return good;
}

/* What is stored as bf16, if it is of rank 4. */
enum { NOTHING = 0, FIRST = 1, OTHERS = 2, RESULT = 4, ALL_OF_THEM = 7 };

static inline void set_types(ftl_call *call, int half) {
    for (int i = 0; i < call->op->n_in; i++)
        if (call->in[i].shape.rank == 4 && half & (i ? OTHERS : FIRST))
            call->in[i].type = FTL_BF16;
    for (int i = 0; i < call->op->n_out; i++)
        if (call->out[i].shape.rank == 4 && half & RESULT) call->out[i].type = FTL_BF16;
}

static inline bool try_kernel_in(
        trial *t, const ftl_kernel *kernel, int which, int which_others, int half) {
    ftl_call call = t->call;
    set_types(&call, half);
    for (int i = 0; i < call.op->n_in; i++)
        call.in[i].layout = offer(i ? which_others : which, call.in[i].shape);
    snprintf(t->name, sizeof t->name,
            "%s %s %lldx%lldx%lldx%lld %c layouts %d %d bf16 %d", kernel->name,
            call.op->name, (long long)t->x.dim[0], (long long)t->x.dim[1],
            (long long)t->x.dim[2], (long long)t->x.dim[3],
            t->row->inputs[0] ? t->row->inputs[0] : '-', which, which_others, half);
    bool taken = false;
    if (kernel->prepare(&call, NULL, &taken) != FTL_OK || !taken) {
        ftl_test_fail(__FILE__, __LINE__, "%s: not taken", t->name);
        return false;
    }
    return run_all(t, kernel, &call, which == which_others && which % 2 == 0 ? 8 : 1);
}

static inline bool try_kernel(
        trial *t, const ftl_kernel *kernel, int which, int which_others) {
    return try_kernel_in(t, kernel, which, which_others, NOTHING);
}

/* The same where there must be one: see every_kernel_is_tested. */
static inline const ftl_kernel *kernel_of(ftl_cpu_level level, const ftl_op *op) {
    const ftl_kernel *kernel = find_kernel(level, op);
    if (!kernel) {
        fprintf(stderr, "%s has no CPU kernel\n", op->name);
        abort();
    }
    return kernel;
}

#endif
