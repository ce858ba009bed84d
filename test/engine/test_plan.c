/* test_plan.c - compiling and running: memory, state, outputs, the search for NaN. */
#include "engine/compile/program.h"
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 2, C = 5, PX = 8 };

static ftl_graph *graph;
static ftl_plan *plan;

static void setup(void) {
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    plan = NULL;
    graph = NULL;
    if (ftl_graph_create(&graph) != FTL_OK) ftl_test_fail(__FILE__, __LINE__, "create");
}

/* A small network with branches, layouts and a gradient: conv, relu, skip, pool, sum.
 */
static ftl_status describe(ftl_graph *g) {
    ftl_value x, w, h, skip, loss, wanted[2], got[2];
    FTL_TRY(ftl_graph_input(&x, g, "x", FTL_F32, FTL_SHAPE(N, C, PX, PX)));
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, FTL_SHAPE(C, C, 3, 3)));
    FTL_TRY(ftl_conv(&h, g, x, w, 1, 1));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_conv(&h, g, h, w, 1, 1));
    FTL_TRY(ftl_add(&skip, g, h, x));
    FTL_TRY(ftl_avg_pool2(&h, g, skip));
    FTL_TRY(ftl_tanh(&h, g, h));
    FTL_TRY(ftl_sum(&loss, g, h));
    wanted[0] = x;
    wanted[1] = w;
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, wanted, got));
    FTL_TRY(ftl_graph_output(g, "loss", loss));
    FTL_TRY(ftl_graph_output(g, "dx", got[0]));
    return ftl_graph_output(g, "dw", got[1]);
}

static void fill(ftl_plan *p) {
    float *x = ftl_plan_input(p, "x"), *w = ftl_plan_input(p, "w");
    for (int i = 0; i < N * C * PX * PX; i++)
        x[i] = sinf((float)i);
    for (int i = 0; i < C * C * 9; i++)
        w[i] = 0.2f * cosf((float)i);
}

/* The largest difference of an output of two plans, relative to its largest value. */
static double difference(ftl_plan *a, ftl_plan *b, const char *name, int n) {
    const float *x = ftl_plan_output(a, name), *y = ftl_plan_output(b, name);
    double worst = 0, scale = 0;
    for (int i = 0; i < n; i++) {
        worst = fmax(worst, fabs((double)x[i] - (double)y[i]));
        scale = fmax(scale, fabs((double)y[i]));
    }
    return worst / scale;
}

static void all_kinds_of_plans_agree(void) {
    ftl_plan *debug, *reference;
    setup();
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    FTL_CHECK_OK(ftl_plan_create(&debug, graph, &(ftl_plan_options) {.debug = true}));
    FTL_CHECK_OK(ftl_plan_create(
            &reference, graph, &(ftl_plan_options) {.reference_only = true}));
    ftl_plan *all[] = {plan, debug, reference};
    for (int i = 0; i < 3; i++) {
        fill(all[i]);
        ftl_plan_run(all[i]);
        ftl_plan_run(all[i]); /* a second run sees nothing of the first */
    }
    double against_debug = difference(plan, debug, "dw", C * C * 9);
    double dx = difference(plan, reference, "dx", N * C * PX * PX);
    double dw = difference(plan, reference, "dw", C * C * 9);
    size_t reused = ftl_plan_bytes(plan), apart = ftl_plan_bytes(debug);
    ftl_plan_free(debug);
    ftl_plan_free(reference);
    FTL_CHECK(against_debug == 0);
    FTL_CHECK(dx < 1e-5);
    FTL_CHECK(dw < 1e-5);
    FTL_CHECK(reused < apart);
}

/* The scratch of how many calls lies on a value that lives meanwhile? */
static int scratch_on_values(const ftl_program *program) {
    int n = 0;
    for (int i = 0; i < program->n_steps; i++) {
        const ftl_step *step = &program->steps[i];
        for (int k = 0; k < program->n_slots; k++) {
            const ftl_slot *slot = &program->slots[k];
            n += slot->place == FTL_SLOT_ARENA && slot->first <= i && i <= slot->last &&
                 step->scratch_offset < slot->offset + slot->bytes &&
                 slot->offset < step->scratch_offset + step->call.scratch_bytes;
        }
    }
    return n;
}

