/* diffaugment.c - fine-tuning with DiffAugment (Zhao, Liu, Lin, Zhu, Han 2020); the
 * rule is in trainers/augment.h. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->augment = FTL_AUGMENT_ALL;
    return ftl_method_fine_tune(out, settings, resolution, key, arena);
}

const ftl_method ftl_method_diffaugment = {.name = "diffaugment", .expand = expand};
