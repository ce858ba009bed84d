/* test_bf16_gradients.c - gradients of BigGAN's phases in bf16 point where those in
 * float32 do, for each parameter: their cosine is no worse than that of PyTorch's
 * gradients under autocast, which test/golden/make_bf16.py measured on the same
 * networks and inputs, minus 0.01. On average over some batches of latents: in a single
 * one the luck of a rounding moves the worst of them by as much. */
#include "engine/backend/onednn.h"
#include "test/harness.h"
#include "test/trainers/golden.h"
#include "test/trainers/noise.h"
#include "trainers/gan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 0.01
/* Of the network's largest norm: below, PyTorch's script takes a gradient for 0. */
#define ZERO 1e-6

static bool ends(const char *name, const char *end) {
    const size_t n = strlen(name), k = strlen(end);
    return n >= k && strcmp(name + n - k, end) == 0;
}

static void fill(ftl_store *store, const char *prefix) {
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *s = store->state[i];
        const int64_t n = ftl_shape_count(s->shape);
        char name[128];
        snprintf(name, sizeof name, "%s.%s", prefix, s->name);
        if (s->kind == FTL_BUFFER) {
            if (ends(s->name, "u0")) ftl_test_noise(s->data, n, name, 1, 0);
        } else if (ends(s->name, ".gain.weight") || ends(s->name, "bias.weight") ||
                   ends(s->name, "bias")) {
            ftl_test_noise(s->data, n, name, 0.05f, 0);
        } else if (ends(s->name, ".gain")) {
            ftl_test_noise(s->data, n, name, 0.05f, 1);
        } else {
            ftl_test_noise(
                    s->data, n, name, 1 / sqrtf((float)(n / s->shape.dim[0])), 0);
        }
    }
}

static void blurred(float *out, int64_t planes, int64_t px) {
    const int64_t coarse_px = px / 8;
    float *coarse = malloc((size_t)(planes * coarse_px * coarse_px) * sizeof *coarse);
    ftl_test_noise(coarse, planes * coarse_px * coarse_px, "x.coarse", 1, 0);
    ftl_test_noise(out, planes * px * px, "x.fine", 0.2f, 0);
    for (int64_t i = 0; i < planes * px * px; i++) {
        const int64_t plane = i / px / px, row = i / px % px / 8, column = i % px / 8;
        out[i] = tanhf(coarse[(plane * coarse_px + row) * coarse_px + column] + out[i]);
    }
    free(coarse);
}

typedef struct network_case {
    const char *name; /* "biggan32" */
    ftl_golden golden;
    ftl_gan gan;
    int batch;
} network_case;

static ftl_status read_int(int *out, network_case *c, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%s_%s", c->name, what);
    return ftl_golden_int(out, &c->golden, name);
}

static ftl_status read_real(double *out, network_case *c, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%s_%s", c->name, what);
    return ftl_golden_real(out, &c->golden, name);
}

/* Singular vectors follow the weights, by G phases that are accepted. */
static ftl_status settle(network_case *c) {
    ftl_plan *plan;
    int passes;
    FTL_TRY(ftl_golden_int(&passes, &c->golden, "settle"));
    FTL_TRY(ftl_gan_plan_g(&plan, &c->gan, c->batch));
    for (int k = 0; k < passes; k++) {
        char name[32];
        snprintf(name, sizeof name, "settle%d", k);
        ftl_test_noise(
                ftl_plan_input(plan, "z"), c->batch * c->gan.options.z_dim, name, 1, 0);
        ftl_plan_run(plan);
        ftl_plan_commit(plan);
    }
    ftl_plan_free(plan);
    return FTL_OK;
}

static ftl_status begin(network_case *c, const char *name) {
    ftl_gan_options options = {0};
    double shift;
    *c = (network_case) {.name = name};
    FTL_TRY(ftl_golden_open(&c->golden, "bf16"));
    FTL_TRY(read_int(&options.resolution, c, "resolution"));
    FTL_TRY(read_int(&options.channels, c, "channels"));
    FTL_TRY(read_int(&options.ch, c, "ch"));
    FTL_TRY(read_int(&options.z_dim, c, "z_dim"));
    FTL_TRY(read_int(&c->batch, c, "batch"));
    FTL_TRY(read_real(&shift, c, "shift"));
    FTL_TRY(ftl_gan_init(&c->gan, &ftl_biggan, &options, 1, false));
    fill(c->gan.g, "G");
    fill(c->gan.d[0].store, "D");
    FTL_TRY(settle(c));
    ftl_store_find(c->gan.d[0].store, "linear.bias")->data[0] -= (float)shift;
    return FTL_OK;
}

static void end(network_case *c) {
    ftl_gan_deinit(&c->gan);
    ftl_golden_close(&c->golden);
}