static void values_that_live_together_lie_apart(void) {
    ftl_program program = {0};
    setup();
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_arena_create(&program.arena));
    FTL_CHECK_OK(ftl_choose(&program, graph, &(ftl_plan_options) {0}));
    FTL_CHECK_OK(ftl_place(&program, false));
    int overlaps = 0, overwritten = 0;
    for (int i = 0; i < program.n_slots; i++) {
        const ftl_slot *a = &program.slots[i];
        overwritten += a->place == FTL_SLOT_ALIAS;
        if (a->place != FTL_SLOT_ARENA) continue;
        for (int k = 0; k < i; k++) {
            const ftl_slot *b = &program.slots[k];
            if (b->place != FTL_SLOT_ARENA) continue;
            bool together = a->first <= b->last && b->first <= a->last;
            bool apart = a->offset >= b->offset + b->bytes ||
                         b->offset >= a->offset + a->bytes;
            overlaps += together && !apart;
        }
    }
    int on_values = scratch_on_values(&program);
    size_t scratch = program.scratch_bytes;
    for (int i = 0; i < program.n_steps; i++) {
        const ftl_kernel *kernel = program.steps[i].kernel;
        if (kernel && kernel->release && program.steps[i].call.bound)
            kernel->release(program.steps[i].call.bound);
    }
    free(program.steps);
    free(program.slots);
    free(program.inputs);
    free(program.outputs);
    free(program.writes);
    ftl_arena_free(program.arena);
    FTL_CHECK(overlaps == 0);
    FTL_CHECK(overwritten > 0);
    FTL_CHECK(scratch > 0 && on_values == 0);
}

static void state_moves_when_it_is_committed(void) {
    float data[3] = {1, 2, 3};
    ftl_state state = {
            .name = "u", .kind = FTL_BUFFER, .shape = FTL_SHAPE(3), .data = data};
    ftl_value u, next;
    setup();
    FTL_CHECK_OK(ftl_graph_state(&u, graph, &state));
    FTL_CHECK_OK(ftl_affine(&next, graph, u, 2, 0));
    FTL_CHECK_OK(ftl_graph_state_write(graph, &state, next));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    ftl_plan_run(plan);
    FTL_CHECK(data[1] == 2); /* a run that is not accepted leaves no trace */
    ftl_plan_commit(plan);
    FTL_CHECK(data[0] == 2 && data[1] == 4 && data[2] == 6);
    state.frozen = true;
    ftl_plan_run(plan);
    ftl_plan_commit(plan);
    FTL_CHECK(data[1] == 4);
}

static void outputs_go_where_they_are_bound(void) {
    _Alignas(64) float memory[16];
    ftl_value x, y;
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(4)));
    FTL_CHECK_OK(ftl_affine(&y, graph, x, 1, 1));
    FTL_CHECK_OK(ftl_graph_output(graph, "y", y));
    FTL_CHECK_OK(ftl_graph_output(graph, "same", y));
    FTL_CHECK_OK(ftl_graph_output(graph, "input", x));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    FTL_CHECK_OK(ftl_plan_bind_output(plan, "y", memory));
    FTL_CHECK_FAILS(ftl_plan_bind_output(plan, "z", memory), FTL_EINPUT, "no output z");
    for (int i = 0; i < 4; i++)
        ((float *)ftl_plan_input(plan, "x"))[i] = (float)i;
    ftl_plan_run(plan);
    FTL_CHECK(memory[3] == 4);
    FTL_CHECK(((const float *)ftl_plan_output(plan, "same"))[3] == 4);
    FTL_CHECK(((const float *)ftl_plan_output(plan, "input"))[3] == 3);
    FTL_CHECK(!ftl_plan_input(plan, "nobody"));
    FTL_CHECK(!ftl_plan_output(plan, "nobody"));
}

static void the_first_bad_tensor_has_a_name(void) {
    ftl_value x, y;
    setup();
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(4)));
    FTL_CHECK_OK(ftl_graph_enter(graph, "D.conv1"));
    FTL_CHECK_OK(ftl_reciprocal(&y, graph, x));
    ftl_graph_leave(graph);
    FTL_CHECK_OK(ftl_tanh(&y, graph, y));
    FTL_CHECK_OK(ftl_graph_output(graph, "y", y));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    float *in = ftl_plan_input(plan, "x");
    for (int i = 0; i < 4; i++)
        in[i] = 1;
    FTL_CHECK_OK(ftl_plan_run_checked(plan));
    in[2] = 0;
    FTL_CHECK_FAILS(ftl_plan_run_checked(plan), FTL_ENUMERIC,
            "D.conv1: output 0 of reciprocal");
    in[2] = NAN;
    FTL_CHECK_FAILS(ftl_plan_run_checked(plan), FTL_ENUMERIC, "input x");
}

