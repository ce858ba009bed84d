/* test_ops_limits.c - what operations refuse, do not emit and do not hide. */
#include "test/engine/op_plan.h"

static ftl_status apply_row(const char *name, const void *attrs, const ftl_tensor *in) {
    const ftl_op *op = ftl_op_find(name);
    ftl_value x[FTL_MAX_IN], y[FTL_MAX_OUT];
    ftl_graph *g;
    FTL_TRY(ftl_graph_create(&g));
    ftl_status status = FTL_OK;
    for (int i = 0; i < op->n_in && status == FTL_OK; i++)
        status = input(&x[i], g, "x", i, &in[i], false);
    const int n_nodes = g->n_nodes;
    if (status == FTL_OK) status = ftl_apply(y, g, op, attrs, x);
    if (status != FTL_OK && g->n_nodes != n_nodes)
        ftl_test_fail(__FILE__, __LINE__, "%s: a failure changed the graph", name);
    ftl_graph_free(g);
    return status;
}

static void bad_shapes_are_refused(void) {
    for (int k = 0; k < N_REFUSALS; k++) {
        ftl_tensor in[FTL_MAX_IN] = {{0}};
        for (int i = 0; i < FTL_MAX_IN; i++)
            in[i].shape = refusals[k].in[i];
        FTL_CHECK_FAILS(apply_row(refusals[k].op, refusals[k].attrs, in), FTL_ESHAPE,
                refusals[k].text);
    }
}

/* Integers where floats belong, floats where labels do. */
static void bad_types_are_refused(void) {
    for (int k = 0; k < N_ROWS; k++) {
        const ftl_op *op = ftl_op_find(rows[k].op);
        for (int wrong = 0; wrong < op->n_in; wrong++) {
            ftl_tensor in[FTL_MAX_IN] = {{0}};
            for (int i = 0; i < op->n_in; i++) {
                const bool labels = i == 1 && rows[k].n_classes;
                in[i].shape = rows[k].in[i];
                in[i].type = labels != (i == wrong) ? FTL_I32 : FTL_F32;
            }
            FTL_CHECK_FAILS(
                    apply_row(rows[k].op, rows[k].attrs, in), FTL_ESHAPE, rows[k].op);
        }
    }
}

/* Only what is asked for is emitted. */
static void unneeded_gradients_are_not_emitted(void) {
    const ftl_tensor image = {.shape = FTL_SHAPE(2, 3, 6, 6)};
    const ftl_tensor kernel = {.shape = FTL_SHAPE(4, 3, 3, 3)};
    for (int wanted = 0; wanted < 2; wanted++) {
        ftl_graph *g;
        ftl_value x[2], y, dx;
        FTL_CHECK_OK(ftl_graph_create(&g));
        FTL_CHECK_OK(input(&x[0], g, "x", 0, &image, false));
        FTL_CHECK_OK(input(&x[1], g, "x", 1, &kernel, false));
        FTL_CHECK_OK(ftl_conv(&y, g, x[0], x[1], 1, 1));
        FTL_CHECK_OK(ftl_gradient(g, 1, &y, NULL, 1, &x[wanted], &dx));
        int n_data = 0, n_weights = 0;
        for (int k = 0; k < g->n_nodes; k++) {
            n_data += g->nodes[k].op == &ftl_op_conv_data;
            n_weights += g->nodes[k].op == &ftl_op_conv_weights;
        }
        FTL_CHECK(n_data == (wanted == 0) && n_weights == (wanted == 1));
        ftl_graph_free(g);
    }
}

/* A NaN anywhere must reach the losses, where the step is thrown away. */
static void nan_is_not_lost(void) {
    static const char *const names[] = {"relu", "leaky_relu", "softplus", "tanh",
            "max_pool", "sum", "batch_norm", "normalize"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (int fast = 0; fast < 2; fast++) {
            for (current = 0; strcmp(rows[current].op, names[k]) != 0;)
                current++;
            current += rows[current].in[0].rank == 1; /* a row with more elements */
            trial t;
            results r;
            ftl_graph *g;
            FTL_CHECK_OK(trial_init(&t));
            t.naive.x[0][ftl_shape_count(t.in[0].shape) / 2] = NAN;
            FTL_CHECK_OK(ftl_graph_create(&g));
            FTL_CHECK_OK(describe(g, &t, NEVER, false));
            FTL_CHECK_OK(
                    run_plan(&r, &t, g, &(ftl_plan_options) {.reference_only = !fast}));
            int64_t n_nan = 0;
            for (int64_t e = 0; e < ftl_shape_count(t.out[0].shape); e++)
                n_nan += isnan(r.y[0][e]) != 0;
            if (!n_nan)
                ftl_test_fail(__FILE__, __LINE__, "%s%s loses NaN", names[k],
                        fast ? " (fast)" : "");
            ftl_graph_free(g);
            ftl_arena_free(t.arena);
        }
}

int main(void) {
    FTL_TEST(bad_shapes_are_refused);
    FTL_TEST(bad_types_are_refused);
    FTL_TEST(unneeded_gradients_are_not_emitted);
    FTL_TEST(nan_is_not_lost);
    return ftl_test_finish();
}
