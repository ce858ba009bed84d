/* The pass that puts what stands behind a 3x3 convolution into it: where it does, where
 * it must not, and plans with it against reference plans, gradients included. */
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/engine/plan_check.h"
#include "test/harness.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, PX = 16 };

/* How a block is put together. */
typedef struct block {
    int64_t channels;
    bool up;     /* the residual is upsampled */
    bool turned; /* r + conv, not conv + r */
    bool bare;   /* the convolution's result is an output as well */
    bool large;  /* the upsampled residual is */
} block;

/* y = conv(h) + b + r, with h and r from x, as in a residual block, and for the loss
 * sum(y^2) the gradients of x and w. */
static ftl_status describe(ftl_graph *g, const block *b) {
    const int64_t c = b->channels, px = b->up ? PX / 2 : PX;
    ftl_value x, w, bias, h, r, y, loss, d[2];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N, c, px, px)));
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, FTL_SHAPE(c, c, 3, 3)));
    FTL_TRY(ftl_graph_input(&bias, g, "b", FTL_F32, FTL_SHAPE(c)));
    FTL_TRY(ftl_affine(&r, g, x, 2, 0));
    h = x;
    if (b->up) {
        FTL_TRY(ftl_upsample2(&h, g, h));
        FTL_TRY(ftl_upsample2(&r, g, r));
    }
    FTL_TRY(ftl_tanh(&h, g, h));
    FTL_TRY(ftl_conv(&h, g, h, w, 1, 1));
    FTL_TRY(ftl_bias_add(&h, g, h, bias));
    if (b->bare) FTL_TRY(ftl_graph_output(g, "bare", h));
    if (b->large) FTL_TRY(ftl_graph_output(g, "large", r));
    FTL_TRY(b->turned ? ftl_add(&y, g, r, h) : ftl_add(&y, g, h, r));
    FTL_TRY(ftl_graph_output(g, "y", y));
    FTL_TRY(ftl_mul(&loss, g, y, y));
    FTL_TRY(ftl_sum(&loss, g, loss));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, (ftl_value[]) {x, w}, d));
    FTL_TRY(ftl_graph_output(g, "dx", d[0]));
    return ftl_graph_output(g, "dw", d[1]);
}

static void fill(ftl_plan *plan, const char *name, int64_t n) {
    float *x = ftl_plan_input(plan, name);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(i * 7919 % 1009) / 1009 - 0.4f;
}

/* Plan and reference plan, having run. */
static ftl_status run_both(ftl_plan *plans[2], const block *b) {
    const ftl_plan_options options[2] = {{0}, {.reference_only = true}};
    const int64_t px = b->up ? PX / 2 : PX;
    ftl_graph *graph;
    ftl_status status = ftl_graph_create(&graph);
    if (status == FTL_OK) status = describe(graph, b);
    for (int i = 0; i < 2 && status == FTL_OK; i++) {
        status = ftl_plan_create(&plans[i], graph, &options[i]);
        if (status != FTL_OK) break;
        fill(plans[i], "x", N * b->channels * px * px);
        fill(plans[i], "w", b->channels * b->channels * 9);
        fill(plans[i], "b", b->channels);
        ftl_plan_run(plans[i]);
    }
    ftl_graph_free(graph);
    return status;
}

/* fused: conv3x3_add is expected; ups: upsample2 of forward and backward. */
static void compare(const block *b, bool fused, int ups) {
    const int64_t c = b->channels, px = b->up ? PX / 2 : PX;
    ftl_plan *p[2] = {NULL, NULL};
    FTL_CHECK_OK(run_both(p, b));
    const bool same = plan_near(p[0], p[1], "y", N * c * PX * PX) &&
                      plan_near(p[0], p[1], "dx", N * c * px * px) &&
                      plan_near(p[0], p[1], "dw", c * c * 9);
    const bool bare = !b->bare || plan_near(p[0], p[1], "bare", N * c * PX * PX);
    const bool large = !b->large || plan_near(p[0], p[1], "large", N * c * PX * PX);
    const int adds = plan_count(p[0], "conv3x3_add"),
              found = plan_count(p[0], "upsample2");
    const int reference = plan_count(p[1], "conv3x3_add");
    ftl_plan_free(p[0]);
    ftl_plan_free(p[1]);
    FTL_CHECK(adds == fused);
    FTL_CHECK(found == ups);
    FTL_CHECK(reference == 0);
    FTL_CHECK(same && bare && large);
}

