/* compare_curves.c - FD, Frechet distance and losses while methods adapt: a panel for
 * each, a curve for each seed. */
#include "trainers/report/binned.h"
#include "trainers/report/chart.h"
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <math.h>
#include <string.h>

enum { MAX_CURVES = 32, LOSS_POINTS = 24 };

typedef enum what { OF_FD, OF_FRECHET, OF_LOSS_D, OF_LOSS_G } what;

typedef struct panel {
    ftl_chart_series series[MAX_CURVES];
    ftl_binned loss[MAX_CURVES];
    int n;
} panel;

static bool is_loss(what w) { return w == OF_LOSS_D || w == OF_LOSS_G; }

/* The last stage that has some of it and is no pre-training; NULL. */
static const ftl_source_stage *stage_of(const ftl_source *source, what w) {
    for (int i = source->n_stages - 1; i >= 0; i--) {
        const ftl_source_stage *s = &source->stage[i];
        const int n = is_loss(w) ? (s->in_steps ? 0 : s->at.n) : s->look_at.n;
        if (n > 0 && strncmp(s->name, "pretrain", 8) != 0) return s;
    }
    return NULL;
}

/* NULL: the stage has none of that name. */
static const ftl_column *loss_of(const ftl_source_stage *stage, const char *name) {
    for (int k = 0; k < stage->n_losses; k++)
        if (strcmp(stage->loss_name[k], name) == 0) return &stage->loss[k];
    return NULL;
}

/* A discriminator's is the sum of those of real and of generated images. */
static ftl_status bin_loss(
        ftl_binned *out, const ftl_survey *survey, const ftl_source_stage *s, what w) {
    const ftl_column *a = loss_of(s, w == OF_LOSS_D ? "d_real" : "g"),
                     *b = w == OF_LOSS_D ? loss_of(s, "d_fake") : NULL;
    const int n = s->at.n;
    ftl_column sum = {
            .value = ftl_arena_alloc(survey->arena, (size_t)n * sizeof *sum.value),
            .n = n};
    if (!sum.value) return FTL_ENOMEM;
    for (int i = 0; i < n; i++)
        sum.value[i] = !a || (w == OF_LOSS_D && !b)
                               ? (double)NAN
                               : a->value[i] + (b ? b->value[i] : 0);
    ftl_bin(out, &s->at, &sum, LOSS_POINTS);
    return FTL_OK;
}

static ftl_status add_curve(panel *p, const ftl_survey *survey,
        const ftl_survey_run *run, const ftl_source_stage *stage, what w) {
    ftl_binned *loss = &p->loss[p->n];
    ftl_chart_series *s = &p->series[p->n];
    const char *name = ftl_arena_printf(survey->arena, "seed %s", run->seed);
    if (!name) return FTL_ENOMEM;
    if (is_loss(w)) FTL_TRY(bin_loss(loss, survey, stage, w));
    *s = (ftl_chart_series) {.name = name,
            .style = p->n % FTL_CHART_STYLES,
            .x = is_loss(w) ? loss->at : stage->look_at.value,
            .y = is_loss(w)        ? loss->mean
                 : w == OF_FRECHET ? stage->frechet.value
                                   : stage->corrected.value,
            .n = is_loss(w) ? loss->n : stage->look_at.n,
            .points = !is_loss(w)};
    p->n++;
    return FTL_OK;
}

static ftl_status fill(panel *p, const ftl_survey *survey, int setting, what w) {
    p->n = 0;
    for (int i = 0; i < survey->n_runs && p->n < MAX_CURVES; i++) {
        const ftl_survey_run *run = &survey->run[i];
        const ftl_source_stage *stage =
                run->setting == setting ? stage_of(&run->source, w) : NULL;
        if (stage) FTL_TRY(add_curve(p, survey, run, stage, w));
    }
    return FTL_OK;
}

/* One scale for all panels. *most: the setting with the most seeds, -1 if there is
 * nothing to draw. */
