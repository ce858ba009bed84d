/* run_logs.c - stats.jsonl of a run, and what is derived from it; whether it and
 * log.txt could be written. They are for people and plots, and hold times. */
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

ftl_status ftl_run_stats(ftl_run_state *run, const char *format, ...) {
    char line[1024], path[FTL_RUN_PATH_BYTES];
    int n = snprintf(line, sizeof line, "{\"tick\": %" PRId64 ", ", run->progress.tick);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + n, sizeof line - (size_t)n - 2, format, arguments);
    va_end(arguments);
    assert(more >= 0 && n + more + 3 <= (int)sizeof line);
    n += more;
    line[n++] = '}';
    line[n++] = '\n';
    FTL_TRY(ftl_run_path_to_write(path, run, "stats.jsonl"));
    FTL_TRY(ftl_file_append(path, line, (size_t)n));
    run->progress.n_stats++;
    if (!run->settings.log.tensorboard) return FTL_OK;
    return ftl_events_append(&run->events, line, (size_t)n);
}

ftl_status ftl_run_check_log(const ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    if (ftl_log_check() == FTL_OK) return FTL_OK;
    /* That the whole directory is gone says more. */
    ftl_clear();
    FTL_TRY(ftl_run_path_to_write(path, run, "log.txt"));
    return ftl_log_check();
}

ftl_status ftl_run_open_events(ftl_run_state *run) {
    if (!run->settings.log.tensorboard) return FTL_OK;
    run->events = (ftl_events) {.directory = run->directory,
            .group = run->data.splits.group_name,
            .n_groups = run->data.splits.n_groups};
    return ftl_events_begin(&run->events);
}

/* Pictures that were there before the first step are of no stage of this run. */
ftl_status ftl_run_stats_picture(ftl_run_state *run, const char *name) {
    if (!run->settings.log.tensorboard || run->progress.tick == 0) return FTL_OK;
    return ftl_run_stats(run,
            "\"stage\": \"%s\", \"kimg\": %.3f, \"picture\": \"samples/%s.png\"",
            ftl_run_stage_name(run), (double)run->progress.images / 1000, name);
}

void ftl_run_list_groups(
        char *text, size_t n_bytes, const ftl_run_state *run, const double *value) {
    const ftl_splits *splits = &run->data.splits;
    size_t n = 0;
    for (int i = 0; i < splits->n_groups && n < n_bytes; i++)
        n += (size_t)snprintf(text + n, n_bytes - n, "%s%s %.3f", i ? ", " : "",
                splits->group_name[i], value[i]);
}
