/* scratch.c - the reference set alone: G and D forget what they were trained to, begin
 * with new initial values and train on the reference set. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    (void)resolution;
    out->fresh = true;
    out->judge[out->n_judges++] =
            (ftl_judge) {.name = "D", .trains = true, .weight = 1};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    for (int i = 0; i < settings->discriminators.n; i++)
        if (!((ftl_discriminator_settings *)settings->discriminators.item)[i].train)
            return ftl_fail(FTL_ECONFIG,
                    "%s.discriminators[%d]: scratch begins with a D that was never "
                    "trained, which can judge nothing while it stands still",
                    key, i);
    if (settings->freeze.n > 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.freeze: scratch begins with initial values; frozen layers would "
                "keep them",
                key);
    if (out->n_segments == 0) ftl_method_add_segment(out, settings, "train", 1);
    return FTL_OK;
}

const ftl_method ftl_method_scratch = {.name = "scratch", .expand = expand};
