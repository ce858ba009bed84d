/* plan.h - a compiled graph, ready to run many times.
 *
 * Compiling prunes, merges, simplifies and fuses nodes, chooses a kernel and a layout
 * for each, and lays all intermediate values out in one block of memory. Running
 * allocates nothing. The same graph gives the same plan, and the same inputs and state
 * the same bits, for the same binary, oneDNN, instruction set and number of threads. */
#ifndef FTL_ENGINE_PLAN_H
#define FTL_ENGINE_PLAN_H

#include "engine/choices.h"
#include "engine/graph.h"
#include "engine/plan_memory.h"

#include <stdio.h>

typedef struct ftl_plan ftl_plan;

typedef struct ftl_plan_options {
    bool debug; /* no memory is reused; redzones between values; values poisoned
                   after their last use (seen by AddressSanitizer) */
    bool reference_only;     /* plain reference kernels, dense layouts: for tests */
    ftl_plan_memory *memory; /* compute in this block, and become one of its owners;
                                NULL, or with debug: in one of its own */
    ftl_type precision;   /* FTL_F32; or FTL_BF16: images between convolutions, and what
                             these read, are stored as bf16 (compile/precision.c says
                             which); not with reference_only */
    bool coarse;          /* in bf16: forward convolutions may lose some percent of
                             their largest value to rounding, as gradients always may,
                             where that saves products; for gradients that pass few
                             layers */
    ftl_choices *choices; /* kernels that were chosen before; NULL: by a fixed rule.
                             Borrowed while the plan is made */
    bool measure;         /* add to `choices` what is not there, by trying;
                               fails with FTL_EINTERRUPTED after a signal */
} ftl_plan_options;

/* Compile all roots (outputs and state writes) of the graph. The graph is not changed
 * and may be freed afterwards; state tensors must be allocated and must outlive the
 * plan. options may be NULL. Fails with FTL_EUNSUPPORTED where bf16 would be emulated
 * (ftl_onednn_has_bf16). */
ftl_status ftl_plan_create(
        ftl_plan **out, const ftl_graph *graph, const ftl_plan_options *options);
void ftl_plan_free(ftl_plan *plan);

/* Where the caller writes an input or reads an output: dense, borrowed, fixed for the
 * life of the plan; NULL if the graph has no such name (or pruned the input). */
void *ftl_plan_input(ftl_plan *plan, const char *name);
const void *ftl_plan_output(const ftl_plan *plan, const char *name);

/* Have an output written into the caller's memory instead (dense, 64-byte aligned); its
 * own is freed. */
ftl_status ftl_plan_bind_output(ftl_plan *plan, const char *name, void *memory);

/* Compute all outputs. State is read, not written. Plans that share a block of memory
 * must not run at the same time. */
void ftl_plan_run(ftl_plan *plan);

/* Make the state writes of the last run take effect (frozen states stay as they are).
 */
void ftl_plan_commit(ftl_plan *plan);

/* Run again with a look at every value: the first that holds NaN or infinity gives
 * FTL_ENUMERIC and a message that names it. Not for speed. */
ftl_status ftl_plan_run_checked(ftl_plan *plan);

/* Run, with a look at the clock (ftl_clock_s) before each call and after the last:
 * clock_s has ftl_plan_calls + 1 elements. */
void ftl_plan_run_timed(ftl_plan *plan, double *clock_s);

/* For profiles and tests. */
typedef enum ftl_call_kind {
    FTL_CALL_CONVOLUTION,
    FTL_CALL_PRODUCT, /* of matrices */
    FTL_CALL_REORDER,
    FTL_CALL_MEMORY, /* everything else: bound by memory */
} ftl_call_kind;
#define FTL_CALL_KINDS 4
typedef struct ftl_plan_call_info {
    const char *op, *layer,
            *kernel;    /* kernel: "onednn jit:avx512_core", "cpu-v4", ... */
    ftl_shape shape;    /* of the first output, as are layout and type */
    const char *layout; /* "dense", "nhwc", "blocks", "packed" */
    ftl_type type;
    ftl_call_kind kind;
    double flop, bytes; /* see compile/cost.h */
} ftl_plan_call_info;
int ftl_plan_calls(const ftl_plan *plan);
ftl_plan_call_info ftl_plan_call(const ftl_plan *plan, int i);

/* Bytes that a plan needs. */
typedef struct ftl_plan_usage {
    size_t block;   /* intermediate values and scratch: what may be shared */
    size_t scratch; /* the most that one call takes: in the block */
    size_t ports;   /* inputs, outputs and staged state that are not bound elsewhere */
} ftl_plan_usage;
ftl_plan_usage ftl_plan_measure(const ftl_plan *plan);

/* All of it. */
size_t ftl_plan_bytes(const ftl_plan *plan);

/* The calls as a table, for people. */
void ftl_plan_print(const ftl_plan *plan, FILE *file);

#endif
