/* page_measured.c - the table of all evaluations. */
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

#include <inttypes.h>
#include <string.h>

static const char *const kept_words[FTL_N_KEPT] = {
        "last", "best by FD", "best by Frechet distance"};

static bool same_stage(const ftl_metrics *metrics, int i, int k) {
    return strcmp(metrics->evaluation[i]->stage, metrics->evaluation[k]->stage) == 0;
}

/* The pre-trained generator is measured first, and the best of its stage behind it. */
static bool is_before(const ftl_metrics *metrics, int i) {
    return same_stage(metrics, 0, i) && !same_stage(metrics, 0, metrics->n - 1);
}

void ftl_page_write_role(FILE *file, const ftl_metrics *metrics, int i) {
    const ftl_evaluation *e = metrics->evaluation[i];
    const bool before = is_before(metrics, i);
    if (before && !is_before(metrics, 1) && !e->also) {
        fputs("before", file);
        return;
    }
    fprintf(file, "%s%s",
            before                  ? "before, "
            : is_before(metrics, 0) ? "after, "
                                    : "",
            kept_words[e->checkpoint]);
    for (int k = 0; k < FTL_N_KEPT; k++)
        if (e->also & 1U << k) fprintf(file, " and %s", kept_words[k]);
}

typedef void write_value(FILE *file, const ftl_evaluation *e, int k);

static void write_kimg(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    if (e->kimg < 0)
        fputs("&#8211;", file);
    else
        fprintf(file, "%.6g", e->kimg);
}

static void write_images(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    fprintf(file, "%" PRId64, e->n_samples);
}

static void write_share(FILE *file, const ftl_evaluation *e, int k) {
    if (k < e->n_groups)
        fprintf(file, "%.2f&#160;%%", 100 * e->share[k]);
    else
        fputs("&#8211;", file);
}

static void write_naive(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    fprintf(file, "%.4f", e->fd);
}

static void write_corrected(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    fprintf(file, "%.4f", e->fd_corrected);
}

static void write_interval(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    fprintf(file, "[%.4f,&#160;%.4f]", e->fd_interval[0], e->fd_interval[1]);
}

static void write_confidence(FILE *file, const ftl_evaluation *e, int k) {
    (void)k;
    if (e->confidence > 0)
        fprintf(file, "%.4f", e->confidence);
    else
        fputs("&#8211;", file);
}

static bool has(const ftl_evaluation *e, int metric) {
    return e->quality.extractor && e->quality.figure.has[metric];
}

typedef struct quality_row {
    const char *name;
    int metric;
    double (*value)(const ftl_quality *q);
} quality_row;

static double frechet(const ftl_quality *q) { return q->frechet; }
static double kid(const ftl_quality *q) { return q->kid; }
static double precision(const ftl_quality *q) { return q->prdc.precision; }
static double recall(const ftl_quality *q) { return q->prdc.recall; }
static double density(const ftl_quality *q) { return q->prdc.density; }
static double coverage(const ftl_quality *q) { return q->prdc.coverage; }

/* frechet and KID are told of their extractor, which is their name's second half. */
static const quality_row quality_rows[] = {
        {"frechet", FTL_QUALITY_FRECHET, frechet},
        {"KID", FTL_QUALITY_KID, kid},
        {"precision", FTL_QUALITY_PRDC, precision},
        {"recall", FTL_QUALITY_PRDC, recall},
        {"density", FTL_QUALITY_PRDC, density},
        {"coverage", FTL_QUALITY_PRDC, coverage},
};
enum { N_QUALITY_ROWS = sizeof quality_rows / sizeof quality_rows[0] };

static void write_row(ftl_page *page, const char *class, const char *name,
        write_value *write, int k) {
    const ftl_metrics *metrics = &page->source->metrics;
    fprintf(page->file, "<tr%s><th scope=\"row\">", class);
    ftl_html_text(page->file, name);
    fputs("</th>", page->file);
    for (int i = 0; i < metrics->n; i++) {
        fputs("<td>", page->file);
        write(page->file, metrics->evaluation[i], k);
        fputs("</td>", page->file);
    }
    fputs("</tr>\n", page->file);
}

static const char *extractor_of(const ftl_metrics *metrics) {
    for (int i = 0; i < metrics->n; i++)
        if (metrics->evaluation[i]->quality.extractor)
            return metrics->evaluation[i]->quality.extractor;
    return NULL;
}

static void write_quality_name(
        FILE *file, const quality_row *row, const char *extractor) {
    /* Only the Inception network of 2015 makes it FID. */
    const bool fid = row->value == frechet && strcmp(extractor, "inception-2015") == 0;
    fputs(fid ? "FID" : row->name, file);
    if (fid || (row->value != frechet && row->value != kid)) return;
    ftl_html_printf(file, " [%s]", extractor);
}

