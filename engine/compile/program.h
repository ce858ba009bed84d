/* program.h - a graph after kernels and layouts were chosen: calls and slots.
 *
 * A slot is a value as a piece of memory; a call is one kernel on slots. choose.c makes
 * the calls, memory.c places the slots, plan.c runs them. */
#ifndef FTL_ENGINE_COMPILE_PROGRAM_H
#define FTL_ENGINE_COMPILE_PROGRAM_H

#include "engine/backend/kernel.h"
#include "engine/graph_data.h"
#include "engine/plan.h"

typedef enum ftl_slot_place {
    FTL_SLOT_ARENA, /* from its first writer to its last reader, then reused */
    FTL_SLOT_FIXED, /* inputs, outputs, staged state: its own for the plan's life */
    FTL_SLOT_STATE, /* a state tensor's own memory; never written by a call */
    FTL_SLOT_ALIAS, /* another slot's memory: views, kernels that overwrite */
} ftl_slot_place;

typedef struct ftl_slot {
    ftl_tensor tensor; /* data: resolved when the plan is bound */
    ftl_slot_place place;
    int alias;            /* ALIAS: of this slot */
    ftl_state *state;     /* STATE */
    void *own;            /* FIXED: the plan's memory; NULL: it is the caller's */
    void *bound;          /* FIXED: the caller's memory */
    size_t bytes, offset; /* offset: ARENA, in the block of all of them */
    int first, last;      /* calls: first writer, last reader, over all aliases */
} ftl_slot;

typedef struct ftl_step {
    ftl_call call;
    const ftl_kernel *kernel;             /* NULL: the op's reference */
    int in[FTL_MAX_IN], out[FTL_MAX_OUT]; /* slots */
    size_t scratch_offset;                /* in the block of the ARENA slots */
    const char *layer;
} ftl_step;

/* Free what the step's kernel holds for its call, if anything. choose.c */
void ftl_step_release(const ftl_step *step);

/* Something that the caller sees: an input, an output, a staged state. */
typedef struct ftl_port {
    const char *name; /* NULL for a state */
    ftl_state *state;
    int slot;
} ftl_port;

typedef struct ftl_program {
    ftl_arena *arena;
    ftl_step *steps;
    int n_steps, cap_steps;
    ftl_slot *slots;
    int n_slots, cap_slots;
    ftl_port *inputs, *outputs, *writes;
    int n_inputs, n_outputs, n_writes;
    size_t arena_bytes;   /* of the block that holds ARENA slots and scratch */
    size_t fixed_bytes;   /* of all FIXED slots that are not bound */
    size_t scratch_bytes; /* the most that a call takes */
} ftl_program;

/* Choose a kernel, layouts and types for each node of the graph, and add the reorders
 * that they need. program->arena must exist, the rest be zero. */
ftl_status ftl_choose(
        ftl_program *program, const ftl_graph *graph, const ftl_plan_options *options);

/* half[value] of graph->n_values: may a plan in bf16 store this value so? */
void ftl_precision_mark(bool *half, const ftl_graph *graph);

/* Decide which calls overwrite their inputs, and where each ARENA slot and the scratch
 * of each call lie. With debug no slot shares memory and there is a gap of FTL_REDZONE
 * bytes behind each. */
ftl_status ftl_place(ftl_program *program, bool debug);
#define FTL_REDZONE 128

/* Slots begin at, and occupy, multiples of so many bytes. */
#define FTL_SLOT_ALIGNMENT 64
size_t ftl_slot_align(size_t n_bytes);

/* The slot that really holds the memory of `slot`. */
int ftl_slot_root(const ftl_program *program, int slot);

#endif
