/* run_kept.c - the generators of a GAN stage that are kept; see run_state.h. */
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <string.h>

ftl_status ftl_run_make_kept(ftl_run_state *run, ftl_kept kept) {
    static const char *const names[FTL_N_KEPT] = {
            "G_last", "G_best_fd", "G_best_frechet"};
    if (run->g_kept[kept]) return FTL_OK;
    return ftl_gan_make_generator(&run->g_kept[kept], names[kept], run->gan.model,
            &run->gan.options, (uint64_t)run->settings.seed);
}

/* Of the stage that G and D are of; 0: of none. */
static int64_t batch_of(const ftl_run_state *run) {
    const int64_t stage = run->progress.gan_stage;
    if (stage == 0) return 0;
    const ftl_variant *item = &run->settings.run.item[stage - 1];
    if (item->kind == FTL_STAGE_PRETRAIN)
        return ((ftl_pretrain_settings *)item->section)->gan.batch;
    return ((ftl_adapt_settings *)item->section)->gan.batch;
}

int64_t ftl_run_kept_images(const ftl_run_state *run, ftl_kept kept) {
    const ftl_progress *p = &run->progress;
    if (kept == FTL_KEPT_LAST)
        return p->kept == FTL_KEPT_LAST ? p->images : p->last_images;
    return p->best[kept].kept ? p->best[kept].step * batch_of(run) : 0;
}

bool ftl_run_has_kept(const ftl_run_state *run, ftl_kept kept) {
    const ftl_progress *p = &run->progress;
    if (kept != FTL_KEPT_LAST) return ftl_run_kept_images(run, kept) > 0;
    return p->kept != FTL_KEPT_LAST && p->last_images != p->images;
}

void ftl_run_forget_kept(ftl_run_state *run) {
    ftl_progress *p = &run->progress;
    memset(p->best, 0, sizeof p->best);
    p->kept = FTL_KEPT_LAST;
    p->last_images = 0;
}

ftl_status ftl_run_write_best(ftl_run_state *run, const char *name) {
    static const char *const suffixes[FTL_N_KEPT] = {NULL, "best-fd", "best-frechet"};
    for (int kept = FTL_KEPT_BEST_FD; kept < FTL_N_KEPT; kept++) {
        const char *file = ftl_arena_printf(run->arena, "%s-%s", name, suffixes[kept]);
        if (!file) return FTL_ENOMEM;
        if (ftl_run_has_kept(run, (ftl_kept)kept))
            FTL_TRY(ftl_run_save_kept(run, (ftl_kept)kept, file));
    }
    return FTL_OK;
}

ftl_status ftl_run_choose_kept(
        ftl_run_state *run, const ftl_adapt_settings *settings, const char *name) {
    ftl_progress *p = &run->progress;
    const ftl_kept kept = (ftl_kept)settings->keep;
    const int64_t images = ftl_run_kept_images(run, kept), last_images = p->images;
    if (kept == FTL_KEPT_LAST || images == 0) return FTL_OK;
    ftl_log_info(
            "%s: the best generator is that of %.2f kimg", name, (double)images / 1000);
    if (images != last_images) {
        FTL_TRY(ftl_run_make_kept(run, FTL_KEPT_LAST));
        FTL_TRY(ftl_store_copy(run->g_kept[FTL_KEPT_LAST], run->gan.g_ema));
        FTL_TRY(ftl_store_copy(run->gan.g_ema, run->g_kept[kept]));
        /* What goes on from here goes on from this one. */
        FTL_TRY(ftl_store_copy(run->gan.g, run->g_kept[kept]));
    }
    p->kept = (int64_t)kept;
    p->last_images = last_images;
    p->images = images;
    return FTL_OK;
}

int ftl_run_list_kept(ftl_run_state *run, ftl_kept_generator out[FTL_N_KEPT]) {
    const ftl_progress *p = &run->progress;
    int n = 1;
    out[0] = (ftl_kept_generator) {
            .kept = (ftl_kept)p->kept, .images = p->images, .store = run->gan.g_ema};
    for (int kept = 0; kept < FTL_N_KEPT; kept++) {
        const int64_t images = ftl_run_kept_images(run, (ftl_kept)kept);
        int i = 0;
        if (kept == (int)p->kept || images == 0) continue;
        while (i < n && out[i].images != images)
            i++;
        if (i < n)
            out[i].also |= 1U << kept;
        else
            out[n++] = (ftl_kept_generator) {.kept = (ftl_kept)kept,
                    .images = images,
                    .store = run->g_kept[kept]};
    }
    return n;
}
