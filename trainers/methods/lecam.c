/* lecam.c - fine-tuning with LeCam's regulariser (Tseng, Jiang, Liu, Yang, Yang 2021,
 * "Regularizing Generative Adversarial Networks under Limited Data"); the rule is in
 * trainers/gan.h. */
#include "trainers/methods/method.h"

static ftl_status expand(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->lecam.weight = 0.3;
    return ftl_method_fine_tune(out, settings, resolution, key, arena);
}

const ftl_method ftl_method_lecam = {.name = "lecam", .expand = expand};
