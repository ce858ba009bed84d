/* golden_run.c - see golden_run.h. */
#include "test/trainers/golden_run.h"

#include "engine/nn/ema.h"
#include "test/harness.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ftl_status read_options(ftl_golden_run *run, ftl_gan_options *options) {
    ftl_golden *golden = &run->golden;
    int d_steps;
    FTL_TRY(ftl_golden_int(&options->resolution, golden, "resolution"));
    FTL_TRY(ftl_golden_int(&options->channels, golden, "channels"));
    FTL_TRY(ftl_golden_int(&options->ch, golden, "ch"));
    FTL_TRY(ftl_golden_int(&options->z_dim, golden, "z_dim"));
    FTL_TRY(ftl_golden_int(&run->batch, golden, "batch"));
    FTL_TRY(ftl_golden_int(&run->steps, golden, "steps"));
    FTL_TRY(ftl_golden_int(&d_steps, golden, "d_steps"));
    assert(d_steps == FTL_GOLDEN_D_STEPS);
    FTL_TRY(ftl_golden_real(&run->g_adam.beta1, golden, "adam_beta1"));
    FTL_TRY(ftl_golden_real(&run->g_adam.beta2, golden, "adam_beta2"));
    FTL_TRY(ftl_golden_real(&run->g_adam.epsilon, golden, "adam_eps"));
    run->d_adam = run->g_adam;
    FTL_TRY(ftl_golden_real(&run->g_adam.learning_rate, golden, "lr_g"));
    FTL_TRY(ftl_golden_real(&run->d_adam.learning_rate, golden, "lr_d"));
    return ftl_golden_real(&run->ema_decay, golden, "ema_decay");
}

static ftl_status add_second(ftl_golden_run *run) {
    double lambda;
    FTL_TRY(ftl_golden_real(&lambda, &run->golden, "lambda"));
    FTL_TRY(ftl_gan_add(&run->gan, "D_s", false));
    run->gan.d[0].weight = lambda;
    run->gan.d[1].weight = 1 - lambda;
    return ftl_golden_load(&run->golden, run->gan.d[1].store, "D_s", FTL_GOLDEN_WHOLE);
}

ftl_status ftl_golden_run_open(ftl_golden_run *run, const char *name) {
    ftl_gan_options options = {0};
    memset(run, 0, sizeof *run);
    FTL_TRY(ftl_golden_open(&run->golden, name));
    FTL_TRY(read_options(run, &options));
    FTL_TRY(ftl_gan_init(&run->gan, &ftl_biggan, &options, 1, false));
    bool second = ftl_h5_has(run->golden.h5, "/D_s");
    run->d = second ? "D_t" : "D";
    return second ? add_second(run) : FTL_OK;
}

static void forget_plans(ftl_golden_run *run) {
    ftl_plan_free(run->plan_d);
    ftl_plan_free(run->plan_g);
    run->plan_d = run->plan_g = NULL;
}

void ftl_golden_run_close(ftl_golden_run *run) {
    forget_plans(run);
    ftl_gan_deinit(&run->gan);
    ftl_golden_close(&run->golden);
}

ftl_status ftl_golden_run_compile(ftl_golden_run *run) {
    forget_plans(run);
    FTL_TRY(ftl_gan_plan_d(&run->plan_d, &run->gan, run->batch));
    return ftl_gan_plan_g(&run->plan_g, &run->gan, run->batch);
}

static ftl_status load_adam(
        ftl_golden *golden, ftl_adam *adam, const char *group, int64_t index) {
    char path[256];
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        int32_t count;
        if (state->kind != FTL_PARAMETER) continue;
        snprintf(path, sizeof path, "/%s/v/%s", group, state->name);
        FTL_TRY(ftl_golden_read(golden, adam->moment2 + state->offset, FTL_H5_F32,
                ftl_shape_count(state->shape), index, path));
        snprintf(path, sizeof path, "/%s/count/%s", group, state->name);
        FTL_TRY(ftl_golden_read(golden, &count, FTL_H5_I32, 1, index, path));
        adam->steps[i] = count;
    }
    return FTL_OK;
}

ftl_status ftl_golden_run_load(ftl_golden_run *run, int64_t index) {
    FTL_TRY(ftl_golden_load(&run->golden, run->gan.g, "G", index));
    FTL_TRY(ftl_golden_load(&run->golden, run->gan.g_ema, "EMA", 0));
    FTL_TRY(ftl_golden_load(&run->golden, run->gan.d[0].store, run->d, index));
    FTL_TRY(load_adam(&run->golden, &run->gan.g_adam, "G", index));
    return load_adam(&run->golden, &run->gan.d[0].adam, run->d, index);
}

/* The real images of step `index`, both D phases: [2 batch, ...] into x. */
static ftl_status gather(ftl_golden_run *run, float *x, int64_t n_x, int64_t index) {
    int32_t rows[64];
    const int n = FTL_GOLDEN_D_STEPS * run->batch;
    assert(n <= 64);
    FTL_TRY(ftl_golden_read(&run->golden, rows, FTL_H5_I32, n, index, "/x_index"));
    for (int i = 0; i < n; i++)
        FTL_TRY(ftl_golden_read(
                &run->golden, x + i * n_x, FTL_H5_F32, n_x, rows[i], "/images"));
    return FTL_OK;
}

