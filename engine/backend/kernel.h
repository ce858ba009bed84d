/* kernel.h - fast kernels, as rows.
 *
 * A kernel computes one op for some shapes and layouts. The plan asks the rows of an op
 * in order of preference; the first that takes the call is used, and where none does,
 * the op's reference kernel on dense tensors. Rows of the CPU kernels
 * (engine/backend/cpu/) exist once for each instruction set level; oneDNN's are in
 * engine/backend/onednn*.c, the only files that include dnnl.h. */
#ifndef FTL_ENGINE_BACKEND_KERNEL_H
#define FTL_ENGINE_BACKEND_KERNEL_H

#include "engine/base/arena.h"
#include "engine/op.h"

typedef struct ftl_kernel {
    const char *name; /* "cpu", "onednn" */
    const ftl_op *op;

    /* Take this call? On entry shapes and attributes are final and in[i].layout is
     * what the producer of input i will deliver. To take it, set *taken, and: change
     * in[i].layout where another is needed (the plan inserts a reorder), set every
     * out[i].layout, scratch_bytes, and, if used, bound and implementation. What is
     * allocated comes from the arena; `release` frees what does not. data pointers are
     * not set yet. NULL: takes every call whose tensors are all dense or rank < 4, with
     * dense outputs. */
    ftl_status (*prepare)(ftl_call *call, ftl_arena *arena, bool *taken);
    void (*run)(const ftl_call *call);
    void (*release)(void *bound);

    /* Bit i: output 0 may lie on input i (element by element, equal bytes). */
    unsigned overwrites;

    /* Does it know FTL_BF16? Then in[i].type is as the producer of input i delivers it,
     * and out[i].type is FTL_BF16 where the result may be stored so; prepare may change
     * both, as it does with layouts. Else all of that is FTL_F32. */
    bool bf16;
} ftl_kernel;

/* Rows of kernels, ended by a row whose op is NULL. */
const ftl_kernel *ftl_onednn_kernels(void);

/* Instruction set levels of the CPU kernels. */
typedef enum ftl_cpu_level {
    FTL_CPU_BASELINE,
    FTL_CPU_V3,
    FTL_CPU_V4,
    FTL_CPU_V4_BF16, /* and AVX512_BF16: products of bf16 */
} ftl_cpu_level;
#define FTL_CPU_LEVELS 4

/* What this machine can do; what is used (the same, unless forced lower for tests). */
ftl_cpu_level ftl_cpu_level_best(void);
ftl_cpu_level ftl_cpu_level_used(void);
void ftl_cpu_level_force(
        ftl_cpu_level level); /* before plans are made; capped by best */
const char *ftl_cpu_level_name(ftl_cpu_level level); /* "baseline", "x86-64-v3", ... */

/* The rows of a level; NULL behind the last file's. i counts the files of
 * engine/backend/cpu/. */
const ftl_kernel *ftl_cpu_kernels(ftl_cpu_level level, int i);

/* Channels in a block of FTL_BLOCKED that suits the level: 16 or 8. */
int ftl_cpu_block(void);

#endif
