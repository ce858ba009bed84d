/* comparison.c - the runs of a comparison, one after another; see comparison.h. */
#include "trainers/comparison/comparison.h"

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/interrupt.h"
#include "engine/base/lock.h"
#include "engine/base/log.h"
#include "trainers/comparison/comparison_results.h"
#include "trainers/comparison/comparison_state.h"
#include "trainers/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ----------------------------------------------------------------------- results */

static int index_of_seed(const ftl_comparison *c, int64_t seed) {
    int i = 0;
    while (c->seed[i] != seed)
        i++;
    return i;
}

static ftl_status add_result(ftl_results *r, ftl_result *list, const ftl_comparison *c,
        const ftl_compared_run *run) {
    const ftl_outcome *outcome = &run->outcome;
    ftl_result *result = &list[r->n_results];
    if (outcome->kind != FTL_OUTCOME_DONE && outcome->kind != FTL_OUTCOME_FAILED)
        return FTL_OK;
    *result = (ftl_result) {.method = run->method,
            .ratio = run->ratio,
            .seed = run->method < 0 ? -1 : index_of_seed(c, run->seed),
            .failed = outcome->kind == FTL_OUTCOME_FAILED,
            .seconds = outcome->seconds};
    r->n_results++;
    if (result->failed) return FTL_OK;
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/metrics.json", run->directory);
    if (n >= (int)sizeof path)
        return ftl_fail(FTL_EINPUT, "%s: the path is too long", run->directory);
    return ftl_result_read(result, path, run->method >= 0);
}

static ftl_status collect(ftl_results *r, const ftl_comparison *c) {
    const char **names =
            ftl_arena_alloc(c->arena, (size_t)c->n_methods * sizeof *names);
    ftl_result *list =
            ftl_arena_alloc(c->arena, (size_t)(c->n_runs + 1) * sizeof *list);
    int *n_runs = ftl_arena_alloc(
            c->arena, (size_t)(c->n_methods * c->n_ratios) * sizeof *n_runs);
    if (!names || !list || !n_runs) return FTL_ENOMEM;
    memset(n_runs, 0, (size_t)(c->n_methods * c->n_ratios) * sizeof *n_runs);
    for (int i = 0; i < c->n_runs; i++)
        n_runs[c->run[i].method * c->n_ratios + c->run[i].ratio]++;
    for (int i = 0; i < c->n_methods; i++)
        names[i] = c->method[i].name;
    *r = (ftl_results) {.method = names,
            .ratio = c->ratio,
            .seed = c->seed,
            .n_methods = c->n_methods,
            .n_ratios = c->n_ratios,
            .n_seeds = c->n_seeds,
            .n_runs = n_runs,
            .result = list};
    FTL_TRY(add_result(r, list, c, &c->pretrained));
    for (int i = 0; i < c->n_runs; i++)
        FTL_TRY(add_result(r, list, c, &c->run[i]));
    return FTL_OK;
}

/* compare.csv, planned.csv and the page, and the table if asked for. */
static ftl_status report(const ftl_comparison *c, bool prints) {
    ftl_results results;
    const char *path = ftl_arena_printf(c->arena, "%s/compare.csv", c->out),
               *planned = ftl_arena_printf(c->arena, "%s/planned.csv", c->out);
    if (!path || !planned) return FTL_ENOMEM;
    FTL_TRY(collect(&results, c));
    FTL_TRY(ftl_lock_check(c->lock, c->out));
    FTL_TRY(ftl_results_write_planned(&results, planned));
    FTL_TRY(ftl_results_write_csv(&results, path));
    FTL_TRY(ftl_page_write(c->out));
    if (!prints) return FTL_OK;
    ftl_results_print(&results, stdout);
    fflush(stdout);
    return FTL_OK;
}

/* -------------------------------------------------------------------------- runs */

static int count(const ftl_comparison *c, ftl_outcome_kind kind) {
    int n = 0;
    for (int i = 0; i < c->n_runs; i++)
        n += c->run[i].outcome.kind == kind;
    return n;
}

static ftl_status tell_interrupted(const ftl_comparison *c, const char *where) {
    const int ended = count(c, FTL_OUTCOME_DONE) + count(c, FTL_OUTCOME_FAILED);
    ftl_clear();
    return ftl_fail(FTL_EINTERRUPTED,
            "%s: interrupted, %d of %d runs are done; the state was saved: the same "
            "command goes on",
            where, ended, c->n_runs);
}

/* The message without its advice, which is for a run on its own. */
static const char *reason(const ftl_comparison *c) {
    char *text = ftl_arena_strdup(c->arena, ftl_message());
    char *advice = text ? strstr(text, FTL_RUN_NAN_ADVICE) : NULL;
    if (advice) *advice = 0;
    return text ? text : "";
}

