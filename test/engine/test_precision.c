/* test_precision.c - what a plan in bf16 stores as bf16, and what it computes. */
#include "engine/backend/onednn.h"
#include "engine/base/random.h"
#include "engine/compile/program.h"
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, C = 24, PX = 12 };

/* The values of a small network that looks like a generator and a discriminator. */
typedef struct network {
    ftl_graph *graph;
    ftl_value z, w_first, w, w_last;
    ftl_value first, normal, active, last, image, pooled, skip, sum, features, loss;
    ftl_value gradient[3];
} network;

static ftl_status describe(network *n) {
    ftl_graph *g = n->graph;
    ftl_value gain, bias, mean, var, h, r;
    FTL_TRY(ftl_graph_input(&n->z, g, "z", FTL_F32, FTL_SHAPE(N, C * PX * PX)));
    FTL_TRY(ftl_graph_input(&n->w_first, g, "w_first", FTL_F32, FTL_SHAPE(C, C, 3, 3)));
    FTL_TRY(ftl_graph_input(&n->w_last, g, "w_last", FTL_F32, FTL_SHAPE(3, C, 3, 3)));
    FTL_TRY(ftl_graph_input(&h, g, "w", FTL_F32, FTL_SHAPE(C, 3, 3, 3)));
    FTL_TRY(ftl_affine(&n->w, g, h, 0.5f, 0)); /* a kernel that is computed */
    FTL_TRY(ftl_graph_constant(&gain, g, 1, FTL_SHAPE(C)));
    FTL_TRY(ftl_graph_constant(&bias, g, 0.25f, FTL_SHAPE(C)));
    FTL_TRY(ftl_reshape(&h, g, n->z, FTL_SHAPE(N, C, PX, PX)));
    FTL_TRY(ftl_conv(&n->first, g, h, n->w_first, 1, 1));
    FTL_TRY(ftl_batch_norm(&n->normal, &mean, &var, g, n->first, gain, bias, 1e-5f));
    FTL_TRY(ftl_relu(&n->active, g, n->normal));
    FTL_TRY(ftl_conv(&n->last, g, n->active, n->w_last, 1, 1));
    FTL_TRY(ftl_tanh(&n->image, g, n->last));
    FTL_TRY(ftl_avg_pool2(&n->pooled, g, n->image));
    FTL_TRY(ftl_conv(&n->skip, g, n->pooled, n->w, 1, 1));
    FTL_TRY(ftl_relu(&h, g, n->skip));
    FTL_TRY(ftl_add(&n->sum, g, h, n->skip));
    /* Behind a plain sum all gradients would be alike, and nothing left of them behind
     * the batch norm. */
    FTL_TRY(ftl_graph_input(&r, g, "r", FTL_F32, ftl_value_shape(g, n->sum)));
    FTL_TRY(ftl_mul(&h, g, n->sum, r));
    FTL_TRY(ftl_spatial_sum(&n->features, g, h));
    FTL_TRY(ftl_sum(&n->loss, g, n->features));
    const ftl_value wanted[] = {n->w_first, n->w_last, n->z};
    return ftl_gradient(g, 1, &n->loss, NULL, 3, wanted, n->gradient);
}

static ftl_status make(network *n) {
    FTL_TRY(ftl_graph_create(&n->graph));
    FTL_TRY(describe(n));
    FTL_TRY(ftl_graph_output(n->graph, "image", n->image));
    FTL_TRY(ftl_graph_output(n->graph, "loss", n->loss));
    FTL_TRY(ftl_graph_output(n->graph, "dw_first", n->gradient[0]));
    FTL_TRY(ftl_graph_output(n->graph, "dw_last", n->gradient[1]));
    return ftl_graph_output(n->graph, "dz", n->gradient[2]);
}

static bool is_read_by(const ftl_graph *graph, int value, const ftl_op *op) {
    for (ftl_node i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i].op->n_in; k++)
            if (graph->nodes[i].op == op && graph->nodes[i].in[k] == value) return true;
    return false;
}

