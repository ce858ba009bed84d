/* run_tune.c - engine.tune: which kernels a run computes with.
 *
 * Decided before the first step, for the plans of all stages, and kept: every
 * checkpoint holds the choices, and a run that goes on uses them. What no plan was made
 * for follows the fixed rule. */
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where choices of this binary, on this processor, with so many threads, are kept for
 * other runs; *path 0: nowhere, since there is no home. */
static ftl_status find_cache(
        char path[FTL_RUN_PATH_BYTES], const ftl_run_state *run, bool create) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char folder[FTL_RUN_PATH_BYTES - 64], hex[FTL_SHA256_HEX];
    uint8_t digest[FTL_SHA256_BYTES];
    int n;
    path[0] = 0;
    if (cache && cache[0] == '/')
        n = snprintf(folder, sizeof folder, "%s/fairtl", cache);
    else if (home && home[0] == '/')
        n = snprintf(folder, sizeof folder, "%s/.cache/fairtl", home);
    else
        return FTL_OK;
    if (n >= (int)sizeof folder) return FTL_OK;
    if (create) FTL_TRY(ftl_directory_create(folder));
    FTL_TRY(ftl_sha256(digest, run->environment, strlen(run->environment)));
    ftl_sha256_hex(hex, digest);
    snprintf(path, FTL_RUN_PATH_BYTES, "%s/kernels-%.16s.txt", folder, hex);
    return FTL_OK;
}

static ftl_status read_cache(ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES], *text;
    size_t n;
    FTL_TRY(find_cache(path, run, false));
    if (!path[0] || !ftl_file_exists(path)) return FTL_OK;
    FTL_TRY(ftl_file_read(&text, &n, path));
    ftl_status status = ftl_choices_parse(run->choices, text, path);
    free(text);
    return status;
}

static ftl_status write_cache(const ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES], *text;
    FTL_TRY(find_cache(path, run, true));
    if (!path[0]) return FTL_OK;
    FTL_TRY(ftl_choices_format(&text, run->choices));
    ftl_status status = ftl_file_write(path, text, strlen(text));
    free(text);
    return status;
}

/* A cache that cannot be used costs time, and nothing else. */
static void forgive(ftl_status status) {
    if (status == FTL_OK) return;
    ftl_log_warning("the cache of kernels is not used: %s", ftl_message());
    ftl_clear();
}

static ftl_status try_gan(ftl_run_state *run, const ftl_gan_settings *settings) {
    ftl_plan *plan;
    ftl_evaluator evaluator;
    FTL_TRY(ftl_gan_plan_d(&plan, &run->gan, (int)settings->batch));
    ftl_plan_free(plan);
    FTL_TRY(ftl_gan_plan_g(&plan, &run->gan, (int)settings->batch));
    ftl_plan_free(plan);
    FTL_TRY(ftl_evaluator_init(
            &evaluator, &run->gan, run->gan.g_ema, &run->classifier));
    ftl_evaluator_deinit(&evaluator);
    return FTL_OK;
}

static ftl_status try_classifier(
        ftl_run_state *run, const ftl_classifier_settings *settings) {
    ftl_plan *plan;
    FTL_TRY(ftl_classifier_plan_train(&plan, &run->classifier, (int)settings->batch));
    ftl_plan_free(plan);
    return FTL_OK;
}

/* Make the plans of all stages, which tries what has not been chosen. */
static ftl_status try_all(ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++) {
        const ftl_variant *stage = &run->settings.run.item[i];
        switch ((ftl_stage_kind)stage->kind) {
        case FTL_STAGE_CLASSIFIER:
            FTL_TRY(try_classifier(run, stage->section));
            break;
        case FTL_STAGE_PRETRAIN:
            FTL_TRY(try_gan(run, &((ftl_pretrain_settings *)stage->section)->gan));
            break;
        case FTL_STAGE_ADAPT:
            FTL_TRY(try_gan(run, &((ftl_adapt_settings *)stage->section)->gan));
            break;
        case FTL_STAGE_EVALUATE:
            break;
        }
    }
    return FTL_OK;
}

static void set_measuring(ftl_run_state *run, bool measure) {
    run->gan.options.measure = run->classifier.options.measure = measure;
}

/* *n: how many had to be tried, also if it fails. */
static ftl_status choose(ftl_run_state *run, int *n) {
    if (run->settings.engine.tune == FTL_TUNE_CACHE) forgive(read_cache(run));
    const int before = ftl_choices_count(run->choices);
    set_measuring(run, true);
    ftl_status status = try_all(run);
    set_measuring(run, false);
    *n = ftl_choices_count(run->choices) - before;
    FTL_TRY(status);
    ftl_log_info("kernels: %d convolutions tried, %d known before", *n, before);
    return FTL_OK;
}

ftl_status ftl_run_choose_kernels(ftl_run_state *run) {
    int n;
    return run->settings.engine.tune == FTL_TUNE_OFF ? FTL_OK : choose(run, &n);
}

static void keep(const ftl_run_state *run, int n) {
    if (run->settings.engine.tune == FTL_TUNE_CACHE && n > 0) forgive(write_cache(run));
}

/* There is no checkpoint yet, and none is made: with a part of the choices it would
 * look like one with all of them. */
static ftl_status tell_interrupted(const ftl_run_state *run, int n) {
    ftl_clear();
    keep(run, n);
    return ftl_fail(FTL_EINTERRUPTED,
            "interrupted before the first step, while kernels were tried: the same "
            "command with --resume begins with that again");
}

ftl_status ftl_run_tune(ftl_run_state *run) {
    int n;
    if (run->settings.engine.tune == FTL_TUNE_OFF) return FTL_OK;
    ftl_status status = choose(run, &n);
    if (status == FTL_EINTERRUPTED) return tell_interrupted(run, n);
    FTL_TRY(status);
    keep(run, n);
    /* From now on the choices are the run's: it is to go on with them, not with what
     * another measurement says. */
    return ftl_run_save_rolling(run);
}

ftl_status ftl_run_put_choices(ftl_checkpoint_writer *w, const ftl_run_state *run) {
    char *text;
    FTL_TRY(ftl_choices_format(&text, run->choices));
    ftl_status status = ftl_checkpoint_put_text(w, "kernels", text);
    free(text);
    return status;
}

ftl_status ftl_run_get_choices(ftl_choices *choices, ftl_checkpoint *c) {
    const char *text;
    FTL_TRY(ftl_checkpoint_text(c, "kernels", &text));
    return ftl_choices_parse(choices, text, ftl_checkpoint_path(c));
}
