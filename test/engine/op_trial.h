/* op_trial.h - a row of op_rows.h with numbers, and what its definition makes of them:
 * values, and derivatives by central differences, in double. */
#ifndef FTL_TEST_ENGINE_OP_TRIAL_H
#define FTL_TEST_ENGINE_OP_TRIAL_H

#include "engine/base/random.h"
#include "engine/graph.h"
#include "test/engine/op_rows.h"
#include "test/harness.h"

#include <string.h>

enum {
    N_ROWS = sizeof rows / sizeof *rows,
    N_REFUSALS = sizeof refusals / sizeof *refusals
};

/* One row with numbers. Everything lies in the arena. */
typedef struct trial {
    const op_row *row;
    const ftl_op *op;
    ftl_arena *arena;
    ftl_tensor in[FTL_MAX_IN], out[FTL_MAX_OUT]; /* shapes and types */
    naive_call naive;
    double *w;             /* <w, y> is what is differentiated; y is output 0 */
    double *v[FTL_MAX_IN]; /* <v, dx> is what is differentiated again */
    uint32_t n_drawn;
} trial;

static int current; /* row of the running case */

static inline double *doubles(trial *t, int64_t n) {
    return ftl_arena_alloc(t->arena, (size_t)n * sizeof(double));
}

/* Random values, each of them a float. NULL when memory is out. */
static inline double *draw(trial *t, int64_t n, op_points points) {
    const ftl_random_key key = {
            .seed = 1, .stream = FTL_STREAM_TEST, .step = (uint32_t)current};
    double *value = doubles(t, n);
    float *uniform = ftl_arena_alloc(t->arena, (size_t)n * sizeof(float));
    int64_t *place = ftl_arena_alloc(t->arena, (size_t)n * sizeof(int64_t));
    if (!value || !uniform || !place) return NULL;
    ftl_random_uniform(uniform, (size_t)n, key, t->n_drawn);
    if (points == DISTINCT) ftl_random_permutation(place, n, key);
    for (int64_t i = 0; i < n; i++) {
        const float u = uniform[i];
        float x = 3 * u - 1.5f;
        if (points == OFF_ZERO) x = x < 0 ? x - 0.1f : x + 0.1f;
        if (points == POSITIVE) x = 0.8f + 1.2f * u;
        if (points == DISTINCT) x = 3 * (float)place[i] / (float)n - 1.5f;
        if (points == TIES) x = u < 0.33f ? -1.0f : u < 0.66f ? 0.0f : 1.0f;
        value[i] = (double)x;
    }
    t->n_drawn++;
    return value;
}

static inline double *draw_labels(trial *t, int64_t n, int n_classes) {
    double *value = draw(t, n, ANYWHERE);
    for (int64_t i = 0; value && i < n; i++)
        value[i] = floor((value[i] + 1.5) / 3 * n_classes);
    return value;
}

static inline ftl_status trial_init(trial *t) {
    memset(t, 0, sizeof *t);
    t->row = &rows[current];
    t->op = ftl_op_find(t->row->op);
    if (!t->op) return ftl_fail(FTL_EINPUT, "no op is called %s", t->row->op);
    FTL_TRY(ftl_arena_create(&t->arena));
    t->naive.attrs = t->row->attrs;
    t->naive.n_in = t->op->n_in;
    for (int i = 0; i < t->op->n_in; i++) {
        const int64_t n = ftl_shape_count(t->row->in[i]);
        const bool labels = i == 1 && t->row->n_classes;
        t->in[i].shape = t->naive.in[i] = t->row->in[i];
        t->in[i].type = labels ? FTL_I32 : FTL_F32;
        t->naive.x[i] = labels ? draw_labels(t, n, t->row->n_classes)
                               : draw(t, n, t->row->points);
        t->v[i] = draw(t, n, ANYWHERE);
        if (!t->naive.x[i] || !t->v[i]) return FTL_ENOMEM;
    }
    FTL_TRY(t->op->infer(t->in, t->row->attrs, t->out));
    for (int i = 0; i < t->op->n_out; i++) {
        t->naive.out[i] = t->out[i].shape;
        t->naive.y[i] = doubles(t, ftl_shape_count(t->out[i].shape));
        if (!t->naive.y[i]) return FTL_ENOMEM;
    }
    t->w = draw(t, ftl_shape_count(t->out[0].shape), ANYWHERE);
    return t->w ? FTL_OK : FTL_ENOMEM;
}

static inline void naive_run(trial *t) {
    const op_row *r = t->row;
    if (r->naive) {
        r->naive(&t->naive);
        return;
    }
    for (int64_t e = 0; e < ftl_shape_count(t->out[0].shape); e++) {
        double v[FTL_MAX_IN];
        for (int i = 0; i < t->op->n_in; i++)
            v[i] = t->naive.x[i][e];
        t->naive.y[0][e] = r->scalar(v, r->attrs);
    }
}

/* Move all float inputs by step along v. */
static inline void naive_move(trial *t, double step) {
    for (int i = 0; i < t->op->n_in; i++) {
        if (t->in[i].type != FTL_F32) continue;
        for (int64_t e = 0; e < ftl_shape_count(t->in[i].shape); e++)
            t->naive.x[i][e] += step * t->v[i][e];
    }
}

/* <w, y> with element e of input i moved by step. */
static inline long double naive_loss(trial *t, int i, int64_t e, double step) {
    const double before = t->naive.x[i][e];
    t->naive.x[i][e] += step;
    naive_run(t);
    t->naive.x[i][e] = before;
    long double loss = 0; /* differences of differences lose many digits */
    for (int64_t k = 0; k < ftl_shape_count(t->out[0].shape); k++)
        loss += (long double)t->w[k] * (long double)t->naive.y[0][k];
    return loss;
}

static inline double naive_first(trial *t, int i, int64_t e) {
    const double step = 1e-5;
    return (double)(naive_loss(t, i, e, step) - naive_loss(t, i, e, -step)) /
           (2 * step);
}

static inline double naive_second(trial *t, int i, int64_t e) {
    const double step = 3e-4;
    naive_move(t, step);
    const long double ahead = naive_loss(t, i, e, step) - naive_loss(t, i, e, -step);
    naive_move(t, -2 * step);
    const long double behind = naive_loss(t, i, e, step) - naive_loss(t, i, e, -step);
    naive_move(t, step);
    return (double)(ahead - behind) / (4 * step * step);
}

/* dy/dx v, which is what <v, dx> is linear in w with. */
static inline void naive_along(trial *t, double *out) {
    const double step = 1e-5;
    const int64_t n = ftl_shape_count(t->out[0].shape);
    naive_move(t, step);
    naive_run(t);
    for (int64_t k = 0; k < n; k++)
        out[k] = t->naive.y[0][k] / (2 * step);
    naive_move(t, -2 * step);
    naive_run(t);
    for (int64_t k = 0; k < n; k++)
        out[k] -= t->naive.y[0][k] / (2 * step);
    naive_move(t, step);
}

#endif
