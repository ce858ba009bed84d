/* Every fast CPU kernel that takes images in bf16 against the reference kernel of its
 * op: at each level, all layouts, bf16 alone and mixed with float32. */
#include "test/engine/cpu_trial.h"

/* Every mixture of types in every layout, at one level. */
static bool test_types(trial *t, ftl_cpu_level level) {
    const ftl_kernel *kernel = kernel_of(level, t->call.op);
    for (int which = 0; which < N_OFFERS; which++)
        for (int half = 1; half <= ALL_OF_THEM; half++) {
            const bool one = t->call.op->n_in < 2 || t->call.in[1].shape.rank != 4;
            if (one && half & OTHERS && half != ALL_OF_THEM) continue;
            if (!try_kernel_in(t, kernel, which, which, half)) return false;
        }
    return true;
}

static bool test_bf16_shape(const row *r, ftl_shape x) {
    long attrs[32];
    trial t;
    bool good = trial_init_in(&t, r, x, attrs, true);
    for (int level = 0; level <= (int)ftl_cpu_level_best() && good; level++) {
        ftl_cpu_level_force((ftl_cpu_level)level);
        good = test_types(&t, (ftl_cpu_level)level);
    }
    ftl_cpu_level_force(ftl_cpu_level_best());
    trial_deinit(&t);
    return good;
}

static void bf16_agrees_with_references(void) {
    for (int i = 0; i < N_ROWS; i++) {
        const bool even = rows[i].shapes == EVEN;
        if (!kernel_of(FTL_CPU_BASELINE, ftl_op_find(rows[i].op))->bf16) continue;
        if (!test_bf16_shape(&rows[i], FTL_SHAPE(2, 3, even ? 4 : 5, even ? 38 : 35)))
            return;
        if (!test_bf16_shape(&rows[i], FTL_SHAPE(2, 16, even ? 4 : 5, 6))) return;
        if (!test_bf16_shape(&rows[i], FTL_SHAPE(3, 33, even ? 22 : 21, 20))) return;
        /* rows wider than a piece */
        if (!test_bf16_shape(&rows[i], FTL_SHAPE(1, 2100, 2, 2))) return;
    }
}

int main(void) {
    FTL_TEST(bf16_agrees_with_references);
    return ftl_test_finish();
}
