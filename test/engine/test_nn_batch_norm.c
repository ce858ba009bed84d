/* test_nn_batch_norm.c - the batch normalisation layer: names and gains of its styles,
 * statistics of the batch in training mode and stored ones in evaluation mode, and what
 * is written when. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

#define N 2
#define C 3
#define SPACE 4 /* 2 x 2 */
#define COUNT (N * SPACE)

typedef struct layer {
    ftl_store *store;
    ftl_state *gain, *bias, *mean, *var;
    ftl_plan *plan;
} layer;

/* What the styles call their tensors. */
static const struct {
    const char *gain, *bias, *mean, *var;
    double shift; /* what is added to the gain */
    int rank;     /* of gain and bias */
} words[] = {
        [FTL_BN_PLAIN] = {"bn.gain", "bn.bias", "bn.stored_mean", "bn.stored_var", 0,
                1},
        [FTL_BN_CONDITIONAL] = {"bn.gain.weight", "bn.bias.weight", "bn.stored_mean",
                "bn.stored_var", 1, 2},
        [FTL_BN_TORCH] = {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var",
                0, 1},
};

static ftl_status describe(ftl_graph *graph, ftl_store *store, ftl_net_mode mode,
        ftl_batch_norm_style style) {
    ftl_net net;
    ftl_value x, y;
    FTL_TRY(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(N, C, 2, 2)));
    FTL_TRY(ftl_net_begin(&net, graph, store, mode));
    FTL_TRY(ftl_nn_batch_norm(&y, &net, x, "bn", style));
    ftl_net_end(&net);
    return ftl_graph_output(graph, "y", y);
}

static float input(int n, int c, int s) {
    return (float)sin(1.7 * (n * C * SPACE + c * SPACE + s)) * (float)(c + 1) + 0.5f;
}

static ftl_status make_layer(layer *l, ftl_net_mode mode, ftl_batch_norm_style style) {
    ftl_graph *graph;
    memset(l, 0, sizeof *l);
    FTL_TRY(ftl_store_create(&l->store, "G"));
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, l->store, mode, style);
    if (status == FTL_OK) status = ftl_store_allocate(l->store, 1, "G");
    if (status == FTL_OK) status = ftl_plan_create(&l->plan, graph, NULL);
    ftl_graph_free(graph);
    if (status != FTL_OK) return status;
    l->gain = ftl_store_find(l->store, words[style].gain);
    l->bias = ftl_store_find(l->store, words[style].bias);
    l->mean = ftl_store_find(l->store, words[style].mean);
    l->var = ftl_store_find(l->store, words[style].var);
    if (!l->gain || !l->bias || !l->mean || !l->var)
        return ftl_fail(FTL_EINPUT, "a tensor has another name");
    float *x = ftl_plan_input(l->plan, "x");
    for (int i = 0; i < N * C * SPACE; i++)
        x[i] = input(i / (C * SPACE), i / SPACE % C, i % SPACE);
    return FTL_OK;
}

static void set_state(layer *l) {
    for (int c = 0; c < C; c++) {
        l->gain->data[c] = 0.5f + (float)c;
        l->bias->data[c] = 0.1f * (float)c - 0.2f;
        l->mean->data[c] = 0.3f * (float)c;
        l->var->data[c] = 0.5f + (float)c;
    }
}

static void free_layer(layer *l) {
    ftl_plan_free(l->plan);
    ftl_store_free(l->store);
}

/* Mean and biased variance of a channel of the batch. */
static void batch_statistics(double *mean, double *var, int c) {
    *mean = *var = 0;
    for (int i = 0; i < COUNT; i++)
        *mean += (double)input(i / SPACE, c, i % SPACE) / COUNT;
    for (int i = 0; i < COUNT; i++)
        *var += pow((double)input(i / SPACE, c, i % SPACE) - *mean, 2) / COUNT;
}

