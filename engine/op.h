/* op.h - what an operation is.
 *
 * One operation is one file in engine/ops/: its description, its gradient and a plain
 * reference kernel, gathered in one const ftl_op, listed once in ops.def. Fast kernels
 * are rows elsewhere (engine/backend/kernel.h) and are tested against the reference. */
#ifndef FTL_ENGINE_OP_H
#define FTL_ENGINE_OP_H

#include "engine/graph.h"

/* One call of an op: what reference and fast kernels are given. */
typedef struct ftl_call {
    const ftl_op *op;
    const void *attrs;
    ftl_tensor in[FTL_MAX_IN];
    ftl_tensor out[FTL_MAX_OUT];
    void *scratch; /* scratch_bytes of it, 64-byte aligned, not kept between calls */
    size_t scratch_bytes;
    void *bound;                /* what the kernel prepared when the plan was made */
    const char *implementation; /* of a library's kernel: the name that it reports */
} ftl_call;

struct ftl_op {
    const char *name;
    int n_in, n_out;
    size_t attrs_bytes; /* 0: none */

    /* Shapes and types of the outputs from those of the inputs. out[i].shape and
     * out[i].type are to be set; data and layout are not looked at. Fails with
     * FTL_ESHAPE and a message that shows the offending shapes. */
    ftl_status (*infer)(const ftl_tensor *in, const void *attrs, ftl_tensor *out);

    /* Plain loops over dense tensors. Inputs and outputs never overlap. NULL for
     * leaves. */
    void (*reference)(const ftl_call *call);

    /* Emit the vector-Jacobian product: dy[i] is the gradient of output i (id 0: zero;
     * at least one is not); dx[i] is to be set where need[i], and may stay 0 for zero.
     */
    ftl_status (*gradient)(ftl_graph *graph, ftl_node node, const ftl_value *dy,
            const bool *need, ftl_value *dx);

    bool is_view; /* the output is the first input's memory under another shape */
};

/* For .gradient: asking for it is an error that names the op. */
ftl_status ftl_gradient_none(ftl_graph *graph, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx);
#define FTL_NO_GRADIENT ftl_gradient_none

/* For .gradient: the derivative is zero everywhere, or is declared to be. */
ftl_status ftl_gradient_zero(ftl_graph *graph, ftl_node node, const ftl_value *dy,
        const bool *need, ftl_value *dx);
#define FTL_ZERO_GRADIENT ftl_gradient_zero

/* The op with this name, NULL if there is none. All of them: ftl_op_all[0 .. n-1]. */
extern const ftl_op *const ftl_op_all[];
extern const int ftl_op_all_n;
const ftl_op *ftl_op_find(const char *name);

/* Leaves and effects of the graph; they have no kernels. */
extern const ftl_op ftl_op_input;
extern const ftl_op ftl_op_state;
extern const ftl_op ftl_op_state_write;

#endif
