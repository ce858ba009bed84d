/* fairtl.c - fairTL (Teo, Abdollahzadeh, Cheung 2023): go on training G and D on the
 * reference set alone. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->judge[out->n_judges++] =
            (ftl_judge) {.name = "D", .trains = true, .weight = 1};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0) return FTL_OK;
    ftl_method_add_segment(out, settings, "fine-tune", 1);
    return settings->freeze.n ? ftl_method_freeze(out, settings, resolution, arena)
                              : FTL_OK;
}

const ftl_method ftl_method_fairtl = {.name = "fairtl", .expand = expand};
