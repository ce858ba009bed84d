/* CPU kernels where numbers are hard: against doubles, and far from 0. */
#include "test/engine/cpu_trial.h"

/* tanh over its whole range, against doubles. */
static void tanh_is_accurate(void) {
    enum { N = 400001 };
    float *x = memory(N * sizeof *x), *y = memory(N * sizeof *y);
    for (int i = 0; i < N; i++)
        x[i] = (float)(i - N / 2) / (N / 24);
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++) {
        ftl_call call = {.op = &ftl_op_tanh};
        call.in[0] = (ftl_tensor) {.data = x, .type = FTL_F32, .shape = FTL_SHAPE(N)};
        call.out[0] = call.in[0];
        call.out[0].data = y;
        kernel_of((ftl_cpu_level)level, &ftl_op_tanh)->run(&call);
        double worst = 0, worst_relative = 0;
        for (int i = 0; i < N; i++) {
            const double want = tanh((double)x[i]), error = fabs((double)y[i] - want);
            worst = fmax(worst, error);
            if (want != 0) worst_relative = fmax(worst_relative, error / fabs(want));
        }
        FTL_CHECK_NEAR(worst, 0, 2e-7);
        FTL_CHECK_NEAR(worst_relative, 0, 4e-7);
    }
    free(x), free(y);
}

/* A mean that is a thousand times the deviation costs hardly any accuracy. */
static void batch_norm_with_a_large_mean(void) {
    static const row far = {.op = "batch_norm",
            .inputs = "xcc",
            .tolerance = 2e-6,
            .attrs.batch_norm = {1e-5f}};
    long attrs[32];
    trial t;
    FTL_CHECK(trial_init(&t, &far, FTL_SHAPE(4, 20, 40, 40), attrs));
    for (int64_t i = 0; i < floats_of(&t.call.in[0]); i++)
        t.dense[0][i] += 1000;
    for (int i = 0; i < 3; i++)
        t.call.out[i].data = t.want[i];
    t.call.op->reference(&t.call);
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (int which = 0; which < N_OFFERS; which++)
            FTL_CHECK(try_kernel(
                    &t, kernel_of((ftl_cpu_level)level, &ftl_op_batch_norm), which, 0));
    trial_deinit(&t);
}

int main(void) {
    FTL_TEST(tanh_is_accurate);
    FTL_TEST(batch_norm_with_a_large_mean);
    return ftl_test_finish();
}