static void images_between_convolutions(void) {
    network n;
    bool half[512];
    FTL_CHECK_OK(make(&n));
    FTL_CHECK(n.graph->n_values <= 512);
    ftl_precision_mark(half, n.graph);
    FTL_CHECK(half[n.first.id]);
    FTL_CHECK(half[n.normal.id]);
    FTL_CHECK(half[n.active.id]);
    FTL_CHECK(half[n.pooled.id]);
    FTL_CHECK(half[n.skip.id]);
    FTL_CHECK(half[n.sum.id]);
    FTL_CHECK(!half[n.last.id]); /* tanh reads it */
    FTL_CHECK(!half[n.image.id]);
    FTL_CHECK(!half[n.w.id]); /* of rank 4 too, but a kernel */
    FTL_CHECK(!half[n.features.id]);
    int gradients = 0;
    for (int v = 1; v < n.graph->n_values; v++) {
        const ftl_value_data *value = &n.graph->values[v];
        const ftl_op *op = n.graph->nodes[value->node].op;
        FTL_CHECK(!half[v] || value->shape.rank == 4);
        if (op == &ftl_op_conv_weights) FTL_CHECK(!half[v]);
        if (is_read_by(n.graph, v, &ftl_op_tanh_grad)) FTL_CHECK(!half[v]);
        if (op == &ftl_op_tanh_grad) FTL_CHECK(!half[v]);
        gradients += half[v] && (op == &ftl_op_conv_data || op == &ftl_op_relu_grad ||
                                        op == &ftl_op_batch_norm_grad);
    }
    FTL_CHECK(gradients >= 3);
    ftl_graph_free(n.graph);
}

static void program_free(ftl_program *program) {
    for (int i = 0; i < program->n_steps; i++) {
        const ftl_kernel *kernel = program->steps[i].kernel;
        if (kernel && kernel->release && program->steps[i].call.bound)
            kernel->release(program->steps[i].call.bound);
    }
    free(program->steps);
    free(program->slots);
    free(program->inputs);
    free(program->outputs);
    free(program->writes);
    ftl_arena_free(program->arena);
}

/* Convolutions compute in bf16, all of them; ports and weight gradients are float32. */
static void kernels_take_what_is_stored(void) {
    network n;
    ftl_program program = {0};
    FTL_CHECK_OK(make(&n));
    FTL_CHECK_OK(ftl_arena_create(&program.arena));
    FTL_CHECK_OK(
            ftl_choose(&program, n.graph, &(ftl_plan_options) {.precision = FTL_BF16}));
    int convolutions = 0, sums = 0;
    for (int i = 0; i < program.n_steps; i++) {
        const ftl_call *call = &program.steps[i].call;
        const ftl_op *op = call->op;
        if (op == &ftl_op_conv || op == &ftl_op_conv_data ||
                op == &ftl_op_conv_weights) {
            convolutions++;
            FTL_CHECK(call->in[0].type == FTL_BF16 && call->in[1].type == FTL_BF16);
        }
        if (op == &ftl_op_conv_weights) FTL_CHECK(call->out[0].type == FTL_F32);
        if (op == &ftl_op_add && call->out[0].type == FTL_BF16) sums++;
        if (!program.steps[i].kernel)
            for (int k = 0; k < op->n_in; k++)
                FTL_CHECK(call->in[k].type != FTL_BF16);
    }
    FTL_CHECK(convolutions == 8);
    FTL_CHECK(sums > 0);
    for (int i = 0; i < program.n_outputs; i++)
        FTL_CHECK(program.slots[program.outputs[i].slot].tensor.type == FTL_F32);
    program_free(&program);
    ftl_graph_free(n.graph);
}

static void fill(ftl_plan *plan) {
    static const struct {
        const char *name;
        int n;
        float scale;
    } inputs[] = {{"z", N * C * PX * PX, 1}, {"w_first", C * C * 9, 0.07f},
            {"w_last", 3 * C * 9, 0.07f}, {"w", C * 27, 0.2f},
            {"r", N * C * PX * PX / 4, 1}};
    const ftl_random_key key = {.seed = 3, .stream = FTL_STREAM_TEST};
    for (int i = 0; i < 5; i++) {
        float *x = ftl_plan_input(plan, inputs[i].name);
        ftl_random_normal(x, (size_t)inputs[i].n, key, (uint64_t)i);
        for (int k = 0; k < inputs[i].n; k++)
            x[k] *= inputs[i].scale;
    }
}

