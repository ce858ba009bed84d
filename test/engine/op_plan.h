/* op_plan.h - a trial of op_trial.h through the engine: the op and its derivatives as
 * a graph, run by a plan, and results compared. */
#ifndef FTL_TEST_ENGINE_OP_PLAN_H
#define FTL_TEST_ENGINE_OP_PLAN_H

#include "engine/gradient.h"
#include "engine/graph_data.h"
#include "engine/plan.h"
#include "test/engine/op_trial.h"

#include <stdio.h>

/* What a plan gave; NULL where there is nothing. */
typedef struct results {
    double *y[FTL_MAX_OUT];
    double *dx[FTL_MAX_IN];
    double *ddx[FTL_MAX_IN]; /* d<v, dx>/dx */
    double *ddw;             /* d<v, dx>/dw */
} results;

/* A 1x1 convolution by the identity: leaves numbers alone, but the value now lies in
 * memory as convolutions like it. */
static inline ftl_status through_conv(ftl_value *x, ftl_graph *g) {
    const ftl_shape shape = ftl_value_shape(g, *x);
    if (shape.rank != 4) return FTL_OK;
    char name[32];
    snprintf(name, sizeof name, "identity %d", x->id);
    ftl_value w;
    FTL_TRY(ftl_graph_input(
            &w, g, name, FTL_F32, FTL_SHAPE(shape.dim[1], shape.dim[1], 1, 1)));
    return ftl_conv(x, g, *x, w, 1, 0);
}

static inline ftl_status input(ftl_value *x, ftl_graph *g, const char *kind, int i,
        const ftl_tensor *like, bool after_conv) {
    char name[16];
    snprintf(name, sizeof name, "%s%d", kind, i);
    FTL_TRY(ftl_graph_input(x, g, name, like->type, like->shape));
    return after_conv && like->type == FTL_F32 ? through_conv(x, g) : FTL_OK;
}

static inline ftl_status output(
        ftl_graph *g, const char *kind, int i, ftl_value value) {
    char name[16];
    snprintf(name, sizeof name, "%s%d", kind, i);
    return ftl_graph_output(g, name, value);
}

/* The op and, as far as `order` goes, its derivatives. */
static inline ftl_status describe(
        ftl_graph *g, const trial *t, op_order order, bool after_conv) {
    ftl_value x[FTL_MAX_IN], y[FTL_MAX_OUT], v[FTL_MAX_IN], w;
    ftl_value at[FTL_MAX_IN + 1], dx[FTL_MAX_IN], ddx[FTL_MAX_IN + 1];
    int n = 0, which[FTL_MAX_IN];
    for (int i = 0; i < t->op->n_in; i++) {
        FTL_TRY(input(&x[i], g, "x", i, &t->in[i], after_conv));
        if (t->in[i].type != FTL_F32) continue;
        at[n] = x[i];
        which[n++] = i;
    }
    FTL_TRY(ftl_apply(y, g, t->op, t->row->attrs, x));
    for (int i = 0; i < t->op->n_out; i++)
        FTL_TRY(output(g, "y", i, y[i]));
    if (order == NEVER || !n) return FTL_OK;
    FTL_TRY(input(&w, g, "w", 0, &t->out[0], after_conv));
    FTL_TRY(ftl_gradient(g, 1, y, &w, n, at, dx));
    for (int k = 0; k < n; k++)
        FTL_TRY(output(g, "dx", which[k], dx[k]));
    if (order == ONCE) return FTL_OK;
    for (int k = 0; k < n; k++)
        FTL_TRY(input(&v[k], g, "v", which[k], &t->in[which[k]], after_conv));
    at[n] = w;
    FTL_TRY(ftl_gradient(g, n, dx, v, n + 1, at, ddx));
    for (int k = 0; k < n; k++)
        FTL_TRY(output(g, "ddx", which[k], ddx[k]));
    return ftl_graph_output(g, "ddw0", ddx[n]);
}

static inline void fill_input(ftl_plan *plan, const char *kind, int i,
        const ftl_tensor *like, const double *value) {
    char name[16];
    snprintf(name, sizeof name, "%s%d", kind, i);
    void *memory = ftl_plan_input(plan, name);
    if (!memory) return; /* pruned */
    for (int64_t e = 0; e < ftl_shape_count(like->shape); e++)
        if (like->type == FTL_I32)
            ((int32_t *)memory)[e] = (int32_t)value[e];
        else
            ((float *)memory)[e] = (float)value[e];
}

