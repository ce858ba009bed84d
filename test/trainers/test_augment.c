/* test_augment.c - DiffAugment against plain loops, and its gradient as a
 * transpose. */
#include "trainers/augment.h"

#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

enum { N = 5, PX = 16, IMAGE = PX * PX, MAX = N * 3 * IMAGE };

static const ftl_random_key key = {.seed = 6, .stream = FTL_STREAM_TEST};

/* y = T(x) by the engine, and dx = the gradient of <w, y>. */
static ftl_status apply(float *y, float *dx, const float *x, const float *w,
        unsigned policy, int channels, int64_t first) {
    const ftl_shape shape = FTL_SHAPE(N, channels, PX, PX);
    const size_t bytes = (size_t)ftl_shape_count(shape) * sizeof *x;
    ftl_graph *graph = NULL;
    ftl_plan *plan = NULL;
    ftl_augment a;
    ftl_value in, weight, out, total, slope;
    ftl_status status;
    FTL_TRY_OUT(ftl_graph_create(&graph));
    FTL_TRY_OUT(ftl_graph_input(&in, graph, "x", FTL_F32, shape));
    FTL_TRY_OUT(ftl_graph_input(&weight, graph, "w", FTL_F32, shape));
    FTL_TRY_OUT(ftl_augment_begin(&a, graph, policy, shape));
    FTL_TRY_OUT(ftl_augment_apply(&out, &a, graph, in));
    FTL_TRY_OUT(ftl_dot(&total, graph, out, weight));
    FTL_TRY_OUT(ftl_gradient(graph, 1, &total, NULL, 1, &in, &slope));
    FTL_TRY_OUT(ftl_graph_output(graph, "y", out));
    FTL_TRY_OUT(ftl_graph_output(graph, "dx", slope));
    FTL_TRY_OUT(ftl_plan_create(&plan, graph, &(ftl_plan_options) {0}));
    memcpy(ftl_plan_input(plan, "x"), x, bytes);
    memcpy(ftl_plan_input(plan, "w"), w, bytes);
    /* In two parts, as a discriminator's batch is. */
    ftl_augment_draw(plan, policy, channels, PX, 0, 2, key, first);
    ftl_augment_draw(plan, policy, channels, PX, 2, N - 2, key, first + 2);
    ftl_plan_run(plan);
    memcpy(y, ftl_plan_output(plan, "y"), bytes);
    memcpy(dx, ftl_plan_output(plan, "dx"), bytes);
out:
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return status;
}

static double mean(const double *v, int n, int stride) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += v[(size_t)i * (size_t)stride] / n;
    return sum;
}

static void naive_colour(double *x, int channels, const float *u) {
    for (int i = 0; i < channels * IMAGE; i++)
        x[i] += (double)u[0] - 0.5;
    for (int i = 0; i < IMAGE; i++) {
        const double m = mean(x + i, channels, IMAGE);
        for (int c = 0; c < channels; c++)
            x[c * IMAGE + i] = m + 2 * (double)u[1] * (x[c * IMAGE + i] - m);
    }
    const double m = mean(x, channels * IMAGE, 1);
    for (int i = 0; i < channels * IMAGE; i++)
        x[i] = m + ((double)u[2] + 0.5) * (x[i] - m);
}

static void naive_translation(double *x, int channels, const float *u) {
    enum { REACH = 2, SIDE = 2 * REACH + 1 };
    const int code = (int)(u[3] * (SIDE * SIDE));
    const int down = code / SIDE - REACH, right = code % SIDE - REACH;
    double was[3 * IMAGE];
    memcpy(was, x, (size_t)(channels * IMAGE) * sizeof *x);
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < PX; i++)
            for (int j = 0; j < PX; j++) {
                const int row = i - down, column = j - right;
                const bool inside = row >= 0 && row < PX && column >= 0 && column < PX;
                x[(c * PX + i) * PX + j] =
                        inside ? was[(c * PX + row) * PX + column] : 0;
            }
}

static void naive_cutout(double *x, int channels, const float *u) {
    /* Half of 16 px around a centre 0 .. 16, which may lie behind the border. */
    const int row = (int)(u[4] * 17), column = (int)(u[5] * 17);
    for (int c = 0; c < channels; c++)
        for (int i = row - 4; i < row + 4; i++)
            for (int j = column - 4; j < column + 4; j++)
                if (i >= 0 && i < PX && j >= 0 && j < PX) x[(c * PX + i) * PX + j] = 0;
}

static void naive(
        double *y, const float *x, unsigned policy, int channels, int64_t first) {
    for (int n = 0; n < N; n++) {
        double *image = y + n * channels * IMAGE;
        float u[6];
        ftl_random_uniform(u, 6, key, (uint64_t)(first + n));
        for (int i = 0; i < channels * IMAGE; i++)
            image[i] = (double)x[n * channels * IMAGE + i];
        if (policy & FTL_AUGMENT_COLOUR) naive_colour(image, channels, u);
        if (policy & FTL_AUGMENT_TRANSLATION) naive_translation(image, channels, u);
        if (policy & FTL_AUGMENT_CUTOUT) naive_cutout(image, channels, u);
    }
}

static float x[MAX], w[MAX], y[MAX], base[MAX], dx[MAX], zero[MAX];
static double want[MAX];

/* Every policy, grey and coloured. */
static void images_change_as_they_should(void) {
    for (unsigned policy = 0; policy <= FTL_AUGMENT_ALL; policy++)
        for (int channels = 1; channels <= 3; channels += 2) {
            const int n = N * channels * IMAGE;
            const int64_t first = 10 * policy;
            double changed = 0, straight = 0, transposed = 0, size = 0;
            ftl_random_normal(x, (size_t)n, key, 1000);
            ftl_random_normal(w, (size_t)n, key, 1001);
            FTL_CHECK_OK(apply(base, dx, zero, w, policy, channels, first));
            FTL_CHECK_OK(apply(y, dx, x, w, policy, channels, first));
            naive(want, x, policy, channels, first);
            for (int i = 0; i < n; i++) {
                FTL_CHECK_NEAR((double)y[i], want[i], 1e-4);
                changed += fabs((double)(y[i] - x[i]));
                /* T is affine: <w, T(x) - T(0)> = <T' w, x>. */
                straight += (double)w[i] * ((double)y[i] - (double)base[i]);
                transposed += (double)dx[i] * (double)x[i];
                size += fabs((double)w[i] * (double)y[i]);
            }
            FTL_CHECK((changed > 0.1 * n) == (policy != 0));
            FTL_CHECK_NEAR(straight / size, transposed / size, 1e-5);
        }
}

int main(void) {
    FTL_TEST(images_change_as_they_should);
    return ftl_test_finish();
}
