/* run_rehearse.c - the walk over a run's stages that does little of each; see
 * run_forecast.h.
 *
 * Peak memory is not summed up but met: what the run would allocate is allocated here,
 * in the same order, by the same functions, and the system says what it came to. */
#include "engine/base/clock.h"
#include "engine/base/interrupt.h"
#include "engine/base/log.h"
#include "trainers/run/run_forecast.h"
#include "trainers/run/run_trainers.h"

#include <stdlib.h>

/* Of the steps of one part; a median needs no more than so many. */
static const double STEPS_S = 2.5;
enum { MOST_STEPS = 25, FEW_IMAGES = 256 };

/* Bytes of lines of stats.jsonl and log.txt; of what else a run writes once, of a
 * report without its pictures. */
enum { STATS_BYTES = 170, LOG_BYTES = 130, TEXTS_BYTES = 16384, REPORT_BYTES = 24576 };

ftl_status ftl_rehearse_go_on(void) {
    if (!ftl_interrupt_pending()) return FTL_OK;
    return ftl_fail(FTL_EINTERRUPTED, "interrupted; nothing was written");
}

int64_t ftl_forecast_bytes(const ftl_forecast *f) {
    return f->kept_checkpoints + f->pack + f->pictures + f->report + f->logs;
}

ftl_forecast_part *ftl_forecast_add(
        ftl_forecast *f, ftl_run_state *run, const char *name) {
    ftl_forecast_part *part = ftl_arena_alloc(run->arena, sizeof *part);
    if (!part) return NULL;
    *part = (ftl_forecast_part) {.name = name};
    if (f->last)
        f->last->next = part;
    else
        f->first = part;
    return f->last = part;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

ftl_status ftl_rehearse_steps(double *step_s, ftl_rehearsed_step *step, void *trainer) {
    double took_s[MOST_STEPS];
    int n = 0;
    const double since = ftl_clock_s();
    do {
        FTL_TRY(ftl_rehearse_go_on());
        const double begin = ftl_clock_s();
        FTL_TRY(step(trainer));
        took_s[n++] = ftl_clock_s() - begin;
    } while (n < MOST_STEPS && ftl_clock_s() - since < STEPS_S);
    qsort(took_s, (size_t)n, sizeof *took_s, ascending);
    *step_s = n % 2 ? took_s[n / 2] : (took_s[n / 2 - 1] + took_s[n / 2]) / 2;
    return FTL_OK;
}

ftl_status ftl_rehearse_save(
        double *save_s, ftl_forecast *f, ftl_run_state *run, bool kept) {
    size_t n_bytes;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_run_save_nowhere(run, &n_bytes));
    *save_s = ftl_clock_s() - begin;
    if (kept) f->kept_checkpoints += (int64_t)n_bytes;
    if ((int64_t)n_bytes > f->largest_checkpoint)
        f->largest_checkpoint = (int64_t)n_bytes;
    return ftl_rehearse_go_on();
}

ftl_status ftl_rehearse_save_kept(
        double *save_s, ftl_forecast *f, ftl_run_state *run, ftl_kept kept) {
    size_t n_bytes;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_run_save_kept_nowhere(run, kept, &n_bytes));
    *save_s = ftl_clock_s() - begin;
    f->kept_checkpoints += (int64_t)n_bytes;
    return ftl_rehearse_go_on();
}

ftl_status ftl_rehearse_draw(double *draw_s, ftl_forecast *f, ftl_run_state *run,
        int64_t n, int64_t pictures) {
    ftl_image picture;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_run_picture(&picture, run, n));
    *draw_s = ftl_clock_s() - begin;
    /* As PNG they take less, but for a row's filter and some headers. */
    const int64_t n_bytes =
            (int64_t)picture.height * (picture.width * picture.channels + 1) + 1024;
    f->pictures += pictures * n_bytes * (run->settings.log.tensorboard ? 2 : 1);
    /* The report holds a few of a stage, in base64. */
    f->report += (pictures < 4 ? pictures : 4) * n_bytes * 4 / 3;
    ftl_image_deinit(&picture);
    return ftl_rehearse_go_on();
}

/* ------------------------------------------------------------------- the stages */

static ftl_status classifier_step(void *trainer) {
    ftl_classifier_trainer *t = trainer;
    float loss;
    FTL_TRY(ftl_classifier_trainer_step(t, &loss));
    t->run->progress.step++;
    return FTL_OK;
}

/* The confusion of a whole set, from that of its first images. */
static ftl_status judge(double *judge_s, ftl_run_state *run) {
    ftl_split few = run->data.splits.split[FTL_SPLIT_VALIDATION];
    const int64_t all = few.n;
    if (few.n > FEW_IMAGES) few.n = FEW_IMAGES;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_classifier_confusion(&run->classifier, &few, run->confusion));
    *judge_s = (ftl_clock_s() - begin) * (double)all / (double)(few.n ? few.n : 1);
    run->progress.has_confusion = true;
    return FTL_OK;
}

