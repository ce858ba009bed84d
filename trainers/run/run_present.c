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

/* The column of one that was adapted: "after" where there is one; else what it is, with
 * "after" in front of the one that the run ends with. NULL when memory is out. */
static const char *title(ftl_run_state *run, const ftl_evaluation *e, bool kept) {
    static const char *const names[FTL_N_KEPT] = {"last", "best", "best frechet"};
    const char *text = "";
    if (e->checkpoint == FTL_KEPT_LAST && !e->also && kept &&
            run->metrics.evaluation[run->metrics.n - 1] == e)
        return "after";
    for (int i = 0; text && i < FTL_N_KEPT; i++)
        if (i == e->checkpoint || e->also >> i & 1)
            text = ftl_arena_printf(
                    run->arena, "%s%s%s", text, text[0] ? " = " : "", names[i]);
    return text && kept ? ftl_arena_printf(run->arena, "after: %s", text) : text;
}

/* Before the others: the smallest ftl_kept that it is. */
static int rank(const ftl_evaluation *e) {
    int i = 0;
    while (i != e->checkpoint && !(e->also >> i & 1))
        i++;
    return i;
}

/* The table of the last n evaluations, the one that the run ends with first among them,
 * beside the one before if there is one. */
static ftl_status print_evaluations(ftl_run_state *run, int n, bool compares) {
    const ftl_evaluation *column[FTL_N_KEPT + 1];
    const char *titles[FTL_N_KEPT + 1];
    char *table;
    int n_columns = 0;
    if (compares) {
        titles[0] = "before";
        column[n_columns++] = run->metrics.evaluation[0];
    }
    for (int r = 0; r < FTL_N_KEPT; r++)
        for (int i = 0; i < n; i++) {
            const ftl_evaluation *e = run->metrics.evaluation[run->metrics.n - n + i];
            if (rank(e) != r) continue;
            titles[n_columns] = title(run, e, i == 0);
            if (!titles[n_columns]) return FTL_ENOMEM;
            column[n_columns++] = e;
        }
    FTL_TRY(ftl_report_table(&table, column, titles, n_columns));
    ftl_log_progress_end();
    printf("\n%s", table);
    free(table);
    return FTL_OK;
}

/* What a run ends with: a table, and where the picture is. */
static ftl_status present(ftl_run_state *run, int n) {
    const ftl_evaluation *ended_with = run->metrics.evaluation[run->metrics.n - n];
    const bool compares = run->progress.has_before && run->metrics.n > n;
    FTL_TRY(print_evaluations(run, n, compares));
    if (!compares) return FTL_OK;
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
    const int n = ftl_run_list_kept(run, generator);
    /* A generator that was only pre-trained was measured when it was ready. */
    if (!adapted && run->progress.has_before) return present(run, 1);
    for (int i = 0; i < n; i++)
        FTL_TRY(ftl_run_measure(
                run, ftl_run_gan_stage_name(run), &generator[i], settings));
    return present(run, n);
}
