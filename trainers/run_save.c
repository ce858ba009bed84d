/* run_save.c - the whole state of a run <-> a checkpoint. */
#include "checkpoints/checkpoint.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "trainers/run_state.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The optimiser's part is only worth keeping while its network trains. */
static ftl_status put_adam(
        ftl_checkpoint_writer *w, const char *name, const ftl_adam *adam) {
    char full[64];
    int64_t n = adam->store->n_states;
    snprintf(full, sizeof full, "adam.%s.moment2", name);
    FTL_TRY(ftl_checkpoint_put_block(w, full, adam->store, adam->moment2));
    if (adam->has_moment1) {
        snprintf(full, sizeof full, "adam.%s.moment1", name);
        FTL_TRY(ftl_checkpoint_put_block(w, full, adam->store, adam->moment1));
    }
    snprintf(full, sizeof full, "adam.%s.steps", name);
    return ftl_checkpoint_put(w, full, FTL_H5_I64, 1, &n, adam->steps);
}

static ftl_status get_adam(ftl_checkpoint *c, const char *name, ftl_adam *adam) {
    char full[64];
    int64_t n = adam->store->n_states;
    snprintf(full, sizeof full, "adam.%s.moment2", name);
    FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment2));
    if (adam->has_moment1) {
        snprintf(full, sizeof full, "adam.%s.moment1", name);
        FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment1));
    }
    snprintf(full, sizeof full, "adam.%s.steps", name);
    return ftl_checkpoint_get(c, full, FTL_H5_I64, 1, &n, adam->steps);
}

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
            {.name = "best_step", .integer = &p->best_step},
            {.name = "has_best", .flag = &p->has_best},
            {.name = "has_confusion", .flag = &p->has_confusion},
            {.name = "has_before", .flag = &p->has_before},
            {.name = "adapting", .flag = &p->adapting},
    };
    memcpy(out, all, sizeof all);
}

static ftl_status put_progress(ftl_checkpoint_writer *w, ftl_progress *p) {
    number numbers[N_NUMBERS];
    int64_t n = FTL_MAX_LOOKS;
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++)
        FTL_TRY(ftl_checkpoint_put_i64(
                w, at->name, at->integer ? *at->integer : *at->flag));
    if (p->has_best) FTL_TRY(ftl_checkpoint_put_f64(w, "best_fd", p->best_fd));
    return ftl_checkpoint_put(w, "looks", FTL_H5_F64, 1, &n, p->looks);
}

static ftl_status get_progress(ftl_checkpoint *c, ftl_progress *p) {
    number numbers[N_NUMBERS];
    int64_t n = FTL_MAX_LOOKS, value;
    list_numbers(p, numbers);
    for (const number *at = numbers; at->name; at++) {
        FTL_TRY(ftl_checkpoint_i64(c, at->name, &value));
        if (at->integer)
            *at->integer = value;
        else
            *at->flag = value != 0;
    }
    if (p->has_best) FTL_TRY(ftl_checkpoint_f64(c, "best_fd", &p->best_fd));
    return ftl_checkpoint_get(c, "looks", FTL_H5_F64, 1, &n, p->looks);
}

static bool classifier_trains(const ftl_run_state *run) {
    int64_t stage = run->progress.stage;
    return stage < run->settings.run.n &&
           run->settings.run.item[stage].kind == FTL_STAGE_CLASSIFIER;
}

