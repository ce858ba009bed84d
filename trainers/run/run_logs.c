/* run_logs.c - log.txt and stats.jsonl of a run.
 *
 * Both are for people and plots, and hold times; they are cut back when a run resumes,
 * so that each step appears once. */
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_run_open_logs(ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "log.txt"));
    return ftl_log_open(path);
}

/* Behind the last line that tells of this checkpoint: it was written before the file
 * was there. If the system lost it all the same, the log stays as it is. */
static size_t end_of_log(const char *text, const char *checkpoint) {
    const char *name = strrchr(checkpoint, '/');
    name = name ? name + 1 : checkpoint;
    size_t end = 0;
    for (const char *at = text; (at = strstr(at, name)); at++) {
        const char *newline = strchr(at, '\n');
        if (newline) end = (size_t)(newline - text) + 1;
    }
    return end ? end : strlen(text);
}

/* Behind the last line whose tick is not above this one. Lines begin {"tick": 12, */
static size_t end_of_stats(const char *text, int64_t tick) {
    size_t end = 0;
    for (const char *line = text; *line;) {
        const char *newline = strchr(line, '\n');
        int64_t of_line;
        if (!newline || sscanf(line, "{\"tick\": %" SCNd64, &of_line) != 1 ||
                of_line > tick)
            break;
        line = newline + 1;
        end = (size_t)(line - text);
    }
    return end;
}

ftl_status ftl_run_cut_logs(ftl_run_state *run, const char *checkpoint) {
    const char *names[] = {"log.txt", "stats.jsonl"};
    for (int i = 0; i < 2; i++) {
        char *text, path[FTL_RUN_PATH_BYTES];
        size_t n;
        FTL_TRY(ftl_run_path(path, run, "%s", names[i]));
        if (!ftl_file_exists(path)) continue;
        FTL_TRY(ftl_file_read(&text, &n, path));
        size_t end = !checkpoint ? 0
                     : i == 0    ? end_of_log(text, checkpoint)
                                 : end_of_stats(text, run->progress.tick);
        free(text);
        FTL_TRY(ftl_file_truncate(path, end));
    }
    return FTL_OK;
}

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
    if (!run->settings.log.tensorboard) return FTL_OK;
    return ftl_events_append(&run->events, line, (size_t)n);
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
