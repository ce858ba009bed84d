/* cpu.h - what the CPU kernels share.
 *
 * The .c files beside this header are compiled once for each instruction set level
 * (cmake/cpu_levels.cmake); each exports one array of rows, whose name carries the
 * level, and nothing else. files.def lists them, cpu_level.c gathers them. (peak.c has
 * no kernels: it is for engine/backend/machine.c.)
 *
 * Work is cut into pieces that depend on shapes only, and partial sums are added in the
 * order of the pieces: results do not depend on the number of threads. */
#ifndef FTL_ENGINE_BACKEND_CPU_CPU_H
#define FTL_ENGINE_BACKEND_CPU_CPU_H

#include "engine/backend/cpu_prepare.h"
#include "engine/backend/kernel.h"
#include "engine/ops/ops.h"

#include <omp.h>

#define FTL_CPU_JOIN_BOTH(a, b) a##b
#define FTL_CPU_JOIN(a, b) FTL_CPU_JOIN_BOTH(a, b)
#define FTL_CPU_TEXT_OF(a) #a
#define FTL_CPU_TEXT(a) FTL_CPU_TEXT_OF(a)

/* For functions that are to melt into each of their callers, whose constants shape
 * them. */
#define FTL_CPU_INLINE static inline __attribute__((always_inline))

/* FTL_CPU_NAME(x) is x_baseline, x_v3, x_v4 or x_v4_bf16; FTL_CPU_KERNEL "cpu_v4"
 * accordingly. */
#define FTL_CPU_NAME(x) FTL_CPU_JOIN(x, FTL_CPU_SUFFIX)
#define FTL_CPU_KERNEL FTL_CPU_TEXT(FTL_CPU_JOIN(cpu, FTL_CPU_SUFFIX))

/* A parallel region costs some 5 us: below so many elements one thread is faster. */
#define FTL_CPU_SERIAL 32768

/* Elements of a piece of a sum: 32 KiB, so that a second look at it is cheap. */
#define FTL_CPU_PIECE 8192

/* The calling thread's part of n items: begin <= i < end. */
typedef struct ftl_cpu_range {
    int64_t begin, end;
} ftl_cpu_range;

static inline ftl_cpu_range ftl_cpu_share(int64_t n) {
    const int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    return (ftl_cpu_range) {n * thread / threads, n * (thread + 1) / threads};
}

/* Numbers in memory, padding included. */
static inline int64_t ftl_cpu_floats(const ftl_tensor *tensor) {
    return (int64_t)(ftl_tensor_bytes(tensor) / ftl_type_bytes(tensor->type));
}

static inline int64_t ftl_cpu_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ftl_cpu_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

#endif
