/* bench_kernels.c - rates of the CPU kernels that are bound by memory, beside memcpy.
 *
 *     bench_kernels [--bf16] [batch channels height width [threads]]
 *
 * For each kernel and level: GB/s of what it must read and write at least, best and
 * median of many runs that take turns with memcpy. --bf16: the best level alone, images
 * as plans in bf16 keep them, NHWC and in halves. */
#include "engine/backend/kernel.h"
#include "engine/base/clock.h"
#include "engine/ops/ops.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 31 };

typedef struct row {
    const char *op, *inputs; /* x: the image, c: [C], s: [1] */
    const void *attrs;
    int dense_in, dense_out; /* -1: the blocked layout of the level; 0: dense */
} row;

static const row rows[] = {
        {"relu", "x", NULL, 0, 0},
        {"relu_grad", "xx", NULL, 0, 0},
        {"tanh", "x", NULL, 0, 0},
        {"add", "xx", NULL, 0, 0},
        {"dot", "xx", NULL, 0, 0},
        {"bias_add", "xc", NULL, 0, 0},
        {"channel_affine", "xcc", NULL, 0, 0},
        {"channel_sum", "x", NULL, 0, 0},
        {"spatial_sum", "x", NULL, 0, 0},
        {"batch_norm", "xcc", &(ftl_batch_norm_attrs) {1e-5f}, 0, 0},
        {"batch_norm_grad", "xcccx", &(ftl_batch_norm_attrs) {1e-5f}, 0, 0},
        {"upsample2", "x", NULL, 0, 0},
        {"sum_pool2", "x", &(ftl_pool2_attrs) {0.25f}, 0, 0},
        {"max_pool", "x", &(ftl_pool_attrs) {3, 2, 1}, 0, 0},
        {"max_pool_grad", "xy", &(ftl_pool_attrs) {3, 2, 1}, 0, 0},
        {"concat", "xx", NULL, 0, 0},
        {"reorder", "x", NULL, 1, 0},
        {"reorder", "x", NULL, 0, 1},
};

static void *memory(size_t n_bytes) {
    void *p = NULL;
    if (posix_memalign(&p, 64, n_bytes + 64)) abort();
    for (size_t i = 0; i < n_bytes / sizeof(float); i++)
        ((float *)p)[i] = (float)(rand() % 1000 - 499) / 250; /* a bf16 is its half */
    return p;
}

