/* methods.c - the list of methods and what they share; see method.h. */
#include "trainers/methods/method.h"

#include <math.h>

const ftl_method *const ftl_methods[] = {
        &ftl_method_fairtl, &ftl_method_fairtlpp, NULL};

int64_t ftl_steps_of_kimg(double kimg, int64_t batch) {
    int64_t steps = (int64_t)ceil(kimg * 1000 / (double)batch - 1e-9);
    return steps > 0 ? steps : 1;
}

ftl_status ftl_method_stages(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *key, ftl_arena *arena) {
    const ftl_stage_settings *stages = settings->stages.item;
    int n = settings->stages.n;
    if (n > 0 && settings->kimg > 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.kimg: stages have lengths of their own; give one or the other",
                key);
    if (n == 0 && settings->kimg == 0)
        return ftl_fail(FTL_ECONFIG, "%s.kimg: give the length, or stages", key);
    out->segment = ftl_arena_alloc(arena, (size_t)(n + 2) * sizeof *out->segment);
    if (!out->segment) return FTL_ENOMEM;
    for (int i = 0; i < n; i++)
        out->segment[i] = (ftl_segment) {.name = stages[i].name,
                .n_steps = ftl_steps_of_kimg(stages[i].kimg, settings->gan.batch),
                .freeze = stages[i].freeze.item,
                .n_freeze = stages[i].freeze.n,
                .g_lr = stages[i].g_lr > 0 ? stages[i].g_lr : settings->gan.g_lr,
                .d_lr = stages[i].d_lr > 0 ? stages[i].d_lr : settings->gan.d_lr};
    out->n_segments = n;
    return FTL_OK;
}
