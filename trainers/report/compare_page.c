/* compare_page.c - the report of a comparison, section after section. */
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <string.h>

/* Is it the first one of its method? A method is the same at all ratios. */
static bool begins_method(const ftl_survey *survey, int setting) {
    for (int i = 0; i < setting; i++)
        if (strcmp(survey->setting[i].method, survey->setting[setting].method) == 0)
            return false;
    return true;
}

static void write_methods(ftl_page *page, ftl_survey *survey) {
    ftl_page_heading(page, "How methods adapt");
    for (int i = 0; i < survey->n_settings; i++) {
        const ftl_survey_setting *s = &survey->setting[i];
        if (!begins_method(survey, i)) continue;
        fputs("<h3>", page->file);
        ftl_html_text(page->file, s->method);
        fputs("</h3>\n", page->file);
        page->source = &survey->run[s->first].source;
        if (!ftl_page_expansions(page, NULL))
            fputs("<p>What it expands to is not known.</p>\n", page->file);
    }
}

static void write_sets(ftl_page *page, ftl_survey *survey) {
    page->source = &survey->run[survey->n_runs > 1].source;
    ftl_page_sets(page);
    if (survey->n_runs > 1) {
        fputs("<p class=\"foot\">The sets are those of ", page->file);
        ftl_html_text(page->file, survey->run[1].path);
        fputs(". Biased, classifier, validation and evaluation set are the same in all "
              "runs; the size of the reference set goes with the ratio, and which "
              "images it has with the seed.</p>\n",
                page->file);
    }
    page->source = &survey->run[0].source;
    ftl_page_classifier(page);
}

static void write_limits(ftl_page *page, ftl_survey *survey) {
    page->source = &survey->run[0].source;
    ftl_page_limits(page);
    fputs("<p>There is one pre-trained model. Neither deviations nor intervals say how "
          "the methods would have done with another one.</p>\n",
            page->file);
}

static void write_warnings(ftl_page *page, ftl_survey *survey) {
    int n = 0;
    ftl_page_heading(page, "Warnings");
    fputs("<ul>\n", page->file);
    for (int i = 0; i < survey->n_runs; i++) {
        char where[512];
        snprintf(where, sizeof where, "%s: ", survey->run[i].path);
        page->source = &survey->run[i].source;
        n += ftl_page_list_warnings(page, where);
    }
    if (survey->problem) fprintf(page->file, "<li>%s</li>\n", survey->problem);
    if (n == 0 && !survey->problem) fputs("<li>none</li>\n", page->file);
    fputs("</ul>\n", page->file);
}

ftl_status ftl_compare_write(ftl_page *page, ftl_survey *survey) {
    FTL_TRY(ftl_compare_head(page, survey));
    ftl_compare_means(page, survey);
    FTL_TRY(ftl_compare_dots(page, survey));
    FTL_TRY(ftl_compare_grids(page, survey));
    ftl_page_heading(page, "While they trained");
    FTL_TRY(ftl_compare_curves(page, survey));
    write_sets(page, survey);
    write_methods(page, survey);
    write_limits(page, survey);
    ftl_compare_runs(page, survey);
    page->source = &survey->run[0].source;
    ftl_page_setup(page, "The configuration of the pre-training, with every default "
                         "filled in; each run has its own config.yaml.");
    write_warnings(page, survey);
    return FTL_OK;
}