static ftl_status put_everything(ftl_checkpoint_writer *w, ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    char *metrics;
    FTL_TRY(ftl_checkpoint_put_text(w, "config", run->resolved));
    FTL_TRY(ftl_checkpoint_put_text(w, "environment", run->environment));
    FTL_TRY(ftl_metrics_render(&run->metrics, &metrics));
    ftl_status status = ftl_checkpoint_put_text(w, "metrics", metrics);
    free(metrics);
    FTL_TRY(status);
    FTL_TRY(ftl_checkpoint_put_i64(w, "channels", run->gan.options.channels));
    FTL_TRY(put_progress(w, &run->progress));
    FTL_TRY(ftl_checkpoint_put_store(w, run->classifier.store));
    if (classifier_trains(run)) FTL_TRY(put_adam(w, "C", &run->classifier.adam));
    FTL_TRY(ftl_checkpoint_put(
            w, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g));
    FTL_TRY(ftl_checkpoint_put_store(w, run->gan.g_ema));
    FTL_TRY(put_adam(w, "G", &run->gan.g_adam));
    for (int i = 0; i < run->gan.n_d; i++) {
        FTL_TRY(ftl_checkpoint_put_store(w, run->gan.d[i].store));
        if (run->gan.d[i].trainable)
            FTL_TRY(put_adam(w, run->gan.d[i].store->name, &run->gan.d[i].adam));
    }
    if (run->progress.has_best) FTL_TRY(ftl_checkpoint_put_store(w, run->g_best));
    if (run->progress.has_before) {
        int64_t px = run->gan.options.resolution;
        FTL_TRY(ftl_checkpoint_put(w, "before", FTL_H5_U8, 4,
                (int64_t[]) {run->n_grid, px, px, run->gan.options.channels},
                run->before));
    }
    return FTL_OK;
}

ftl_status ftl_run_save(ftl_run_state *run, const char *name) {
    ftl_checkpoint_writer *writer;
    const char *path = ftl_run_path(run, "checkpoints/%s.h5", name);
    if (!path) return FTL_ENOMEM;
    FTL_TRY(ftl_checkpoint_begin(&writer, "training"));
    ftl_status status = put_everything(writer, run);
    if (status == FTL_OK) status = ftl_checkpoint_save(writer, path, NULL);
    ftl_checkpoint_discard(writer);
    if (status == FTL_OK) ftl_log_info("saved checkpoints/%s.h5", name);
    return status;
}

static ftl_status get_everything(ftl_checkpoint *c, ftl_run_state *run) {
    int64_t k = run->data.splits.n_groups;
    const char *metrics;
    FTL_TRY(get_progress(c, &run->progress));
    FTL_TRY(ftl_checkpoint_text(c, "metrics", &metrics));
    FTL_TRY(ftl_metrics_parse(&run->metrics, metrics));
    FTL_TRY(ftl_checkpoint_get_store(c, "C", run->classifier.store));
    if (classifier_trains(run)) FTL_TRY(get_adam(c, "C", &run->classifier.adam));
    FTL_TRY(ftl_checkpoint_get(
            c, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion));
    FTL_TRY(ftl_checkpoint_get_store(c, "G", run->gan.g));
    FTL_TRY(ftl_checkpoint_get_store(c, "G_ema", run->gan.g_ema));
    FTL_TRY(ftl_gan_reset_optimisers(&run->gan, ftl_run_keeps_moment1(run)));
    FTL_TRY(get_adam(c, "G", &run->gan.g_adam));
    FTL_TRY(ftl_checkpoint_get_store(c, "D", run->gan.d[0].store));
    FTL_TRY(get_adam(c, "D", &run->gan.d[0].adam));
    if (ftl_checkpoint_has(c, "D_s.linear.weight")) {
        FTL_TRY(ftl_gan_add_frozen(&run->gan, "D_s", 0));
        FTL_TRY(ftl_checkpoint_get_store(c, "D_s", run->gan.d[1].store));
    }
    if (run->progress.has_best)
        FTL_TRY(ftl_checkpoint_get_store(c, "G_best", run->g_best));
    if (run->progress.has_before) {
        int64_t px = run->gan.options.resolution;
        FTL_TRY(ftl_checkpoint_get(c, "before", FTL_H5_U8, 4,
                (int64_t[]) {run->n_grid, px, px, run->gan.options.channels},
                run->before));
    }
    return ftl_checkpoint_finish(c, NULL);
}

