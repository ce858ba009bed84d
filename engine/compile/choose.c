/* choose.c - a kernel, layouts and types for each node; see program.h.
 *
 * One walk in order: each node is offered to the rows of its op with the layouts and
 * types in which its inputs really are; a row that takes it may ask for others, and a
 * reorder is put in front, once for each value, layout and type. A node that no row
 * takes runs its reference kernel on dense float32 tensors. The rule is fixed
 * (engine.tune: off): the result depends on shapes and on the instruction set only. */
#include "engine/compile/program.h"

#include "engine/backend/onednn.h"
#include "engine/ops/ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A value in one of the layouts and types in which somebody wants it. */
typedef struct variant {
    int slot;
    struct variant *next;
} variant;

typedef struct chooser {
    ftl_program *program;
    const ftl_graph *graph;
    variant **variants; /* of each value; the first is where it was computed */
    bool *half;         /* of each value: may it be stored as bf16? */
    bool reference_only;
} chooser;

/* Is the tensor of this type and in this layout? */
static bool is_stored(const ftl_tensor *tensor, ftl_type type, ftl_layout b) {
    ftl_layout a = tensor->layout;
    if (tensor->type != type) return false;
    if (a.kind != b.kind) return false;
    if (a.kind == FTL_BLOCKED) return a.block == b.block;
    return a.kind == FTL_DENSE || ftl_onednn_packed_equal(a.packed, b.packed);
}

static ftl_status add_slot(ftl_program *program, ftl_slot slot, int *index) {
    ftl_slot *slots = ftl_graph_grow(
            program->slots, program->n_slots, &program->cap_slots, sizeof *slots);
    if (!slots) return FTL_ENOMEM;
    program->slots = slots;
    slot.bytes = ftl_tensor_bytes(&slot.tensor);
    *index = program->n_slots++;
    slots[*index] = slot;
    return FTL_OK;
}

void ftl_step_release(const ftl_step *step) {
    if (step->kernel && step->kernel->release && step->call.bound)
        step->kernel->release(step->call.bound);
}

/* The program owns what the step's call holds; the caller still does on failure. */
static ftl_status add_step(ftl_program *program, const ftl_step *step) {
    ftl_step *steps = ftl_graph_grow(
            program->steps, program->n_steps, &program->cap_steps, sizeof *steps);
    if (!steps) return FTL_ENOMEM;
    program->steps = steps;
    if (step->call.scratch_bytes > program->scratch_bytes)
        program->scratch_bytes = step->call.scratch_bytes;
    steps[program->n_steps++] = *step;
    return FTL_OK;
}

static ftl_status add_variant(chooser *c, int value, int slot) {
    variant *v = ftl_arena_alloc(c->program->arena, sizeof *v);
    if (!v) return FTL_ENOMEM;
    v->slot = slot;
    variant **at = &c->variants[value];
    while (*at)
        at = &(*at)->next;
    *at = v;
    return FTL_OK;
}

/* Is every tensor of the call dense, or of a rank that has no other layout? */
static bool all_dense(const ftl_call *call) {
    for (int i = 0; i < call->op->n_in; i++)
        if (call->in[i].layout.kind != FTL_DENSE) return false;
    return true;
}

/* For kernels that know no bf16. */
static void ask_for_floats(ftl_call *call) {
    for (int i = 0; i < call->op->n_in; i++)
        if (call->in[i].type == FTL_BF16) call->in[i].type = FTL_F32;
    for (int i = 0; i < call->op->n_out; i++)
        if (call->out[i].type == FTL_BF16) call->out[i].type = FTL_F32;
}

/* Offer the call to one row. */
static ftl_status offer(
        chooser *c, const ftl_kernel *row, ftl_step *step, bool *taken) {
    ftl_call call = step->call;
    *taken = false;
    if (!row->bf16) ask_for_floats(&call);
    if (row->prepare)
        FTL_TRY(row->prepare(&call, c->program->arena, taken));
    else
        *taken = all_dense(&call);
    if (!*taken) return FTL_OK;
    step->call = call;
    step->kernel = row;
    return FTL_OK;
}

