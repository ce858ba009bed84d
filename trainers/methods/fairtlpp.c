/* fairtlpp.c - fairTL++ (Teo, Abdollahzadeh, Cheung, AAAI 2023): fairTL with two
 * discriminators, one of them the pre-trained one standing still, and linear probing
 * before fine-tuning: first the blocks of D_t with the highest resolutions are frozen.
 *
 * Its ablations: lambda 1 leaves out the second discriminator, probe 0 the probing. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->judge[out->n_judges++] =
            (ftl_judge) {.name = "D", .trains = true, .weight = settings->lambda};
    if (settings->lambda < 1)
        out->judge[out->n_judges++] =
                (ftl_judge) {.name = "D_s", .weight = 1 - settings->lambda};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0) return FTL_OK;
    if (settings->probe > 0) {
        ftl_method_add_segment(out, settings, "linear-probe", settings->probe);
        FTL_TRY(ftl_method_freeze(out, settings, resolution, arena));
    } else if (settings->freeze.n) {
        return ftl_fail(FTL_ECONFIG,
                "%s.freeze: layers are frozen while linear probing, of which probe: 0 "
                "leaves nothing",
                key);
    }
    if (settings->probe < 1)
        ftl_method_add_segment(out, settings, "fine-tune", 1 - settings->probe);
    return FTL_OK;
}

const ftl_method ftl_method_fairtlpp = {.name = "fairtl++", .expand = expand};