static ftl_status span(
        ftl_chart *scale, int *most, panel *p, const ftl_survey *survey, what w) {
    int n = 0;
    *most = -1;
    *scale = (ftl_chart) {.x_hi = -INFINITY,
            .y_lo = is_loss(w) ? (double)INFINITY : 0,
            .y_hi = -INFINITY};
    for (int i = 0; i < survey->n_settings; i++) {
        FTL_TRY(fill(p, survey, i, w));
        for (int k = 0; k < p->n; k++) {
            const ftl_chart_series *s = &p->series[k];
            ftl_chart_span(&scale->x_lo, &scale->x_hi, s->x, s->n);
            ftl_chart_span(&scale->y_lo, &scale->y_hi, s->y, s->n);
        }
        if (p->n > n && isfinite(scale->y_hi)) {
            n = p->n;
            *most = i;
        }
    }
    if (!(scale->x_hi > 0)) scale->x_hi = 1;
    ftl_chart_round(&scale->y_lo, &scale->y_hi);
    return FTL_OK;
}

static const char *const about[] = {"corrected FD while it adapts",
        "Frechet distance while it adapts", "loss of the discriminator",
        "loss of the generator"};

static const char *const captions[] = {
        "Corrected FD while the methods adapt, by looks on latents that no reported "
        "figure uses; all on one scale.",
        "Frechet distance to the evaluation set, in features of the attribute "
        "classifier, while the methods adapt.",
        "Loss of the discriminator (of several, the first), real and "
        "generated images together, while the methods adapt. Points are means of "
        "several batches in a row where there are many.",
        "Loss of the generator, in the same way.",
};

static ftl_status draw_panels(ftl_page *page, const ftl_survey *survey, panel *p,
        const ftl_chart *scale, what w) {
    const bool ratios = ftl_survey_ratio(survey, 1) != NULL;
    for (int i = 0; i < survey->n_settings; i++) {
        const ftl_survey_setting *setting = &survey->setting[i];
        FTL_TRY(fill(p, survey, i, w));
        if (p->n == 0) continue;
        ftl_chart chart = *scale;
        chart.title = setting->method;
        if (ratios)
            chart.title = ftl_arena_printf(
                    survey->arena, "%s, ratio %s", setting->method, setting->ratio);
        if (!chart.title) return FTL_ENOMEM;
        chart.x_label = "images shown, thousands (kimg)";
        chart.about = about[w];
        chart.series = p->series;
        chart.n_series = p->n;
        fputs("<div>", page->file);
        ftl_chart_draw(page->file, &chart);
        fputs("</div>\n", page->file);
    }
    return FTL_OK;
}

static ftl_status draw_figure(ftl_page *page, const ftl_survey *survey, what w) {
    panel *p = ftl_arena_alloc(survey->arena, sizeof *p);
    ftl_chart scale;
    int most;
    if (!p) return FTL_ENOMEM;
    FTL_TRY(span(&scale, &most, p, survey, w));
    if (most < 0) return FTL_OK;
    FTL_TRY(fill(p, survey, most, w));
    fputs("<figure>", page->file);
    ftl_chart_legend(page->file, p->series, p->n);
    fputs("<div class=\"row\">\n", page->file);
    FTL_TRY(draw_panels(page, survey, p, &scale, w));
    fputs("</div>\n", page->file);
    ftl_page_figure(page);
    fprintf(page->file, "%s</figcaption></figure>\n", captions[w]);
    return FTL_OK;
}

static bool has_losses(const ftl_survey *survey) {
    for (int i = 1; i < survey->n_runs; i++) {
        const ftl_source_stage *stage = stage_of(&survey->run[i].source, OF_LOSS_G);
        if (stage && loss_of(stage, "g")) return true;
    }
    return false;
}

ftl_status ftl_compare_curves(ftl_page *page, const ftl_survey *survey) {
    FTL_TRY(draw_figure(page, survey, OF_FD));
    FTL_TRY(draw_figure(page, survey, OF_FRECHET));
    if (!has_losses(survey)) return FTL_OK;
    ftl_page_details_begin(page, "Losses");
    FTL_TRY(draw_figure(page, survey, OF_LOSS_D));
    FTL_TRY(draw_figure(page, survey, OF_LOSS_G));
    ftl_page_details_end(page);
    return FTL_OK;
}
