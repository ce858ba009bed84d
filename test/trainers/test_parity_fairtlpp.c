/* test_parity_fairtlpp.c - steps of fairTL++ against PyTorch: a frozen D_s beside the
 * D_t that trains, linear probing with D_t's high-resolution block frozen, then
 * fine-tuning with the optimiser carried on; and that what is frozen stays to the byte.
 */
#include "test/harness.h"
#include "test/trainers/golden_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-4
#define TOLERANCE_MOVED 1e-2

/* Freeze what linear probing freezes, or nothing, and compile. */
static ftl_status prepare(ftl_golden_run *run, bool probing) {
    int n;
    ftl_gan_thaw(&run->gan);
    if (probing) FTL_TRY(ftl_gan_freeze(&run->gan, "D@32", &n));
    return ftl_golden_run_compile(run);
}

static ftl_status read_lp_steps(int *lp_steps, ftl_golden_run *run) {
    return ftl_golden_int(lp_steps, &run->golden, "lp_steps");
}

static void each_step_follows(void) {
    ftl_golden_run run;
    int lp_steps;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "fairtlpp"));
    FTL_CHECK_OK(read_lp_steps(&lp_steps, &run));
    FTL_CHECK(run.gan.n_d == 2 && lp_steps == 3 && run.steps == 5);
    FTL_CHECK_OK(prepare(&run, true));
    for (int k = 0; k < lp_steps; k++)
        ftl_golden_run_check_step(&run, TOLERANCE, TOLERANCE_MOVED, k);
    FTL_CHECK_OK(prepare(&run, false));
    for (int k = lp_steps; k < run.steps; k++)
        ftl_golden_run_check_step(&run, TOLERANCE, TOLERANCE_MOVED, k);
    ftl_golden_run_close(&run);
}

static float *copy_block(const float *block, int64_t n) {
    float *copy = malloc((size_t)n * sizeof *copy);
    if (!copy) abort();
    memcpy(copy, block, (size_t)n * sizeof *copy);
    return copy;
}

/* Does this tensor have the same bytes as in a copy of its store's block? */
static bool unchanged(const ftl_state *state, const float *block) {
    return memcmp(state->data, block + state->offset,
                   (size_t)ftl_shape_count(state->shape) * sizeof *block) == 0;
}

static bool of_block_0(const ftl_state *state) {
    return strncmp(state->name, "blocks.0.", 9) == 0;
}

/* In linear probing block 0 of D_t, its vectors and its moments stand still, everything
 * else moves. */
static void check_frozen(const ftl_golden_run *run, const float *before,
        const float *moments, bool probing) {
    const ftl_adam *adam = &run->gan.d[0].adam;
    for (int i = 0; i < adam->store->n_states; i++) {
        const ftl_state *state = adam->store->state[i];
        const bool still = probing && of_block_0(state);
        /* A spectral vector of one element is 1 or -1 whatever happens. */
        const bool has_choice = state->kind == FTL_PARAMETER || still ||
                                ftl_shape_count(state->shape) > 1;
        if (has_choice && unchanged(state, before) != still)
            ftl_test_fail(__FILE__, __LINE__, "D.%s: %s", state->name,
                    still ? "is frozen, and changed" : "did not change");
        if (state->kind != FTL_PARAMETER) continue;
        if (still) FTL_CHECK(adam->steps[i] == 0);
        const float *v = adam->moment2 + state->offset;
        if (still && memcmp(v, moments + state->offset,
                             (size_t)ftl_shape_count(state->shape) * sizeof *v) != 0)
            ftl_test_fail(__FILE__, __LINE__, "D.%s: is frozen, its moment changed",
                    state->name);
    }
}

/* One stage on the running state: steps first to last - 1. */
static void walk_stage(ftl_golden_run *run, bool probing, int first, int last) {
    const ftl_store *d = run->gan.d[0].store;
    FTL_CHECK_OK(prepare(run, probing));
    float *before = copy_block(d->block, d->n_block);
    float *moments = copy_block(run->gan.d[0].adam.moment2, d->n_parameters_block);
    for (int k = first; k < last; k++)
        FTL_CHECK_OK(ftl_golden_run_walk(run, k));
    check_frozen(run, before, moments, probing);
    free(before);
    free(moments);
}

