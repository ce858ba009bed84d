/* freezed.c - FreezeD (Mo, Cho, Shin 2020, "Freeze the Discriminator: a Simple Baseline
 * for Fine-Tuning GANs"): fine-tuning, with the low-level layers of D frozen
 * throughout.
 */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->judge[out->n_judges++] =
            (ftl_judge) {.name = "D", .trains = true, .weight = 1};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.stages: freezed has one stage, and freeze says what is frozen; for "
                "several take method: fairtl",
                key);
    ftl_method_add_segment(out, settings, "fine-tune", 1);
    return ftl_method_freeze(out, settings, resolution, arena);
}

const ftl_method ftl_method_freezed = {.name = "freezed", .expand = expand};
