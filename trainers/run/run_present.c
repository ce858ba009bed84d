/* run_present.c - the evaluate stage: the generators that there are, measured, and what
 * a run ends with. */
#include "datasets/grid.h"
#include "engine/base/log.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *method_of(const ftl_run_state *run) {
    const ftl_adapt_settings *settings = ftl_run_adaptation(run);
    return settings ? ftl_methods[settings->method]->name : "last";
}

/* "sneakers 91.05 %, trousers 8.95 %, FD 0.581"; NULL when memory is out. */
static const char *describe(ftl_run_state *run, const ftl_evaluation *e) {
    const char *text = "";
    for (int i = 0; text && i < e->n_groups; i++)
        text = ftl_arena_printf(
                run->arena, "%s%s %.2f %%, ", text, e->group[i], 100 * e->share[i]);
    return text ? ftl_arena_printf(run->arena, "%sFD %.3f", text, e->fd) : NULL;
}

/* samples/before-after.png: both grids, from the same latents. */
static ftl_status draw_comparison(
        ftl_run_state *run, const ftl_evaluation *last, const char *path) {
    const ftl_evaluation *first = run->metrics.evaluation[0];
    ftl_image left = {0}, right = {0}, both = {0};
    uint8_t *images = malloc((size_t)run->n_grid * ftl_pack_image_bytes(run->shape));
    if (!images) return ftl_fail(FTL_ENOMEM, "out of memory for a picture");
    ftl_status status = ftl_run_generate_grid(run, run->n_grid, images, NULL);
    if (status == FTL_OK)
        status = ftl_run_compose_grid(&left, run, run->n_grid, run->before);
    if (status == FTL_OK)
        status = ftl_run_compose_grid(&right, run, run->n_grid, images);
    const char *caption = NULL, *title = NULL;
    if (status == FTL_OK) {
        const char *was = describe(run, first), *is = describe(run, last);
        if (was && is)
            caption = ftl_arena_printf(run->arena,
                    "before: %s\nafter:  %s\n%" PRId64
                    " samples each; both grids from the same latents",
                    was, is, last->n_samples);
        title = ftl_arena_printf(run->arena, "after: %s", method_of(run));
        if (!caption || !title) status = FTL_ENOMEM;
    }
    if (status == FTL_OK)
        status = ftl_grid_compare(
                &both, &left, "before: pre-trained", &right, title, caption);
    if (status == FTL_OK) status = ftl_png_write(path, &both);
    free(images);
    ftl_image_deinit(&left);
    ftl_image_deinit(&right);
    ftl_image_deinit(&both);
    return status;
}

/* The evaluations of one stage, side by side. */
typedef struct columns {
    int first, n; /* of run->metrics */
    const char *when;
    bool all; /* `when` is in front of all, not only of the one that the run ends with
               */
} columns;

/* The title of a column: "after" where there is one; else what it is, with "after" in
 * front. NULL when memory is out. */
static const char *title(ftl_run_state *run, const columns *c, int i) {
    static const char *const names[FTL_N_KEPT] = {"last", "best", "best frechet"};
    const ftl_evaluation *e = run->metrics.evaluation[c->first + i];
    const char *text = "";
    if (e->checkpoint == FTL_KEPT_LAST && !e->also && c->n == 1) return c->when;
    for (int k = 0; text && k < FTL_N_KEPT; k++)
        if (k == e->checkpoint || e->also >> k & 1)
            text = ftl_arena_printf(
                    run->arena, "%s%s%s", text, text[0] ? " = " : "", names[k]);
    return text && (c->all || i == 0)
                   ? ftl_arena_printf(run->arena, "%s: %s", c->when, text)
                   : text;
}

/* Before the others: the smallest ftl_kept that it is. */
static int rank(const ftl_evaluation *e) {
    int i = 0;
    while (i != e->checkpoint && !(e->also >> i & 1))
        i++;
    return i;
}

typedef struct evaluations {
    const ftl_evaluation *column[2 * FTL_N_KEPT];
    const char *title[2 * FTL_N_KEPT];
    int n;
} evaluations;

/* The last one, the best by FD, the best by Frechet distance. */
static ftl_status add_columns(evaluations *out, ftl_run_state *run, const columns *c) {
    for (int r = 0; r < FTL_N_KEPT; r++)
        for (int i = 0; i < c->n; i++) {
            const ftl_evaluation *e = run->metrics.evaluation[c->first + i];
            if (rank(e) != r) continue;
            out->title[out->n] = title(run, c, i);
            if (!out->title[out->n]) return FTL_ENOMEM;
            out->column[out->n++] = e;
        }
    return FTL_OK;
}

/* The table of the last n evaluations, the one that the run ends with first among them,
 * beside those of before if there are some. */
static ftl_status print_evaluations(ftl_run_state *run, int n, int n_before) {
    const columns before = {0, n_before, "before", true},
                  after = {run->metrics.n - n, n, "after", false};
    evaluations all = {.n = 0};
    char *table;
    FTL_TRY(add_columns(&all, run, &before));
    FTL_TRY(add_columns(&all, run, &after));
    FTL_TRY(ftl_report_table(&table, all.column, all.title, all.n));
    ftl_log_progress_end();
    printf("\n%s", table);
    free(table);
    return FTL_OK;
}

/* Of the pre-trained generator and the best of its stage, which were measured first. */
static int count_before(const ftl_run_state *run) {
    const ftl_metrics *m = &run->metrics;
    int n = run->progress.has_before ? 1 : 0;
    while (n > 0 && n < m->n &&
            strcmp(m->evaluation[n]->stage, m->evaluation[0]->stage) == 0)
        n++;
    return n;
}

/* What a run ends with, the last n evaluations: a table, and where the picture is. */
static ftl_status present(ftl_run_state *run, int n, int n_before) {
    const ftl_evaluation *ended_with = run->metrics.evaluation[run->metrics.n - n];
    FTL_TRY(print_evaluations(run, n, n_before));
    if (n_before == 0) return FTL_OK;
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path_to_write(path, run, "samples/before-after.png"));
    FTL_TRY(draw_comparison(run, ended_with, path));
    printf("\nboth generators, side by side: %s\n", path);
    return FTL_OK;
}

/* The one that the run ends with is the first to be measured. */
ftl_status ftl_run_evaluate(ftl_run_state *run, const ftl_evaluate_settings *settings) {
    ftl_kept_generator generator[FTL_N_KEPT];
    const bool adapted = ftl_run_adaptation(run) != NULL;
    const int n = ftl_run_list_kept(run, generator), n_before = count_before(run);
    /* A generator that was only pre-trained was measured when it was ready. */
    if (!adapted && n_before > 0) return present(run, n_before, 0);
    for (int i = 0; i < n; i++)
        FTL_TRY(ftl_run_measure(
                run, ftl_run_gan_stage_name(run), &generator[i], settings));
    return present(run, n, n_before);
}