/* One phase for one draw of latents: its gradients stay in the optimiser's block. */
static ftl_status run_phase(
        double *loss, network_case *c, char phase, ftl_type type, int draw) {
    char name[16];
    ftl_plan *plan;
    const int px = c->gan.options.resolution;
    c->gan.options.precision = type;
    FTL_TRY(phase == 'D' ? ftl_gan_plan_d(&plan, &c->gan, c->batch)
                         : ftl_gan_plan_g(&plan, &c->gan, c->batch));
    snprintf(name, sizeof name, "z%d", draw);
    ftl_test_noise(
            ftl_plan_input(plan, "z"), c->batch * c->gan.options.z_dim, name, 1, 0);
    if (phase == 'D')
        blurred(ftl_plan_input(plan, "x0"), c->batch * c->gan.options.channels, px);
    ftl_plan_run(plan);
    if (phase == 'D')
        *loss = (double)*(const float *)ftl_plan_output(plan, "real0") +
                (double)*(const float *)ftl_plan_output(plan, "fake0");
    else
        *loss = (double)*(const float *)ftl_plan_output(plan, "loss");
    ftl_plan_free(plan);
    return FTL_OK;
}

static double norm(const float *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static double cosine(const float *x, const float *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)y[i];
    return sum / (norm(x, n) * norm(y, n));
}

/* Cosines of the gradients in bf16 to those in float32, `wide`, are added up; NaN where
 * a gradient is taken for 0. */
static void add_cosines(double *sum, const ftl_adam *adam, const float *wide) {
    const ftl_store *store = adam->store;
    double largest = 0;
    for (int i = 0; i < store->n_states; i++)
        if (store->state[i]->kind == FTL_PARAMETER)
            largest = fmax(largest, norm(wide + store->state[i]->offset,
                                            ftl_shape_count(store->state[i]->shape)));
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *s = store->state[i];
        const int64_t n = ftl_shape_count(s->shape);
        if (s->kind != FTL_PARAMETER) continue;
        sum[i] += norm(wide + s->offset, n) <= ZERO * largest
                          ? (double)NAN
                          : cosine(wide + s->offset, ftl_adam_gradient(adam, s), n);
    }
}

/* Each parameter's mean cosine against PyTorch's. */
static void compare(network_case *c, char phase, const ftl_store *store,
        const double *sum, int n_draws) {
    double worst = 1;
    int n_compared = 0, n_stored = 0;
    char path[160];
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *s = store->state[i];
        float theirs;
        if (s->kind != FTL_PARAMETER) continue;
        snprintf(path, sizeof path, "/%s/%c/%s", c->name, phase, s->name);
        n_stored += ftl_h5_has(c->golden.h5, path);
        if (isnan(sum[i])) continue;
        FTL_CHECK_OK(ftl_golden_read(&c->golden, &theirs, FTL_H5_F32, 1, -1, path));
        const double ours = sum[i] / n_draws;
        if (!(ours >= (double)theirs - MARGIN))
            ftl_test_fail(__FILE__, __LINE__, "%s: cosine %.4f, PyTorch's is %.4f",
                    path, ours, (double)theirs);
        worst = fmin(worst, ours - (double)theirs);
        n_compared++;
    }
    printf("%s %c: %d gradients, cosines at least PyTorch's %+.4f\n", c->name, phase,
            n_compared, worst);
    FTL_CHECK(n_compared == n_stored && n_compared > 20);
}

static void check_phase(network_case *c, char phase) {
    ftl_adam *adam = phase == 'D' ? &c->gan.d[0].adam : &c->gan.g_adam;
    const size_t bytes = (size_t)adam->store->n_parameters_block * sizeof(float);
    double loss, expected;
    int n_draws;
    float *wide = malloc(bytes);
    double *sum = calloc((size_t)adam->store->n_states, sizeof *sum);
    FTL_CHECK(wide && sum);
    FTL_CHECK_OK(read_real(&expected, c, phase == 'D' ? "loss_D" : "loss_G"));
    FTL_CHECK_OK(ftl_golden_int(&n_draws, &c->golden, "draws"));
    for (int draw = 0; draw < n_draws; draw++) {
        FTL_CHECK_OK(run_phase(&loss, c, phase, FTL_F32, draw));
        if (draw == 0) /* the same networks */
            FTL_CHECK_NEAR(loss, expected, 1e-3 * (1 + fabs(expected)));
        memcpy(wide, adam->gradient, bytes);
        FTL_CHECK_OK(run_phase(&loss, c, phase, FTL_BF16, draw));
        FTL_CHECK(memcmp(wide, adam->gradient, bytes) != 0);
        add_cosines(sum, adam, wide);
    }
    compare(c, phase, adam->store, sum, n_draws);
    free(wide);
    free(sum);
}

static void check_network(const char *name) {
    network_case c;
    FTL_CHECK_OK(begin(&c, name));
    check_phase(&c, 'D');
    check_phase(&c, 'G');
    end(&c);
}

static void biggan_32(void) { check_network("biggan32"); }
static void biggan_64(void) { check_network("biggan64"); }

int main(void) {
    if (!ftl_onednn_has_bf16()) return ftl_test_skip("oneDNN has no native bf16 here");
    FTL_TEST(biggan_32);
    /* Minutes, for the same code with larger numbers. */
    if (!ftl_test_is_checked()) FTL_TEST(biggan_64);
    return ftl_test_finish();
}
