/* run_logs_cut.c - log.txt and stats.jsonl back to where they stood at a checkpoint,
 * and whether all is there that was: they are no state, so a run goes on without it,
 * but says so. */
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "trainers/run/run_state.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* *text is malloc'ed; NULL: there is no such file. */
static ftl_status read_text(char **text, char path[FTL_RUN_PATH_BYTES],
        const ftl_run_state *run, const char *name) {
    size_t n;
    *text = NULL;
    FTL_TRY(ftl_run_path(path, run, "%s", name));
    return ftl_file_exists(path) ? ftl_file_read(text, &n, path) : FTL_OK;
}

/* --------------------------------------------------------------------- log.txt */

/* Behind the last line with this in it; 0: there is none. */
static size_t end_of(const char *text, const char *part) {
    size_t end = 0;
    for (const char *at = text; (at = strstr(at, part)); at++) {
        const char *newline = strchr(at, '\n');
        if (newline) end = (size_t)(newline - text) + 1;
    }
    return end;
}

static const char *name_of(const char *checkpoint) {
    const char *name = strrchr(checkpoint, '/');
    return name ? name + 1 : checkpoint;
}

/* Behind the line that tells of the checkpoint: it was written before the file was
 * there. *lost: it is not there; the log then stays as it is, but for half a line. */
static ftl_status cut_log(bool *lost, ftl_run_state *run, const char *checkpoint) {
    char *text, path[FTL_RUN_PATH_BYTES];
    FTL_TRY(read_text(&text, path, run, "log.txt"));
    size_t end = text && checkpoint ? end_of(text, name_of(checkpoint)) : 0;
    *lost = checkpoint && end == 0;
    const char *last = *lost && text ? strrchr(text, '\n') : NULL;
    if (last) end = (size_t)(last - text) + 1;
    const ftl_status status = text ? ftl_file_truncate(path, end) : FTL_OK;
    free(text);
    return status;
}

/* ----------------------------------------------------------------- stats.jsonl */

/* What was found in stats.jsonl up to a step. */
typedef struct found {
    int64_t n_lines, last;   /* whole lines, the step of the last one */
    int64_t gap_from, width; /* the widest distance between two of them, in steps */
    size_t end;              /* behind the last one */
} found;

static void widen(found *f, int64_t tick) {
    if (tick - f->last > f->width) {
        f->gap_from = f->last;
        f->width = tick - f->last;
    }
    f->last = tick;
}

/* *tick: -1 if this is no whole line. */
static ftl_status read_tick(int64_t *tick, const char *line, size_t n) {
    json_error_t error;
    json_t *object = json_loadb(line, n, 0, &error);
    *tick = -1;
    if (!object && json_error_code(&error) == json_error_out_of_memory)
        return ftl_fail(FTL_ENOMEM, "no memory left to read stats.jsonl");
    const json_t *value = json_object_get(object, "tick");
    if (json_is_integer(value)) *tick = json_integer_value(value);
    json_decref(object);
    return FTL_OK;
}

/* Lines up to this step, and not more than there were: pictures may follow a checkpoint
 * at its own step. A damaged line does not end it: there may be good ones behind. */
static ftl_status find(found *f, const char *text, int64_t tick, int64_t n_told) {
    *f = (found) {0};
    for (const char *line = text, *newline; line && (newline = strchr(line, '\n'));
            line = newline + 1) {
        int64_t of_line;
        FTL_TRY(read_tick(&of_line, line, (size_t)(newline - line)));
        if (of_line < 0) continue;
        if (of_line > tick || f->n_lines == n_told) break;
        f->n_lines++;
        widen(f, of_line);
        f->end = (size_t)(newline + 1 - text);
    }
    widen(f, tick);
    return FTL_OK;
}

/* p: of the checkpoint. */
static void warn_of_gap(const found *f, const ftl_progress *p, const char *path) {
    ftl_log_warning("%s: %" PRId64 " of the %" PRId64 " lines up to step %" PRId64
                    " are missing or damaged, the widest gap is from step %" PRId64
                    " to %" PRId64 "; the run goes on to the same end, but curves of "
                    "its report have gaps",
            path, p->n_stats - f->n_lines, p->n_stats, p->tick, f->gap_from,
            f->gap_from + f->width);
}

static ftl_status cut_stats(ftl_run_state *run, bool goes_on) {
    ftl_progress *p = &run->progress;
    found f = {0};
    char *text, path[FTL_RUN_PATH_BYTES];
    FTL_TRY(read_text(&text, path, run, "stats.jsonl"));
    ftl_status status = goes_on ? find(&f, text, p->tick, p->n_stats) : FTL_OK;
    if (status == FTL_OK && text) status = ftl_file_truncate(path, f.end);
    free(text);
    FTL_TRY(status);
    if (p->n_stats < 0) p->n_stats = f.n_lines; /* an older checkpoint does not say */
    if (f.n_lines < p->n_stats) warn_of_gap(&f, p, path);
    return FTL_OK;
}

static ftl_status open_log(const ftl_run_state *run) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path(path, run, "log.txt"));
    return ftl_log_open(path);
}

ftl_status ftl_run_begin_logs(ftl_run_state *run, const char *checkpoint) {
    bool lost;
    FTL_TRY(cut_log(&lost, run, checkpoint));
    FTL_TRY(open_log(run));
    if (lost)
        ftl_log_warning("%s/log.txt: the line that tells of checkpoints/%s is missing, "
                        "and maybe others before step %" PRId64
                        "; the run goes on to the same end",
                run->directory, name_of(checkpoint), run->progress.tick);
    return cut_stats(run, checkpoint != NULL);
}
