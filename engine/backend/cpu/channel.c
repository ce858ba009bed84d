/* channel.c - bias_add, channel_scale, channel_affine, channel_broadcast, channel_sum.
 */
#include "engine/backend/cpu/channels.h"

static inline float plus(float x, float z, float a, float b, float c, float d) {
    (void)z, (void)b, (void)c, (void)d;
    return x + a;
}

static inline float times(float x, float z, float a, float b, float c, float d) {
    (void)z, (void)b, (void)c, (void)d;
    return a * x;
}

static inline float times_plus(float x, float z, float a, float b, float c, float d) {
    (void)z, (void)c, (void)d;
    return a * x + b;
}

static inline float only(float x, float z, float a, float b, float c, float d) {
    (void)x, (void)z, (void)b, (void)c, (void)d;
    return a;
}

static ftl_cpu_map map_of(const ftl_call *call) {
    return (ftl_cpu_map) {.t = ftl_cpu_channels(&call->out[0]),
            .y = &call->out[0],
            .x = &call->in[0],
            .a = call->in[1].data};
}

static void run_bias_add(const ftl_call *call) {
    const ftl_cpu_map map = map_of(call);
#pragma omp parallel if (ftl_cpu_floats(&call->out[0]) > FTL_CPU_SERIAL)
    ftl_cpu_map_share(plus, &map);
}

static void run_channel_scale(const ftl_call *call) {
    const ftl_cpu_map map = map_of(call);
#pragma omp parallel if (ftl_cpu_floats(&call->out[0]) > FTL_CPU_SERIAL)
    ftl_cpu_map_share(times, &map);
}

static void run_channel_affine(const ftl_call *call) {
    ftl_cpu_map map = map_of(call);
    map.b = call->in[2].data;
#pragma omp parallel if (ftl_cpu_floats(&call->out[0]) > FTL_CPU_SERIAL)
    ftl_cpu_map_share(times_plus, &map);
}

static void run_channel_broadcast(const ftl_call *call) {
    /* x is not used: anything of the same size */
    const ftl_cpu_map map = {.t = ftl_cpu_channels(&call->out[0]),
            .y = &call->out[0],
            .x = &call->out[0],
            .a = call->in[0].data};
#pragma omp parallel if (ftl_cpu_floats(&call->out[0]) > FTL_CPU_SERIAL)
    ftl_cpu_map_share(only, &map);
}

static ftl_status prepare_channel_sum(ftl_call *call, ftl_arena *arena, bool *taken) {
    FTL_TRY(ftl_cpu_prepare_follow(call, arena, taken));
    if (!*taken) return FTL_OK;
    const ftl_cpu_cut cut = ftl_cpu_cut_make(ftl_cpu_channels(&call->in[0]));
    call->scratch_bytes = (size_t)(cut.pieces * cut.channels) * sizeof(double);
    return FTL_OK;
}

static void run_channel_sum(const ftl_call *call) {
    static const float no_shift[FTL_CPU_BLOCK_MAX];
    const ftl_cpu_terms from = {.x = call->in[0].data, .type = call->in[0].type};
    float *y = call->out[0].data;
    double *partial = call->scratch; /* [pieces][channels] */
    const ftl_cpu_cut cut = ftl_cpu_cut_make(ftl_cpu_channels(&call->in[0]));

#pragma omp parallel if (ftl_cpu_floats(&call->in[0]) > FTL_CPU_SERIAL)
    {
#pragma omp for schedule(static)
        for (int64_t i = 0; i < cut.n_tasks; i++) {
            const ftl_cpu_task task = ftl_cpu_cut_task(&cut, i);
            ftl_cpu_task_sum(FTL_CPU_SUM,
                    partial + task.piece * cut.channels + task.channel, &cut, &task,
                    from, no_shift);
        }
#pragma omp for schedule(static)
        for (int64_t c = 0; c < cut.t.c; c += FTL_CPU_TOGETHER) {
            const int64_t n = ftl_cpu_min(FTL_CPU_TOGETHER, cut.t.c - c);
            double total[FTL_CPU_TOGETHER];
            ftl_cpu_cut_total(total, partial, &cut, c, n);
            for (int64_t k = 0; k < n; k++)
                y[c + k] = (float)total[k];
        }
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_channel)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_bias_add,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_bias_add,
                .overwrites = 1,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_channel_scale,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_channel_scale,
                .overwrites = 1,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_channel_affine,
                .prepare = ftl_cpu_prepare_follow,
                .run = run_channel_affine,
                .overwrites = 1,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_channel_broadcast,
                .prepare = ftl_cpu_prepare_dense,
                .run = run_channel_broadcast},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_channel_sum,
                .prepare = prepare_channel_sum,
                .run = run_channel_sum,
                .bf16 = true},
        {.op = NULL},
};
