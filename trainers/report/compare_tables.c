/* compare_tables.c - the figures of a comparison: over seeds, and of every run. */
#include "trainers/comparison/comparison_results.h"
#include "trainers/report/compare_parts.h"
#include "trainers/report/html.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { MAX_SEEDS = 1024 };

static const char *extractor_of(const ftl_survey *survey) {
    for (int i = 0; i < survey->n_lines; i++)
        if (survey->line[i].extractor[0]) return survey->line[i].extractor;
    return "";
}

bool ftl_compare_has_distance(const ftl_survey *survey) {
    return extractor_of(survey)[0] != 0;
}

const char *ftl_compare_distance(const ftl_survey *survey) {
    const char *extractor = extractor_of(survey);
    if (strcmp(extractor, "inception-2015") == 0) return "FID";
    const char *name = ftl_arena_printf(survey->arena, "frechet [%s]", extractor);
    return name ? name : "frechet";
}

/* ------------------------------------------------------------------------- means */

typedef enum figure { NAIVE, CORRECTED, DISTANCE } figure;

static double value_of(const ftl_survey_line *line, figure f) {
    return f == NAIVE ? line->fd : f == CORRECTED ? line->corrected : line->frechet;
}

/* "0.123 ± 0.045" of a setting's lines of this checkpoint. */
static void write_mean(ftl_page *page, const ftl_survey *survey, int setting,
        const char *checkpoint, figure f) {
    double value[MAX_SEEDS] = {0}, mean, deviation;
    int n = 0, n_used;
    for (int i = 0; i < survey->n_lines && n < MAX_SEEDS; i++)
        if (survey->run[survey->line[i].run].setting == setting &&
                strcmp(survey->line[i].checkpoint, checkpoint) == 0)
            value[n++] = value_of(&survey->line[i], f);
    ftl_results_mean(&mean, &deviation, &n_used, value, n);
    const int digits = f == DISTANCE ? 2 : 4;
    if (n_used == 0)
        fputs("<td>&#8211;</td>", page->file);
    else if (n_used == 1)
        fprintf(page->file, "<td>%.*f</td>", digits, mean);
    else
        fprintf(page->file,
                "<td>%.*f&#160;<span class=\"sd\">&#177;&#160;%.*f</span></td>", digits,
                mean, digits, deviation);
}

static int count(const ftl_survey *survey, int setting, const char *checkpoint) {
    int n = 0;
    for (int i = 0; i < survey->n_lines; i++)
        n += survey->run[survey->line[i].run].setting == setting &&
             strcmp(survey->line[i].checkpoint, checkpoint) == 0;
    return n;
}

static bool any_best(const ftl_survey *survey) {
    for (int i = 0; i < survey->n_lines; i++)
        if (strcmp(survey->line[i].checkpoint, "best") == 0) return true;
    return false;
}

static void write_setting(ftl_page *page, const ftl_survey *survey, int setting) {
    const bool distance = ftl_compare_has_distance(survey);
    const int failed = count(survey, setting, "failed"),
              done = count(survey, setting, "last");
    if (setting >= 0) {
        const ftl_survey_setting *s = &survey->setting[setting];
        fputs("<tr><th scope=\"row\">", page->file);
        ftl_html_text(page->file, s->method);
        fputs("</th><td>", page->file);
        ftl_html_text(page->file, s->ratio);
        fprintf(page->file, "</td><td>%d", done);
        if (s->planned > done + failed)
            fprintf(page->file, "&#160;of&#160;%d", s->planned);
        if (failed) fprintf(page->file, " (%d failed)", failed);
        fputs("</td>", page->file);
    } else {
        fputs("<tr><th scope=\"row\">pre-trained</th><td></td><td></td>", page->file);
    }
    write_mean(page, survey, setting, "last", NAIVE);
    write_mean(page, survey, setting, "last", CORRECTED);
    if (distance) write_mean(page, survey, setting, "last", DISTANCE);
    if (any_best(survey)) {
        write_mean(page, survey, setting, "best", CORRECTED);
        if (distance) write_mean(page, survey, setting, "best", DISTANCE);
    }
    fputs("</tr>\n", page->file);
}

static void write_distance_head(ftl_page *page, const ftl_survey *survey) {
    if (!ftl_compare_has_distance(survey)) return;
    fputs("<th scope=\"col\">", page->file);
    ftl_html_text(page->file, ftl_compare_distance(survey));
    fputs("</th>", page->file);
}

