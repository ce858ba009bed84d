/* Every fast CPU kernel against the reference kernel of its op: each instruction set
 * level that this machine has, all layouts, odd sizes, 1, 2 and 8 threads, in place.
 * Images in bf16: test_cpu_bf16.c; layouts: test_cpu_layouts.c. */
#include "test/engine/cpu_trial.h"

static bool test_shape(const row *r, ftl_shape x) {
    long attrs[32]; /* aligned, and larger than any attributes */
    trial t;
    bool good = trial_init(&t, r, x, attrs);
    if (!good) ftl_test_fail(__FILE__, __LINE__, "%s: %s", r->op, ftl_message());
    for (int level = 0; level <= (int)ftl_cpu_level_best() && good; level++) {
        const ftl_kernel *kernel = kernel_of((ftl_cpu_level)level, t.call.op);
        ftl_cpu_level_force((ftl_cpu_level)level);
        for (int which = 0; which < N_OFFERS && good; which++) {
            good = try_kernel(&t, kernel, which, which);
            if (good && t.call.op->n_in > 1 && which)
                good = try_kernel(&t, kernel, 0, which) &&
                       try_kernel(&t, kernel, which, 0);
        }
    }
    ftl_cpu_level_force(ftl_cpu_level_best());
    trial_deinit(&t);
    return good;
}

static void rows_agree_with_references(void) {
    for (int i = 0; i < N_ROWS; i++) {
        static const int channels[] = {1, 3, 16, 20, 33};
        const bool even = rows[i].shapes == EVEN;
        for (int k = 0; k < 5; k++) {
            const int64_t h = even ? 4 : 5, w = even ? 38 : 35;
            if (!test_shape(&rows[i], FTL_SHAPE(2, channels[k], h, w))) return;
            if (rows[i].shapes == ANY &&
                    !test_shape(&rows[i], FTL_SHAPE(37, channels[k])))
                return;
        }
        /* wider than what fits on the stack of a kernel */
        if (!test_shape(&rows[i], FTL_SHAPE(2, 70, 4, 6))) return;
        /* large enough for several threads and several pieces of a sum */
        if (!test_shape(&rows[i], FTL_SHAPE(3, 33, even ? 22 : 21, 20))) return;
        if (!test_shape(&rows[i], FTL_SHAPE(1, 2, 150, 130))) return;
        if (rows[i].shapes == ANY && !test_shape(&rows[i], FTL_SHAPE(260, 130))) return;
    }
}

/* Kernels of convolutions, which are no images: the rows above do not fit them. */
static bool is_box_kernel(const ftl_op *op) {
    return op == &ftl_op_box_kernel || op == &ftl_op_box_kernel_grad;
}

static void box_kernels_agree(void) {
    enum { OUT = 33, IN = 70, FLOATS = OUT * IN * 16 };
    static float x[FLOATS], want[FLOATS], got[FLOATS];
    static const ftl_op *const ops[] = {&ftl_op_box_kernel, &ftl_op_box_kernel_grad};
    for (int i = 0; i < FLOATS; i++)
        x[i] = (float)((i * 37) % 101) / 64 - 0.7f;
    for (int k = 0; k < 2 * 2 * ((int)ftl_cpu_level_best() + 1); k++) {
        ftl_box_kernel_attrs attrs = {.scale = k & 1 ? 0.25f : 1, .transposed = k & 1};
        ftl_call call = {.op = ops[k >> 1 & 1], .attrs = &attrs};
        const ftl_kernel *kernel = find_kernel((ftl_cpu_level)(k >> 2), call.op);
        const int side = k >> 1 & 1 ? 4 : 3;
        call.in[0] = (ftl_tensor) {.data = x, .shape = FTL_SHAPE(OUT, IN, side, side)};
        FTL_CHECK(kernel);
        FTL_CHECK_OK(call.op->infer(call.in, &attrs, call.out));
        call.out[0].data = want;
        call.op->reference(&call);
        call.out[0].data = got;
        kernel->run(&call);
        FTL_CHECK(!memcmp(want, got, ftl_tensor_bytes(&call.out[0])));
    }
}

/* test_winograd.c, test_few_channels.c and test_vector_matrix.c */
static bool is_product(const ftl_op *op) {
    return !strncmp(op->name, "conv", 4) || op == &ftl_op_matmul;
}

/* Every op that this file has rows for has a kernel at every level, and the reverse. */
static void every_kernel_is_tested(void) {
    for (int level = 0; level < FTL_CPU_LEVELS; level++) {
        for (int i = 0; i < N_ROWS; i++) {
            const ftl_op *op = ftl_op_find(rows[i].op);
            FTL_CHECK(op);
            if (!find_kernel((ftl_cpu_level)level, op))
                ftl_test_fail(__FILE__, __LINE__, "%s has no kernel", op->name);
        }
        const ftl_kernel *file;
        for (int i = 0; (file = ftl_cpu_kernels((ftl_cpu_level)level, i)); i++)
            for (; file->op; file++) {
                /* These have cases of their own. */
                bool found = file->op == &ftl_op_reorder || is_box_kernel(file->op) ||
                             is_product(file->op);
                for (int k = 0; k < N_ROWS && !found; k++)
                    found = !strcmp(rows[k].op, file->op->name);
                if (!found)
                    ftl_test_fail(
                            __FILE__, __LINE__, "%s is not tested", file->op->name);
            }
    }
}

static void integers_are_left_to_the_reference(void) {
    ftl_call call = {.op = &ftl_op_add};
    for (int i = 0; i < 2; i++)
        call.in[i] = (ftl_tensor) {.type = FTL_I32, .shape = FTL_SHAPE(2, 2)};
    call.out[0] = call.in[0];
    bool taken = true;
    FTL_CHECK_OK(
            kernel_of(FTL_CPU_BASELINE, &ftl_op_add)->prepare(&call, NULL, &taken));
    FTL_CHECK(!taken);
}

static void levels_can_be_forced(void) {
    const ftl_cpu_level best = ftl_cpu_level_best();
    for (int level = 0; level < FTL_CPU_LEVELS; level++) {
        ftl_cpu_level_force((ftl_cpu_level)level);
        const ftl_cpu_level used = ftl_cpu_level_used();
        FTL_CHECK(used == (level < (int)best ? (ftl_cpu_level)level : best));
        FTL_CHECK(ftl_cpu_block() == (used >= FTL_CPU_V4 ? 16 : 8));
    }
    FTL_CHECK(ftl_cpu_level_used() == best);
    FTL_CHECK(!strcmp(ftl_cpu_level_name(FTL_CPU_BASELINE), "baseline"));
    FTL_CHECK(!strcmp(ftl_cpu_level_name(FTL_CPU_V4), "x86-64-v4"));
}

int main(void) {
    FTL_TEST(every_kernel_is_tested);
    FTL_TEST(box_kernels_agree);
    FTL_TEST(levels_can_be_forced);
    FTL_TEST(rows_agree_with_references);
    FTL_TEST(integers_are_left_to_the_reference);
    return ftl_test_finish();
}
