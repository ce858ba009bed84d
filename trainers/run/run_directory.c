/* run_directory.c - the directory of a run: whose it is, and leaving no trace of a run
 * that was refused. */
#include "datasets/importer.h"
#include "engine/base/file.h"
#include "engine/base/lock.h"
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static ftl_status format_path(char path[FTL_RUN_PATH_BYTES], const ftl_run_state *run,
        const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
static ftl_status format_path(char path[FTL_RUN_PATH_BYTES], const ftl_run_state *run,
        const char *format, va_list arguments) {
    int n = snprintf(path, FTL_RUN_PATH_BYTES, "%s/", run->directory);
    if (n > 0 && n < FTL_RUN_PATH_BYTES) {
        int more = vsnprintf(
                path + n, (size_t)(FTL_RUN_PATH_BYTES - n), format, arguments);
        if (more >= 0 && n + more < FTL_RUN_PATH_BYTES) return FTL_OK;
    }
    return ftl_fail(FTL_EINPUT, "%.64s...: this path is too long for a run's directory",
            run->directory);
}

ftl_status ftl_run_path(char path[FTL_RUN_PATH_BYTES], const ftl_run_state *run,
        const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ftl_status status = format_path(path, run, format, arguments);
    va_end(arguments);
    return status;
}

ftl_status ftl_run_path_to_write(char path[FTL_RUN_PATH_BYTES],
        const ftl_run_state *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ftl_status status = format_path(path, run, format, arguments);
    va_end(arguments);
    FTL_TRY(status);
    status = ftl_lock_check(run->lock, run->directory);
    if (status != FTL_OK) (void)ftl_log_open(NULL); /* its name is no longer ours */
    return status;
}

ftl_status ftl_run_directory_explain(const ftl_run_state *run, ftl_status status) {
    char message[1024]; /* as long as they are */
    if (run->lock < 0 || (status != FTL_EIO && status != FTL_EINPUT)) return status;
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    if (ftl_lock_check(run->lock, run->directory)) return FTL_EIO;
    return ftl_fail(status, "%s", message);
}

ftl_status ftl_run_directory_choose(ftl_run_state *run) {
    run->directory = run->options->out;
    if (run->directory && run->directory[0]) return FTL_OK;
    if (run->directory)
        return ftl_fail(FTL_ECONFIG, "--out: the name of a directory is needed");
    const char *base = strrchr(run->options->config, '/');
    base = base ? base + 1 : run->options->config;
    run->directory =
            ftl_arena_printf(run->arena, "runs/%.*s", (int)strcspn(base, "."), base);
    return run->directory ? FTL_OK : FTL_ENOMEM;
}

/* A run is there as soon as there is a config.yaml. Checkpoints count too, so that
 * nobody's work is lost when that file is. */
static ftl_status find_run(const ftl_run_state *run, bool *found) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "config.yaml"));
    *found = ftl_file_exists(path);
    if (*found) return FTL_OK;
    FTL_TRY(ftl_run_path(path, run, "checkpoints"));
    *found = ftl_directory_occupied(path);
    return FTL_OK;
}

/* What was begun with another configuration is refused before anything is done. */
static ftl_status compare_config(ftl_run_state *run, bool *same) {
    char path[FTL_RUN_PATH_BYTES], *text;
    size_t n;
    *same = run->options->resume; /* without it, the checkpoints will tell */
    FTL_TRY(ftl_run_path(path, run, "config.yaml"));
    if (!ftl_file_exists(path)) return FTL_OK;
    FTL_TRY(ftl_file_read(&text, &n, path));
    const char *difference;
    ftl_status status = FTL_OK;
    *same = strcmp(text, run->resolved) == 0;
    if (!*same && run->options->resume) {
        status = ftl_run_compare_config(&difference, run, text, path);
        *same = status == FTL_OK;
    }
    free(text);
    return status;
}

ftl_status ftl_run_directory_check(ftl_run_state *run) {
    bool found;
    FTL_TRY(find_run(run, &found));
    if (!found) return FTL_OK;
    if (!run->options->resume && !run->options->dry_run)
        return ftl_fail(FTL_EINPUT,
                "%s holds a run: --resume goes on with it, another --out starts a new "
                "one",
                run->directory);
    return compare_config(run, &run->continues);
}

/* Bytes of the path up to the end of its last component that exists. */
static size_t existing_part(const char *path) {
    char part[FTL_RUN_PATH_BYTES];
    struct stat info;
    size_t n = strlen(path);
    memcpy(part, path, n + 1);
    while (n > 0 && stat(part, &info) != 0) {
        while (n > 0 && part[n - 1] == '/')
            part[--n] = 0;
        while (n > 0 && part[n - 1] != '/')
            part[--n] = 0;
    }
    return n;
}

ftl_status ftl_run_directory_take(ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    if (run->lock >= 0) return FTL_OK;
    FTL_TRY(ftl_run_path(path, run, "checkpoints")); /* is it short enough? */
    run->n_existing = existing_part(run->directory);
    run->created = run->n_existing < strlen(run->directory);
    FTL_TRY(ftl_directory_create(run->directory));
    FTL_TRY(ftl_lock_take(&run->lock, run->directory));
    ftl_directory_sweep(run->directory);
    /* Another process may have begun, or even ended, a run here in the meantime. */
    return ftl_run_directory_check(run);
}

bool ftl_run_directory_room(uint64_t *n_bytes, const ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES] = ".";
    struct statvfs info;
    if (strlen(run->directory) >= sizeof path) return false;
    const size_t n = existing_part(run->directory);
    if (n) snprintf(path, sizeof path, "%.*s", (int)n, run->directory);
    if (statvfs(path, &info) != 0) return false;
    *n_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    return true;
}

ftl_status ftl_run_write_config(ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "config.yaml"));
    run->wrote_config |= !ftl_file_exists(path);
    return ftl_file_write(path, run->resolved, strlen(run->resolved));
}

/* Remove the directories that were made for the run, innermost first. */
static void remove_created(const ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    size_t n = strlen(run->directory);
    memcpy(path, run->directory, n + 1);
    while (n > run->n_existing) {
        while (n > run->n_existing && path[n - 1] == '/')
            path[--n] = 0;
        if (n <= run->n_existing || rmdir(path) != 0) return;
        while (n > run->n_existing && path[n - 1] != '/')
            path[--n] = 0;
    }
}

void ftl_run_directory_leave(ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    bool undo = !run->began;
    if (undo && run->imported) ftl_importer_remove(run->imported);
    if (undo && run->wrote_config && ftl_run_path(path, run, "config.yaml") == FTL_OK)
        unlink(path);
    ftl_lock_release(&run->lock, run->directory);
    if (undo && run->created) remove_created(run);
}
