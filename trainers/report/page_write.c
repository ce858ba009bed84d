/* page_write.c - the report of a run, section after section, and the file of both kinds
 * of report; see page.h. */
#include "engine/base/file.h"
#include "engine/base/memory_file.h"
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"
#include "trainers/report/page.h"
#include "trainers/report/page_parts.h"

#include <stdlib.h>

void ftl_page_heading(ftl_page *page, const char *title) {
    fputs("<h2>", page->file);
    ftl_html_text(page->file, title);
    fputs("</h2>\n", page->file);
}

void ftl_page_figure(ftl_page *page) {
    fprintf(page->file, "<figcaption><b>Figure %d.</b> ", ++page->n_figures);
}

void ftl_page_table(ftl_page *page) {
    fprintf(page->file, "<caption><b>Table %d.</b> ", ++page->n_tables);
}

void ftl_page_details_begin(ftl_page *page, const char *summary) {
    fputs("<details><summary>", page->file);
    ftl_html_text(page->file, summary);
    fputs("</summary>\n", page->file);
}

void ftl_page_details_end(ftl_page *page) { fputs("</details>\n", page->file); }

static ftl_status write_sections(ftl_page *page) {
    ftl_page_summary(page);
    ftl_page_measured(page);
    FTL_TRY(ftl_page_pictures(page));
    FTL_TRY(ftl_page_curves(page));
    FTL_TRY(ftl_page_losses(page));
    ftl_page_sets(page);
    ftl_page_classifier(page);
    ftl_page_expansions(page, "How it was adapted");
    ftl_page_limits(page);
    ftl_page_setup(page,
            "The configuration, with every default filled in. <code>fairtl run "
            "config.yaml</code> repeats the run; the same bits come of the same "
            "program, libraries, instruction set and number of threads.");
    ftl_page_warnings(page);
    return FTL_OK;
}

/* One page to the file DIRECTORY/report.html. survey: of a comparison; else NULL. */
static ftl_status write_page(
        const char *directory, ftl_source *source, ftl_survey *survey) {
    char *text = NULL, path[FTL_SOURCE_PATH_BYTES];
    size_t n_bytes;
    const int n = snprintf(path, sizeof path, "%s/report.html", directory);
    if (n < 0 || n >= (int)sizeof path)
        return ftl_fail(FTL_EINPUT, "%.64s...: the path is too long", directory);
    ftl_memory_file memory;
    FTL_TRY(ftl_memory_file_open(&memory, "a report"));
    ftl_page page = {.file = memory.file, .source = source};
    ftl_page_begin(page.file, survey ? survey->name : source->name);
    ftl_status status =
            survey ? ftl_compare_write(&page, survey) : write_sections(&page);
    ftl_page_end(page.file);
    if (status == FTL_ENOMEM) (void)ftl_fail(status, "no memory left for a report");
    status = ftl_memory_file_close(&memory, status, &text, &n_bytes);
    if (status == FTL_OK) status = ftl_file_write(path, text, n_bytes);
    free(text);
    return status;
}

static ftl_status write_run(const char *directory) {
    ftl_source source;
    ftl_status status = ftl_source_open(&source, directory);
    if (status == FTL_OK) status = write_page(directory, &source, NULL);
    ftl_source_close(&source);
    return status;
}

static ftl_status write_comparison(const char *directory) {
    ftl_survey survey;
    ftl_status status = ftl_survey_open(&survey, directory);
    if (status == FTL_OK) status = write_page(directory, NULL, &survey);
    ftl_survey_close(&survey);
    return status;
}

/* Anything that a run leaves there early. */
static bool holds_run(const char *directory) {
    static const char *const names[] = {"config.yaml", "metrics.json", "stats.jsonl"};
    char path[FTL_SOURCE_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (n > 0 && n < (int)sizeof path && ftl_file_exists(path)) return true;
    }
    return false;
}

ftl_status ftl_page_write(const char *directory) {
    if (ftl_survey_is_there(directory)) return write_comparison(directory);
    if (holds_run(directory)) return write_run(directory);
    return ftl_fail(FTL_EINPUT,
            "%s: neither a run nor a comparison is there: a directory that `fairtl "
            "run` "
            "or `fairtl compare` wrote is needed",
            directory);
}
