/* fairtlpp.c - fairTL++ (Teo, Abdollahzadeh, Cheung, AAAI 2023): fairTL with two
 * discriminators, one of them the pre-trained one standing still, and linear probing
 * before fine-tuning: first the blocks of D_t with the highest resolutions are frozen.
 */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    *out = (ftl_adaptation) {.trainable_weight = settings->lambda,
            .frozen_weight = 1 - settings->lambda};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0) return FTL_OK;
    const char **freeze = ftl_arena_alloc(arena, 2 * sizeof *freeze);
    if (!freeze) return FTL_ENOMEM;
    for (int i = 0; i < 2; i++) {
        freeze[i] = ftl_arena_printf(arena, "D@%d", resolution >> i);
        if (!freeze[i]) return FTL_ENOMEM;
    }
    ftl_segment half = {
            .n_steps = ftl_steps_of_kimg(settings->kimg / 2, settings->gan.batch),
            .g_lr = settings->gan.g_lr,
            .d_lr = settings->gan.d_lr};
    out->segment[0] = out->segment[1] = half;
    out->segment[0].name = "linear-probe";
    out->segment[0].freeze = freeze;
    out->segment[0].n_freeze = 2;
    out->segment[1].name = "fine-tune";
    out->n_segments = 2;
    return FTL_OK;
}

const ftl_method ftl_method_fairtlpp = {.name = "fairtl++", .expand = expand};
