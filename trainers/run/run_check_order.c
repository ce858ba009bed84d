/* run_check_order.c - what may follow what in `run:`; see run_check.c. */
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <stdio.h>

static bool trains_gan(const ftl_variant *stage) {
    return stage->kind == FTL_STAGE_PRETRAIN || stage->kind == FTL_STAGE_ADAPT;
}

/* With new weights. */
static bool begins_anew(const ftl_variant *stage) {
    if (stage->kind != FTL_STAGE_ADAPT) return false;
    const ftl_adapt_settings *settings = stage->section;
    return ftl_methods[settings->method] == &ftl_method_scratch;
}

/* Of one that trains a GAN. */
static const ftl_gan_settings *gan_of(const ftl_variant *stage) {
    if (stage->kind == FTL_STAGE_PRETRAIN)
        return &((ftl_pretrain_settings *)stage->section)->gan;
    return &((ftl_adapt_settings *)stage->section)->gan;
}

/* The stage before that trained a GAN in this run; NULL: there is none. */
static const ftl_variant *before(const ftl_run_state *run, int i) {
    while (--i >= 0) {
        const ftl_variant *stage = &run->settings.run.item[i];
        if (stage->kind == FTL_STAGE_PRETRAIN && run->options->from) return NULL;
        if (trains_gan(stage)) return stage;
    }
    return NULL;
}

/* Why optimisers cannot go on here; NULL: they can. */
static const char *fault_of_carry(const ftl_variant *stage, const ftl_variant *was) {
    if (!was)
        return "no stage of this run trained the networks before: nothing to carry";
    if (was->kind == FTL_STAGE_ADAPT &&
            ((ftl_adapt_settings *)was->section)->keep != FTL_KEPT_LAST)
        return "the stage before ends with its best generator, and optimisers are "
               "those "
               "of its last: set keep: last there";
    if ((gan_of(was)->beta1 > 0) != (gan_of(stage)->beta1 > 0))
        return "beta1 is 0 in one stage only: one of them has no first moments";
    if (begins_anew(stage))
        return "scratch begins with new weights, whose moments are 0";
    return NULL;
}

static ftl_status check_carry(ftl_run_state *run, int i, const ftl_variant *was) {
    const ftl_variant *stage = &run->settings.run.item[i];
    char path[64];
    if (!trains_gan(stage) || !gan_of(stage)->carry) return FTL_OK;
    const char *fault = fault_of_carry(stage, was);
    if (!fault) return FTL_OK;
    snprintf(path, sizeof path, "run[%d].%s.carry", i,
            ftl_stage_kind_name((ftl_stage_kind)stage->kind));
    return ftl_config_refuse(run->config, path, "%s", fault);
}

ftl_status ftl_run_check_order(ftl_run_state *run, int i) {
    const ftl_variant *stage = &run->settings.run.item[i], *was = before(run, i);
    const bool adapted = was && was->kind == FTL_STAGE_ADAPT;
    char path[64];
    snprintf(path, sizeof path, "run[%d]", i);
    for (int k = 0; !trains_gan(stage) && k < i; k++)
        if (run->settings.run.item[k].kind == stage->kind)
            return ftl_config_refuse(run->config, path,
                    "a run has one %s stage; `fairtl adapt --from CHECKPOINT` goes on "
                    "from what another run made",
                    ftl_stage_kind_name((ftl_stage_kind)stage->kind));
    if (stage->kind == FTL_STAGE_PRETRAIN && adapted)
        return ftl_config_refuse(run->config, path,
                "pre-training behind an adaptation would undo it: put it in front");
    if (adapted && begins_anew(stage))
        return ftl_config_refuse(run->config, path,
                "scratch begins with new weights: what the adaptation before made "
                "would be lost");
    return check_carry(run, i, was);
}
