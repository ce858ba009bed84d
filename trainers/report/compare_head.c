/* compare_head.c - what a comparison is, how far it has come, and what it has too few
 * seeds of. */
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <string.h>

/* Of a setting: runs that have ended, or those whose last generator was measured. */
static int count_seeds(const ftl_survey *survey, int setting) {
    int n = 0;
    for (int i = 0; i < survey->n_runs; i++)
        n += survey->run[i].setting == setting;
    return n;
}

static int count_measured(const ftl_survey *survey, int setting) {
    int n = 0;
    for (int i = 0; i < survey->n_lines; i++)
        n += survey->run[survey->line[i].run].setting == setting &&
             strcmp(survey->line[i].checkpoint, "last") == 0;
    return n;
}

/* "3 seeds of each method", or "up to 3 seeds of a method and ratio". */
static void write_seeds(ftl_page *page, const ftl_survey *survey) {
    int fewest = count_seeds(survey, 0), most = fewest;
    for (int i = 1; i < survey->n_settings; i++) {
        const int n = count_seeds(survey, i);
        fewest = n < fewest ? n : fewest;
        most = n > most ? n : most;
    }
    fprintf(page->file, ", %s%d seed%s of %s method%s", fewest == most ? "" : "up to ",
            most, most == 1 ? "" : "s", fewest == most ? "each" : "a",
            ftl_survey_ratio(survey, 1) ? " and ratio" : "");
}

/* Of all settings of a method, how many have fewer than two measured seeds? */
static int count_few(const ftl_survey *survey, const char *method, int *n_all) {
    int n = 0;
    *n_all = 0;
    for (int i = 0; i < survey->n_settings; i++) {
        if (strcmp(survey->setting[i].method, method) != 0) continue;
        ++*n_all;
        n += count_measured(survey, i) < 2;
    }
    return n;
}

/* A method with few seeds at every ratio is named once, else with its ratio. *n of
 * name [n_settings]; all: it is each of them. */
static ftl_status list_few(
        const char **name, int *n, bool *all, const ftl_survey *survey) {
    *n = 0;
    *all = true;
    for (int i = 0; i < survey->n_settings; i++) {
        const ftl_survey_setting *s = &survey->setting[i];
        int n_all;
        const bool partly = count_few(survey, s->method, &n_all) < n_all;
        const bool few = count_measured(survey, i) < 2;
        *all &= few;
        if (!few || (!partly && *n && strcmp(name[*n - 1], s->method) == 0)) continue;
        name[*n] = partly ? ftl_arena_printf(survey->arena, "%s at ratio %s", s->method,
                                    s->ratio)
                          : s->method;
        if (!name[(*n)++]) return FTL_ENOMEM;
    }
    return FTL_OK;
}

static ftl_status write_few(ftl_page *page, const ftl_survey *survey) {
    const char **name =
            ftl_arena_alloc(survey->arena, (size_t)survey->n_settings * sizeof *name);
    int n;
    bool all;
    if (!name) return FTL_ENOMEM;
    FTL_TRY(list_few(name, &n, &all, survey));
    if (n == 0) return FTL_OK;
    fputs("<p>Fewer than two seeds were measured of ", page->file);
    if (all) fputs("each method", page->file);
    for (int i = 0; i < n && !all; i++) {
        fputs(i == 0 ? "" : i + 1 < n ? ", " : " and ", page->file);
        ftl_html_text(page->file, name[i]);
    }
    fputs(": there is no deviation, and a difference between methods may be one of "
          "seeds.</p>\n",
            page->file);
    return FTL_OK;
}

ftl_status ftl_compare_head(ftl_page *page, const ftl_survey *survey) {
    const int n = survey->n_runs - 1;
    fputs("<h1>", page->file);
    ftl_html_text(page->file, survey->name);
    fprintf(page->file, "</h1>\n<p class=\"sub\">A comparison of fairtl: %d ", n);
    if (survey->n_planned > n)
        fprintf(page->file, "of %d runs so far,", survey->n_planned);
    else
        fputs(n == 1 ? "run" : "runs", page->file);
    fputs(" from one pre-trained model", page->file);
    if (survey->n_settings) write_seeds(page, survey);
    fputs(".</p>\n", page->file);
    return survey->n_settings ? write_few(page, survey) : FTL_OK;
}
