/* test_parity_inception.c - the Inception graph of 2015 against PyTorch, layer by
 * layer, with random weights: what each of the 94 convolutions gives for two images,
 * and the features. Weights follow from a hash of their names, as in
 * test/golden/make_inception.py, which made the file; the batch normalisation behind
 * each convolution is folded here as tools/convert_inception.py folds it. */
#include "engine/graph_data.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"
#include "test/trainers/golden.h"
#include "test/trainers/noise.h"
#include "trainers/inception_input.h"
#include "trainers/models/inception.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-5

enum { IMAGES = 2, HEIGHT = 40, WIDTH = 52, LAYERS = 94, PX = FTL_INCEPTION_PX };

static uint8_t pixels[IMAGES * HEIGHT * WIDTH * 3];
static const ftl_pack pack = {
        .n = IMAGES, .height = HEIGHT, .width = WIDTH, .channels = 3, .images = pixels};

static float *numbers(
        int64_t n, const char *layer, const char *tensor, float scale, float shift) {
    char name[128];
    float *out = malloc((size_t)n * sizeof *out);
    if (!out) abort();
    snprintf(name, sizeof name, "%s.%s", layer, tensor);
    ftl_test_noise(out, n, name, scale, shift);
    return out;
}

/* weight and bias of one layer, from a kernel and a batch normalisation without gain:
 * y = (conv(x, w) - mean) / sqrt(var + 1e-3) + beta */
static void fill_layer(const ftl_store *store, const ftl_state *weight) {
    char layer[96], name[128];
    const int64_t out = weight->shape.dim[0];
    const int64_t each = ftl_shape_count(weight->shape) / out;
    snprintf(
            layer, sizeof layer, "%.*s", (int)(strlen(weight->name) - 7), weight->name);
    snprintf(name, sizeof name, "%s.bias", layer);
    const ftl_state *bias = ftl_store_find(store, name);
    float *w = numbers(out * each, layer, "conv.weight", sqrtf(2 / (float)each), 0);
    float *beta = numbers(out, layer, "bn.bias", 0.2f, 0);
    float *mean = numbers(out, layer, "bn.running_mean", 0.2f, 0);
    float *var = numbers(out, layer, "bn.running_var", 0.3f, 1);
    for (int64_t o = 0; o < out; o++) {
        const double gain = 1 / sqrt((double)var[o] + 1e-3);
        for (int64_t i = 0; i < each; i++)
            weight->data[o * each + i] = (float)(gain * (double)w[o * each + i]);
        bias->data[o] = (float)((double)beta[o] - gain * (double)mean[o]);
    }
    free(w);
    free(beta);
    free(mean);
    free(var);
}

static void fill(const ftl_store *store) {
    for (int i = 0; i < store->n_states; i++)
        if (store->state[i]->shape.rank == 4) fill_layer(store, store->state[i]);
}

static void draw_images(void) {
    float *noise = malloc(sizeof pixels * sizeof *noise);
    if (!noise) abort();
    ftl_test_noise(noise, sizeof pixels, "images", 1, 0);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)floor((double)noise[i] / sqrt(3) * 128 + 128);
    free(noise);
}

/* Each ReLU is the end of a layer, and an output under its name. */
static ftl_status add_outputs(ftl_graph *g, int *n_layers) {
    const int n = g->n_nodes;
    *n_layers = 0;
    for (int i = 0; i < n; i++) {
        if (g->nodes[i].op != &ftl_op_relu) continue;
        const char *layer = strchr(g->nodes[i].layer, '.') + 1;
        FTL_TRY(ftl_graph_output(g, layer, ftl_node_output(g, i, 0)));
        ++*n_layers;
    }
    return FTL_OK;
}

static ftl_status describe(ftl_graph *g, ftl_store *store, int *n_layers) {
    ftl_net net;
    ftl_value x, features;
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(IMAGES, 3, PX, PX)));
    FTL_TRY(ftl_net_begin(&net, g, store, FTL_NET_EVAL));
    FTL_TRY(ftl_inception_2015(&features, &net, x));
    ftl_net_end(&net);
    FTL_TRY(add_outputs(g, n_layers));
    return ftl_graph_output(g, "features", features);
}

static ftl_status compile(ftl_plan **plan, ftl_store *store, int *n_layers) {
    ftl_graph *graph;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, store, n_layers);
    if (status == FTL_OK) status = ftl_store_allocate(store, 0, "inception");
    if (status == FTL_OK) status = ftl_plan_create(plan, graph, NULL);
    ftl_graph_free(graph);
    return status;
}

/* Compare the sample of an output that the file has. */
static void check(ftl_golden *golden, int samples, const float *x, int64_t count,
        const char *path) {
    float *got = malloc((size_t)samples * sizeof *got);
    if (!got) abort();
    for (int i = 0; i < samples; i++)
        got[i] = x[(uint64_t)i * 2654435761u % (uint64_t)count];
    ftl_golden_check(golden, got, samples, TOLERANCE, FTL_GOLDEN_WHOLE, path);
    free(got);
}

static void check_layers(
        ftl_golden *golden, int samples, const ftl_plan *plan, const ftl_graph *graph) {
    for (int i = 0; i < graph->n_nodes; i++) {
        char path[128];
        if (graph->nodes[i].op != &ftl_op_relu) continue;
        const char *layer = strchr(graph->nodes[i].layer, '.') + 1;
        const ftl_shape shape = ftl_value_shape(graph, ftl_node_output(graph, i, 0));
        snprintf(path, sizeof path, "/layers/%s", layer);
        check(golden, samples, ftl_plan_output(plan, layer), ftl_shape_count(shape),
                path);
    }
}

static void every_layer_agrees(void) {
    ftl_golden golden;
    ftl_store *store;
    ftl_graph *graph;
    ftl_plan *plan;
    int samples, n_layers;
    const int64_t index[IMAGES] = {0, 1};
    FTL_CHECK_OK(ftl_golden_open(&golden, "inception"));
    FTL_CHECK_OK(ftl_golden_int(&samples, &golden, "samples"));
    FTL_CHECK_OK(ftl_store_create(&store, "inception"));
    FTL_CHECK_OK(compile(&plan, store, &n_layers));
    FTL_CHECK(n_layers == LAYERS && store->n_states == 2 * LAYERS);
    fill(store);
    draw_images();
    float *x = ftl_plan_input(plan, "x");
    ftl_inception_gather(x, &pack, index, IMAGES);
    check(&golden, samples, x, (int64_t)IMAGES * 3 * PX * PX, "/input");
    ftl_plan_run(plan);
    FTL_CHECK_OK(ftl_graph_create(&graph)); /* for the shapes: the same nodes again */
    FTL_CHECK_OK(describe(graph, store, &n_layers));
    check_layers(&golden, samples, plan, graph);
    check(&golden, samples, ftl_plan_output(plan, "features"),
            (int64_t)IMAGES * FTL_INCEPTION_FEATURES, "/features");
    ftl_graph_free(graph);
    ftl_plan_free(plan);
    ftl_store_free(store);
    ftl_golden_close(&golden);
}

int main(void) {
    FTL_TEST(every_layer_agrees);
    return ftl_test_finish();
}
