/* survey.h - what lies in the directory of a comparison, read for its report: the lines
 * of compare.csv, the runs that they are of, and how many planned.csv says there are to
 * be. What is missing is a problem, as in source.h. */
#ifndef FTL_TRAINERS_REPORT_SURVEY_H
#define FTL_TRAINERS_REPORT_SURVEY_H

#include "datasets/csv.h"
#include "trainers/report/source.h"

typedef struct ftl_survey_run {
    const char *path; /* from the comparison's directory: "runs/fairtl-0.1-s1" */
    const char *seed; /* text; "" of the pre-trained model */
    int setting;      /* -1: the pre-trained model */
    ftl_source source;
} ftl_survey_run;

/* A line of compare.csv; what is empty is NaN, or "". */
typedef struct ftl_survey_line {
    int run;
    const char *extractor, *checkpoint; /* "last", "best", "failed" */
    double fd, corrected, lo, hi, frechet, seconds;
} ftl_survey_line;

/* A method at a ratio, in the order of compare.csv. */
typedef struct ftl_survey_setting {
    const char *method, *ratio;
    int first;   /* run */
    int planned; /* runs, done or not; 0: not known */
} ftl_survey_setting;

/* Everything lives in the arena, which is not the sources' own. */
typedef struct ftl_survey {
    ftl_arena *arena;
    ftl_csv csv;
    const char *name;    /* last component of the directory */
    ftl_survey_run *run; /* [n_runs]; the pre-trained model's is the first */
    ftl_survey_line *line;
    ftl_survey_setting *setting;
    int n_runs, n_lines, n_settings;
    int n_planned;       /* runs but for the pre-trained model's; 0: not known */
    const char *problem; /* of the comparison's own files; NULL: none */
} ftl_survey;

/* Read it; release with ftl_survey_close in any case. Fails with FTL_ENOMEM, and with
 * FTL_EIO or FTL_EFORMAT if compare.csv is none; planned.csv may be missing or damaged.
 */
ftl_status ftl_survey_open(ftl_survey *out, const char *directory);
void ftl_survey_close(ftl_survey *survey);

/* Does the directory hold a comparison? */
bool ftl_survey_is_there(const char *directory);

/* The nth ratio, as text, of those that the settings have; NULL: there are no more. */
const char *ftl_survey_ratio(const ftl_survey *survey, int nth);

#endif
