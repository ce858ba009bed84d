/* find_kernel.h - a kernel of the CPU by its op. */
#ifndef FTL_TEST_ENGINE_FIND_KERNEL_H
#define FTL_TEST_ENGINE_FIND_KERNEL_H

#include "engine/backend/kernel.h"

/* The first one for the op at this level; NULL: there is none. */
static inline const ftl_kernel *find_kernel(ftl_cpu_level level, const ftl_op *op) {
    const ftl_kernel *kernel;
    for (int i = 0; (kernel = ftl_cpu_kernels(level, i)); i++)
        for (; kernel->op; kernel++)
            if (kernel->op == op) return kernel;
    return NULL;
}

#endif
