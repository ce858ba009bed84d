/* test_lecam.c - LeCam's regulariser in a discriminator step, against the rule computed
 * from the scores in double. */
#include "engine/base/random.h"
#include "engine/ops/ops.h"
#include "test/harness.h"
#include "trainers/gan.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4, Z_DIM = 8, PX = 32 };
#define WEIGHT 0.7
#define DECAY 0.9

static void fill(ftl_plan *plan, const char *name, int64_t n, uint64_t step) {
    ftl_random_normal(ftl_plan_input(plan, name), (size_t)n,
            (ftl_random_key) {.seed = 4, .stream = FTL_STREAM_TEST, .step = step}, 0);
}

static void fill_both(ftl_plan *plan, uint64_t step) {
    fill(plan, "z", (int64_t)BATCH * Z_DIM, step);
    fill(plan, "x0", (int64_t)BATCH * PX * PX, step + 100);
}

static ftl_status describe_scores(ftl_graph *graph, ftl_gan *gan) {
    ftl_value z, x, fake, both, score;
    ftl_net net;
    FTL_TRY(ftl_graph_input(&z, graph, "z", FTL_F32, FTL_SHAPE(BATCH, Z_DIM)));
    FTL_TRY(ftl_graph_input(&x, graph, "x0", FTL_F32, FTL_SHAPE(BATCH, 1, PX, PX)));
    FTL_TRY(ftl_net_begin(&net, graph, gan->g, FTL_NET_TRAIN));
    FTL_TRY(gan->model->generator(&fake, &net, z, &gan->options));
    ftl_net_end(&net);
    FTL_TRY(ftl_concat(&both, graph, x, fake));
    FTL_TRY(ftl_net_begin(&net, graph, gan->d[0].store, FTL_NET_TRAIN));
    FTL_TRY(gan->model->discriminator(&score, &net, both, &gan->options));
    ftl_net_end(&net);
    return ftl_graph_output(graph, "score", score);
}

/* D's scores of real, then of generated images. Nothing is committed. */
static ftl_status scores(double out[2 * BATCH], ftl_gan *gan, uint64_t step) {
    ftl_graph *graph;
    ftl_plan *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_scores(graph, gan);
    if (status == FTL_OK)
        status = ftl_plan_create(
                &plan, graph, &(ftl_plan_options) {.memory = gan->memory});
    ftl_graph_free(graph);
    FTL_TRY(status);
    fill_both(plan, step);
    ftl_plan_run(plan);
    for (int i = 0; i < 2 * BATCH; i++)
        out[i] = (double)((const float *)ftl_plan_output(plan, "score"))[i];
    ftl_plan_free(plan);
    return FTL_OK;
}

static double mean(const double *v) {
    double sum = 0;
    for (int i = 0; i < BATCH; i++)
        sum += v[i] / BATCH;
    return sum;
}

/* Hinge losses and the regulariser with these running means. */
static double loss(const double *s, double mean_real, double mean_fake) {
    double sum = 0;
    for (int i = 0; i < BATCH; i++) {
        const double real = s[i], fake = s[BATCH + i];
        sum += fmax(0, 1 - real) + fmax(0, 1 + fake) +
               WEIGHT * (pow(real - mean_fake, 2) + pow(fake - mean_real, 2));
    }
    return sum / BATCH;
}

/* d loss / d one bias by central differences of width 2 h, small where there are kinks;
 * the running means stand still. */
static ftl_status slope(double *out, ftl_gan *gan, const char *name, double h,
        uint64_t step, double mean_real, double mean_fake) {
    double s[2][2 * BATCH];
    float *w = ftl_store_find(gan->d[0].store, name)->data;
    const float was = w[0];
    for (int i = 0; i < 2; i++) {
        w[0] = was + (float)(i ? h : -h);
        FTL_TRY(scores(s[i], gan, step));
    }
    w[0] = was;
    *out = (loss(s[1], mean_real, mean_fake) - loss(s[0], mean_real, mean_fake)) /
           (2 * h);
    return FTL_OK;
}

static double gradient(const ftl_gan *gan, const char *name) {
    const ftl_adam *adam = &gan->d[0].adam;
    return (double)ftl_adam_gradient(adam, ftl_store_find(adam->store, name))[0];
}

static void steps_follow_the_rule(void) {
    static const char *const names[] = {"linear.bias", "blocks.3.0.conv2.bias"};
    const ftl_gan_options options = {
            .resolution = PX, .channels = 1, .ch = 2, .z_dim = Z_DIM};
    ftl_gan gan;
    ftl_plan *plan;
    double mean_real = 0, mean_fake = 0;
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &options, 3, false));
    gan.lecam = (ftl_lecam) {.weight = WEIGHT, .decay = DECAY};
    FTL_CHECK_OK(ftl_gan_plan_d(&plan, &gan, BATCH));
    for (uint64_t step = 0; step < 3; step++) {
        const double keep = step ? DECAY : 0; /* the first batch is the first mean */
        double s[2 * BATCH], want = 0;
        FTL_CHECK_OK(scores(s, &gan, step));
        mean_real = keep * mean_real + (1 - keep) * mean(s);
        mean_fake = keep * mean_fake + (1 - keep) * mean(s + BATCH);
        fill_both(plan, step);
        ftl_gan_prepare_d(&gan, plan);
        ftl_plan_run(plan);
        ftl_gan_accept_d(&gan, plan);
        FTL_CHECK_NEAR((double)gan.d[0].mean_real / mean_real, 1, 1e-4);
        FTL_CHECK_NEAR((double)gan.d[0].mean_fake / mean_fake, 1, 1e-4);
        for (int i = 0; i < 2; i++) {
            FTL_CHECK_OK(slope(&want, &gan, names[i], i ? 1e-3 : 1e-2, step, mean_real,
                    mean_fake));
            FTL_CHECK(fabs(want) > 0.1);
            FTL_CHECK_NEAR(gradient(&gan, names[i]) / want, 1, 1e-2);
        }
        /* So that the means of the next step are others. */
        ftl_store_find(gan.d[0].store, "linear.bias")->data[0] -= 30;
    }
    ftl_plan_free(plan);
    ftl_gan_deinit(&gan);
}

int main(void) {
    FTL_TEST(steps_follow_the_rule);
    return ftl_test_finish();
}
