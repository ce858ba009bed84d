/* plan.c - compiling a graph and running it; see plan.h. */
#include "engine/compile/plan_data.h"

#include "engine/bf16.h"
#include "engine/compile/rewrite.h"
#include "engine/compile/tune.h"
#include "engine/compile/winograd.h"
#include "engine/ops/ops.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

static ftl_status use_winograd(ftl_graph **graph, const ftl_plan_options *options) {
    const ftl_winograd_pass pass = {.choices = options->choices,
            .precision = options->precision,
            .coarse = options->coarse};
    ftl_graph *better;
    FTL_TRY(ftl_pass_winograd(&better, *graph, &pass));
    ftl_graph_free(*graph);
    *graph = better;
    FTL_TRY(ftl_pass_epilogue(&better, *graph));
    ftl_graph_free(*graph);
    *graph = better;
    return FTL_OK;
}

static ftl_status compile_graph(
        ftl_program *program, const ftl_graph *graph, const ftl_plan_options *options) {
    static ftl_status (*const passes[])(ftl_graph **, const ftl_graph *) = {
            ftl_pass_prune, ftl_pass_simplify, ftl_pass_merge, ftl_pass_fuse,
            ftl_pass_late};
    const int n_passes = (int)(sizeof passes / sizeof *passes);
    ftl_graph *owned = NULL;
    for (int i = 0; i < n_passes; i++) {
        ftl_graph *better;
        ftl_status status = passes[i](&better, owned ? owned : graph);
        ftl_graph_free(owned);
        if (status != FTL_OK) return status;
        owned = better;
    }
    ftl_status status = FTL_OK;
    if (options->measure) status = ftl_tune(options->choices, owned, options);
    if (status == FTL_OK && !options->reference_only)
        status = use_winograd(&owned, options);
    if (status == FTL_OK) status = ftl_choose(program, owned, options);
    ftl_graph_free(owned);
    if (status == FTL_OK) status = ftl_place(program, options->debug);
    return status;
}

static void *slot_memory(const ftl_plan *plan, int index) {
    const ftl_slot *slot = &plan->program.slots[ftl_slot_root(&plan->program, index)];
    switch (slot->place) {
    case FTL_SLOT_ARENA:
        return plan->start + slot->offset;
    case FTL_SLOT_FIXED:
        return slot->bound ? slot->bound : slot->own;
    case FTL_SLOT_STATE:
        return slot->state->data;
    case FTL_SLOT_ALIAS:
        break;
    }
    assert(!"an alias has no memory of its own");
    return NULL;
}

/* Write every pointer into the calls. */
static void resolve(ftl_plan *plan) {
    ftl_program *program = &plan->program;
    plan->start = ftl_plan_memory_start(plan->memory);
    for (int i = 0; i < program->n_slots; i++)
        program->slots[i].tensor.data = slot_memory(plan, i);
    for (int i = 0; i < program->n_steps; i++) {
        ftl_step *step = &program->steps[i];
        for (int k = 0; k < step->call.op->n_in; k++)
            step->call.in[k].data = program->slots[step->in[k]].tensor.data;
        for (int k = 0; k < step->call.op->n_out; k++)
            step->call.out[k].data = program->slots[step->out[k]].tensor.data;
        step->call.scratch = plan->start + step->scratch_offset;
    }
}

/* Another plan may have made the shared memory larger, and so have moved it. */
void ftl_plan_follow_memory(ftl_plan *plan) {
    if (plan->start != ftl_plan_memory_start(plan->memory)) resolve(plan);
}

/* Inputs, outputs and staged state: a piece of memory each, since an output's is freed
 * when it is bound elsewhere. */
static ftl_status allocate_ports(ftl_program *program) {
    for (int i = 0; i < program->n_slots; i++) {
        ftl_slot *slot = &program->slots[i];
        if (slot->place != FTL_SLOT_FIXED) continue;
        slot->own = aligned_alloc(FTL_SLOT_ALIGNMENT, ftl_slot_align(slot->bytes));
        if (!slot->own)
            return ftl_fail(FTL_ENOMEM, "out of memory for the outputs of a plan");
    }
    return FTL_OK;
}

static ftl_status allocate(ftl_plan *plan, ftl_plan_memory *shared) {
    const ftl_program *program = &plan->program;
    if (shared && !plan->debug)
        plan->memory = ftl_plan_memory_share(shared);
    else
        FTL_TRY(ftl_plan_memory_create(&plan->memory));
    /* Never empty: a plan whose values are all outputs has a start too. */
    FTL_TRY(ftl_plan_memory_reserve(
            plan->memory, program->arena_bytes + FTL_SLOT_ALIGNMENT));
    return allocate_ports(&plan->program);
}

ftl_status ftl_plan_create(
        ftl_plan **out, const ftl_graph *graph, const ftl_plan_options *options) {
    static const ftl_plan_options defaults;
    if (!options) options = &defaults;
    *out = NULL;
    ftl_plan *plan = calloc(1, sizeof *plan);
    if (!plan) return ftl_fail(FTL_ENOMEM, "out of memory for a plan");
    plan->debug = options->debug;
    ftl_status status = ftl_arena_create(&plan->program.arena);
    if (status == FTL_OK) status = compile_graph(&plan->program, graph, options);
    if (status == FTL_OK) status = allocate(plan, options->memory);
    if (status != FTL_OK) {
        ftl_plan_free(plan);
        return status;
    }
    resolve(plan);
    *out = plan;
    return FTL_OK;
}

