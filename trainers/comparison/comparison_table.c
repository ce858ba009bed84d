/* comparison_table.c - ftl_results_print and its statistics. */
#include "trainers/comparison/comparison_results.h"

#include "trainers/metrics/quality.h"

#include <math.h>
#include <string.h>

enum { CELL = 32, MAX_VALUES = 10000 };

void ftl_results_mean(
        double *mean, double *deviation, int *n_used, const double *value, int n) {
    double sum = 0, squares = 0;
    *n_used = 0;
    for (int i = 0; i < n; i++) {
        if (isnan(value[i])) continue;
        sum += value[i];
        ++*n_used;
    }
    *mean = *n_used ? sum / *n_used : (double)NAN;
    for (int i = 0; i < n; i++)
        if (!isnan(value[i])) squares += (value[i] - *mean) * (value[i] - *mean);
    *deviation = *n_used > 1 ? sqrt(squares / (*n_used - 1)) : (double)NAN;
}

/* Which figure of which generator. */
typedef enum figure {
    LAST_FD,
    LAST_CORRECTED,
    LAST_FRECHET,
    BEST_CORRECTED,
    BEST_FRECHET,
    N_FIGURES,
} figure;

static double value_of(const ftl_result *r, figure which) {
    const ftl_compared_figures *f = which < BEST_CORRECTED ? &r->last : &r->best;
    if (r->failed || !f->has) return (double)NAN;
    if (which == LAST_FD) return f->fd;
    return which == LAST_CORRECTED || which == BEST_CORRECTED ? f->fd_corrected
                                                              : f->frechet;
}

/* Runs that a method has at a ratio. */
static int runs_of(const ftl_results *r, int method, int ratio) {
    return method < 0 ? 1 : r->n_runs[method * r->n_ratios + ratio];
}

/* A row of the table: all seeds of a method and ratio. */
typedef struct row {
    int method, ratio; /* -1: the pre-trained model */
    int n_done, n_failed;
    double mean[N_FIGURES], deviation[N_FIGURES];
} row;

static void fill(row *out, const ftl_results *r, int method, int ratio) {
    double value[MAX_VALUES];
    *out = (row) {.method = method, .ratio = ratio};
    for (int i = 0; i < r->n_results; i++) {
        if (r->result[i].method != method || r->result[i].ratio != ratio) continue;
        out->n_done += !r->result[i].failed;
        out->n_failed += r->result[i].failed;
    }
    for (int k = 0; k < N_FIGURES; k++) {
        int n = 0, n_used;
        for (int i = 0; i < r->n_results && n < MAX_VALUES; i++)
            if (r->result[i].method == method && r->result[i].ratio == ratio)
                value[n++] = value_of(&r->result[i], (figure)k);
        ftl_results_mean(&out->mean[k], &out->deviation[k], &n_used, value, n);
    }
}

static bool any(const ftl_results *r, figure which) {
    for (int i = 0; i < r->n_results; i++)
        if (!isnan(value_of(&r->result[i], which))) return true;
    return false;
}

/* As many digits in all of a column: its largest mean has four. */
static int decimals_of(const ftl_results *r, figure which) {
    double largest = 0;
    for (int i = 0; i < r->n_results; i++)
        largest = fmax(largest, fabs(value_of(&r->result[i], which)));
    return largest < 1 ? 4 : largest < 10 ? 3 : largest < 100 ? 2 : 1;
}

/* "0.1432 (0.0121)", "0.1432", "-". */
static const char *format(char cell[CELL], double mean, double deviation, int n) {
    if (isnan(mean)) return "-";
    if (isnan(deviation))
        snprintf(cell, CELL, "%.*f", n, mean);
    else
        snprintf(cell, CELL, "%.*f (%.*f)", n, mean, n, deviation);
    return cell;
}

static int width_of_names(const ftl_results *r) {
    size_t width = strlen("pre-trained");
    for (int i = 0; i < r->n_methods; i++)
        if (strlen(r->method[i]) > width) width = strlen(r->method[i]);
    return (int)width;
}

static void print_row(
        const row *out, const ftl_results *r, const bool *shown, FILE *file) {
    char cell[CELL], count[CELL], ratio[CELL] = "";
    const bool pretrained = out->method < 0;
    const int n = runs_of(r, out->method, out->ratio);
    snprintf(count, sizeof count, out->n_done == n ? "%d" : "%d of %d", out->n_done, n);
    if (!pretrained) snprintf(ratio, sizeof ratio, "%g", r->ratio[out->ratio]);
    fprintf(file, "%-*s  %6s  %8s", width_of_names(r),
            pretrained ? "pre-trained" : r->method[out->method], ratio,
            pretrained ? "" : count);
    for (int k = 0; k < N_FIGURES; k++)
        if (shown[k])
            fprintf(file, "  %18s",
                    format(cell, out->mean[k], out->deviation[k],
                            decimals_of(r, (figure)k)));
    if (out->n_failed) fprintf(file, "  %d failed", out->n_failed);
    fputc('\n', file);
}

/* The name that every distance has to carry. */
static const char *extractor_of(const ftl_results *r) {
    for (int i = 0; i < r->n_results; i++)
        if (r->result[i].last.extractor[0]) return r->result[i].last.extractor;
    return NULL;
}

static void print_head(const ftl_results *r, const bool *shown, FILE *file) {
    static const char *const above[] = {
            "last", "last", "last", "best by FD", "best by FD"};
    static const char *const below[] = {
            "FD", "FD, corrected", "frechet", "FD, corrected", "frechet"};
    fprintf(file, "\n%-*s  %6s  %8s", width_of_names(r), "", "", "");
    for (int k = 0; k < N_FIGURES; k++)
        if (shown[k]) fprintf(file, "  %18s", above[k]);
    fprintf(file, "\n%-*s  %6s  %8s", width_of_names(r), "method", "ratio", "seeds");
    const char *extractor = extractor_of(r);
    for (int k = 0; k < N_FIGURES; k++) {
        const bool fid = (k == LAST_FRECHET || k == BEST_FRECHET) && extractor &&
                         ftl_quality_is_fid(extractor);
        if (shown[k]) fprintf(file, "  %18s", fid ? "FID" : below[k]);
    }
    fputc('\n', file);
}

static void print_notes(const ftl_results *r, bool few, FILE *file) {
    const char *extractor = extractor_of(r);
    if (extractor && !ftl_quality_is_fid(extractor))
        fprintf(file, "frechet is in features of %s.\n", extractor);
    fprintf(file,
            "Mean (standard deviation) over seeds, which change the adaptation and the "
            "draw of the\nreference set. Neither deviations nor the intervals of "
            "compare.csv cover pre-training,\nof which there is one.\n");
    if (few)
        fprintf(file, "Of fewer than two seeds there is no deviation: a difference "
                      "may be chance.\n");
}

void ftl_results_print(const ftl_results *r, FILE *file) {
    bool shown[N_FIGURES], few = false;
    row out;
    for (int k = 0; k < N_FIGURES; k++)
        shown[k] = any(r, (figure)k);
    print_head(r, shown, file);
    fill(&out, r, -1, -1);
    print_row(&out, r, shown, file);
    for (int m = 0; m < r->n_methods; m++)
        for (int k = 0; k < r->n_ratios; k++) {
            if (!runs_of(r, m, k)) continue;
            fill(&out, r, m, k);
            few |= out.n_done < 2;
            print_row(&out, r, shown, file);
        }
    print_notes(r, few, file);
}
