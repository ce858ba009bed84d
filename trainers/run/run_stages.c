/* run_stages.c - what the stages of a run are called, and which one made its networks
 * what they are; see run_state.h. */
#include "trainers/run/run_state.h"

ftl_status ftl_run_name_stages(ftl_run_state *run) {
    const ftl_variants *stages = &run->settings.run;
    run->stage_names = ftl_arena_alloc(
            run->arena, (size_t)(stages->n + 1) * sizeof *run->stage_names);
    if (!run->stage_names) return FTL_ENOMEM;
    for (int i = 0; i < stages->n; i++) {
        const char *kind = ftl_stage_kind_name((ftl_stage_kind)stages->item[i].kind);
        int n = 1;
        for (int k = 0; k < i; k++)
            n += stages->item[k].kind == stages->item[i].kind;
        run->stage_names[i] =
                n > 1 ? ftl_arena_printf(run->arena, "%s-%d", kind, n) : kind;
        if (!run->stage_names[i]) return FTL_ENOMEM;
    }
    return FTL_OK;
}

const char *ftl_run_stage_name(const ftl_run_state *run) {
    const int64_t n = run->settings.run.n, stage = run->progress.stage;
    return run->stage_names[stage < n ? stage : n - 1];
}

const char *ftl_run_gan_stage_name(const ftl_run_state *run) {
    const int64_t stage = run->progress.gan_stage;
    return stage > 0 ? run->stage_names[stage - 1] : "pretrain";
}

const ftl_adapt_settings *ftl_run_adaptation(const ftl_run_state *run) {
    const int64_t stage = run->progress.gan_stage;
    if (stage == 0 || run->settings.run.item[stage - 1].kind != FTL_STAGE_ADAPT)
        return NULL;
    return run->settings.run.item[stage - 1].section;
}

bool ftl_run_pretrains_later(const ftl_run_state *run) {
    for (int64_t i = run->progress.stage + 1; i < run->settings.run.n; i++)
        if (run->settings.run.item[i].kind == FTL_STAGE_PRETRAIN) return true;
    return false;
}

/* The stage whose moments the optimisers hold; before the first, those that it will
 * begin with. A run that starts from a checkpoint trains no GAN before it adapts. */
bool ftl_run_keeps_moment1(const ftl_run_state *run) {
    const ftl_variants *stages = &run->settings.run;
    int64_t i = run->progress.gan_stage - 1;
    if (i < 0 && run->options->from) return false;
    for (int64_t k = 0; i < 0 && k < stages->n; k++)
        if (stages->item[k].kind == FTL_STAGE_PRETRAIN) i = k;
    if (i < 0) return false;
    if (stages->item[i].kind == FTL_STAGE_PRETRAIN)
        return ((ftl_pretrain_settings *)stages->item[i].section)->gan.beta1 > 0;
    return ((ftl_adapt_settings *)stages->item[i].section)->gan.beta1 > 0;
}

bool ftl_run_begins_gan_stage(ftl_run_state *run) {
    ftl_progress *p = &run->progress;
    if (p->gan_stage == p->stage + 1) return false;
    p->gan_stage = p->stage + 1;
    ftl_run_forget_kept(run);
    return true;
}
