/* importance_weighting.c - train on with both sets, the images of the biased one
 * weighted by how much likelier they are in the reference set (Choi, Grover, Singh,
 * Shu, Ermon 2020); the rule is in trainers/importance.h. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->importance = true;
    FTL_TRY(ftl_method_fine_tune(out, settings, resolution, key, arena));
    out->judge[0].source = FTL_FEED_BOTH;
    return FTL_OK;
}

const ftl_method ftl_method_importance = {.name = "importance", .expand = expand};
