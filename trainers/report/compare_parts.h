/* compare_parts.h - the sections of a comparison's report. For trainers/report/ only.
 */
#ifndef FTL_TRAINERS_REPORT_COMPARE_PARTS_H
#define FTL_TRAINERS_REPORT_COMPARE_PARTS_H

#include "trainers/report/page_parts.h"
#include "trainers/report/survey.h"

/* compare_page.c: all of them. Fails with FTL_ENOMEM. */
ftl_status ftl_compare_write(ftl_page *page, ftl_survey *survey);

/* compare_head.c: what it is, and of which methods there are few seeds. */
ftl_status ftl_compare_head(ftl_page *page, const ftl_survey *survey);

/* compare_tables.c: means and deviations over seeds; every run, with a link to its own
 * report. */
void ftl_compare_means(ftl_page *page, const ftl_survey *survey);
void ftl_compare_runs(ftl_page *page, const ftl_survey *survey);
/* "FID" of the Inception network of 2015, else "frechet [resnet18]". */
const char *ftl_compare_distance(const ftl_survey *survey);
bool ftl_compare_has_distance(const ftl_survey *survey);

/* compare_dots.c: every seed of every method, a figure a ratio. */
ftl_status ftl_compare_dots(ftl_page *page, const ftl_survey *survey);
/* compare_curves.c: FD, distance and losses over training. */
ftl_status ftl_compare_curves(ftl_page *page, const ftl_survey *survey);
/* compare_grids.c: what each method draws, a ratio after the other. */
ftl_status ftl_compare_grids(ftl_page *page, ftl_survey *survey);
/* compare_during.c: what they draw while they adapt. */
ftl_status ftl_compare_during(ftl_page *page, ftl_survey *survey, const char *ratio);

/* compare_shown.c: the newest picture of a kind, of what a run began with or came to;
 * the first run of a setting (-1: the pre-trained model) that has a final one, and what
 * to call it. NULL: there is none; no memory is left for the name. */
const ftl_source_sample *ftl_compare_sample(
        const ftl_source *source, ftl_sample_kind kind, bool pretrained);
ftl_survey_run *ftl_compare_shown(ftl_survey *survey, int setting);
const char *ftl_compare_shown_name(
        ftl_survey *survey, int setting, const ftl_survey_run *run);

#endif
