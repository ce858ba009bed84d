/* plan_calls.c - the calls of a plan, their times and their memory, for people; see
 * plan.h. */
#include "engine/base/clock.h"
#include "engine/compile/cost.h"
#include "engine/compile/plan_data.h"

void ftl_plan_run_timed(ftl_plan *plan, double *clock_s) {
    const ftl_program *program = &plan->program;
    ftl_plan_follow_memory(plan);
    clock_s[0] = ftl_clock_s();
    for (int i = 0; i < program->n_steps; i++) {
        ftl_plan_run_step(&program->steps[i]);
        clock_s[i + 1] = ftl_clock_s();
    }
}

int ftl_plan_calls(const ftl_plan *plan) { return plan->program.n_steps; }

static const char *layout_name(const ftl_tensor *tensor) {
    switch (tensor->layout.kind) {
    case FTL_DENSE:
        return "dense";
    case FTL_PACKED:
        return "packed";
    case FTL_BLOCKED:
        return tensor->layout.block == tensor->shape.dim[1] ? "nhwc" : "blocks";
    }
    return "?";
}

ftl_plan_call_info ftl_plan_call(const ftl_plan *plan, int i) {
    const ftl_step *step = &plan->program.steps[i];
    const ftl_cost cost = ftl_cost_of(&step->call);
    return (ftl_plan_call_info) {.op = step->call.op->name,
            .layer = step->layer,
            .kernel = step->call.implementation ? step->call.implementation
                      : step->kernel            ? step->kernel->name
                                                : "reference",
            .shape = step->call.out[0].shape,
            .layout = layout_name(&step->call.out[0]),
            .type = step->call.out[0].type,
            .kind = cost.kind,
            .flop = cost.flop,
            .bytes = cost.bytes};
}

ftl_plan_usage ftl_plan_measure(const ftl_plan *plan) {
    return (ftl_plan_usage) {.block = plan->program.arena_bytes,
            .scratch = plan->program.scratch_bytes,
            .ports = plan->program.fixed_bytes};
}

size_t ftl_plan_bytes(const ftl_plan *plan) {
    ftl_plan_usage usage = ftl_plan_measure(plan);
    return usage.block + usage.ports;
}

void ftl_plan_print(const ftl_plan *plan, FILE *file) {
    for (int i = 0; i < plan->program.n_steps; i++) {
        ftl_plan_call_info info = ftl_plan_call(plan, i);
        char shape[FTL_SHAPE_TEXT];
        fprintf(file, "%4d  %-18s %-28s %-20s %s\n", i, info.op, info.kernel,
                ftl_shape_format(shape, info.shape), info.layer);
    }
    fprintf(file, "%d calls, %.1f MiB\n", plan->program.n_steps,
            (double)ftl_plan_bytes(plan) / 1048576);
}