static ftl_status train_classifier(
        ftl_forecast *f, ftl_forecast_part *part, ftl_classifier_trainer *t) {
    const int64_t done = t->run->progress.step;
    const int64_t epochs = t->n_steps / t->steps_per_epoch - done / t->steps_per_epoch;
    double save_s;
    FTL_TRY(classifier_step(t));
    FTL_TRY(ftl_rehearse_save(&save_s, f, t->run, false));
    FTL_TRY(classifier_step(t));
    FTL_TRY(ftl_rehearse_steps(&part->step_s, classifier_step, t));
    part->n_steps = t->n_steps - done;
    part->steps_s = part->step_s * (double)part->n_steps;
    part->files_s = save_s * (double)epochs;
    f->rolling_checkpoints += epochs;
    f->logs += epochs * (STATS_BYTES + LOG_BYTES);
    return FTL_OK;
}

static ftl_status rehearse_classifier(
        ftl_forecast *f, ftl_run_state *run, const ftl_classifier_settings *settings) {
    ftl_classifier_trainer t;
    ftl_forecast_part *part = ftl_forecast_add(f, run, "classifier");
    if (!part) return FTL_ENOMEM;
    ftl_status status = ftl_classifier_trainer_open(&t, run, settings);
    if (status == FTL_OK && run->progress.step < t.n_steps)
        status = train_classifier(f, part, &t);
    ftl_classifier_trainer_close(&t);
    return status == FTL_OK ? judge(&part->looks_s, run) : status;
}

static ftl_status rehearse_evaluate(
        ftl_forecast *f, ftl_run_state *run, const ftl_evaluate_settings *settings) {
    double draw_s;
    ftl_forecast_part *part = ftl_forecast_add(f, run, "evaluate");
    if (!part) return FTL_ENOMEM;
    const bool adapted = ftl_run_adaptation(run) != NULL;
    const bool measures = adapted || !run->progress.has_before;
    if (measures || f->before) {
        ftl_kept_generator generator[FTL_N_KEPT];
        double samples_s, quality_s;
        FTL_TRY(ftl_rehearse_measure(&samples_s, &quality_s, f, run, settings));
        if (measures)
            part->looks_s = (samples_s + quality_s) * ftl_run_list_kept(run, generator);
        if (f->before) f->before->looks_s += quality_s * f->n_before;
        f->before = NULL;
    }
    if (!run->progress.has_before || !adapted) return FTL_OK;
    FTL_TRY(ftl_rehearse_draw(&draw_s, f, run, run->n_grid, 2)); /* before | after */
    part->files_s = 2 * draw_s;
    return FTL_OK;
}

static ftl_status rehearse_stage(
        ftl_forecast *f, ftl_run_state *run, const ftl_variant *stage) {
    switch ((ftl_stage_kind)stage->kind) {
    case FTL_STAGE_CLASSIFIER:
        return rehearse_classifier(f, run, stage->section);
    case FTL_STAGE_PRETRAIN:
        return ftl_rehearse_pretrain(f, run, stage->section);
    case FTL_STAGE_ADAPT:
        return ftl_rehearse_adapt(f, run, stage->section);
    case FTL_STAGE_EVALUATE:
        return rehearse_evaluate(f, run, stage->section);
    }
    return FTL_OK;
}

static ftl_status rehearse_stages(ftl_forecast *f, ftl_run_state *run) {
    ftl_progress *p = &run->progress;
    for (; p->stage < run->settings.run.n; p->step = 0) {
        const ftl_variant *stage = &run->settings.run.item[p->stage];
        double save_s;
        FTL_TRY(rehearse_stage(f, run, stage));
        p->stage++;
        if (stage->kind == FTL_STAGE_EVALUATE) continue;
        FTL_TRY(ftl_rehearse_save(&save_s, f, run, true));
        f->last->files_s += save_s;
    }
    return FTL_OK;
}

ftl_status ftl_run_rehearse(ftl_forecast *out, ftl_run_state *run, double began_s) {
    *out = (ftl_forecast) {.logs = TEXTS_BYTES,
            .report = REPORT_BYTES,
            .goes_on = run->progress.tick > 0};
    ftl_forecast_part *opening = ftl_forecast_add(out, run, "opening");
    if (!opening) return FTL_ENOMEM;
    if (run->settings.data.source && !out->goes_on)
        out->pack = (int64_t)run->data.files[0]->sealed.n_map;
    /* A run that goes on has chosen. */
    if (!out->goes_on) FTL_TRY(ftl_run_choose_kernels(run));
    opening->steps_s = ftl_clock_s() - began_s;
    ftl_log_quiet(1);
    ftl_status status = rehearse_stages(out, run);
    ftl_log_quiet(0);
    if (run->settings.log.tensorboard) out->logs *= 2; /* its events of the lines */
    if (out->rolling_checkpoints > 3) out->rolling_checkpoints = 3;
    out->peak_mib = ftl_clock_peak_mib();
    return status;
}