static ftl_status walk_d(ftl_golden_run *run, const float *x, const float *z, int i) {
    const ftl_gan_options *options = &run->gan.options;
    const size_t n_x = (size_t)run->batch * (size_t)options->channels *
                       (size_t)options->resolution * (size_t)options->resolution;
    const size_t n_z = (size_t)run->batch * (size_t)options->z_dim;
    const char *bad;
    memcpy(ftl_plan_input(run->plan_d, "x0"), x + (size_t)i * n_x, n_x * sizeof *x);
    memcpy(ftl_plan_input(run->plan_d, "z"), z + (size_t)i * n_z, n_z * sizeof *z);
    ftl_plan_run(run->plan_d);
    run->loss_d_real[i] = *(const float *)ftl_plan_output(run->plan_d, "real0");
    run->loss_d_fake[i] = *(const float *)ftl_plan_output(run->plan_d, "fake0");
    if (!ftl_adam_finite(&run->gan.d[0].adam, &bad))
        return ftl_fail(FTL_ENUMERIC, "the gradient of %s is not finite", bad);
    ftl_adam_step(&run->gan.d[0].adam, &run->d_adam);
    ftl_plan_commit(run->plan_d);
    return FTL_OK;
}

static ftl_status walk_g(ftl_golden_run *run, int64_t index) {
    const char *bad;
    FTL_TRY(ftl_golden_read(&run->golden, ftl_plan_input(run->plan_g, "z"), FTL_H5_F32,
            (int64_t)run->batch * run->gan.options.z_dim, index, "/z_g"));
    ftl_plan_run(run->plan_g);
    run->loss_g = *(const float *)ftl_plan_output(run->plan_g, "loss");
    if (!ftl_adam_finite(&run->gan.g_adam, &bad))
        return ftl_fail(FTL_ENUMERIC, "the gradient of %s is not finite", bad);
    ftl_adam_step(&run->gan.g_adam, &run->g_adam);
    ftl_plan_commit(run->plan_g);
    ftl_ema_update(run->gan.g_ema, run->gan.g, run->ema_decay);
    return FTL_OK;
}

ftl_status ftl_golden_run_walk(ftl_golden_run *run, int64_t index) {
    const ftl_gan_options *options = &run->gan.options;
    const int64_t n_x =
            (int64_t)options->channels * options->resolution * options->resolution;
    const int64_t n = (int64_t)FTL_GOLDEN_D_STEPS * run->batch;
    float *x = malloc((size_t)(n * n_x) * sizeof *x);
    float *z = malloc((size_t)(n * options->z_dim) * sizeof *z);
    if (!x || !z) abort();
    ftl_status status = gather(run, x, n_x, index);
    if (status == FTL_OK)
        status = ftl_golden_read(
                &run->golden, z, FTL_H5_F32, n * options->z_dim, index, "/z_d");
    for (int i = 0; status == FTL_OK && i < FTL_GOLDEN_D_STEPS; i++)
        status = walk_d(run, x, z, i);
    free(x);
    free(z);
    return status == FTL_OK ? walk_g(run, index) : status;
}

void ftl_golden_run_check_losses(ftl_golden_run *run, double tolerance, int64_t index) {
    ftl_golden_check(&run->golden, run->loss_d_real, FTL_GOLDEN_D_STEPS, tolerance,
            index, "/loss_d_real");
    ftl_golden_check(&run->golden, run->loss_d_fake, FTL_GOLDEN_D_STEPS, tolerance,
            index, "/loss_d_fake");
    ftl_golden_check(&run->golden, &run->loss_g, 1, tolerance, index, "/loss_g");
}

static void check_counts(
        ftl_golden *golden, const ftl_adam *adam, const char *group, int64_t index) {
    char path[256];
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        int32_t count;
        if (state->kind != FTL_PARAMETER) continue;
        snprintf(path, sizeof path, "/%s/count/%s", group, state->name);
        FTL_CHECK_OK(ftl_golden_read(golden, &count, FTL_H5_I32, 1, index, path));
        if (adam->steps[i] != count)
            ftl_test_fail(__FILE__, __LINE__, "%s [%d] is %d, not %d", path, (int)index,
                    (int)adam->steps[i], (int)count);
    }
}

static void check_buffers(ftl_golden *golden, const ftl_store *store, const char *group,
        double tolerance, int64_t index) {
    char folder[64];
    snprintf(folder, sizeof folder, "/%s/buffers", group);
    ftl_golden_check_state(golden, store, FTL_BUFFER, tolerance, index, folder);
}

void ftl_golden_run_check_buffers(
        ftl_golden_run *run, double tolerance, int64_t index) {
    check_buffers(&run->golden, run->gan.g, "G", tolerance, index);
    check_buffers(&run->golden, run->gan.d[0].store, run->d, tolerance, index);
    check_counts(&run->golden, &run->gan.g_adam, "G", index);
    check_counts(&run->golden, &run->gan.d[0].adam, run->d, index);
}

