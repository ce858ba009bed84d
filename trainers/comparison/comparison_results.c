/* comparison_results.c - from metrics.json of runs to compare.csv; planned.csv. */
#include "trainers/comparison/comparison_results.h"

#include "engine/base/file.h"
#include "engine/base/memory_file.h"
#include "trainers/metrics/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------- from a run */

static bool is_adapted(const ftl_evaluation *e) {
    return strncmp(e->stage, "adapt", 5) == 0;
}

/* Of the same stage as `of` (NULL: of any), the newest that is such a generator. */
static const ftl_evaluation *find(const ftl_metrics *metrics, bool adapted,
        ftl_kept kept, const ftl_evaluation *of) {
    for (int i = metrics->n - 1; i >= 0; i--) {
        const ftl_evaluation *e = metrics->evaluation[i];
        if (is_adapted(e) != adapted || (of && strcmp(e->stage, of->stage) != 0))
            continue;
        if (e->checkpoint == (int)kept || (e->also >> kept & 1)) return e;
    }
    return NULL;
}

static void take(ftl_compared_figures *out, const ftl_evaluation *e) {
    *out = (ftl_compared_figures) {.frechet = NAN};
    if (!e) return;
    out->has = true;
    out->fd = e->fd;
    out->fd_corrected = e->fd_corrected;
    out->fd_interval[0] = e->fd_interval[0];
    out->fd_interval[1] = e->fd_interval[1];
    if (!e->quality.extractor || !e->quality.figure.has[FTL_QUALITY_FRECHET]) return;
    out->frechet = e->quality.figure.frechet;
    snprintf(out->extractor, sizeof out->extractor, "%s", e->quality.extractor);
}

static ftl_status read_figures(
        ftl_result *out, const ftl_metrics *metrics, const char *path, bool adapted) {
    const ftl_evaluation *last = find(metrics, adapted, FTL_KEPT_LAST, NULL);
    if (!last)
        return ftl_fail(
                FTL_EFORMAT, "%s: has no evaluation of the last generator", path);
    take(&out->last, last);
    take(&out->best, adapted ? find(metrics, adapted, FTL_KEPT_BEST_FD, last) : NULL);
    return FTL_OK;
}

ftl_status ftl_result_read(ftl_result *out, const char *metrics_path, bool adapted) {
    char *text;
    size_t n;
    ftl_metrics metrics;
    FTL_TRY(ftl_file_read(&text, &n, metrics_path));
    ftl_status status = ftl_metrics_init(&metrics);
    if (status == FTL_OK) status = ftl_metrics_parse(&metrics, text);
    if (status == FTL_OK) status = read_figures(out, &metrics, metrics_path, adapted);
    ftl_metrics_deinit(&metrics);
    free(text);
    return status;
}

/* ----------------------------------------------------------------------- the file */

static void write_line(FILE *to, const ftl_results *r, const ftl_result *result,
        const ftl_compared_figures *f, const char *checkpoint) {
    if (result->method < 0)
        fputs("pre-trained,,", to);
    else
        fprintf(to, "%s,%g,%" PRId64, r->method[result->method],
                r->ratio[result->ratio], r->seed[result->seed]);
    if (f->has)
        fprintf(to, ",%.9g,%.9g,%.9g,%.9g,", f->fd, f->fd_corrected, f->fd_interval[0],
                f->fd_interval[1]);
    else
        fputs(",,,,,", to);
    if (f->has && !isnan(f->frechet)) fprintf(to, "%.9g", f->frechet);
    fprintf(to, ",%s,%s,%.1f\n", f->has ? f->extractor : "", checkpoint,
            result->seconds);
}

static void write_result(FILE *to, const ftl_results *r, const ftl_result *result) {
    static const ftl_compared_figures nothing;
    if (result->failed) {
        write_line(to, r, result, &nothing, "failed");
        return;
    }
    write_line(to, r, result, &result->last, "last");
    if (result->best.has) write_line(to, r, result, &result->best, "best");
}

/* The result of a method, ratio and seed; NULL: there is none yet. */
static const ftl_result *result_of(
        const ftl_results *r, int method, int ratio, int seed) {
    for (int i = 0; i < r->n_results; i++)
        if (r->result[i].method == method && r->result[i].ratio == ratio &&
                r->result[i].seed == seed)
            return &r->result[i];
    return NULL;
}

static void write_all(FILE *to, const ftl_results *r) {
    fputs("method,ratio,seed,fd,fd_corrected,fd_lo,fd_hi,frechet,extractor,checkpoint,"
          "seconds\n",
            to);
    const ftl_result *result = result_of(r, -1, -1, -1);
    if (result) write_result(to, r, result);
    for (int m = 0; m < r->n_methods; m++)
        for (int k = 0; k < r->n_ratios; k++)
            for (int s = 0; s < r->n_seeds; s++)
                if ((result = result_of(r, m, k, s))) write_result(to, r, result);
}

static void write_planned(FILE *to, const ftl_results *r) {
    fputs("method,ratio,runs\n", to);
    for (int m = 0; m < r->n_methods; m++)
        for (int k = 0; k < r->n_ratios; k++)
            if (r->n_runs[m * r->n_ratios + k])
                fprintf(to, "%s,%g,%d\n", r->method[m], r->ratio[k],
                        r->n_runs[m * r->n_ratios + k]);
}

static ftl_status write_file(const ftl_results *results, const char *path,
        void (*write)(FILE *to, const ftl_results *r)) {
    char *text;
    size_t n_bytes;
    ftl_memory_file to;
    FTL_TRY(ftl_memory_file_open(&to, path));
    write(to.file, results);
    FTL_TRY(ftl_memory_file_close(&to, FTL_OK, &text, &n_bytes));
    const ftl_status status = ftl_file_write(path, text, n_bytes);
    free(text);
    return status;
}

ftl_status ftl_results_write_csv(const ftl_results *results, const char *path) {
    return write_file(results, path, write_all);
}

ftl_status ftl_results_write_planned(const ftl_results *results, const char *path) {
    return write_file(results, path, write_planned);
}
