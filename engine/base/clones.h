/* clones.h - one function compiled for several instruction sets; the system's loader
 * picks. For loops over memory outside engine/backend/cpu/, whose results do not depend
 * on the width of a vector: each element by itself, and no contraction to fused
 * multiply-adds (-std=c11). */
#ifndef FTL_ENGINE_BASE_CLONES_H
#define FTL_ENGINE_BASE_CLONES_H

/* Sanitizers are not ready when the loader asks; clang-tidy's clang knows no list. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                 \
        !defined(__SANITIZE_ADDRESS__)
#define FTL_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define FTL_CLONES
#endif

#endif
