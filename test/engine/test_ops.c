/* test_ops.c - every operation against its definition.
 *
 * For each row of op_rows.h:
 *
 * - forward: the reference kernel against op_naive.h, in double;
 * - derivatives: the gradient of <w, y>, w random, and, where an op can be
 *   differentiated twice, the gradient of <v, dx> with respect to x and w, against
 *   central differences of op_naive.h: exact to many digits, since they are taken in
 *   double and never through the engine;
 * - kernels: the default plan against the reference plan, at each level of the
 *   instruction set, with 1, 2 and 8 threads, on dense inputs and on what a convolution
 *   delivers.
 *
 * The harness tests itself: gradients scaled by 0 and by 2 must be rejected. */
#include "engine/backend/kernel.h"
#include "test/engine/op_plan.h"

#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

enum { N_SAMPLES = 12 }; /* elements of a tensor whose derivative is compared */

/* Of differences of differences, which need long double's 64 bits: valgrind has 53. */
static double second_tolerance(void) { return ftl_test_under_valgrind() ? 1e-3 : 1e-4; }

static ftl_status reference_results(trial *t, results *r, op_order order) {
    ftl_graph *g;
    FTL_TRY(ftl_graph_create(&g));
    ftl_status status = describe(g, t, order, false);
    if (status == FTL_OK)
        status = run_plan(
                r, t, g, &(ftl_plan_options) {.reference_only = true, .debug = true});
    ftl_graph_free(g);
    return status;
}

static void forward(void) {
    trial t;
    results r;
    FTL_CHECK_OK(trial_init(&t));
    FTL_CHECK_OK(reference_results(&t, &r, NEVER));
    naive_run(&t);
    for (int i = 0; i < t.op->n_out; i++)
        FTL_CHECK(compare("y", i, r.y[i], t.naive.y[i], ftl_shape_count(t.out[i].shape),
                tolerance_of(&t), ""));
    ftl_arena_free(t.arena);
}

/* Compare at some elements: all of a small tensor, else random ones. */
static bool derivative_agrees(trial *t, const char *kind, int i, const double *got,
        double (*differences)(trial *, int, int64_t), double tolerance, int *n_seen) {
    const int64_t n = ftl_shape_count(t->in[i].shape);
    const int64_t n_samples = n < N_SAMPLES ? n : N_SAMPLES;
    const ftl_random_key key = {.seed = 2, .stream = FTL_STREAM_TEST};
    const bool stopped = t->op->gradient == FTL_ZERO_GRADIENT;
    double want[N_SAMPLES], sample[N_SAMPLES];
    for (int64_t k = 0; k < n_samples; k++) {
        const int64_t e = n <= N_SAMPLES ? k
                                         : (int64_t)ftl_random_below((uint64_t)n, key,
                                                   (uint64_t)i, (uint64_t)k);
        want[k] = stopped ? 0 : differences(t, i, e);
        sample[k] = got[e];
    }
    return compare(kind, i, sample, want, n_samples, tolerance, " (sampled)") &&
           sees_scaling(sample, want, n_samples, tolerance, n_seen);
}

static void derivatives(void) {
    trial t;
    results r;
    FTL_CHECK_OK(trial_init(&t));
    if (t.row->order == NEVER || t.row->points == TIES || !t.op->n_in) {
        ftl_arena_free(t.arena);
        return;
    }
    FTL_CHECK_OK(reference_results(&t, &r, t.row->order));
    const bool stopped = t.op->gradient == FTL_ZERO_GRADIENT;
    int n_first = 0, n_second = 0;
    for (int i = 0; i < t.op->n_in; i++) {
        if (t.in[i].type != FTL_F32) continue;
        FTL_CHECK(r.dx[i]);
        FTL_CHECK(derivative_agrees(
                &t, "dx", i, r.dx[i], naive_first, tolerance_of(&t), &n_first));
        if (t.row->order != TWICE) continue;
        FTL_CHECK(r.ddx[i]);
        FTL_CHECK(derivative_agrees(
                &t, "ddx", i, r.ddx[i], naive_second, second_tolerance(), &n_second));
    }
    if (t.row->order == TWICE) {
        const int64_t n = ftl_shape_count(t.out[0].shape);
        double *along = doubles(&t, n);
        FTL_CHECK(along && r.ddw);
        if (!stopped) naive_along(&t, along);
        FTL_CHECK(compare("ddw", 0, r.ddw, along, n, second_tolerance(), ""));
        FTL_CHECK(sees_scaling(r.ddw, along, n, second_tolerance(), &n_second));
    }
    FTL_CHECK((n_first > 0) == !stopped);
    FTL_CHECK((n_second > 0) == (!stopped && t.row->order == TWICE));
    ftl_arena_free(t.arena);
}

