/* fairtl.c - fairTL (Teo, Abdollahzadeh, Cheung 2023): go on training G and D on the
 * reference set alone. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    (void)resolution;
    *out = (ftl_adaptation) {.trainable_weight = 1};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0) return FTL_OK;
    out->segment[0] = (ftl_segment) {.name = "fine-tune",
            .n_steps = ftl_steps_of_kimg(settings->kimg, settings->gan.batch),
            .g_lr = settings->gan.g_lr,
            .d_lr = settings->gan.d_lr};
    out->n_segments = 1;
    return FTL_OK;
}

const ftl_method ftl_method_fairtl = {.name = "fairtl", .expand = expand};