/* The same bits follow only from the same binary, libraries and threads. */
static ftl_status check_environment(ftl_checkpoint *c, ftl_run_state *run) {
    const char *was;
    FTL_TRY(ftl_checkpoint_text(c, "environment", &was));
    const char *difference =
            ftl_environment_difference(run->arena, was, run->environment);
    if (!difference[0]) return FTL_OK;
    if (!run->options->inexact)
        return ftl_fail(FTL_EINPUT,
                "%s was written under other circumstances: %s; the run would not end "
                "with the same bytes. --inexact goes on all the same",
                ftl_checkpoint_path(c), difference);
    ftl_log_warning("resuming under other circumstances: %s", difference);
    return ftl_metrics_note(&run->metrics, difference);
}

static ftl_status check_config(ftl_checkpoint *c, ftl_run_state *run) {
    const char *was;
    FTL_TRY(ftl_checkpoint_text(c, "config", &was));
    if (strcmp(was, run->resolved) == 0) return FTL_OK;
    /* Show the first line that differs. */
    const char *a = was, *b = run->resolved;
    while (strcspn(a, "\n") == strcspn(b, "\n") &&
            strncmp(a, b, strcspn(a, "\n")) == 0 && *a && *b) {
        a += strcspn(a, "\n") + 1;
        b += strcspn(b, "\n") + 1;
    }
    return ftl_fail(FTL_ECONFIG,
            "%s was written with another configuration: \"%.*s\" there, \"%.*s\" here; "
            "resume with the same one, or give another --out",
            ftl_checkpoint_path(c), (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
}

ftl_status ftl_run_load(ftl_run_state *run, const char *path) {
    ftl_checkpoint *c;
    FTL_TRY(ftl_checkpoint_open(&c, path));
    ftl_status status = ftl_checkpoint_check_kind(c, "training", "to resume");
    if (status == FTL_OK) status = check_config(c, run);
    if (status == FTL_OK) status = get_everything(c, run);
    if (status == FTL_OK) status = check_environment(c, run);
    ftl_checkpoint_close(c);
    return status;
}

ftl_status ftl_run_load_from(ftl_run_state *run, const char *path) {
    /* Moments, position and history belong to the run that wrote them. */
    static const char *const other[] = {
            "adam.", "D_s.", "G_best.", "looks", "before", "confusion", NULL};
    static const char *const other_and_c[] = {
            "adam.", "D_s.", "G_best.", "looks", "before", "confusion", "C.", NULL};
    ftl_checkpoint *c;
    FTL_TRY(ftl_checkpoint_open(&c, path));
    ftl_status status = ftl_checkpoint_check_kind(c, "training", "to adapt");
    int64_t judged = 0, k = run->data.splits.n_groups;
    if (status == FTL_OK) status = ftl_checkpoint_get_store(c, "G", run->gan.g);
    if (status == FTL_OK) status = ftl_checkpoint_get_store(c, "G_ema", run->gan.g_ema);
    if (status == FTL_OK)
        status = ftl_checkpoint_get_store(c, "D", run->gan.d[0].store);
    if (status == FTL_OK) status = ftl_checkpoint_i64(c, "has_confusion", &judged);
    /* A classifier stage of this run trains one anew; otherwise the file's is used. */
    bool own = false;
    for (int i = 0; i < run->settings.run.n; i++)
        own |= run->settings.run.item[i].kind == FTL_STAGE_CLASSIFIER;
    if (status == FTL_OK && judged && !own) {
        status = ftl_checkpoint_get_store(c, "C", run->classifier.store);
        if (status == FTL_OK)
            status = ftl_checkpoint_get(
                    c, "confusion", FTL_H5_I64, 2, (int64_t[]) {k, k}, run->confusion);
        run->progress.has_confusion = true;
    }
    if (status == FTL_OK)
        status = ftl_checkpoint_finish(
                c, run->progress.has_confusion ? other : other_and_c);
    ftl_checkpoint_close(c);
    return status;
}

/* Rolling checkpoints are called step-<tick>.h5. */
static bool rolling_tick(const char *name, int64_t *tick) {
    int end = 0;
    return sscanf(name, "step-%" SCNd64 ".h5%n", tick, &end) == 1 && end > 0 &&
           name[end] == 0;
}

typedef ftl_status file_visitor(ftl_run_state *run, const char *name, void *context);

static ftl_status visit_checkpoints(
        ftl_run_state *run, file_visitor *visit, void *context) {
    const char *path = ftl_run_path(run, "checkpoints");
    if (!path) return FTL_ENOMEM;
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT ? FTL_OK
                               : ftl_fail(FTL_EIO, "%s: %s", path, strerror(errno));
    ftl_status status = FTL_OK;
    for (struct dirent *entry; status == FTL_OK && (entry = readdir(directory));) {
        size_t n = strlen(entry->d_name);
        if (n > 3 && strcmp(entry->d_name + n - 3, ".h5") == 0)
            status = visit(run, entry->d_name, context);
    }
    closedir(directory);
    return status;
}

typedef struct newest {
    int64_t tick, stage;
    const char *path;
} newest;

/* At the end of a stage two files may have the same tick: the later stage is newer. */
static ftl_status find_newest(ftl_run_state *run, const char *name, void *context) {
    newest *best = context;
    ftl_checkpoint *c;
    int64_t tick, stage;
    const char *path = ftl_run_path(run, "checkpoints/%s", name);
    if (!path) return FTL_ENOMEM;
    FTL_TRY(ftl_checkpoint_open(&c, path));
    ftl_status status = ftl_checkpoint_i64(c, "tick", &tick);
    if (status == FTL_OK) status = ftl_checkpoint_i64(c, "stage", &stage);
    ftl_checkpoint_close(c);
    FTL_TRY(status);
    if (best->path &&
            (tick < best->tick || (tick == best->tick && stage <= best->stage)))
        return FTL_OK;
    *best = (newest) {.tick = tick, .stage = stage, .path = path};
    return FTL_OK;
}

ftl_status ftl_run_find_newest(ftl_run_state *run, const char **path) {
    newest best = {.path = NULL};
    FTL_TRY(visit_checkpoints(run, find_newest, &best));
    *path = best.path;
    return FTL_OK;
}

/* Ticks of the two newest rolling checkpoints. */
static ftl_status find_two(ftl_run_state *run, const char *name, void *context) {
    int64_t *two = context, tick;
    (void)run;
    if (!rolling_tick(name, &tick)) return FTL_OK;
    if (tick > two[0]) {
        two[1] = two[0];
        two[0] = tick;
    } else if (tick > two[1]) {
        two[1] = tick;
    }
    return FTL_OK;
}

static ftl_status drop_older(ftl_run_state *run, const char *name, void *context) {
    const int64_t *oldest = context;
    int64_t tick;
    if (!rolling_tick(name, &tick) || tick >= *oldest) return FTL_OK;
    const char *path = ftl_run_path(run, "checkpoints/%s", name);
    if (!path) return FTL_ENOMEM;
    if (unlink(path) != 0 && errno != ENOENT)
        ftl_log_warning("%s: cannot be removed: %s", path, strerror(errno));
    return FTL_OK;
}

ftl_status ftl_run_save_rolling(ftl_run_state *run) {
    char name[32];
    int64_t two[2] = {-1, -1};
    snprintf(name, sizeof name, "step-%08" PRId64, run->progress.tick);
    FTL_TRY(ftl_run_save(run, name));
    FTL_TRY(visit_checkpoints(run, find_two, two));
    return visit_checkpoints(run, drop_older, &two[1]);
}

void ftl_run_drop_rolling(ftl_run_state *run) {
    int64_t all = INT64_MAX;
    if (visit_checkpoints(run, drop_older, &all) != FTL_OK) {
        ftl_log_warning("old checkpoints are left: %s", ftl_message());
        ftl_clear();
    }
}
