/* batch_norm.c - batch_norm and batch_norm_grad, each in three phases of one parallel
 * region: sums of pieces, then what follows from them for each channel, then the
 * output.
 *
 * The mean of a piece is summed relative to the piece's first row and its variance
 * around that mean, while the piece is in the cache; pieces are combined in doubles. So
 * a mean that is large beside the deviation costs no accuracy, and memory is read
 * twice, not three times. */
#include "engine/backend/cpu/channels.h"

#include <math.h>

static inline float normalized(
        float x, float z, float mean, float scale, float shift, float d) {
    (void)z, (void)d;
    return (x - mean) * scale + shift;
}

static inline float normalized_grad(
        float x, float dy, float mean, float scale, float offset, float slope) {
    return scale * ((dy - offset) - (x - mean) * slope);
}

/* In the scratch memory: two sums for each piece and channel, and up to three numbers
 * for each channel. */
typedef struct workspace {
    double *first, *second;        /* [pieces][channels] */
    float *scale, *offset, *slope; /* [channels] */
} workspace;

static workspace workspace_of(const ftl_call *call, const ftl_cpu_cut *cut) {
    workspace w;
    w.first = call->scratch;
    w.second = w.first + cut->pieces * cut->channels;
    w.scale = (float *)(w.second + cut->pieces * cut->channels);
    w.offset = w.scale + cut->channels;
    w.slope = w.offset + cut->channels;
    return w;
}

static ftl_status prepare(ftl_call *call, ftl_arena *arena, bool *taken) {
    FTL_TRY(ftl_cpu_prepare_follow(call, arena, taken));
    if (!*taken) return FTL_OK;
    /* x and dy meet in a sum: in one type. */
    if (call->op == &ftl_op_batch_norm_grad && call->in[0].type != call->in[4].type)
        call->in[0].type = call->in[4].type = FTL_F32;
    const ftl_cpu_cut cut = ftl_cpu_cut_make(ftl_cpu_channels(&call->in[0]));
    call->scratch_bytes = (size_t)(cut.pieces * cut.channels) * 2 * sizeof(double) +
                          (size_t)cut.channels * 3 * sizeof(float);
    return FTL_OK;
}

/* Mean of the rows of a task, and the sum of squares around it. */
static void measure(double *mean, double *squares, const ftl_cpu_cut *cut, int64_t i,
        const ftl_tensor *x) {
    const ftl_cpu_task task = ftl_cpu_cut_task(cut, i);
    const ftl_cpu_terms from = {.x = x->data, .type = x->type};
    const int64_t first = ftl_cpu_task_at(cut, &task, task.first);
    const int64_t at = task.piece * cut->channels + task.channel;
    const double count = (double)task.rows;
    float shift[FTL_CPU_BLOCK_MAX];
    mean += at, squares += at;

    for (int64_t k = 0; k < task.width; k++)
        shift[k] = ftl_cpu_load(x->data, x->type, first + k);
    ftl_cpu_task_sum(FTL_CPU_SUM, mean, cut, &task, from, shift);
    for (int64_t k = 0; k < task.width; k++) {
        mean[k] = (double)shift[k] + mean[k] / count;
        shift[k] = (float)mean[k];
    }
    ftl_cpu_task_sum(FTL_CPU_SQUARE, squares, cut, &task, from, shift);
    for (int64_t k = 0; k < task.width; k++) {
        const double rounded = mean[k] - (double)shift[k];
        squares[k] -= count * rounded * rounded;
    }
}

/* Mean and variance of n channels from `first` on, of their pieces'. */
static void combine(double *average, double *variance, const workspace *w,
        const ftl_cpu_cut *cut, int64_t first, int64_t n) {
    const int64_t rows = cut->t.n * cut->t.inner;
    double total[FTL_CPU_TOGETHER] = {0}, squares[FTL_CPU_TOGETHER] = {0};
    for (int64_t i = 0; i < cut->pieces; i++) {
        const double count = (double)ftl_cpu_min(cut->rows, rows - i * cut->rows);
        const double *of_piece = w->first + i * cut->channels + first;
        for (int64_t k = 0; k < n; k++)
            total[k] += count * of_piece[k];
    }
    for (int64_t k = 0; k < n; k++)
        average[k] = total[k] / (double)rows;
    for (int64_t i = 0; i < cut->pieces; i++) {
        const double count = (double)ftl_cpu_min(cut->rows, rows - i * cut->rows);
        const int64_t at = i * cut->channels + first;
        for (int64_t k = 0; k < n; k++) {
            const double apart = w->first[at + k] - average[k];
            squares[k] += w->second[at + k] + count * apart * apart;
        }
    }
    for (int64_t k = 0; k < n; k++)
        variance[k] = squares[k] / (double)rows;
}

