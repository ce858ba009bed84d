/* ewc.c - fine-tuning that holds those weights of G that matter (Li, Zhang, Lu,
 * Shechtman 2020, "Few-shot Image Generation with Elastic Weight Consolidation"); the
 * rule is in engine/nn/anchor.h, how much a weight matters in trainers/gan.h. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    if (settings->ewc == 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.ewc: method: ewc needs the weight of its anchor, such as 1e4; it "
                "depends on the networks",
                key);
    return ftl_method_fine_tune(out, settings, resolution, key, arena);
}

const ftl_method ftl_method_ewc = {.name = "ewc", .expand = expand};