/* Find the kernel; layouts and types of the call's inputs become what it wants. */
static ftl_status find_kernel(chooser *c, ftl_step *step) {
    const ftl_op *op = step->call.op;
    bool taken = false;
    if (!c->reference_only) {
        for (const ftl_kernel *row = ftl_onednn_kernels(); row->op; row++) {
            if (row->op != op) continue;
            FTL_TRY(offer(c, row, step, &taken));
            if (taken) return FTL_OK;
        }
        const ftl_kernel *rows;
        for (int i = 0; (rows = ftl_cpu_kernels(ftl_cpu_level_used(), i)); i++) {
            for (const ftl_kernel *row = rows; row->op; row++) {
                if (row->op != op) continue;
                FTL_TRY(offer(c, row, step, &taken));
                if (taken) return FTL_OK;
            }
        }
    }
    if (!op->reference)
        return ftl_fail(FTL_EUNSUPPORTED, "no kernel for the op %s", op->name);
    step->kernel = NULL;
    ask_for_floats(&step->call);
    for (int i = 0; i < op->n_in; i++)
        step->call.in[i].layout = (ftl_layout) {0};
    for (int i = 0; i < op->n_out; i++)
        step->call.out[i].layout = (ftl_layout) {0};
    return FTL_OK;
}

/* A reorder of slot `from` into slot `to`, whose layout and type are set. */
static ftl_status add_reorder(chooser *c, int from, int to, const char *layer) {
    ftl_step step = {.layer = layer};
    step.call.op = &ftl_op_reorder;
    step.call.in[0] = c->program->slots[from].tensor;
    step.call.out[0] = c->program->slots[to].tensor;
    FTL_TRY(find_kernel(c, &step));
    const ftl_tensor *in = &step.call.in[0], *out = &step.call.out[0];
    assert(is_stored(&c->program->slots[from].tensor, in->type, in->layout));
    assert(is_stored(&c->program->slots[to].tensor, out->type, out->layout));
    (void)in, (void)out;
    step.in[0] = from;
    step.out[0] = to;
    const ftl_status status = add_step(c->program, &step);
    if (status != FTL_OK) ftl_step_release(&step);
    return status;
}

/* The slot that holds the value in this type and layout, made by a reorder if need be.
 */
static ftl_status want(chooser *c, int value, ftl_type type, ftl_layout layout,
        const char *layer, int *slot) {
    for (variant *v = c->variants[value]; v; v = v->next) {
        if (!is_stored(&c->program->slots[v->slot].tensor, type, layout)) continue;
        *slot = v->slot;
        return FTL_OK;
    }
    int from = c->variants[value]->slot;
    ftl_slot to = {.tensor = c->program->slots[from].tensor};
    to.tensor.type = type;
    to.tensor.layout = layout;
    FTL_TRY(add_slot(c->program, to, slot));
    FTL_TRY(add_reorder(c, from, *slot, layer));
    return add_variant(c, value, *slot);
}

static ftl_status add_port(ftl_program *program, ftl_port **ports, int *n,
        const char *name, ftl_state *state, int slot) {
    ftl_port port = {.name = NULL, .state = state, .slot = slot};
    if (name) {
        port.name = ftl_arena_strdup(program->arena, name);
        if (!port.name) return FTL_ENOMEM;
    }
    ftl_port *larger = realloc(*ports, ((size_t)*n + 1) * sizeof **ports);
    if (!larger) return ftl_fail(FTL_ENOMEM, "out of memory for a plan");
    *ports = larger;
    larger[(*n)++] = port;
    return FTL_OK;
}

/* Leaves get slots; nothing is called. */
static ftl_status choose_leaf(chooser *c, const ftl_node_data *node) {
    const ftl_value_data *value = &c->graph->values[node->out[0]];
    ftl_slot slot = {.tensor = {.type = value->type, .shape = value->shape},
            .place = node->op == &ftl_op_input ? FTL_SLOT_FIXED : FTL_SLOT_STATE,
            .state = node->state};
    int index;
    if (node->state && !node->state->data)
        return ftl_fail(FTL_EINPUT, "state %s is not allocated", node->state->name);
    FTL_TRY(add_slot(c->program, slot, &index));
    FTL_TRY(add_variant(c, node->out[0], index));
    if (node->op != &ftl_op_input) return FTL_OK;
    return add_port(c->program, &c->program->inputs, &c->program->n_inputs, node->name,
            NULL, index);
}

static ftl_status choose_view(
        chooser *c, const ftl_node_data *node, const char *layer) {
    int from, to;
    const ftl_value_data *value = &c->graph->values[node->out[0]];
    FTL_TRY(want(c, node->in[0], value->type, (ftl_layout) {0}, layer, &from));
    ftl_slot slot = {.tensor = {.type = value->type, .shape = value->shape},
            .place = FTL_SLOT_ALIAS,
            .alias = from};
    FTL_TRY(add_slot(c->program, slot, &to));
    return add_variant(c, node->out[0], to);
}