/* One tensor of <group>/<kind>: got - file[from] against file[to] - file[from]. */
static void check_difference(ftl_golden *golden, const float *got,
        const ftl_state *state, const char *group, const char *kind, double tolerance,
        int64_t from, int64_t to) {
    char path[256];
    const int64_t n = ftl_shape_count(state->shape);
    float *old = malloc((size_t)n * sizeof *old),
          *new = malloc((size_t)n * sizeof *new);
    double error = 0, size = 0;
    if (!old || !new) abort();
    snprintf(path, sizeof path, "/%s/%s/%s", group, kind, state->name);
    if (ftl_test_ok(__FILE__, __LINE__, path,
                (int)ftl_golden_read(golden, old, FTL_H5_F32, n, from, path)) &&
            ftl_test_ok(__FILE__, __LINE__, path,
                    (int)ftl_golden_read(golden, new, FTL_H5_F32, n, to, path))) {
        for (int64_t i = 0; i < n; i++) {
            error += pow((double)got[i] - (double)new[i], 2);
            size += pow((double)new[i] - (double)old[i], 2);
        }
        error = sqrt(error);
        size = sqrt(size);
        if (!(error <= tolerance * size))
            ftl_test_fail(__FILE__, __LINE__,
                    "%s: %s [%d to %d] moved by %.3e, and is %.3e off", golden->name,
                    path, (int)from, (int)to, size, error);
        if (size > 0 && error > golden->moved.error * size) {
            golden->moved.error = error / size;
            snprintf(golden->moved.at, sizeof golden->moved.at, "%s [%d]", path,
                    (int)to);
        }
    }
    free(old);
    free(new);
}

static double largest_moment(const ftl_adam *adam, const ftl_state *state) {
    double largest = 0;
    for (int64_t i = 0; i < ftl_shape_count(state->shape); i++)
        largest = fmax(largest, (double)adam->moment2[state->offset + i]);
    return largest;
}

/* Are a tensor's gradients rounding noise? The file may know it of a step; else second
 * moments tell: noise is 1e-7 of the largest gradient, and squared there. */
static ftl_status is_noise(bool *noise, ftl_golden *golden, const ftl_adam *adam,
        const ftl_state *state, const char *group, int64_t step) {
    char folder[64];
    double largest = 0;
    snprintf(folder, sizeof folder, "/%s/grad", group);
    if (step != FTL_GOLDEN_WHOLE)
        return ftl_golden_gradient_is_zero(
                noise, golden, adam->store, state, step, folder);
    for (int i = 0; i < adam->store->n_states; i++)
        if (adam->store->state[i]->kind == FTL_PARAMETER)
            largest = fmax(largest, largest_moment(adam, adam->store->state[i]));
    *noise = largest_moment(adam, state) <= 1e-11 * largest;
    return FTL_OK;
}

static void check_moved(ftl_golden *golden, const ftl_adam *adam, const char *group,
        double tolerance, int64_t from, int64_t to, int64_t step) {
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        bool noise;
        if (state->kind != FTL_PARAMETER) continue;
        FTL_CHECK_OK(is_noise(&noise, golden, adam, state, group, step));
        if (noise && !state->frozen) continue;
        check_difference(
                golden, state->data, state, group, "params", tolerance, from, to);
        check_difference(golden, adam->moment2 + state->offset, state, group, "v",
                tolerance, from, to);
    }
}

void ftl_golden_run_check_moved(
        ftl_golden_run *run, double tolerance, int64_t from, int64_t to, int64_t step) {
    check_moved(&run->golden, &run->gan.g_adam, "G", tolerance, from, to, step);
    check_moved(&run->golden, &run->gan.d[0].adam, run->d, tolerance, from, to, step);
}

void ftl_golden_run_check_average(ftl_golden_run *run, double tolerance) {
    const ftl_store *store = run->gan.g_ema;
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        check_difference(&run->golden, state->data, state, "EMA",
                state->kind == FTL_PARAMETER ? "params" : "buffers", tolerance, 0, 1);
    }
}

void ftl_golden_run_check_step(
        ftl_golden_run *run, double tolerance, double tolerance_moved, int k) {
    ftl_golden *golden = &run->golden;
    char d_gradients[32];
    snprintf(d_gradients, sizeof d_gradients, "/%s/grad", run->d);
    FTL_CHECK_OK(ftl_golden_run_load(run, k));
    FTL_CHECK_OK(ftl_golden_run_walk(run, k));
    ftl_golden_run_check_losses(run, tolerance, k);
    ftl_golden_check_gradients(golden, run->gan.d[0].store, run->gan.d[0].adam.gradient,
            tolerance, k, d_gradients);
    ftl_golden_check_gradients(
            golden, run->gan.g, run->gan.g_adam.gradient, tolerance, k, "/G/grad");
    ftl_golden_run_check_buffers(run, tolerance, k + 1);
    ftl_golden_run_check_moved(run, tolerance_moved, k, k + 1, k);
    if (k == 0) ftl_golden_run_check_average(run, tolerance_moved);
}