void ftl_compare_means(ftl_page *page, const ftl_survey *survey) {
    const int columns = ftl_compare_has_distance(survey) ? 3 : 2;
    const bool best = any_best(survey);
    ftl_page_heading(page, "What was measured");
    fputs("<div class=\"wide\"><table>\n", page->file);
    ftl_page_table(page);
    fputs("Means over seeds, &#177; the standard deviation where there are two or "
          "more. "
          "A seed is another adaptation and another draw of the reference set; the "
          "pre-trained model is one and the same. Ratio: size of the reference set "
          "over that of the biased one. Last: when training ended; best: chosen by "
          "corrected FD at looks on latents of their own.</caption>\n<thead>\n",
            page->file);
    fprintf(page->file,
            "<tr><th></th><th></th><th></th><th scope=\"colgroup\" colspan=\"%d\">last"
            "</th>",
            columns);
    if (best)
        fprintf(page->file, "<th scope=\"colgroup\" colspan=\"%d\">best</th>",
                columns - 1);
    fputs("</tr>\n<tr><th scope=\"col\">method</th><th scope=\"col\">ratio</th><th "
          "scope=\"col\">seeds</th><th scope=\"col\">FD, naive</th><th "
          "scope=\"col\">FD, corrected</th>",
            page->file);
    write_distance_head(page, survey);
    if (best) {
        fputs("<th scope=\"col\">FD, corrected</th>", page->file);
        write_distance_head(page, survey);
    }
    fputs("</tr></thead>\n<tbody>\n", page->file);
    for (int i = -1; i < survey->n_settings; i++)
        write_setting(page, survey, i);
    fputs("</tbody></table></div>\n", page->file);
}

/* -------------------------------------------------------------------------- runs */

/* A relative link: whatever a name holds is a part of the path. */
static void write_link(FILE *file, const char *path) {
    fputs("<a href=\"", file);
    for (const char *at = path; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("-._~/", *at))
            fputc(*at, file);
        else
            fprintf(file, "%%%02X", (unsigned)(unsigned char)*at);
    }
    fputs("/report.html\">", file);
    ftl_html_text(file, path);
    fputs("</a>", file);
}

static void write_line(ftl_page *page, const ftl_survey *survey, int i) {
    const ftl_survey_line *line = &survey->line[i];
    FILE *file = page->file;
    fputs("<tr><td>", file);
    write_link(file, survey->run[line->run].path);
    fputs("</td><td>", file);
    ftl_html_text(file, line->checkpoint);
    fputs("</td>", file);
    if (isfinite(line->corrected))
        fprintf(file, "<td>%.4f</td><td>%.4f</td><td>[%.4f,&#160;%.4f]</td>", line->fd,
                line->corrected, line->lo, line->hi);
    else
        fputs("<td>&#8211;</td><td>&#8211;</td><td>&#8211;</td>", file);
    if (ftl_compare_has_distance(survey)) {
        if (isfinite(line->frechet))
            fprintf(file, "<td>%.2f</td>", line->frechet);
        else
            fputs("<td>&#8211;</td>", file);
    }
    if (isfinite(line->seconds))
        fprintf(file, "<td>%.0f</td></tr>\n", line->seconds);
    else
        fputs("<td>&#8211;</td></tr>\n", file);
}

void ftl_compare_runs(ftl_page *page, const ftl_survey *survey) {
    ftl_page_heading(page, "Every run");
    fputs("<div class=\"wide\"><table>\n", page->file);
    ftl_page_table(page);
    fputs("Every generator that was measured, as compare.csv has it; the links are to "
          "the runs&#8217; own reports, beside this one. s: wall-clock seconds of the "
          "run.</caption>\n<thead><tr><th scope=\"col\">run</th><th "
          "scope=\"col\">checkpoint</th><th scope=\"col\">FD, naive</th><th "
          "scope=\"col\">FD, corrected</th><th scope=\"col\">95 % interval</th>",
            page->file);
    write_distance_head(page, survey);
    fputs("<th scope=\"col\">s</th></tr></thead>\n<tbody>\n", page->file);
    for (int i = 0; i < survey->n_lines; i++)
        write_line(page, survey, i);
    fputs("</tbody></table></div>\n", page->file);
}
