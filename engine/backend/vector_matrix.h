/* vector_matrix.h - products of one row with a matrix: the power iteration of spectral
 * norm. Reading the matrix is all that takes time, so a call costs little beside it;
 * and the bits do not depend on the number of threads. Compiled once: which calls the
 * kernels (engine/backend/cpu/vector_matrix.c) take. */
#ifndef FTL_ENGINE_BACKEND_VECTOR_MATRIX_H
#define FTL_ENGINE_BACKEND_VECTOR_MATRIX_H

#include "engine/backend/kernel.h"
#include "engine/ops/ops.h"

/* Is it a matmul of one row, not transposed, by a matrix, transposed or not? */
static inline bool ftl_vector_matrix_takes(const ftl_call *call) {
    const ftl_matmul_attrs *attrs = call->attrs;
    return !attrs->transpose_a && call->in[0].shape.dim[0] == 1;
}

/* ftl_kernel.prepare: all dense float32. */
static inline ftl_status ftl_vector_matrix_prepare(
        ftl_call *call, ftl_arena *arena, bool *taken) {
    (void)arena;
    *taken = ftl_vector_matrix_takes(call);
    if (*taken)
        call->in[0].layout = call->in[1].layout = call->out[0].layout =
                (ftl_layout) {0};
    return FTL_OK;
}

#endif