/* Do a run, or what is left of it, and note how it ended. NaN is an end too. */
static ftl_status do_run(ftl_comparison *c, ftl_compared_run *run, ftl_run_part part,
        const char *start) {
    ftl_run_options options = ftl_comparison_run_options(c, run, part);
    ftl_outcome *outcome = &run->outcome;
    const double began_s = ftl_clock_s();
    /* Configurations were compared before, exactly. */
    options.inexact = c->options->inexact;
    ftl_status status = ftl_run(&options);
    outcome->seconds += ftl_clock_s() - began_s;
    outcome->start = start;
    if (status == FTL_OK) outcome->kind = FTL_OUTCOME_DONE;
    if (status == FTL_EINTERRUPTED) outcome->kind = FTL_OUTCOME_INTERRUPTED;
    if (status == FTL_ENUMERIC) {
        outcome->kind = FTL_OUTCOME_FAILED;
        outcome->why = reason(c);
    }
    if (status != FTL_OK && status != FTL_EINTERRUPTED && status != FTL_ENUMERIC)
        return ftl_comparison_blame(run->name, status);
    /* A run that a signal met before its directory was there has no outcome. */
    ftl_clear();
    if (access(run->directory, F_OK) == 0)
        FTL_TRY(ftl_outcome_write(outcome, run->directory));
    return status == FTL_EINTERRUPTED ? tell_interrupted(c, run->name) : FTL_OK;
}

static ftl_status pretrain(ftl_comparison *c) {
    ftl_compared_run *run = &c->pretrained;
    const char *from = NULL;
    if (run->outcome.kind == FTL_OUTCOME_DONE) {
        FTL_TRY(ftl_comparison_begin_methods(c));
        FTL_TRY(report(c, false)); /* a kill may have come before it was written */
        return ftl_comparison_check_runs(c);
    }
    if (run->outcome.kind != FTL_OUTCOME_FAILED) {
        ftl_run_options options =
                ftl_comparison_run_options(c, run, FTL_RUN_PRETRAINED);
        FTL_TRY(ftl_run_prepare(&options, ftl_comparison_check_runs, c));
        FTL_TRY(ftl_comparison_digest_from(&from, c));
        FTL_TRY(do_run(c, run, FTL_RUN_PRETRAINED, from));
    }
    if (run->outcome.kind == FTL_OUTCOME_FAILED)
        return ftl_fail(FTL_ENUMERIC, "pretrained: %s", run->outcome.why);
    FTL_TRY(report(c, false));
    FTL_TRY(ftl_comparison_begin_methods(c));
    return ftl_interrupt_pending() ? tell_interrupted(c, run->name) : FTL_OK;
}

static ftl_status do_methods(ftl_comparison *c) {
    for (int i = 0; i < c->n_runs; i++) {
        ftl_compared_run *run = &c->run[i];
        if (run->outcome.kind == FTL_OUTCOME_DONE ||
                run->outcome.kind == FTL_OUTCOME_FAILED)
            continue;
        ftl_log_info("%s: run %d of %d", run->name, i + 1, c->n_runs);
        FTL_TRY(do_run(c, run, FTL_RUN_METHOD, c->digest));
        if (run->outcome.kind == FTL_OUTCOME_FAILED)
            ftl_log_warning("%s has failed: %s", run->name, run->outcome.why);
        FTL_TRY(report(c, true));
        if (ftl_interrupt_pending() && i + 1 < c->n_runs)
            return tell_interrupted(c, run->name);
    }
    return FTL_OK;
}

/* What ended with NaN, by name. */
static ftl_status tell_failed(const ftl_comparison *c) {
    const int n = count(c, FTL_OUTCOME_FAILED);
    const char *names = "";
    if (!n) return FTL_OK;
    for (int i = 0; names && i < c->n_runs; i++)
        if (c->run[i].outcome.kind == FTL_OUTCOME_FAILED)
            names = ftl_arena_printf(
                    c->arena, "%s%s%s", names, names[0] ? ", " : "", c->run[i].name);
    return ftl_fail(FTL_ENUMERIC,
            "%d of %d runs failed: %s; outcome.json of each says why, and without its "
            "directory it is tried again",
            n, c->n_runs, names ? names : "");
}

static ftl_status work(ftl_comparison *c) {
    FTL_TRY(ftl_comparison_check_settings(c));
    FTL_TRY(ftl_comparison_take(c));
    FTL_TRY(ftl_comparison_recognise(c));
    const int left = count(c, FTL_OUTCOME_NONE) + count(c, FTL_OUTCOME_INTERRUPTED);
    FTL_TRY(pretrain(c));
    FTL_TRY(do_methods(c));
    if (!left) FTL_TRY(report(c, true));
    return tell_failed(c);
}

ftl_status ftl_compare(const ftl_comparison_options *options) {
    ftl_comparison c;
    ftl_interrupt_install();
    ftl_status status = ftl_comparison_open(&c, options);
    if (status == FTL_OK)
        status = options->dry_run ? ftl_comparison_plan(&c, stdout) : work(&c);
    ftl_comparison_leave(&c, status != FTL_OK);
    ftl_comparison_close(&c);
    return status;
}
