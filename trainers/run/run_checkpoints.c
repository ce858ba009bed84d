/* run_checkpoints.c - the files of a run's folder checkpoints/: one for each stage that
 * ended, called like the stage, the best of GAN stages, and the two newest rolling
 * ones, called step-<tick>. */
#include "checkpoints/checkpoint.h"
#include "engine/base/log.h"
#include "trainers/run/run_opened.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool rolling_tick(const char *name, int64_t *tick) {
    int end = 0;
    return sscanf(name, "step-%" SCNd64 ".h5%n", tick, &end) == 1 && end > 0 &&
           name[end] == 0;
}

typedef ftl_status file_visitor(ftl_run_state *run, const char *name, void *context);

static ftl_status visit_checkpoints(
        ftl_run_state *run, file_visitor *visit, void *context) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "checkpoints"));
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
    char name[256]; /* "": none so far */
    int n_damaged;
} newest;

/* *tick is -1 if no run goes on from it. */
static ftl_status read_position(const char *path, int64_t *tick, int64_t *stage) {
    ftl_checkpoint *c;
    FTL_TRY(ftl_checkpoint_open(&c, path));
    *tick = -1;
    if (strcmp(ftl_checkpoint_kind(c), FTL_RUN_GENERATOR) == 0) {
        ftl_checkpoint_close(c);
        return FTL_OK;
    }
    ftl_status status = ftl_checkpoint_i64(c, "tick", tick);
    if (status == FTL_OK) status = ftl_checkpoint_i64(c, "stage", stage);
    ftl_checkpoint_close(c);
    return status;
}

/* At the end of a stage two files may have the same tick: the later stage is newer.
 * Going on from an older file than the newest gives the same bytes, so a damaged one
 * costs time, not the run. */
static ftl_status find_newest(ftl_run_state *run, const char *name, void *context) {
    newest *best = context;
    int64_t tick, stage;
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "checkpoints/%s", name));
    ftl_status status = read_position(path, &tick, &stage);
    if (status == FTL_EFORMAT) {
        ftl_log_warning("not resumed from: %s", ftl_message());
        ftl_clear();
        best->n_damaged++;
        return FTL_OK;
    }
    FTL_TRY(status);
    if (tick < 0) return FTL_OK;
    if (best->name[0] &&
            (tick < best->tick || (tick == best->tick && stage <= best->stage)))
        return FTL_OK;
    best->tick = tick;
    best->stage = stage;
    snprintf(best->name, sizeof best->name, "%s", name);
    return FTL_OK;
}

ftl_status ftl_run_find_newest(ftl_run_state *run, const char **path) {
    newest best = {.tick = -1};
    *path = NULL;
    FTL_TRY(visit_checkpoints(run, find_newest, &best));
    if (best.name[0]) {
        *path = ftl_arena_printf(
                run->arena, "%s/checkpoints/%s", run->directory, best.name);
        return *path ? FTL_OK : FTL_ENOMEM;
    }
    if (!best.n_damaged) return FTL_OK;
    return ftl_fail(FTL_EFORMAT,
            "%s/checkpoints: none of the %d files can be resumed from; another --out "
            "starts anew",
            run->directory, best.n_damaged);
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
    char path[FTL_RUN_PATH_BYTES];
    if (!rolling_tick(name, &tick) || tick >= *oldest) return FTL_OK;
    FTL_TRY(ftl_run_path(path, run, "checkpoints/%s", name));
    if (unlink(path) != 0 && errno != ENOENT)
        ftl_log_warning("%s: cannot be removed: %s", path, strerror(errno));
    return FTL_OK;
}

ftl_status ftl_run_save_rolling(ftl_run_state *run) {
    char name[32];
    int64_t two[2] = {-1, -1};
    if (run->saved_tick == run->progress.tick &&
            run->saved_stage == run->progress.stage)
        return FTL_OK;
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