static void equal_runs_give_equal_bits(void) {
    float first[C * C * 9];
    setup();
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    fill(plan);
    ftl_plan_run(plan);
    memcpy(first, ftl_plan_output(plan, "dw"), sizeof first);
    for (int i = 0; i < 20; i++) {
        ftl_plan_run(plan);
        FTL_CHECK(!memcmp(first, ftl_plan_output(plan, "dw"), sizeof first));
    }
}

/* Plans of two sizes in one block: each run begins in what the other one left. */
static void plans_share_memory_and_nothing_else(void) {
    ftl_plan_memory *memory;
    ftl_plan *large = NULL, *alone = NULL;
    ftl_value x, y;
    setup();
    FTL_CHECK_OK(ftl_plan_memory_create(&memory));
    FTL_CHECK_OK(ftl_graph_input(&x, graph, "x", FTL_F32, FTL_SHAPE(3)));
    FTL_CHECK_OK(ftl_affine(&y, graph, x, 2, 1));
    FTL_CHECK_OK(ftl_tanh(&y, graph, y));
    FTL_CHECK_OK(ftl_graph_output(graph, "y", y));
    const ftl_plan_options shared = {.memory = memory};
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, &shared));
    size_t small_bytes = ftl_plan_memory_bytes(memory);
    ftl_graph_free(graph);
    graph = NULL;
    FTL_CHECK_OK(ftl_graph_create(&graph));
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_plan_create(&large, graph, &shared));
    FTL_CHECK_OK(ftl_plan_create(&alone, graph, NULL));
    size_t large_bytes = ftl_plan_memory_bytes(memory);
    ftl_plan_usage usage = ftl_plan_measure(large);
    ftl_plan_memory_free(memory); /* the plans own it now */
    float *in = ftl_plan_input(plan, "x");
    in[0] = in[1] = 0.25f;
    in[2] = NAN;
    fill(large);
    fill(alone);
    ftl_plan_run(alone);
    double worst = 0;
    float seen = 0;
    for (int i = 0; i < 3; i++) {
        ftl_plan_run(plan);
        ftl_plan_run(large);
        seen = ((const float *)ftl_plan_output(plan, "y"))[1];
        ftl_plan_memory_rest(memory);
        worst = fmax(worst, difference(large, alone, "dw", C * C * 9));
    }
    ftl_plan_free(large);
    ftl_plan_free(alone);
    FTL_CHECK(worst == 0);
    FTL_CHECK_NEAR((double)seen, tanh(1.5), 1e-6);
    FTL_CHECK(large_bytes > small_bytes);
    FTL_CHECK(large_bytes >= usage.block);
    FTL_CHECK(large_bytes < usage.block + 256);
}

/* What the caller holds already is not held twice. */
static void an_output_that_is_bound_costs_nothing(void) {
    _Alignas(64) static float dw[256];
    setup();
    FTL_CHECK_OK(describe(graph));
    FTL_CHECK_OK(ftl_plan_create(&plan, graph, NULL));
    size_t before = ftl_plan_measure(plan).ports;
    FTL_CHECK_OK(ftl_plan_bind_output(plan, "dw", dw));
    size_t after = ftl_plan_measure(plan).ports;
    FTL_CHECK_OK(ftl_plan_bind_output(plan, "dw", dw));
    FTL_CHECK(before - after == (C * C * 9 * sizeof(float) + 63) / 64 * 64);
    FTL_CHECK(ftl_plan_measure(plan).ports == after);
}

int main(void) {
    FTL_TEST(all_kinds_of_plans_agree);
    FTL_TEST(values_that_live_together_lie_apart);
    FTL_TEST(state_moves_when_it_is_committed);
    FTL_TEST(outputs_go_where_they_are_bound);
    FTL_TEST(the_first_bad_tensor_has_a_name);
    FTL_TEST(equal_runs_give_equal_bits);
    FTL_TEST(plans_share_memory_and_nothing_else);
    FTL_TEST(an_output_that_is_bound_costs_nothing);
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return ftl_test_finish();
}
