/* profile.c - see profile.h. */
#include "trainers/profile/profile_data.h"

#include "engine/base/clock.h"
#include "trainers/methods/method.h"

#include <stdlib.h>
#include <string.h>

/* The adaptation that the configuration asks for: discriminators, weights, and what the
 * longest of its segments freezes. */
static ftl_status enter_adaptation(
        ftl_profile_state *p, const ftl_adapt_settings *settings) {
    ftl_gan *gan = &p->run.gan;
    ftl_adaptation adaptation;
    FTL_TRY(ftl_adaptation_expand(
            &adaptation, settings, gan->options.resolution, "adapt", p->run.arena));
    FTL_TRY(ftl_adaptation_apply(&adaptation, gan));
    const ftl_segment *longest = &adaptation.segment[0];
    for (int i = 1; i < adaptation.n_segments; i++)
        if (adaptation.segment[i].n_steps > longest->n_steps)
            longest = &adaptation.segment[i];
    for (int i = 0; i < longest->n_freeze; i++) {
        int n;
        FTL_TRY(ftl_gan_freeze(gan, longest->freeze[i], &n));
    }
    (void)ftl_gan_share_frozen(gan);
    p->stage = ftl_arena_printf(p->run.arena, "adapt, %s", longest->name);
    return p->stage ? FTL_OK : FTL_ENOMEM;
}

static const ftl_variant *find_stage(
        const ftl_settings *settings, ftl_stage_kind kind) {
    for (int i = 0; i < settings->run.n; i++)
        if (settings->run.item[i].kind == (int)kind) return &settings->run.item[i];
    return NULL;
}

/* How many channels the images have that the configuration names: read from a pack that
 * is there; else what is most likely. */
static ftl_status find_channels(int *channels, const ftl_profile_state *p) {
    const ftl_data_options *data = &p->run.settings.data;
    const char *pack = data->pack ? data->pack : data->biased;
    *channels = p->options->channels;
    if (*channels) return FTL_OK;
    *channels = data->format && strcmp(data->format, "idx") == 0 ? 1 : 3;
    if (!pack || !ftl_file_exists(pack)) return FTL_OK;
    ftl_pack_file *file;
    FTL_TRY(ftl_pack_open(&file, pack));
    *channels = file->pack.channels;
    ftl_pack_close(file);
    return FTL_OK;
}

static ftl_status make_gan(ftl_profile_state *p) {
    ftl_run_state *run = &p->run;
    const ftl_settings *s = &run->settings;
    const ftl_variant *pretrain = find_stage(s, FTL_STAGE_PRETRAIN);
    const ftl_variant *adapt = find_stage(s, FTL_STAGE_ADAPT);
    int channels;
    if (!pretrain && !adapt)
        return ftl_fail(FTL_ECONFIG,
                "%s: run: neither a pretrain nor an adapt stage: no step to profile",
                p->options->config);
    p->settings = pretrain ? &((ftl_pretrain_settings *)pretrain->section)->gan
                           : &((ftl_adapt_settings *)adapt->section)->gan;
    p->stage = "pretrain";
    FTL_TRY(find_channels(&channels, p));
    ftl_gan_options options = ftl_run_gan_options(run, channels);
    options.measure = s->engine.tune != FTL_TUNE_OFF;
    FTL_TRY(ftl_gan_init(&run->gan, ftl_gan_models[s->model.arch], &options,
            (uint64_t)s->seed, p->settings->beta1 > 0));
    return pretrain ? FTL_OK : ftl_run_locate(run, enter_adaptation(p, adapt->section));
}

ftl_status ftl_profile(const ftl_profile_options *options, FILE *file) {
    const ftl_run_options of_run = {.config = options->config,
            .set = options->set,
            .n_set = options->n_set,
            .from = "", /* what an adaptation starts from, a profile need not have */
            .threads = options->threads,
            .part = FTL_RUN_ALL_STAGES};
    ftl_status status;
    ftl_profile_state *p = calloc(1, sizeof *p);
    if (!p) return ftl_fail(FTL_ENOMEM, "out of memory for a profile");
    p->options = options;
    FTL_TRY_OUT(ftl_run_state_configure(&p->run, &of_run));
    FTL_TRY_OUT(make_gan(p));
    FTL_TRY_OUT(ftl_profile_step_open(p));
    FTL_TRY_OUT(ftl_profile_step_measure(p));
    p->memory.peak = (size_t)(ftl_clock_peak_mib() * 1048576);
    /* Behind the steps, since it needs memory that they do not. */
    FTL_TRY_OUT(ftl_machine_measure(&p->machine));
    FTL_TRY_OUT(ftl_profile_print(p, file));
    if (options->trace) FTL_TRY_OUT(ftl_profile_write_trace(p, options->trace));
out:
    ftl_profile_step_close(p);
    ftl_run_state_close(&p->run);
    free(p);
    return status;
}
