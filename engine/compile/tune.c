/* tune.c - which kernel is faster, by trying; see tune.h.
 *
 * A convolution is tried in a graph of its own, between two ops that make its operands
 * images as they are in the networks (NHWC, bf16 in plans of bf16) and that are not
 * timed. */
#include "engine/compile/tune.h"

#include "engine/base/interrupt.h"
#include "engine/compile/winograd.h"
#include "engine/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 5 };

/* What decides against the rule must be worth it: measurements are noisy. */
#define MARGIN 0.95

/* An image that no one outside sees. */
static ftl_status add_image(
        ftl_value *x, ftl_graph *g, const char *name, ftl_shape shape) {
    ftl_value one;
    FTL_TRY(ftl_graph_input(x, g, name, FTL_F32, shape));
    FTL_TRY(ftl_graph_constant(&one, g, 1, FTL_SHAPE(shape.dim[1])));
    return ftl_channel_affine(x, g, *x, one, one);
}

static ftl_status add_weights(ftl_graph *g, const ftl_convolution *c, ftl_value x) {
    const ftl_conv3x3_attrs *a = &c->attrs;
    const bool up = a->resample == FTL_RESAMPLE_UP;
    ftl_value dy, dw;
    FTL_TRY(add_image(&dy, g, "dy", c->y_shape));
    if (a->resample == FTL_RESAMPLE_NONE) {
        FTL_TRY(ftl_conv_weights(&dw, g, x, dy, 1, 1, 3, 3));
    } else {
        const ftl_box_kernel_attrs box = {.scale = a->scale, .transposed = up};
        FTL_TRY(ftl_conv_weights(&dw, g, up ? dy : x, up ? x : dy, 2, 1, 4, 4));
        FTL_TRY(ftl_apply(&dw, g, &ftl_op_box_kernel_grad, &box, &dw));
    }
    return ftl_graph_output(g, "dw", dw);
}

/* The convolution as the networks say it, before the pass. */
static ftl_status add_conv(
        ftl_value *y, ftl_graph *g, const ftl_convolution *c, ftl_value x) {
    const ftl_conv3x3_attrs *a = &c->attrs;
    const ftl_shape s = c->y_shape;
    ftl_value w, b;
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, c->w_shape));
    if (a->resample == FTL_RESAMPLE_UP) {
        FTL_TRY(ftl_box_kernel(&w, g, w, a->scale, !a->transposed));
        FTL_TRY(ftl_conv_data(y, g, x, w, 2, 1, s.dim[2], s.dim[3]));
    } else if (a->resample == FTL_RESAMPLE_DOWN) {
        FTL_TRY(ftl_box_kernel(&w, g, w, a->scale, a->transposed));
        FTL_TRY(ftl_conv(y, g, x, w, 2, 1));
    } else if (a->transposed) {
        FTL_TRY(ftl_conv_data(y, g, x, w, 1, 1, s.dim[2], s.dim[3]));
    } else {
        FTL_TRY(ftl_conv(y, g, x, w, 1, 1));
    }
    if (!c->bias) return FTL_OK;
    FTL_TRY(ftl_graph_input(&b, g, "b", FTL_F32, FTL_SHAPE(s.dim[1])));
    return ftl_bias_add(y, g, *y, b);
}

static ftl_status describe(ftl_graph *g, const ftl_convolution *c) {
    ftl_value x, y;
    FTL_TRY(add_image(&x, g, "x", c->x_shape));
    if (c->op == &ftl_op_conv3x3_weights) return add_weights(g, c, x);
    FTL_TRY(add_conv(&y, g, c, x));
    FTL_TRY(ftl_spatial_sum(&y, g, y));
    return ftl_graph_output(g, "y", y);
}