static void a_residual_is_added_by_the_convolution(void) {
    compare(&(block) {.channels = 16}, true, 0);
    compare(&(block) {.channels = 16, .turned = true}, true, 0);
}

static void an_upsampled_residual_is_never_stored(void) {
    compare(&(block) {.channels = 16, .up = true}, true, 1);
    compare(&(block) {.channels = 16, .up = true, .turned = true}, true, 1);
}

static void what_others_read_is_stored(void) {
    compare(&(block) {.channels = 16, .bare = true}, false, 0);
    compare(&(block) {.channels = 16, .up = true, .bare = true}, false, 2);
    /* The sum is the convolution's, of the upsampled residual as it is. */
    compare(&(block) {.channels = 16, .up = true, .large = true}, true, 2);
}

/* Convolutions of other kernels. */
static void odd_channels_stay_as_they_are(void) {
    compare(&(block) {.channels = 5}, false, 0);
    compare(&(block) {.channels = 5, .up = true}, false, 2);
}

/* y = conv(relu(x)), whose gradient ends with a relu_grad; the gradient in front of it
 * is an output too if others read it. */
static ftl_status describe_relu(ftl_graph *g, int64_t c, bool read) {
    ftl_value x, w, h, y, loss, d[2];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N, c, PX, PX)));
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, FTL_SHAPE(c, c, 3, 3)));
    FTL_TRY(ftl_relu(&h, g, x));
    FTL_TRY(ftl_conv(&y, g, h, w, 1, 1));
    FTL_TRY(ftl_mul(&loss, g, y, y));
    FTL_TRY(ftl_sum(&loss, g, loss));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, (ftl_value[]) {x, h}, d));
    if (read) FTL_TRY(ftl_graph_output(g, "dh", d[1]));
    return ftl_graph_output(g, "dx", d[0]);
}

static void compare_relu(int64_t c, bool read, bool fused) {
    const ftl_plan_options options[2] = {{0}, {.reference_only = true}};
    ftl_plan *p[2];
    ftl_graph *graph;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe_relu(graph, c, read));
    for (int i = 0; i < 2; i++) {
        FTL_CHECK_OK(ftl_plan_create(&p[i], graph, &options[i]));
        fill(p[i], "x", N * c * PX * PX);
        fill(p[i], "w", c * c * 9);
        ftl_plan_run(p[i]);
    }
    ftl_graph_free(graph);
    const bool same = plan_near(p[0], p[1], "dx", N * c * PX * PX);
    const int masks = plan_count(p[0], "conv3x3_mask"),
              grads = plan_count(p[0], "relu_grad");
    ftl_plan_free(p[0]);
    ftl_plan_free(p[1]);
    FTL_CHECK(masks == fused && grads == !fused);
    FTL_CHECK(same);
}

static void a_gradient_is_masked_by_the_convolution(void) {
    compare_relu(16, false, true);
    compare_relu(16, true, false);
    compare_relu(5, false, false);
}

int main(void) {
    FTL_TEST(a_residual_is_added_by_the_convolution);
    FTL_TEST(an_upsampled_residual_is_never_stored);
    FTL_TEST(what_others_read_is_stored);
    FTL_TEST(odd_channels_stay_as_they_are);
    FTL_TEST(a_gradient_is_masked_by_the_convolution);
    return ftl_test_finish();
}
