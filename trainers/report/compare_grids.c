/* compare_grids.c - what each method draws from the same latents, side by side, and the
 * same sorted by group. */
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <stdlib.h>
#include <string.h>

/* Pictures by group that would make a page larger are left out: they are the same
 * images once more. */
enum { MAX_PAGE_BYTES = 30 << 20 };

/* *left_out goes up if it is. setting -1: the pre-trained model. */
static ftl_status draw(ftl_page *page, ftl_survey *survey, int setting,
        ftl_sample_kind kind, int *left_out) {
    ftl_survey_run *run = ftl_compare_shown(survey, setting);
    const ftl_source_sample *sample =
            run ? ftl_compare_sample(&run->source, kind, setting < 0) : NULL;
    if (!sample) return FTL_OK;
    page->source = &run->source;
    const char *name = ftl_compare_shown_name(survey, setting, run);
    if (!name) return FTL_ENOMEM;
    if (kind == FTL_SAMPLE_FINAL) return ftl_page_picture(page, sample, name);
    char *bytes;
    size_t n;
    FTL_TRY(ftl_page_read_sample(page, sample, &bytes, &n));
    free(bytes);
    if (!bytes) return FTL_OK;
    if ((size_t)ftell(page->file) + n / 3 * 4 <= MAX_PAGE_BYTES)
        return ftl_page_picture(page, sample, name);
    ++*left_out;
    return FTL_OK;
}

static ftl_status draw_row(ftl_page *page, ftl_survey *survey, const char *ratio,
        ftl_sample_kind kind, int *left_out) {
    *left_out = 0;
    fputs("<figure><div class=\"row\">\n", page->file);
    for (int i = -1; i < survey->n_settings; i++)
        if (i < 0 || strcmp(survey->setting[i].ratio, ratio) == 0)
            FTL_TRY(draw(page, survey, i, kind, left_out));
    fputs("</div>\n", page->file);
    ftl_page_figure(page);
    ftl_html_printf(page->file, "Ratio %s. ", ratio);
    return FTL_OK;
}

static bool any(const ftl_survey *survey, ftl_sample_kind kind) {
    for (int i = 0; i < survey->n_runs; i++)
        if (ftl_compare_sample(&survey->run[i].source, kind, false) ||
                ftl_compare_sample(&survey->run[i].source, kind, true))
            return true;
    return false;
}

static ftl_status draw_by_group(ftl_page *page, ftl_survey *survey, const char *ratio) {
    int left_out;
    if (!any(survey, FTL_SAMPLE_BY_GROUP)) return FTL_OK;
    ftl_page_details_begin(page, "The same images, sorted by group");
    FTL_TRY(draw_row(page, survey, ratio, FTL_SAMPLE_BY_GROUP, &left_out));
    fputs("Sorted by the group that the classifier sees in them. It errs: its own "
          "table says how often.",
            page->file);
    if (left_out)
        fprintf(page->file,
                " %d of the pictures would make this page too large: the runs&#8217; "
                "own reports have them.",
                left_out);
    fputs("</figcaption></figure>\n", page->file);
    ftl_page_details_end(page);
    return FTL_OK;
}

static void write_ratio(ftl_page *page, const char *ratio) {
    fputs("<h3>", page->file);
    ftl_html_printf(page->file, "Ratio %s", ratio);
    fputs("</h3>\n", page->file);
}

ftl_status ftl_compare_grids(ftl_page *page, ftl_survey *survey) {
    const char *ratio;
    int left_out;
    if (!any(survey, FTL_SAMPLE_FINAL)) return FTL_OK;
    ftl_page_heading(page, "What the methods draw");
    for (int i = 0; (ratio = ftl_survey_ratio(survey, i)); i++) {
        if (ftl_survey_ratio(survey, 1)) write_ratio(page, ratio);
        FTL_TRY(draw_row(page, survey, ratio, FTL_SAMPLE_FINAL, &left_out));
        fputs("Generated images, not chosen by anybody, of one seed of each method, "
              "when training ended; the same place in two grids is the same "
              "latent.</figcaption></figure>\n",
                page->file);
        FTL_TRY(ftl_compare_during(page, survey, ratio));
        FTL_TRY(draw_by_group(page, survey, ratio));
    }
    return FTL_OK;
}