/* Is the call one of those around the convolution, or brings images to it? */
static bool is_around(const ftl_plan_call_info *call, const ftl_convolution *c) {
    static const char *const names[] = {"fill", "channel_affine", "spatial_sum"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(call->op, names[i]) == 0) return true;
    return strcmp(call->op, "reorder") == 0 &&
           (ftl_shape_equal(call->shape, c->x_shape) ||
                   ftl_shape_equal(call->shape, c->y_shape));
}

/* The fastest of some runs. Inputs are 0: no kernel's speed depends on them. */
static ftl_status time_plan(double *best, ftl_plan *plan, const ftl_convolution *c) {
    const int n = ftl_plan_calls(plan);
    double *clock_s = malloc((size_t)(n + 1) * sizeof *clock_s);
    if (!clock_s) return ftl_fail(FTL_ENOMEM, "out of memory for trying kernels");
    *best = INFINITY;
    for (int run = 0; run <= RUNS; run++) {
        double total = 0;
        ftl_plan_run_timed(plan, clock_s);
        for (int i = 0; i < n; i++) {
            const ftl_plan_call_info call = ftl_plan_call(plan, i);
            if (!is_around(&call, c)) total += clock_s[i + 1] - clock_s[i];
        }
        if (run > 0) *best = fmin(*best, total); /* the first one fills caches */
    }
    free(clock_s);
    return FTL_OK;
}

static ftl_status time_choice(double *seconds, const ftl_graph *graph,
        const ftl_convolution *c, const char *word, const ftl_plan_options *plain) {
    char key[FTL_WINOGRAD_KEY];
    ftl_choices *choices;
    ftl_plan *plan = NULL;
    if (ftl_interrupt_pending())
        return ftl_fail(FTL_EINTERRUPTED, "interrupted while kernels were tried");
    ftl_winograd_key(key, c, plain->precision);
    FTL_TRY(ftl_choices_create(&choices));
    ftl_status status = ftl_choices_set(choices, key, word);
    const ftl_plan_options options = {
            .precision = plain->precision, .coarse = plain->coarse, .choices = choices};
    if (status == FTL_OK) status = ftl_plan_create(&plan, graph, &options);
    if (status == FTL_OK) status = time_plan(seconds, plan, c);
    ftl_plan_free(plan);
    ftl_choices_free(choices);
    return status;
}

static ftl_status try(ftl_choices *choices, const char *key, const ftl_convolution *c,
        const ftl_plan_options *plain) {
    ftl_graph *graph;
    double winograd = 0, direct = 0;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph, c);
    if (status == FTL_OK)
        status = time_choice(&winograd, graph, c, FTL_CHOICE_WINOGRAD, plain);
    if (status == FTL_OK)
        status = time_choice(&direct, graph, c, FTL_CHOICE_DIRECT, plain);
    ftl_graph_free(graph);
    if (status != FTL_OK) return status;
    const bool rule = ftl_winograd_rule(c);
    const bool take = rule ? direct >= MARGIN * winograd : winograd < MARGIN * direct;
    return ftl_choices_set(
            choices, key, take ? FTL_CHOICE_WINOGRAD : FTL_CHOICE_DIRECT);
}

ftl_status ftl_tune(
        ftl_choices *choices, const ftl_graph *graph, const ftl_plan_options *options) {
    int *uses = calloc((size_t)graph->n_values, sizeof *uses);
    ftl_status status = FTL_OK;
    if (!uses) return ftl_fail(FTL_ENOMEM, "out of memory for trying kernels");
    ftl_rewrite_count_uses(graph, uses);
    for (ftl_node n = 0; n < graph->n_nodes && status == FTL_OK; n++) {
        ftl_convolution c;
        char key[FTL_WINOGRAD_KEY];
        if (!ftl_winograd_match(&c, graph, uses, options->coarse, &graph->nodes[n]))
            continue;
        ftl_winograd_key(key, &c, options->precision);
        if (!ftl_choices_find(choices, key)) status = try(choices, key, &c, options);
    }
    free(uses);
    return status;
}
