/* run.c - the stages of a run, one after another; see run.h. */
#include "trainers/run/run.h"

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/interrupt.h"
#include "engine/base/log.h"
#include "trainers/comparison/comparison_settings.h"
#include "trainers/report/page.h"
#include "trainers/run/run_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void ftl_run_print_keys(FILE *file) { ftl_config_help(file, ftl_comparison_table()); }

ftl_status ftl_run_diagnose(
        ftl_run_state *run, ftl_plan *plan, const char *phase, const char *bad) {
    char message[512];
    ftl_log_progress_end();
    ftl_log_warning("%s, step %" PRId64 ", %s: NaN or infinity; looking for where",
            ftl_run_stage_name(run), run->progress.step, phase);
    if (ftl_plan_run_checked(plan) != FTL_OK)
        snprintf(message, sizeof message, "%s", ftl_message());
    else
        snprintf(message, sizeof message, "the %s%s holds NaN or infinity",
                bad ? "gradient of " : "loss", bad ? bad : "");
    ftl_clear();
    return ftl_fail(FTL_ENUMERIC, "%s, step %" PRId64 ", %s: %s" FTL_RUN_NAN_ADVICE,
            ftl_run_stage_name(run), run->progress.step, phase, message);
}

ftl_status ftl_run_check_stop(ftl_run_state *run) {
    FTL_TRY(ftl_run_check_log(run));
    if (!ftl_interrupt_pending()) return FTL_OK;
    ftl_log_progress_end();
    FTL_TRY(ftl_run_save_rolling(run));
    return ftl_fail(FTL_EINTERRUPTED,
            "interrupted after step %" PRId64
            "; the state was saved: the same command with --resume goes on",
            run->progress.tick);
}

/* Both leave their images sorted by group too. */
static ftl_status run_pretrain(
        ftl_run_state *run, const ftl_pretrain_settings *settings) {
    FTL_TRY(ftl_run_pretrain(run, settings));
    return ftl_run_draw_by_group(run, ftl_run_stage_name(run), settings->gan.samples);
}

static ftl_status run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings) {
    /* A generator that somebody else trained has no pictures here yet. */
    if (run->from && !ftl_run_adaptation(run)) {
        FTL_TRY(ftl_run_draw(run, "pretrain-final", settings->gan.samples));
        FTL_TRY(ftl_run_draw_by_group(run, "pretrain", settings->gan.samples));
    }
    FTL_TRY(ftl_run_adapt(run, settings));
    return ftl_run_draw_by_group(run, ftl_run_stage_name(run), settings->gan.samples);
}

static ftl_status run_stage(ftl_run_state *run, const ftl_variant *stage) {
    switch ((ftl_stage_kind)stage->kind) {
    case FTL_STAGE_CLASSIFIER:
        return ftl_run_classifier(run, stage->section);
    case FTL_STAGE_PRETRAIN:
        return run_pretrain(run, stage->section);
    case FTL_STAGE_ADAPT:
        return run_adapt(run, stage->section);
    case FTL_STAGE_EVALUATE:
        return ftl_run_evaluate(run, stage->section);
    }
    return FTL_OK;
}

static ftl_status run_stages(ftl_run_state *run) {
    ftl_progress *p = &run->progress;
    while (p->stage < run->settings.run.n) {
        const ftl_variant *stage = &run->settings.run.item[p->stage];
        const char *name = ftl_run_stage_name(run);
        FTL_TRY(run_stage(run, stage));
        p->stage++;
        p->step = 0;
        p->n_looks = 0;
        memset(p->looks, 0, sizeof p->looks);
        /* An evaluation changes nothing but metrics.json, and costs little to repeat.
         */
        if (stage->kind != FTL_STAGE_EVALUATE) FTL_TRY(ftl_run_save(run, name));
        /* A signal that comes when all is done changes nothing. */
        if (p->stage < run->settings.run.n) FTL_TRY(ftl_run_check_stop(run));
    }
    ftl_run_drop_rolling(run);
    return FTL_OK;
}

static ftl_status create_folder(const ftl_run_state *run, const char *name) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "%s", name));
    FTL_TRY(ftl_directory_create(path));
    ftl_directory_sweep(path);
    return FTL_OK;
}

static ftl_status begin_or_resume(ftl_run_state *run) {
    const char *newest = NULL, *note = "";
    FTL_TRY(ftl_run_directory_take(run));
    if (run->options->resume) FTL_TRY(ftl_run_find_newest(run, &newest));
    if (newest) FTL_TRY(ftl_run_load(run, newest, &note));
    /* From here on nothing is refused, and what is written stays. */
    run->began = true;
    FTL_TRY(create_folder(run, "checkpoints"));
    FTL_TRY(create_folder(run, "samples"));
    FTL_TRY(ftl_run_begin_logs(run, newest));
    FTL_TRY(ftl_run_open_events(run));
    FTL_TRY(ftl_run_write_config(run));
    FTL_TRY(ftl_run_write_about(run, false));
    if (newest)
        ftl_log_info("resuming from %s, step %" PRId64, newest, run->progress.tick);
    else
        ftl_log_info("%s: seed %" PRId64 "%s", run->directory, run->settings.seed,
                run->options->resume ? "; there is nothing to resume, it begins anew"
                                     : "");
    /* A run that goes on has its choices. */
    if (!newest) FTL_TRY(ftl_run_tune(run));
    if (!note[0]) return FTL_OK;
    ftl_log_warning("resuming under other circumstances: %s", note);
    return ftl_metrics_note(&run->metrics, note);
}

static ftl_status run_for_real(ftl_run_state *run) {
    ftl_status status = begin_or_resume(run);
    if (status == FTL_OK) {
        ftl_splits_print(stderr, &run->data.splits);
        ftl_log_info("parameters: G %" PRId64 ", D %" PRId64 ", classifier %" PRId64,
                ftl_store_parameters(run->gan.g),
                ftl_store_parameters(run->gan.d[0].store),
                ftl_store_parameters(run->classifier.store));
        status = run_stages(run);
        if (status == FTL_OK) status = ftl_run_check_log(run);
        if (status == FTL_OK) status = ftl_run_write_about(run, true);
        if (status == FTL_OK) status = ftl_page_write(run->directory);
    }
    ftl_log_progress_end();
    status = ftl_run_directory_explain(run, status);
    if (status != FTL_OK) {
        /* The program prints the message; the log has it too. */
        ftl_log_quiet(1);
        ftl_log_info("stopped: %s", ftl_message());
        ftl_log_quiet(0);
    }
    (void)ftl_log_open(NULL);
    return status;
}

ftl_status ftl_run(const ftl_run_options *options) {
    ftl_run_state run;
    const double began_s = ftl_clock_s();
    /* Between the runs of a comparison a signal must not be forgotten. */
    if (options->part == FTL_RUN_WHOLE) ftl_interrupt_install();
    ftl_status status = ftl_run_state_open(&run, options);
    if (status == FTL_OK)
        status = options->dry_run ? ftl_run_describe(&run, began_s, stdout)
                                  : run_for_real(&run);
    ftl_run_state_close(&run);
    return status;
}