void ftl_plan_free(ftl_plan *plan) {
    if (!plan) return;
    ftl_program *program = &plan->program;
    for (int i = 0; i < program->n_steps; i++)
        ftl_step_release(&program->steps[i]);
    for (int i = 0; i < program->n_slots; i++)
        free(program->slots[i].own);
    ftl_arena_free(program->arena);
    free(program->steps);
    free(program->slots);
    free(program->inputs);
    free(program->outputs);
    free(program->writes);
    if (plan->debug && plan->start)
        ASAN_UNPOISON_MEMORY_REGION(plan->start, program->arena_bytes);
    ftl_plan_memory_free(plan->memory);
    free(plan);
}

static const ftl_port *find_port(const ftl_port *ports, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(ports[i].name, name) == 0) return &ports[i];
    return NULL;
}

void *ftl_plan_input(ftl_plan *plan, const char *name) {
    const ftl_port *port =
            find_port(plan->program.inputs, plan->program.n_inputs, name);
    return port ? plan->program.slots[port->slot].tensor.data : NULL;
}

const void *ftl_plan_output(const ftl_plan *plan, const char *name) {
    const ftl_port *port =
            find_port(plan->program.outputs, plan->program.n_outputs, name);
    return port ? plan->program.slots[port->slot].tensor.data : NULL;
}

ftl_status ftl_plan_bind_output(ftl_plan *plan, const char *name, void *memory) {
    const ftl_port *port =
            find_port(plan->program.outputs, plan->program.n_outputs, name);
    if (!port) return ftl_fail(FTL_EINPUT, "the plan has no output %s", name);
    ftl_slot *slot = &plan->program.slots[port->slot];
    if (slot->own) plan->program.fixed_bytes -= ftl_slot_align(slot->bytes);
    free(slot->own);
    slot->own = NULL;
    slot->bound = memory;
    resolve(plan);
    return FTL_OK;
}

void ftl_plan_run_step(const ftl_step *step) {
    if (step->kernel)
        step->kernel->run(&step->call);
    else
        step->call.op->reference(&step->call);
}

/* Debug plans: a value's memory can be touched only while the value is alive, scratch
 * only as far as the call has asked for it. */
static void wake(ftl_plan *plan, int index) {
    const ftl_program *program = &plan->program;
    const ftl_step *step = &program->steps[index];
    ASAN_UNPOISON_MEMORY_REGION(
            plan->start + step->scratch_offset, step->call.scratch_bytes);
    for (int k = 0; k < program->steps[index].call.op->n_out; k++) {
        const ftl_slot *slot = &program->slots[program->steps[index].out[k]];
        if (slot->place == FTL_SLOT_ARENA)
            ASAN_UNPOISON_MEMORY_REGION(plan->start + slot->offset, slot->bytes);
    }
}

static void bury(ftl_plan *plan, int index) {
    const ftl_program *program = &plan->program;
    const ftl_step *step = &program->steps[index];
    ASAN_POISON_MEMORY_REGION(
            plan->start + step->scratch_offset, step->call.scratch_bytes);
    for (int i = 0; i < program->n_slots; i++) {
        const ftl_slot *slot = &program->slots[i];
        if (slot->place == FTL_SLOT_ARENA && slot->last == index)
            ASAN_POISON_MEMORY_REGION(plan->start + slot->offset, slot->bytes);
    }
}

void ftl_plan_run(ftl_plan *plan) {
    ftl_plan_follow_memory(plan);
    if (plan->debug) ASAN_POISON_MEMORY_REGION(plan->start, plan->program.arena_bytes);
    for (int i = 0; i < plan->program.n_steps; i++) {
        if (plan->debug) wake(plan, i);
        ftl_plan_run_step(&plan->program.steps[i]);
        if (plan->debug) bury(plan, i);
    }
}

void ftl_plan_commit(ftl_plan *plan) {
    for (int i = 0; i < plan->program.n_writes; i++) {
        const ftl_port *port = &plan->program.writes[i];
        const ftl_slot *slot = &plan->program.slots[port->slot];
        if (!port->state->frozen)
            memcpy(port->state->data, slot->tensor.data, slot->bytes);
    }
}

static bool all_finite(const ftl_tensor *tensor) {
    if (tensor->type == FTL_I32) return true;
    const float *x = tensor->data;
    const uint16_t *half = tensor->data;
    size_t n = ftl_tensor_bytes(tensor) / ftl_type_bytes(tensor->type);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(tensor->type == FTL_BF16 ? ftl_bf16_widen(half[i]) : x[i]))
            return false;
    return true;
}

ftl_status ftl_plan_run_checked(ftl_plan *plan) {
    const ftl_program *program = &plan->program;
    ftl_plan_follow_memory(plan);
    for (int i = 0; i < program->n_slots; i++) {
        const ftl_slot *slot = &program->slots[i];
        if (slot->place == FTL_SLOT_STATE && !all_finite(&slot->tensor))
            return ftl_fail(
                    FTL_ENUMERIC, "state %s holds NaN or infinity", slot->state->name);
    }
    for (int i = 0; i < program->n_inputs; i++)
        if (!all_finite(&program->slots[program->inputs[i].slot].tensor))
            return ftl_fail(FTL_ENUMERIC, "input %s holds NaN or infinity",
                    program->inputs[i].name);
    for (int i = 0; i < program->n_steps; i++) {
        const ftl_step *step = &program->steps[i];
        ftl_plan_run_step(step);
        for (int k = 0; k < step->call.op->n_out; k++) {
            char shape[FTL_SHAPE_TEXT];
            if (all_finite(&step->call.out[k])) continue;
            return ftl_fail(FTL_ENUMERIC,
                    "%s: output %d of %s, %s, holds NaN or infinity", step->layer, k,
                    step->call.op->name,
                    ftl_shape_format(shape, step->call.out[k].shape));
        }
    }
    return FTL_OK;
}