/* Slots for what a call reads, as its kernel wants it, and for its results. */
static ftl_status connect(chooser *c, const ftl_node_data *node, ftl_step *step) {
    for (int i = 0; i < node->op->n_in; i++)
        FTL_TRY(want(c, node->in[i], step->call.in[i].type, step->call.in[i].layout,
                step->layer, &step->in[i]));
    for (int i = 0; i < node->op->n_out; i++) {
        ftl_slot slot = {.tensor = step->call.out[i]};
        FTL_TRY(add_slot(c->program, slot, &step->out[i]));
        FTL_TRY(add_variant(c, node->out[i], step->out[i]));
    }
    return add_step(c->program, step);
}

static ftl_status choose_call(
        chooser *c, const ftl_node_data *node, const char *layer) {
    ftl_step step = {.layer = layer};
    step.call.op = node->op;
    if (node->op->attrs_bytes) {
        void *attrs = ftl_arena_alloc(c->program->arena, node->op->attrs_bytes);
        if (!attrs) return FTL_ENOMEM;
        memcpy(attrs, node->attrs, node->op->attrs_bytes);
        step.call.attrs = attrs;
    }
    for (int i = 0; i < node->op->n_in; i++)
        step.call.in[i] = c->program->slots[c->variants[node->in[i]]->slot].tensor;
    for (int i = 0; i < node->op->n_out; i++) {
        step.call.out[i].type =
                c->half[node->out[i]] ? FTL_BF16 : c->graph->values[node->out[i]].type;
        step.call.out[i].shape = c->graph->values[node->out[i]].shape;
    }
    FTL_TRY(find_kernel(c, &step));
    const ftl_status status = connect(c, node, &step);
    if (status != FTL_OK) ftl_step_release(&step);
    return status;
}

/* A slot of its own that holds the value dense: for outputs and state writes. The
 * value's own slot if that is possible, else a copy. */
static ftl_status settle(chooser *c, int value, const char *layer, int *slot) {
    FTL_TRY(want(
            c, value, c->graph->values[value].type, (ftl_layout) {0}, layer, slot));
    if (c->program->slots[*slot].place == FTL_SLOT_ARENA) {
        c->program->slots[*slot].place = FTL_SLOT_FIXED;
        return FTL_OK;
    }
    int from = *slot;
    ftl_slot copy = {.tensor = c->program->slots[from].tensor, .place = FTL_SLOT_FIXED};
    FTL_TRY(add_slot(c->program, copy, slot));
    return add_reorder(c, from, *slot, layer);
}

static ftl_status choose_node(chooser *c, ftl_node index) {
    const ftl_node_data *node = &c->graph->nodes[index];
    if (node->op == &ftl_op_input || node->op == &ftl_op_state)
        return choose_leaf(c, node);
    const char *layer = ftl_arena_strdup(c->program->arena, node->layer);
    if (!layer) return FTL_ENOMEM;
    if (node->op == &ftl_op_state_write) {
        int slot;
        FTL_TRY(settle(c, node->in[0], layer, &slot));
        return add_port(c->program, &c->program->writes, &c->program->n_writes, NULL,
                node->state, slot);
    }
    if (node->op->is_view) return choose_view(c, node, layer);
    return choose_call(c, node, layer);
}

ftl_status ftl_choose(
        ftl_program *program, const ftl_graph *graph, const ftl_plan_options *options) {
    const bool bf16 = options->precision == FTL_BF16;
    chooser c = {.program = program,
            .graph = graph,
            .reference_only = options->reference_only};
    ftl_status status = FTL_OK;
    assert(!bf16 || !options->reference_only);
    if (bf16 && !ftl_onednn_has_bf16())
        return ftl_fail(FTL_EUNSUPPORTED,
                "this processor computes no bf16 (instruction set of oneDNN: %s)",
                ftl_onednn_isa());
    c.variants = calloc((size_t)graph->n_values, sizeof *c.variants);
    c.half = calloc((size_t)graph->n_values, sizeof *c.half);
    if (!c.variants || !c.half) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a plan");
        goto out;
    }
    if (bf16) ftl_precision_mark(c.half, graph);
    for (ftl_node node = 0; node < graph->n_nodes; node++)
        FTL_TRY_OUT(choose_node(&c, node));
    for (int i = 0; i < graph->n_outputs; i++) {
        int slot;
        /* The program outlives the graph. */
        const char *layer = ftl_arena_strdup(program->arena, graph->outputs[i].name);
        if (!layer) {
            status = FTL_ENOMEM;
            goto out;
        }
        FTL_TRY_OUT(settle(&c, graph->outputs[i].value, layer, &slot));
        FTL_TRY_OUT(add_port(program, &program->outputs, &program->n_outputs,
                graph->outputs[i].name, NULL, slot));
    }
out:
    free(c.variants);
    free(c.half);
    return status;
}
