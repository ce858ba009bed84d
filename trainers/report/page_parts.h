/* page_parts.h - the sections of a report. For trainers/report/ only. */
#ifndef FTL_TRAINERS_REPORT_PAGE_PARTS_H
#define FTL_TRAINERS_REPORT_PAGE_PARTS_H

#include "trainers/report/source.h"

#include <stdio.h>

/* A report that is being written. */
typedef struct ftl_page {
    FILE *file; /* in memory: looked at once, in the end */
    ftl_source *source;
    int n_figures, n_tables; /* so far */
} ftl_page;

/* page_style.c */
void ftl_page_begin(FILE *file, const char *title);
void ftl_page_end(FILE *file);

/* page_write.c: "<h2>" and so on; "Figure 3. " and "Table 2. ", which begin captions.
 */
void ftl_page_heading(ftl_page *page, const char *title);
void ftl_page_figure(ftl_page *page);
void ftl_page_table(ftl_page *page);
/* What is there for those who ask for it, by a click: between these two. */
void ftl_page_details_begin(ftl_page *page, const char *summary);
void ftl_page_details_end(ftl_page *page);

/* Sections, in the order of the page. Those that can fail do so with FTL_ENOMEM. */
void ftl_page_summary(ftl_page *page);  /* page_summary.c: what it is, and its state */
void ftl_page_measured(ftl_page *page); /* page_measured.c: what was measured */
ftl_status ftl_page_pictures(ftl_page *page); /* page_pictures.c: grids of samples */
ftl_status ftl_page_curves(ftl_page *page);   /* page_curves.c: looks */
ftl_status ftl_page_losses(ftl_page *page);   /* page_losses.c: losses */
void ftl_page_sets(ftl_page *page);           /* page_sets.c: images, by group */
void ftl_page_classifier(ftl_page *page);     /* page_sets.c: its errors */
void ftl_page_warnings(ftl_page *page);       /* page_notes.c: of the log; problems */
void ftl_page_limits(ftl_page *page);         /* page_notes.c: what no figure covers */

/* page_setup.c: what methods came to, under a heading (NULL: none); was there any?
 * The configuration behind these words, which are HTML, and what bits depend on. */
bool ftl_page_expansions(ftl_page *page, const char *title);
void ftl_page_setup(ftl_page *page, const char *words);

/* page_notes.c: items of a list: warnings of the log and problems of page->source, each
 * behind `where`. How many? */
int ftl_page_list_warnings(ftl_page *page, const char *where);

/* page_pictures.c: an <img> and what it is; a file that is gone or no PNG is a problem.
 */
ftl_status ftl_page_picture(
        ftl_page *page, const ftl_source_sample *sample, const char *name);
/* Parts of it. *bytes is malloc'ed, or NULL if that is now a problem; an <img>. */
ftl_status ftl_page_read_sample(
        ftl_page *page, const ftl_source_sample *sample, char **bytes, size_t *n);
void ftl_page_image(ftl_page *page, const void *bytes, size_t n, const char *name);
/* Is the nth (from 1) of n among at most so many, spread evenly, the last one too? */
bool ftl_page_is_taken(int nth, int n, int most);
/* NULL: there is none. */
const ftl_source_sample *ftl_source_find_sample(
        const ftl_source *source, const char *stage, ftl_sample_kind kind);

/* page_strip.c: the first row of a grid's images behind a label; of a picture that is
 * no grid, all. A file that cannot be decoded is a problem. name: what readers without
 * eyes get. */
ftl_status ftl_page_strip(ftl_page *page, const ftl_source_sample *sample,
        const char *label, const char *name);

/* page_measured.c: "before", "before, best by FD", "after, last and best by FD". */
void ftl_page_write_role(FILE *file, const ftl_metrics *metrics, int i);

/* page_setup.c: "adapt (fairtl++)"; the stage alone if its method is not known. */
void ftl_page_write_stage(FILE *file, const ftl_source *source, const char *stage);

#endif