/* All five steps in a row, on our own state: what is frozen keeps its bytes, step
 * counts go on tensor by tensor, D_s never changes, and we end near PyTorch. */
static void stages_carry_on(void) {
    ftl_golden_run run;
    int lp_steps;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "fairtlpp"));
    FTL_CHECK_OK(read_lp_steps(&lp_steps, &run));
    FTL_CHECK_OK(ftl_golden_run_load(&run, 0));
    const ftl_store *d_s = run.gan.d[1].store;
    float *d_s_before = copy_block(d_s->block, d_s->n_block);
    walk_stage(&run, true, 0, lp_steps);
    walk_stage(&run, false, lp_steps, run.steps);
    FTL_CHECK(
            memcmp(d_s->block, d_s_before, (size_t)d_s->n_block * sizeof(float)) == 0);
    /* Rounding has grown over five steps at full rates: counts are exact, the rest
     * near.
     */
    ftl_golden_run_check_buffers(&run, 2e-2, run.steps);
    free(d_s_before);
    ftl_golden_run_close(&run);
}

static double g_gradient_distance(const ftl_golden_run *run, const float *other) {
    double sum = 0;
    for (int64_t i = 0; i < run->gan.g->n_parameters_block; i++)
        sum += pow((double)(run->gan.g_adam.gradient[i] - other[i]), 2);
    return sqrt(sum);
}

/* The second feedback really comes from D_s: another D_s gives G another gradient, and
 * at weight 0 it gives the same. */
static void d_s_teaches_g(void) {
    ftl_golden_run run;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "fairtlpp"));
    for (int half = 0; half < 2; half++) {
        run.gan.d[1].weight = half ? 0.5 : 0;
        FTL_CHECK_OK(prepare(&run, true));
        FTL_CHECK_OK(ftl_golden_load(
                &run.golden, run.gan.d[1].store, "D_s", FTL_GOLDEN_WHOLE));
        FTL_CHECK_OK(ftl_golden_run_load(&run, 0));
        FTL_CHECK_OK(ftl_golden_run_walk(&run, 0));
        float *first =
                copy_block(run.gan.g_adam.gradient, run.gan.g->n_parameters_block);
        FTL_CHECK_OK(ftl_golden_load(&run.golden, run.gan.d[1].store, "D_t", 0));
        FTL_CHECK_OK(ftl_golden_run_load(&run, 0));
        FTL_CHECK_OK(ftl_golden_run_walk(&run, 0));
        double change = g_gradient_distance(&run, first);
        FTL_CHECK(half ? change > 0.1 : change == 0);
        free(first);
    }
    ftl_golden_run_close(&run);
}

/* A glob and a resolution name the same tensors: three convolutions, four tensors each.
 */
static void patterns_agree(void) {
    ftl_golden_run run;
    int by_px, by_glob;
    FTL_CHECK_OK(ftl_golden_run_open(&run, "fairtlpp"));
    FTL_CHECK_OK(ftl_gan_freeze(&run.gan, "D@32", &by_px));
    for (int i = 0; i < run.gan.d[0].store->n_states; i++) {
        const ftl_state *state = run.gan.d[0].store->state[i];
        FTL_CHECK(state->frozen == of_block_0(state));
    }
    ftl_gan_thaw(&run.gan);
    FTL_CHECK_OK(ftl_gan_freeze(&run.gan, "D.blocks.0.*", &by_glob));
    FTL_CHECK(by_px == 12 && by_glob == 12);
    FTL_CHECK_FAILS(ftl_gan_freeze(&run.gan, "D@64", &by_px), FTL_ECONFIG, "D@64");
    ftl_golden_run_close(&run);
}

int main(void) {
    FTL_TEST(each_step_follows);
    FTL_TEST(stages_carry_on);
    FTL_TEST(d_s_teaches_g);
    FTL_TEST(patterns_agree);
    return ftl_test_finish();
}