static void write_quality(ftl_page *page) {
    const ftl_metrics *metrics = &page->source->metrics;
    const char *extractor = extractor_of(metrics);
    bool first = true;
    for (const quality_row *r = quality_rows; r < quality_rows + N_QUALITY_ROWS; r++) {
        bool any = false;
        for (int i = 0; i < metrics->n; i++)
            any |= has(metrics->evaluation[i], r->metric);
        if (!any) continue;
        fprintf(page->file, "<tr%s><th scope=\"row\">", first ? " class=\"rule\"" : "");
        first = false;
        write_quality_name(page->file, r, extractor);
        fputs("</th>", page->file);
        for (int i = 0; i < metrics->n; i++) {
            const ftl_evaluation *e = metrics->evaluation[i];
            if (!has(e, r->metric))
                fputs("<td>&#8211;</td>", page->file);
            else if (r->value == kid)
                fprintf(page->file, "<td>%.3g&#160;&#177;&#160;%.2g</td>",
                        kid(&e->quality.figure), e->quality.figure.kid_error);
            else
                fprintf(page->file, "<td>%.4f</td>", r->value(&e->quality.figure));
        }
        fputs("</tr>\n", page->file);
    }
}

static void write_head(ftl_page *page) {
    const ftl_metrics *metrics = &page->source->metrics;
    fputs("<thead><tr><th></th>", page->file);
    for (int i = 0; i < metrics->n; i++) {
        fputs("<th scope=\"col\">", page->file);
        ftl_page_write_role(page->file, metrics, i);
        fputs("</th>", page->file);
    }
    fputs("</tr></thead>\n<tbody>\n<tr><th scope=\"row\">stage</th>", page->file);
    for (int i = 0; i < metrics->n; i++) {
        fputs("<td>", page->file);
        ftl_page_write_stage(page->file, page->source, metrics->evaluation[i]->stage);
        fputs("</td>", page->file);
    }
    fputs("</tr>\n", page->file);
}

static void write_shares(ftl_page *page) {
    const ftl_evaluation *first = page->source->metrics.evaluation[0];
    for (int k = 0; k < first->n_groups; k++) {
        char name[512];
        snprintf(name, sizeof name, "share of %s", first->group[k]);
        write_row(page, k == 0 ? " class=\"rule\"" : "", name, write_share, k);
    }
}

/* Of what the figures of quality are: the same for all columns but for their numbers.
 */
static void write_notes(ftl_page *page) {
    const ftl_metrics *metrics = &page->source->metrics;
    for (int i = 0; i < metrics->n; i++) {
        const ftl_evaluation *e = metrics->evaluation[i];
        const ftl_evaluation_quality *q = &e->quality;
        if (q->extractor) {
            fputs("<p class=\"foot\">Quality, ", page->file);
            ftl_page_write_role(page->file, metrics, i);
            ftl_html_printf(page->file,
                    ": %" PRId64 " generated images against %" PRId64
                    " real ones (split: %s), %" PRId64
                    " features of %s, resizer: %s. Weights of the extractor: ",
                    q->figure.n_generated, q->figure.n_real, q->split, q->features,
                    q->extractor, q->resizer);
            fputs("<span class=\"hash\">", page->file);
            ftl_html_text(page->file, q->hash);
            fputs("</span></p>\n", page->file);
        }
        if (e->contradicted) {
            fputs("<p class=\"foot\">Counts, ", page->file);
            ftl_page_write_role(page->file, metrics, i);
            fputs(": the classifier&#8217;s error rates on real images cannot have "
                  "given these shares, whatever the generator draws. It errs "
                  "otherwise on generated images, and the corrected figures mean "
                  "little.</p>\n",
                    page->file);
        }
        if (!e->note) continue;
        fputs("<p class=\"foot\">Note, ", page->file);
        ftl_page_write_role(page->file, metrics, i);
        fputs(": ", page->file);
        ftl_html_text(page->file, e->note);
        fputs("</p>\n", page->file);
    }
}

void ftl_page_measured(ftl_page *page) {
    const ftl_metrics *metrics = &page->source->metrics;
    if (metrics->n == 0) return;
    ftl_page_heading(page, "What was measured");
    fputs("<div class=\"wide\"><table>\n", page->file);
    ftl_page_table(page);
    fputs("Shares of the groups among generated images, as a classifier answers, and "
          "the fairness discrepancy FD. Corrected: by the classifier&#8217;s error "
          "rates on held-out real images. All latents are fresh: none was used to "
          "choose a checkpoint or to stop training. The classifier&#8217;s confidence "
          "is "
          "the mean probability that it gives its own answers: where it is far lower "
          "than elsewhere, it judges what it does not know.</caption>\n",
            page->file);
    write_head(page);
    write_row(page, "", "images shown, thousands (kimg)", write_kimg, 0);
    write_row(page, "", "images measured", write_images, 0);
    write_shares(page);
    write_row(page, " class=\"rule\"", "FD, naive", write_naive, 0);
    write_row(page, " class=\"main\"", "FD, corrected", write_corrected, 0);
    write_row(page, "",
            "\xe2\x80\x83"
            "95 % interval",
            write_interval, 0);
    write_row(page, "", "classifier\xe2\x80\x99s confidence", write_confidence, 0);
    write_quality(page);
    fputs("</tbody></table></div>\n", page->file);
    write_notes(page);
}