/* Asking for more derivatives than there are names the op that has none. */
static void limits_of_differentiation(void) {
    trial t;
    ftl_graph *g;
    FTL_CHECK_OK(trial_init(&t));
    if (t.row->order != TWICE) {
        char name[64];
        snprintf(name, sizeof name, "block.3: %s%s has no gradient", t.row->op,
                t.row->order == ONCE ? "_grad" : "");
        FTL_CHECK_OK(ftl_graph_create(&g));
        FTL_CHECK_OK(ftl_graph_enter(g, "block.3"));
        FTL_CHECK_FAILS(describe(g, &t, t.row->order == ONCE ? TWICE : ONCE, false),
                FTL_EUNSUPPORTED, name);
        ftl_graph_free(g);
    }
    ftl_arena_free(t.arena);
}

static bool all_agree(
        trial *t, const results *got, const results *want, const char *how) {
    const double tolerance = 2 * tolerance_of(t);
    bool agree = true;
    for (int i = 0; i < t->op->n_out; i++)
        agree = agree && compare("y", i, got->y[i], want->y[i],
                                 ftl_shape_count(t->out[i].shape), tolerance, how);
    for (int i = 0; i < t->op->n_in; i++) {
        const int64_t n = ftl_shape_count(t->in[i].shape);
        if (want->dx[i])
            agree = agree &&
                    compare("dx", i, got->dx[i], want->dx[i], n, tolerance, how);
        if (want->ddx[i])
            agree = agree &&
                    compare("ddx", i, got->ddx[i], want->ddx[i], n, tolerance, how);
    }
    if (want->ddw)
        agree = agree && compare("ddw", 0, got->ddw, want->ddw,
                                 ftl_shape_count(t->out[0].shape), tolerance, how);
    return agree;
}

/* The default plan at a level with some threads, against `want`. */
static void plan_agrees(trial *t, const ftl_graph *g, const results *want,
        ftl_cpu_level level, int n_threads, const char *where) {
    char how[64];
    snprintf(how, sizeof how, " (%s, %d threads%s)", ftl_cpu_level_name(level),
            n_threads, where);
    ftl_cpu_level_force(level);
    omp_set_num_threads(n_threads);
    results got;
    /* debug plans see overruns, the others what sharing memory does */
    FTL_CHECK_OK(run_plan(&got, t, g, &(ftl_plan_options) {.debug = n_threads == 2}));
    FTL_CHECK(all_agree(t, &got, want, how));
}

static void kernels_agree(trial *t, bool after_conv) {
    const char *where = after_conv ? ", after a convolution" : "";
    const ftl_cpu_level best = ftl_cpu_level_best();
    ftl_graph *g;
    results want;
    FTL_CHECK_OK(ftl_graph_create(&g));
    FTL_CHECK_OK(describe(g, t, t->row->order, after_conv));
    FTL_CHECK_OK(run_plan(&want, t, g, &(ftl_plan_options) {.reference_only = true}));
    for (int level = 0; level <= (int)best; level++)
        plan_agrees(t, g, &want, (ftl_cpu_level)level, 2, where);
    plan_agrees(t, g, &want, best, 1, where);
    plan_agrees(t, g, &want, best, 8, where);
    ftl_graph_free(g);
}

static void kernels(void) {
    trial t;
    const int usual = omp_get_max_threads();
    FTL_CHECK_OK(trial_init(&t));
    kernels_agree(&t, false);
    if (t.op->n_in && t.in[0].shape.rank == 4) kernels_agree(&t, true);
    ftl_cpu_level_force(ftl_cpu_level_best());
    omp_set_num_threads(usual);
    ftl_arena_free(t.arena);
}

static void every_op_has_a_row(void) {
    for (int k = 0; k < ftl_op_all_n; k++) {
        const ftl_op *op = ftl_op_all[k];
        FTL_CHECK(ftl_op_find(op->name) == op);
        if (!op->reference) continue; /* a leaf */
        bool found = false;
        for (int i = 0; i < N_ROWS; i++)
            found |= !strcmp(rows[i].op, op->name);
        if (!found) ftl_test_fail(__FILE__, __LINE__, "%s has no row", op->name);
    }
    FTL_CHECK(!ftl_op_find("transmogrify"));
}

int main(int argc, char **argv) {
    (void)argc;
    /* Eight threads that spin on two cores take minutes of each other's time; libgomp
     * reads this once, when the program is loaded. */
    if (!getenv("OMP_WAIT_POLICY")) {
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", argv); /* if that fails, it is only slower */
    }
    for (current = 0; current < N_ROWS; current++) {
        char name[96];
        snprintf(name, sizeof name, "row %d, %s", current, rows[current].op);
        ftl_test_run(name, forward);
        ftl_test_run(name, derivatives);
        ftl_test_run(name, limits_of_differentiation);
        ftl_test_run(name, kernels);
    }
    FTL_TEST(every_op_has_a_row);
    return ftl_test_finish();
}