static const ftl_kernel *find(ftl_cpu_level level, const char *op) {
    const ftl_kernel *file;
    for (int i = 0; (file = ftl_cpu_kernels(level, i)); i++)
        for (; file->op; file++)
            if (!strcmp(file->op->name, op)) return file;
    fprintf(stderr, "%s has no kernel\n", op);
    exit(1);
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void copy(float *y, const float *x, size_t n) {
#pragma omp parallel
    {
        const size_t t = (size_t)omp_get_thread_num(),
                     all = (size_t)omp_get_num_threads();
        memcpy(y + n * t / all, x + n * t / all, (n * (t + 1) / all - n * t / all) * 4);
    }
}

/* memcpy moves as many bytes as the kernel: half in, half out. */
static void bench(const row *r, ftl_cpu_level level, ftl_shape shape, ftl_layout layout,
        ftl_type type) {
    const ftl_kernel *kernel = find(level, r->op);
    const ftl_layout dense = {.kind = FTL_DENSE};
    ftl_call call = {.op = kernel->op, .attrs = r->attrs};
    size_t bytes = 0;
    for (int i = 0; r->inputs[i]; i++) {
        ftl_tensor *in = &call.in[i];
        *in = (ftl_tensor) {.type = FTL_F32, .shape = shape};
        if (r->inputs[i] == 'c') in->shape = FTL_SHAPE(shape.dim[1]);
        if (r->inputs[i] == 'y')
            in->shape = FTL_SHAPE(shape.dim[0], shape.dim[1], (shape.dim[2] + 1) / 2,
                    (shape.dim[3] + 1) / 2);
        if (in->shape.rank != 4) continue;
        in->layout = r->dense_in ? dense : layout;
    }
    if (call.op->infer(call.in, r->attrs, call.out) != FTL_OK) {
        printf("%-16s %s\n", r->op, ftl_message());
        ftl_clear();
        return;
    }
    bool taken = false;
    call.out[0].layout = r->dense_out ? dense : layout;
    for (int i = 0; r->inputs[i]; i++)
        if (call.in[i].shape.rank == 4) call.in[i].type = type;
    if (call.out[0].shape.rank == 4) call.out[0].type = type;
    if (kernel->prepare(&call, NULL, &taken) != FTL_OK || !taken) exit(1);
    for (int i = 0; i < call.op->n_in; i++) {
        bytes += ftl_tensor_bytes(&call.in[i]);
        call.in[i].data = memory(ftl_tensor_bytes(&call.in[i]));
    }
    for (int i = 0; i < call.op->n_out; i++) {
        bytes += ftl_tensor_bytes(&call.out[i]);
        call.out[i].data = memory(ftl_tensor_bytes(&call.out[i]));
    }
    call.scratch = memory(call.scratch_bytes);
    float *from = memory(bytes / 2), *to = memory(bytes / 2);

    double kernel_s[REPEATS], copy_s[REPEATS];
    for (int i = -2; i < REPEATS; i++) { /* the first two do not count */
        const double start = ftl_clock_s();
        kernel->run(&call);
        const double middle = ftl_clock_s();
        copy(to, from, bytes / 2 / sizeof *to);
        if (i < 0) continue;
        kernel_s[i] = middle - start;
        copy_s[i] = ftl_clock_s() - middle;
    }
    qsort(kernel_s, REPEATS, sizeof *kernel_s, by_value);
    qsort(copy_s, REPEATS, sizeof *copy_s, by_value);
    const double gb = (double)bytes * 1e-9;
    printf("%-16s %-14s block %3d   best %6.1f GB/s %8.1f us   median %6.1f GB/s   "
           "memcpy "
           "best %6.1f median %6.1f   ratio of medians %.2f\n",
            r->op, kernel->name, layout.kind == FTL_BLOCKED ? layout.block : 1,
            gb / kernel_s[0], kernel_s[0] * 1e6, gb / kernel_s[REPEATS / 2],
            gb / copy_s[0], gb / copy_s[REPEATS / 2],
            copy_s[REPEATS / 2] / kernel_s[REPEATS / 2]);

    for (int i = 0; i < call.op->n_in; i++)
        free(call.in[i].data);
    for (int i = 0; i < call.op->n_out; i++)
        free(call.out[i].data);
    free(call.scratch), free(from), free(to);
}

int main(int argc, char **argv) {
    int64_t dim[4] = {32, 64, 32, 32};
    const bool half = argc > 1 && !strcmp(argv[1], "--bf16");
    if (half) argc--, argv++;
    for (int i = 0; i < 4 && argc > 4; i++)
        dim[i] = atoll(argv[1 + i]);
    if (argc > 5) omp_set_num_threads(atoi(argv[5]));
    const ftl_shape shape = ftl_shape_make(4, dim);
    for (size_t i = 0; half && i < sizeof rows / sizeof *rows; i++)
        if (!rows[i].dense_in && !rows[i].dense_out)
            bench(&rows[i], ftl_cpu_level_best(), shape,
                    (ftl_layout) {.kind = FTL_BLOCKED, .block = (int)dim[1]}, FTL_BF16);
    for (size_t i = 0; !half && i < sizeof rows / sizeof *rows; i++)
        for (int level = 0; level <= (int)ftl_cpu_level_best(); level++) {
            ftl_cpu_level_force((ftl_cpu_level)level);
            const ftl_layout layout = {.kind = FTL_BLOCKED, .block = ftl_cpu_block()};
            const ftl_layout dense = {.kind = FTL_DENSE};
            bench(&rows[i], (ftl_cpu_level)level, shape, layout, FTL_F32);
            if (strcmp(rows[i].op, "reorder"))
                bench(&rows[i], (ftl_cpu_level)level, shape, dense, FTL_F32);
        }
    return 0;
}
