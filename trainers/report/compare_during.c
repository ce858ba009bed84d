/* compare_during.c - how images of the same latents change while methods adapt: a row
 * of them before, some times during, and after. */
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DURING = 3 }; /* between before and after */

static bool is_during(const ftl_source_sample *s, const ftl_source_sample *final) {
    return s->kind == FTL_SAMPLE_DURING && strcmp(s->stage, final->stage) == 0;
}

/* The last one is often drawn where training ends. */
static ftl_status is_same(ftl_page *page, const ftl_source_sample *a,
        const ftl_source_sample *b, bool *same) {
    char *x, *y = NULL;
    size_t n_x, n_y;
    FTL_TRY(ftl_page_read_sample(page, a, &x, &n_x));
    ftl_status status = ftl_page_read_sample(page, b, &y, &n_y);
    *same = x && y && n_x == n_y && memcmp(x, y, n_x) == 0;
    free(x);
    free(y);
    return status;
}

/* Those during, of which the last is left out if it is the final one. */
static ftl_status count(int *n, ftl_page *page, const ftl_source_sample *final) {
    const ftl_source *source = page->source;
    const ftl_source_sample *last = NULL;
    bool same = false;
    *n = 0;
    for (int i = 0; i < source->n_samples; i++) {
        if (!is_during(&source->sample[i], final)) continue;
        last = &source->sample[i];
        ++*n;
    }
    if (last) FTL_TRY(is_same(page, last, final, &same));
    *n -= same;
    return FTL_OK;
}

static ftl_status strip(ftl_page *page, const ftl_source_sample *sample,
        const char *label, const char *of) {
    const char *name = ftl_arena_printf(page->source->arena, "%s, %s", of, label);
    return name ? ftl_page_strip(page, sample, label, name) : FTL_ENOMEM;
}

/* Spread evenly, as a run's report has them. */
static ftl_status draw_during(
        ftl_page *page, const ftl_source_sample *final, const char *name) {
    const ftl_source *source = page->source;
    int n;
    FTL_TRY(count(&n, page, final));
    for (int i = 0, at = 0; i < source->n_samples && at < n; i++) {
        const ftl_source_sample *s = &source->sample[i];
        if (!is_during(s, final)) continue;
        at++;
        if (!ftl_page_is_taken(at, n, MAX_DURING)) continue;
        const char *label =
                ftl_arena_printf(source->arena, "%.6g kimg", (double)s->images / 1000);
        if (!label) return FTL_ENOMEM;
        FTL_TRY(strip(page, s, label, name));
    }
    return FTL_OK;
}

static ftl_status draw(ftl_page *page, ftl_survey *survey, int setting) {
    ftl_survey_run *run = ftl_compare_shown(survey, setting),
                   *pretrained = ftl_compare_shown(survey, -1);
    if (!run) return FTL_OK;
    const ftl_source_sample *final =
            ftl_compare_sample(&run->source, FTL_SAMPLE_FINAL, false);
    const char *name = ftl_compare_shown_name(survey, setting, run);
    if (!name) return FTL_ENOMEM;
    fputs("<div><span class=\"name\">", page->file);
    ftl_html_text(page->file, name);
    fputs("</span>\n", page->file);
    if (pretrained) {
        page->source = &pretrained->source;
        FTL_TRY(strip(page, ftl_compare_sample(page->source, FTL_SAMPLE_FINAL, true),
                "before", name));
    }
    page->source = &run->source;
    FTL_TRY(draw_during(page, final, name));
    FTL_TRY(strip(page, final, "after", name));
    fputs("</div>\n", page->file);
    return FTL_OK;
}

static bool any(const ftl_survey *survey) {
    for (int i = 1; i < survey->n_runs; i++)
        if (ftl_compare_sample(&survey->run[i].source, FTL_SAMPLE_DURING, false))
            return true;
    return false;
}

ftl_status ftl_compare_during(ftl_page *page, ftl_survey *survey, const char *ratio) {
    if (!any(survey)) return FTL_OK;
    ftl_page_details_begin(page, "How the images change while the methods adapt");
    fputs("<figure><div class=\"row pair\">\n", page->file);
    for (int i = 0; i < survey->n_settings; i++)
        if (strcmp(survey->setting[i].ratio, ratio) == 0)
            FTL_TRY(draw(page, survey, i));
    fputs("</div>\n", page->file);
    ftl_page_figure(page);
    ftl_html_printf(page->file, "Ratio %s. ", ratio);
    fprintf(page->file,
            "The first row of the same runs&#8217; grids: before, at most %d times "
            "during, spread evenly over those in samples/, and after. A column is a "
            "latent.</figcaption></figure>\n",
            MAX_DURING);
    ftl_page_details_end(page);
    return FTL_OK;
}