static inline void fill_identities(ftl_plan *plan, const ftl_graph *g) {
    for (int k = 0; k < g->n_nodes; k++) {
        const ftl_node_data *node = &g->nodes[k];
        if (node->op != &ftl_op_input || strncmp(node->name, "identity", 8) != 0)
            continue;
        float *memory = ftl_plan_input(plan, node->name);
        const int64_t c = g->values[node->out[0]].shape.dim[0];
        for (int64_t e = 0; memory && e < c * c; e++)
            memory[e] = e % (c + 1) == 0;
    }
}

static inline ftl_status read_output(trial *t, const ftl_plan *plan, const char *kind,
        int i, ftl_shape shape, double **out) {
    char name[16];
    snprintf(name, sizeof name, "%s%d", kind, i);
    const float *memory = ftl_plan_output(plan, name);
    if (!memory) return FTL_OK;
    const int64_t n = ftl_shape_count(shape);
    *out = doubles(t, n);
    if (!*out) return FTL_ENOMEM;
    for (int64_t e = 0; e < n; e++)
        (*out)[e] = (double)memory[e];
    return FTL_OK;
}

static inline ftl_status run_plan(
        results *r, trial *t, const ftl_graph *g, const ftl_plan_options *options) {
    ftl_plan *plan;
    memset(r, 0, sizeof *r);
    FTL_TRY(ftl_plan_create(&plan, g, options));
    for (int i = 0; i < t->op->n_in; i++) {
        fill_input(plan, "x", i, &t->in[i], t->naive.x[i]);
        fill_input(plan, "v", i, &t->in[i], t->v[i]);
    }
    fill_input(plan, "w", 0, &t->out[0], t->w);
    fill_identities(plan, g);
    ftl_plan_run(plan);
    ftl_status status = FTL_OK;
    for (int i = 0; i < t->op->n_out; i++)
        FTL_TRY_OUT(read_output(t, plan, "y", i, t->out[i].shape, &r->y[i]));
    for (int i = 0; i < t->op->n_in; i++) {
        FTL_TRY_OUT(read_output(t, plan, "dx", i, t->in[i].shape, &r->dx[i]));
        FTL_TRY_OUT(read_output(t, plan, "ddx", i, t->in[i].shape, &r->ddx[i]));
    }
    FTL_TRY_OUT(read_output(t, plan, "ddw", 0, t->out[0].shape, &r->ddw));
out:
    ftl_plan_free(plan);
    return status;
}

static inline double largest(const double *value, int64_t n) {
    double most = 0;
    for (int64_t e = 0; e < n; e++)
        most = fmax(most, fabs(value[e]));
    return most;
}

/* Is scale * got what is wanted? The tolerance is relative to the largest value, since
 * sums cancel. Returns the first element that is not, -1 if there is none. NaN is not.
 */
static inline int64_t first_wrong(const double *got, const double *want, int64_t n,
        double tolerance, double scale) {
    const double limit = tolerance * (1e-2 + largest(want, n));
    for (int64_t e = 0; e < n; e++)
        if (!(fabs(scale * got[e] - want[e]) <= limit)) return e;
    return -1;
}

static inline bool compare(const char *kind, int i, const double *got,
        const double *want, int64_t n, double tolerance, const char *how) {
    const int64_t e = got ? first_wrong(got, want, n, tolerance, 1) : 0;
    if (e < 0) return true;
    ftl_test_fail(__FILE__, __LINE__,
            "row %d, %s: %s%d, element %d of %d is %.9g, not %.9g%s", current,
            rows[current].op, kind, i, (int)e, (int)n, got ? got[e] : (double)NAN,
            want[e], how);
    return false;
}

/* What the checker is worth: would it see a gradient that is missing or doubled? Counts
 * in *n_seen the tensors for which it does; false if it misses one that is not zero. */
static inline bool sees_scaling(const double *got, const double *want, int64_t n,
        double tolerance, int *n_seen) {
    if (largest(want, n) < 1e-3) return true;
    ++*n_seen;
    if (first_wrong(got, want, n, tolerance, 0) >= 0 &&
            first_wrong(got, want, n, tolerance, 2) >= 0)
        return true;
    ftl_test_fail(__FILE__, __LINE__,
            "row %d, %s: the checker accepts a scaled gradient", current,
            rows[current].op);
    return false;
}

static inline double tolerance_of(const trial *t) {
    return t->row->tolerance > 0 ? t->row->tolerance : 1e-5;
}

#endif
