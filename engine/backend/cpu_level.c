/* cpu_level.c - the instruction set levels of the CPU kernels and the table of their
 * rows. */
#include "engine/backend/kernel.h"

#include <assert.h>

#define FTL_CPU_FILE(name) extern const ftl_kernel ftl_cpu_rows_##name##_baseline[];
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE

static const ftl_kernel *const rows_baseline[] = {
#define FTL_CPU_FILE(name) ftl_cpu_rows_##name##_baseline,
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE
        NULL,
};

#ifdef FTL_CPU_X86 /* set by cmake/cpu_levels.cmake when the levels were compiled */
#define FTL_CPU_FILE(name)                                                             \
    extern const ftl_kernel ftl_cpu_rows_##name##_v3[], ftl_cpu_rows_##name##_v4[],    \
            ftl_cpu_rows_##name##_v4_bf16[];
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE

static const ftl_kernel *const rows_v3[] = {
#define FTL_CPU_FILE(name) ftl_cpu_rows_##name##_v3,
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE
        NULL,
};

static const ftl_kernel *const rows_v4[] = {
#define FTL_CPU_FILE(name) ftl_cpu_rows_##name##_v4,
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE
        NULL,
};

static const ftl_kernel *const rows_v4_bf16[] = {
#define FTL_CPU_FILE(name) ftl_cpu_rows_##name##_v4_bf16,
#include "engine/backend/cpu/files.def"
#undef FTL_CPU_FILE
        NULL,
};

static const ftl_kernel *const *const rows[FTL_CPU_LEVELS] = {
        rows_baseline, rows_v3, rows_v4, rows_v4_bf16};
#else
static const ftl_kernel *const *const rows[FTL_CPU_LEVELS] = {
        rows_baseline, rows_baseline, rows_baseline, rows_baseline};
#endif

/* Above the last: nothing is forced. */
static ftl_cpu_level forced = (ftl_cpu_level)FTL_CPU_LEVELS;

ftl_cpu_level ftl_cpu_level_best(void) {
#ifdef FTL_CPU_X86
    /* Features one by one, since not every compiler knows the names of the levels; the
     * rest of a level comes with these on every processor that was ever sold. The
     * builtin also asks whether the system saves the registers. */
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool v4 =
            v3 && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (v4) return __builtin_cpu_supports("avx512bf16") ? FTL_CPU_V4_BF16 : FTL_CPU_V4;
    return v3 ? FTL_CPU_V3 : FTL_CPU_BASELINE;
#else
    return FTL_CPU_BASELINE;
#endif
}

ftl_cpu_level ftl_cpu_level_used(void) {
    const ftl_cpu_level best = ftl_cpu_level_best();
    return forced < best ? forced : best;
}

void ftl_cpu_level_force(ftl_cpu_level level) { forced = level; }

const char *ftl_cpu_level_name(ftl_cpu_level level) {
    static const char *const names[FTL_CPU_LEVELS] = {
            "baseline", "x86-64-v3", "x86-64-v4", "x86-64-v4+bf16"};
    assert((int)level >= 0 && (int)level < FTL_CPU_LEVELS);
    return names[level];
}

const ftl_kernel *ftl_cpu_kernels(ftl_cpu_level level, int i) {
    assert((int)level >= 0 && (int)level < FTL_CPU_LEVELS && i >= 0);
    return rows[level][i];
}

int ftl_cpu_block(void) { return ftl_cpu_level_used() >= FTL_CPU_V4 ? 16 : 8; }
