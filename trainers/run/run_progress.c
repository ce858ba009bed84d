/* run_progress.c - where a run is <-> numbers of a checkpoint. */
#include "checkpoints/checkpoint.h"
#include "trainers/run/run_state.h"

#include <string.h>

/* The numbers of ftl_progress, by name, for writing and reading alike. */
typedef struct number {
    const char *name;
    int64_t *integer;
    bool *flag;
} number;

#define N_NUMBERS 11 /* and the empty one that ends the list */

static void list_numbers(ftl_progress *p, number out[N_NUMBERS]) {
    number all[N_NUMBERS] = {
            {.name = "stage", .integer = &p->stage},
            {.name = "step", .integer = &p->step},
            {.name = "tick", .integer = &p->tick},
            {.name = "images", .integer = &p->images},
            {.name = "n_looks", .integer = &p->n_looks},
            {.name = "kept", .integer = &p->kept},
            {.name = "last_images", .integer = &p->last_images},
            {.name = "has_confusion", .flag = &p->has_confusion},
            {.name = "has_before", .flag = &p->has_before},
            {.name = "gan_stage", .integer = &p->gan_stage},
    };
    memcpy(out, all, sizeof all);
}

/* Those of the best looks: {value, step, look}, under the generator's name. */
static ftl_status put_best(ftl_checkpoint_writer *w, const ftl_progress *p) {
    const int64_t n = 3;
    for (int i = FTL_KEPT_BEST_FD; i < FTL_N_KEPT; i++) {
        const ftl_best *best = &p->best[i];
        if (best->has)
            FTL_TRY(ftl_checkpoint_put(w, ftl_kept_names[i], FTL_H5_F64, 1, &n,
                    (double[]) {best->value, (double)best->step, (double)best->look}));
    }
    return FTL_OK;
}

static ftl_status get_best(ftl_checkpoint *c, ftl_progress *p) {
    const int64_t n = 3;
    for (int i = FTL_KEPT_BEST_FD; i < FTL_N_KEPT; i++) {
        double values[3];
        p->best[i] = (ftl_best) {0};
        if (!ftl_checkpoint_has(c, ftl_kept_names[i])) continue;
        FTL_TRY(ftl_checkpoint_get(c, ftl_kept_names[i], FTL_H5_F64, 1, &n, values));
        p->best[i] = (ftl_best) {.has = true,
                .value = values[0],
                .step = (int64_t)values[1],
                .look = (int64_t)values[2]};
    }
    return FTL_OK;
}

/* Of the groups that there are: [FTL_MAX_LOOKS][n_groups]. */
static ftl_status put_looks(
        ftl_checkpoint_writer *w, const ftl_progress *p, int n_groups) {
    double share[FTL_MAX_LOOKS * FTL_FAIRNESS_MAX_GROUPS];
    for (int i = 0; i < FTL_MAX_LOOKS; i++)
        memcpy(share + i * n_groups, p->looks[i], (size_t)n_groups * sizeof *share);
    return ftl_checkpoint_put(
            w, "looks", FTL_H5_F64, 2, (int64_t[]) {FTL_MAX_LOOKS, n_groups}, share);
}

static ftl_status get_looks(ftl_checkpoint *c, ftl_progress *p, int n_groups) {
    double share[FTL_MAX_LOOKS * FTL_FAIRNESS_MAX_GROUPS];
    FTL_TRY(ftl_checkpoint_get(
            c, "looks", FTL_H5_F64, 2, (int64_t[]) {FTL_MAX_LOOKS, n_groups}, share));
    memset(p->looks, 0, sizeof p->looks);
    for (int i = 0; i < FTL_MAX_LOOKS; i++)
        memcpy(p->looks[i], share + i * n_groups, (size_t)n_groups * sizeof *share);
    return FTL_OK;
}

ftl_status ftl_run_put_progress(
        ftl_checkpoint_writer *w, ftl_progress *p, int n_groups) {
    number numbers[N_NUMBERS];
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++)
        FTL_TRY(ftl_checkpoint_put_i64(
                w, at->name, at->integer ? *at->integer : *at->flag));
    FTL_TRY(ftl_checkpoint_put_i64(w, "n_stats", p->n_stats));
    FTL_TRY(put_best(w, p));
    return put_looks(w, p, n_groups);
}

ftl_status ftl_run_get_progress(ftl_checkpoint *c, ftl_progress *p, int n_groups) {
    number numbers[N_NUMBERS];
    int64_t value;
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++) {
        FTL_TRY(ftl_checkpoint_i64(c, at->name, &value));
        if (at->integer)
            *at->integer = value;
        else
            *at->flag = value != 0;
    }
    p->n_stats = -1; /* older checkpoints do not have it */
    if (ftl_checkpoint_has(c, "n_stats"))
        FTL_TRY(ftl_checkpoint_i64(c, "n_stats", &p->n_stats));
    FTL_TRY(get_best(c, p));
    return get_looks(c, p, n_groups);
}

bool ftl_run_trains_classifier(const ftl_run_state *run) {
    int64_t stage = run->progress.stage;
    return stage < run->settings.run.n &&
           run->settings.run.item[stage].kind == FTL_STAGE_CLASSIFIER;
}
