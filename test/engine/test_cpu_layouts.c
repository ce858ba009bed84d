/* What CPU kernels make of the layouts that they are offered, and the kernel that
 * brings an image from one into another. */
#include "test/engine/cpu_trial.h"

static bool test_reorder(
        ftl_cpu_level level, ftl_shape shape, int from, int to, int half) {
    static const row reorder = {.op = "reorder", .inputs = "x"};
    const ftl_kernel *kernel = kernel_of(level, &ftl_op_reorder);
    long attrs[32];
    trial t;
    bool good = trial_init_in(&t, &reorder, shape, attrs, half & FIRST), taken = false;
    ftl_call call = t.call;
    set_types(&call, half);
    call.in[0].layout = offer(from, shape);
    call.out[0].layout = offer(to, shape);
    snprintf(t.name, sizeof t.name, "%s reorder from %d to %d, %lld channels, bf16 %d",
            kernel->name, from, to, (long long)shape.dim[1], half);
    good = good && kernel->prepare(&call, NULL, &taken) == FTL_OK && taken &&
           run_all(&t, kernel, &call, 8);
    trial_deinit(&t);
    return good;
}

static void reorder_between_all_layouts(void) {
    static const int channels[] = {1, 3, 8, 16, 20, 33, 64};
    static const int types[] = {NOTHING, FIRST, RESULT, FIRST | RESULT};
    for (int level = 0; level <= (int)ftl_cpu_level_best(); level++)
        for (int from = 0; from < N_OFFERS; from++)
            for (int to = 0; to < N_OFFERS; to++) {
                for (int k = 0; k < 7; k++) {
                    FTL_CHECK(test_reorder((ftl_cpu_level)level,
                            FTL_SHAPE(2, channels[k], 5, 7), from, to, NOTHING));
                    FTL_CHECK(test_reorder((ftl_cpu_level)level,
                            FTL_SHAPE(3, channels[k], 1, 1), from, to, types[k % 4]));
                }
                for (int k = 0; k < 4; k++)
                    FTL_CHECK(test_reorder((ftl_cpu_level)level,
                            FTL_SHAPE(3, 40, 16, 20), from, to, types[k]));
            }
}

static void packed_inputs_are_asked_for_in_another_layout(void) {
    for (int i = 0; i < N_ROWS; i++) {
        long attrs[32];
        trial t;
        FTL_CHECK(trial_init(&t, &rows[i], FTL_SHAPE(2, 8, 4, 4), attrs));
        ftl_call call = t.call;
        bool taken = false;
        for (int k = 0; k < call.op->n_in; k++)
            call.in[k].layout = (ftl_layout) {.kind = FTL_PACKED, .bytes = 1};
        FTL_CHECK_OK(
                kernel_of(FTL_CPU_BASELINE, call.op)->prepare(&call, NULL, &taken));
        FTL_CHECK(taken);
        for (int k = 0; k < call.op->n_in; k++)
            FTL_CHECK(call.in[k].layout.kind == FTL_DENSE);
        trial_deinit(&t);
    }
}

/* What prepare() makes of offered layouts: input 0, input 1 and output 0 afterwards. */
static bool agrees(const row *r, int64_t channels, int first, int second, int want) {
    long attrs[32];
    trial t;
    const ftl_shape x = FTL_SHAPE(2, channels, 4, 4);
    bool good = trial_init(&t, r, x, attrs), taken = false;
    ftl_call call = t.call;
    call.in[0].layout = offer(first, call.in[0].shape);
    call.in[1].layout = offer(second, call.in[1].shape);
    const ftl_kernel *kernel = kernel_of(FTL_CPU_BASELINE, call.op);
    good = good && kernel->prepare(&call, NULL, &taken) == FTL_OK && taken;
    const ftl_tensor *all[] = {&call.in[0], &call.in[1], &call.out[0]};
    for (int i = 0; i < 3 && good; i++) {
        const ftl_layout expected = offer(want, all[i]->shape);
        good = all[i]->layout.kind == expected.kind &&
               all[i]->layout.block == expected.block;
    }
    trial_deinit(&t);
    return good;
}

static void layouts_are_followed(void) {
    static const row mul = {.op = "mul", .inputs = "xx"};
    static const row bias = {.op = "bias_add", .inputs = "xc"};
    static const row odd = {.op = "affine", .inputs = "x", .attrs.affine = {1, 0}};
    static const row even = {.op = "affine", .inputs = "x", .attrs.affine = {1, 1}};
    FTL_CHECK(agrees(&mul, 20, 2, 2, 2));
    FTL_CHECK(agrees(&mul, 20, 2, 1, 2)); /* the first one's */
    FTL_CHECK(agrees(&mul, 20, 0, 1, 1)); /* unless it is dense */
    FTL_CHECK(agrees(&mul, 20, 0, 0, 0));
    FTL_CHECK(agrees(&bias, 20, 1, 0, 1));
    FTL_CHECK(agrees(&odd, 20, 2, 0, 2));
    FTL_CHECK(agrees(&even, 20, 2, 0, 0)); /* padding would become 1 */
    FTL_CHECK(agrees(&even, 32, 2, 0, 2));
}

int main(void) {
    FTL_TEST(reorder_between_all_layouts);
    FTL_TEST(packed_inputs_are_asked_for_in_another_layout);
    FTL_TEST(layouts_are_followed);
    return ftl_test_finish();
}