static void run_batch_norm(const ftl_call *call) {
    const ftl_batch_norm_attrs *attrs = call->attrs;
    const ftl_tensor *x = &call->in[0];
    const float *gain = call->in[1].data, *bias = call->in[2].data;
    float *mean = call->out[1].data, *var = call->out[2].data;
    const ftl_cpu_cut cut = ftl_cpu_cut_make(ftl_cpu_channels(&call->in[0]));
    const workspace w = workspace_of(call, &cut);
    const ftl_cpu_map map = {.t = cut.t,
            .y = &call->out[0],
            .x = x,
            .a = mean,
            .b = w.scale,
            .c = w.offset};

#pragma omp parallel if (ftl_cpu_floats(&call->in[0]) > FTL_CPU_SERIAL)
    {
#pragma omp for schedule(static)
        for (int64_t i = 0; i < cut.n_tasks; i++)
            measure(w.first, w.second, &cut, i, x);

#pragma omp for schedule(static)
        for (int64_t first = 0; first < cut.t.c; first += FTL_CPU_TOGETHER) {
            const int64_t n = ftl_cpu_min(FTL_CPU_TOGETHER, cut.t.c - first);
            double average[FTL_CPU_TOGETHER], variance[FTL_CPU_TOGETHER];
            combine(average, variance, &w, &cut, first, n);
            for (int64_t k = 0, c = first; k < n; k++, c++) {
                const double scale =
                        (double)gain[c] / sqrt(variance[k] + (double)attrs->epsilon);
                mean[c] = (float)average[k];
                var[c] = (float)variance[k];
                w.scale[c] = (float)scale;
                w.offset[c] = (float)((double)bias[c] +
                                      ((double)mean[c] - average[k]) * scale);
            }
        }

        ftl_cpu_map_share(normalized, &map);
    }
}

static void run_batch_norm_grad(const ftl_call *call) {
    const ftl_batch_norm_attrs *attrs = call->attrs;
    const ftl_tensor *x = &call->in[0], *dy = &call->in[4];
    const float *gain = call->in[1].data;
    const float *mean = call->in[2].data, *var = call->in[3].data;
    float *dgain = call->out[1].data, *dbias = call->out[2].data;
    const ftl_cpu_cut cut = ftl_cpu_cut_make(ftl_cpu_channels(&call->in[0]));
    const workspace w = workspace_of(call, &cut);
    const double rows = (double)(cut.t.n * cut.t.inner);
    const ftl_cpu_map map = {.t = cut.t,
            .y = &call->out[0],
            .x = x,
            .z = dy,
            .a = mean,
            .b = w.scale,
            .c = w.offset,
            .d = w.slope};

#pragma omp parallel if (ftl_cpu_floats(&call->in[0]) > FTL_CPU_SERIAL)
    {
#pragma omp for schedule(static)
        for (int64_t i = 0; i < cut.n_tasks; i++) {
            static const float no_shift[FTL_CPU_BLOCK_MAX];
            const ftl_cpu_terms sum = {.x = dy->data, .type = dy->type};
            const ftl_cpu_terms product = {
                    .x = x->data, .z = dy->data, .type = x->type};
            const ftl_cpu_task task = ftl_cpu_cut_task(&cut, i);
            const int64_t at = task.piece * cut.channels + task.channel;
            float copy[FTL_CPU_BLOCK_MAX];
            for (int64_t k = 0; k < task.width; k++)
                copy[k] = task.channel + k < cut.t.c ? mean[task.channel + k] : 0;
            ftl_cpu_task_sum(FTL_CPU_SUM, w.first + at, &cut, &task, sum, no_shift);
            ftl_cpu_task_sum(
                    FTL_CPU_PRODUCT, w.second + at, &cut, &task, product, copy);
        }

#pragma omp for schedule(static)
        for (int64_t first = 0; first < cut.t.c; first += FTL_CPU_TOGETHER) {
            const int64_t n = ftl_cpu_min(FTL_CPU_TOGETHER, cut.t.c - first);
            double sum[FTL_CPU_TOGETHER], product[FTL_CPU_TOGETHER];
            ftl_cpu_cut_total(sum, w.first, &cut, first, n);
            ftl_cpu_cut_total(product, w.second, &cut, first, n);
            for (int64_t k = 0, c = first; k < n; k++, c++) {
                const double scale = 1 / sqrt((double)var[c] + (double)attrs->epsilon);
                dgain[c] = (float)(product[k] * scale);
                dbias[c] = (float)sum[k];
                w.scale[c] = (float)((double)gain[c] * scale);
                w.offset[c] = (float)(sum[k] / rows);
                w.slope[c] = (float)(product[k] * scale * scale / rows);
            }
        }

        ftl_cpu_map_share(normalized_grad, &map);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_batch_norm)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_batch_norm,
                .prepare = prepare,
                .run = run_batch_norm,
                .overwrites = 1,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_batch_norm_grad,
                .prepare = prepare,
                .run = run_batch_norm_grad,
                .overwrites = 1 | 1 << 4,
                .bf16 = true},
        {.op = NULL},
};
