/* test_plan_allocation.c - the n-th allocation of a plan fails, n = 1, 2, ...: it says
 * so and leaves nothing behind.
 *
 * The linker puts the functions here in the place of those that the library calls
 * (--wrap, CMakeLists.txt). They count blocks, so that what is lost is seen without a
 * sanitizer too: a kernel's primitive hangs on a block of the plan's. */
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "engine/plan.h"
#include "test/harness.h"

#include <stdlib.h>
#include <string.h>

/* What the linker calls f, and the function that f was. */
#define WRAPS(result, f, ...)                                                          \
    result real_##f(__VA_ARGS__) __asm__("__real_" #f);                                \
    result wrap_##f(__VA_ARGS__) __asm__("__wrap_" #f)

WRAPS(void *, malloc, size_t bytes);
WRAPS(void *, calloc, size_t n, size_t bytes);
WRAPS(void *, realloc, void *block, size_t bytes);
WRAPS(void *, aligned_alloc, size_t alignment, size_t bytes);
WRAPS(char *, strdup, const char *text);
WRAPS(void, free, void *block);

static long n_calls, failing, n_blocks; /* the first call is 1; failing 0: none */

static bool fails(void) { return ++n_calls == failing; }

static void *count(void *block) {
    n_blocks += block != NULL;
    return block;
}

void *wrap_malloc(size_t bytes) { return fails() ? NULL : count(real_malloc(bytes)); }
void *wrap_calloc(size_t n, size_t bytes) {
    return fails() ? NULL : count(real_calloc(n, bytes));
}
void *wrap_aligned_alloc(size_t alignment, size_t bytes) {
    return fails() ? NULL : count(real_aligned_alloc(alignment, bytes));
}
char *wrap_strdup(const char *text) {
    return fails() ? NULL : count(real_strdup(text));
}
void *wrap_realloc(void *block, size_t bytes) {
    if (fails()) return NULL;
    void *moved = real_realloc(block, bytes);
    return block ? moved : count(moved);
}
void wrap_free(void *block) {
    n_blocks -= block != NULL;
    real_free(block);
}
enum { N = 2, C = 16, PX = 8, LAYERS = 50 };

/* Convolutions alone, of a size that oneDNN computes, and their gradient: whatever
 * grows while the plan is made does so behind one. */
static ftl_status describe(ftl_graph *g) {
    ftl_value h, w, loss, wanted[2], got[2];
    FTL_TRY(ftl_graph_input(&h, g, "x", FTL_F32, FTL_SHAPE(N, C, PX, PX)));
    FTL_TRY(ftl_graph_input(&w, g, "w", FTL_F32, FTL_SHAPE(C, C, 5, 5)));
    wanted[0] = h;
    wanted[1] = w;
    for (int i = 0; i < LAYERS; i++)
        FTL_TRY(ftl_conv(&h, g, h, w, 1, 2));
    FTL_TRY(ftl_sum(&loss, g, h));
    FTL_TRY(ftl_gradient(g, 1, &loss, NULL, 2, wanted, got));
    FTL_TRY(ftl_graph_output(g, "dx", got[0]));
    return ftl_graph_output(g, "dw", got[1]);
}

static ftl_status make(const ftl_plan_options *options) {
    ftl_graph *graph;
    ftl_plan *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe(graph);
    if (status == FTL_OK) status = ftl_plan_create(&plan, graph, options);
    ftl_plan_free(plan);
    ftl_graph_free(graph);
    return status;
}

static void each_allocation_fails_once(const ftl_plan_options *options) {
    failing = 0;
    FTL_CHECK_OK(make(options)); /* what is kept for the process is made */
    n_calls = n_blocks = 0;
    FTL_CHECK_OK(make(options));
    const long n = n_calls;
    FTL_CHECK(n > 0 && n_blocks == 0);
    for (long i = 1; i <= n; i++) {
        n_calls = n_blocks = 0;
        failing = i;
        ftl_status status = make(options);
        failing = 0;
        FTL_CHECK_FAILS(status, FTL_ENOMEM, "memory");
        if (n_blocks == 0) continue;
        ftl_test_fail(__FILE__, __LINE__, "allocation %ld of %ld loses %ld blocks", i,
                n, n_blocks);
        return;
    }
}

static void a_plan(void) { each_allocation_fails_once(NULL); }

static void a_debug_plan(void) {
    each_allocation_fails_once(&(ftl_plan_options) {.debug = true});
}

static void a_plan_of_reference_kernels(void) {
    each_allocation_fails_once(&(ftl_plan_options) {.reference_only = true});
}

int main(void) {
    FTL_TEST(a_plan);
    FTL_TEST(a_debug_plan);
    FTL_TEST(a_plan_of_reference_kernels);
    return ftl_test_finish();
}
