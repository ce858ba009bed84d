/* page_losses.c - losses of every stage. */
#include "trainers/report/binned.h"
#include "trainers/report/chart.h"
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

#include <math.h>
#include <string.h>

/* "d_real" and so on are what stats.jsonl calls them; "d_real_D_b" that of another
 * discriminator. NULL: no memory is left. */
static const char *name_of(const char *key, ftl_arena *arena) {
    static const char *const word[][2] = {{"loss", "cross-entropy"},
            {"d_real", "D, real images"}, {"d_fake", "D, generated images"},
            {"g", "G"}};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strcmp(key, word[i][0]) == 0) return word[i][1];
    if (strncmp(key, "d_real_", 7) == 0)
        return ftl_arena_printf(arena, "%s, real images", key + 7);
    if (strncmp(key, "d_fake_", 7) == 0)
        return ftl_arena_printf(arena, "%s, generated images", key + 7);
    return key;
}

static ftl_status draw_stage(
        ftl_page *page, const ftl_source_stage *s, ftl_binned *losses) {
    ftl_chart_series series[FTL_SOURCE_LOSSES];
    ftl_chart chart = {.title = s->name,
            .x_label = s->in_steps ? "steps" : "images shown, thousands (kimg)",
            .about = "losses over training",
            .x_hi = -INFINITY,
            .y_lo = INFINITY,
            .y_hi = -INFINITY,
            .series = series,
            .n_series = s->n_losses};
    for (int k = 0; k < s->n_losses; k++) {
        ftl_binned *b = &losses[k];
        ftl_bin(b, &s->at, &s->loss[k], FTL_BINNED_POINTS);
        const bool range = s->at.n > FTL_BINNED_POINTS;
        const char *name = name_of(s->loss_name[k], page->source->arena);
        if (!name) return FTL_ENOMEM;
        series[k] = (ftl_chart_series) {.name = name,
                .style = k % FTL_CHART_STYLES,
                .x = b->at,
                .y = b->mean,
                .lo = range ? b->lo : NULL,
                .hi = b->hi,
                .n = b->n};
        ftl_chart_span(&chart.y_lo, &chart.y_hi, range ? b->lo : b->mean, b->n);
        ftl_chart_span(&chart.y_lo, &chart.y_hi, range ? b->hi : b->mean, b->n);
    }
    ftl_chart_span(&chart.x_lo, &chart.x_hi, s->at.value, s->at.n);
    if (!(chart.x_hi > 0)) chart.x_hi = 1;
    ftl_chart_round(&chart.y_lo, &chart.y_hi);
    fputs("<div>", page->file);
    ftl_chart_draw(page->file, &chart);
    ftl_chart_legend(page->file, series, s->n_losses);
    fputs("</div>\n", page->file);
    return FTL_OK;
}

ftl_status ftl_page_losses(ftl_page *page) {
    const ftl_source *source = page->source;
    bool any = false;
    ftl_binned *losses =
            ftl_arena_alloc(source->arena, FTL_SOURCE_LOSSES * sizeof *losses);
    if (!losses) return FTL_ENOMEM;
    for (int i = 0; i < source->n_stages; i++)
        any |= source->stage[i].at.n > 0;
    if (!any) return FTL_OK;
    fputs("<figure><div class=\"row\">\n", page->file);
    for (int i = 0; i < source->n_stages; i++)
        if (source->stage[i].at.n > 0)
            FTL_TRY(draw_stage(page, &source->stage[i], losses));
    fputs("</div>\n", page->file);
    ftl_page_figure(page);
    fprintf(page->file,
            "Losses of single batches, as stats.jsonl has them. Where a stage has more "
            "than %d of them, points are means of several in a row and bands their "
            "range.</figcaption></figure>\n",
            FTL_BINNED_POINTS);
    return FTL_OK;
}