static ftl_status run(ftl_plan **plan, const ftl_plan_options *options) {
    network n;
    ftl_status status = make(&n);
    if (status == FTL_OK) status = ftl_plan_create(plan, n.graph, options);
    ftl_graph_free(n.graph);
    if (status != FTL_OK) return status;
    fill(*plan);
    ftl_plan_run(*plan);
    return FTL_OK;
}

/* Root mean square of the difference, relative to that of `want`. */
static double distance(
        const ftl_plan *got, const ftl_plan *want, const char *name, int n) {
    const float *x = ftl_plan_output(got, name), *y = ftl_plan_output(want, name);
    double apart = 0, size = 0;
    for (int i = 0; i < n; i++) {
        apart += pow((double)x[i] - (double)y[i], 2);
        size += pow((double)y[i], 2);
    }
    return sqrt(apart / size);
}

/* A rounding is off by 2^-9 in the mean; the few on the way to the image add like
 * random steps. What is off by 2^-8 of its deviation has the wrong sign in one of 2^8
 * cases, in which a ReLU passes a gradient that it should stop, or the reverse:
 * gradients are off by the root of that. */
static void results_are_those_of_float32(void) {
    ftl_plan *wide, *half, *debug;
    FTL_CHECK_OK(run(&wide, NULL));
    FTL_CHECK_OK(run(&half, &(ftl_plan_options) {.precision = FTL_BF16}));
    FTL_CHECK_OK(
            run(&debug, &(ftl_plan_options) {.precision = FTL_BF16, .debug = true}));
    const struct {
        const char *name;
        int n;
        double tolerance;
    } outputs[] = {{"image", N * 3 * PX * PX, 0x1p-7}, {"dw_first", C * C * 9, 0x1p-4},
            {"dw_last", 3 * C * 9, 0x1p-4}, {"dz", N * C * PX * PX, 0x1p-4}};
    for (int i = 0; i < 4; i++) {
        const double far = distance(half, wide, outputs[i].name, outputs[i].n);
        FTL_CHECK_NEAR(far, 0, outputs[i].tolerance);
        FTL_CHECK(far > 1e-4); /* it was rounded at all */
        FTL_CHECK(!memcmp(ftl_plan_output(half, outputs[i].name),
                ftl_plan_output(debug, outputs[i].name),
                (size_t)outputs[i].n * sizeof(float)));
    }
    ftl_plan_free(wide);
    ftl_plan_free(half);
    ftl_plan_free(debug);
}

static void nan_in_bf16_is_found(void) {
    ftl_plan *plan;
    FTL_CHECK_OK(run(&plan, &(ftl_plan_options) {.precision = FTL_BF16}));
    FTL_CHECK_OK(ftl_plan_run_checked(plan));
    float *w = ftl_plan_input(plan, "w_first");
    for (int i = 0; i < C * C * 9; i++)
        w[i] = 1e38f;
    FTL_CHECK_FAILS(ftl_plan_run_checked(plan), FTL_ENUMERIC, "NaN or infinity");
    ftl_plan_free(plan);
}

static void is_refused_where_it_is_emulated(void) {
    ftl_plan *plan;
    const ftl_plan_options options = {.precision = FTL_BF16};
    FTL_CHECK_FAILS(run(&plan, &options), FTL_EUNSUPPORTED, "computes no bf16");
}

int main(void) {
    FTL_TEST(images_between_convolutions);
    if (!ftl_onednn_has_bf16()) {
        FTL_TEST(is_refused_where_it_is_emulated);
        return ftl_test_finish();
    }
    FTL_TEST(kernels_take_what_is_stored);
    FTL_TEST(results_are_those_of_float32);
    FTL_TEST(nan_in_bf16_is_found);
    return ftl_test_finish();
}