static void check_outputs(const layer *l, ftl_batch_norm_style style,
        const double *mean, const double *var) {
    const float *y = ftl_plan_output(l->plan, "y");
    for (int n = 0; n < N; n++)
        for (int c = 0; c < C; c++)
            for (int s = 0; s < SPACE; s++) {
                double gain = (double)l->gain->data[c] + words[style].shift;
                double want = gain * ((double)input(n, c, s) - mean[c]) /
                                      sqrt(var[c] + 1e-5) +
                              (double)l->bias->data[c];
                FTL_CHECK_NEAR((double)y[(n * C + c) * SPACE + s], want, 1e-5);
            }
}

static void check_training(ftl_batch_norm_style style) {
    layer l;
    double mean[C], var[C];
    FTL_CHECK_OK(make_layer(&l, FTL_NET_TRAIN, style));
    FTL_CHECK(l.gain->kind == FTL_PARAMETER && l.bias->kind == FTL_PARAMETER);
    FTL_CHECK(l.mean->kind == FTL_BUFFER && l.var->kind == FTL_BUFFER);
    FTL_CHECK(l.gain->shape.rank == words[style].rank);
    for (int c = 0; c < C; c++) {
        /* A new layer normalises; one class's gain begins near 1 + 0. */
        FTL_CHECK_NEAR((double)l.gain->data[c] + words[style].shift, 1, 0.2);
        FTL_CHECK(l.mean->data[c] == 0 && l.var->data[c] == 1);
        batch_statistics(&mean[c], &var[c], c);
    }
    set_state(&l);
    ftl_plan_run(l.plan);
    check_outputs(&l, style, mean, var);
    FTL_CHECK(l.mean->data[1] == 0.3f);
    ftl_plan_commit(l.plan);
    for (int c = 0; c < C; c++) {
        double unbiased = var[c] * COUNT / (COUNT - 1);
        FTL_CHECK_NEAR((double)l.mean->data[c], 0.9 * 0.3 * c + 0.1 * mean[c], 1e-6);
        FTL_CHECK_NEAR((double)l.var->data[c], 0.9 * (0.5 + c) + 0.1 * unbiased, 1e-6);
    }
    free_layer(&l);
}

static void training_plain(void) { check_training(FTL_BN_PLAIN); }
static void training_conditional(void) { check_training(FTL_BN_CONDITIONAL); }
static void training_torch(void) { check_training(FTL_BN_TORCH); }

static void check_evaluation(ftl_batch_norm_style style) {
    layer l;
    const double mean[C] = {0, 0.3, 0.6}, var[C] = {0.5, 1.5, 2.5};
    FTL_CHECK_OK(make_layer(&l, FTL_NET_EVAL, style));
    set_state(&l);
    ftl_plan_run(l.plan);
    ftl_plan_commit(l.plan);
    check_outputs(&l, style, mean, var);
    for (int c = 0; c < C; c++)
        FTL_CHECK(l.mean->data[c] == 0.3f * (float)c &&
                  l.var->data[c] == 0.5f + (float)c);
    free_layer(&l);
}

static void evaluation_plain(void) { check_evaluation(FTL_BN_PLAIN); }
static void evaluation_conditional(void) { check_evaluation(FTL_BN_CONDITIONAL); }
static void evaluation_torch(void) { check_evaluation(FTL_BN_TORCH); }

/* A frozen layer in a network that trains: statistics of the batch, nothing written. */
static void frozen(void) {
    layer l;
    FTL_CHECK_OK(make_layer(&l, FTL_NET_TRAIN, FTL_BN_PLAIN));
    set_state(&l);
    FTL_CHECK(ftl_store_freeze(l.store, "G.bn.*") == 4);
    ftl_plan_run(l.plan);
    ftl_plan_commit(l.plan);
    for (int c = 0; c < C; c++)
        FTL_CHECK(l.mean->data[c] == 0.3f * (float)c &&
                  l.var->data[c] == 0.5f + (float)c);
    free_layer(&l);
}

int main(void) {
    FTL_TEST(training_plain);
    FTL_TEST(training_conditional);
    FTL_TEST(training_torch);
    FTL_TEST(evaluation_plain);
    FTL_TEST(evaluation_conditional);
    FTL_TEST(evaluation_torch);
    FTL_TEST(frozen);
    return ftl_test_finish();
}
