/* events.c - see events.h. */
#include "trainers/events/events.h"

#include "engine/base/file.h"
#include "engine/base/memory_file.h"
#include "trainers/events/event.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, TAG_BYTES = 512 };

static ftl_status join(char path[PATH_BYTES], const ftl_events *e, const char *name) {
    const int n = snprintf(path, PATH_BYTES, "%s/%s", e->directory, name);
    if (n > 0 && n < PATH_BYTES) return FTL_OK;
    return ftl_fail(FTL_EINPUT, "%.64s...: the path is too long", e->directory);
}

/* A picture that is gone leaves no event. */
static ftl_status add_picture(
        ftl_event *event, const ftl_events *e, const char *tag, const char *name) {
    char path[PATH_BYTES], *png;
    size_t n;
    FTL_TRY(join(path, e, name));
    if (!ftl_file_exists(path)) return FTL_OK;
    FTL_TRY(ftl_file_read(&png, &n, path));
    const ftl_status status = ftl_event_add_png(event, tag, png, n);
    free(png);
    return status;
}

/* Shares by group; both ends of an interval. */
static ftl_status add_list(ftl_event *event, const ftl_events *e, const char *tag,
        const char *key, const json_t *list) {
    static const char *const ends[] = {"low", "high"};
    const bool shares = strcmp(key, "share") == 0;
    const char *const *name = shares ? e->group : ends;
    const size_t n_names = shares ? (size_t)e->n_groups : 2;
    for (size_t i = 0; i < json_array_size(list) && i < n_names; i++) {
        char full[2 * TAG_BYTES];
        snprintf(full, sizeof full, "%s/%s", tag, name[i]);
        FTL_TRY(ftl_event_add_number(
                event, full, json_number_value(json_array_get(list, i))));
    }
    return FTL_OK;
}

static bool is_place(const char *key) {
    static const char *const places[] = {"tick", "stage", "step", "kimg"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(key, places[i]) == 0) return true;
    return false;
}

static ftl_status add_values(
        ftl_event *event, const ftl_events *e, const char *stage, json_t *line) {
    const char *key;
    json_t *value;
    json_object_foreach(line, key, value) {
        char tag[TAG_BYTES];
        if (is_place(key)) continue;
        snprintf(tag, sizeof tag, "%s/%s", stage, key);
        if (json_is_number(value))
            FTL_TRY(ftl_event_add_number(event, tag, json_number_value(value)));
        else if (json_is_array(value))
            FTL_TRY(add_list(event, e, tag, key, value));
        else if (strcmp(key, "picture") == 0 && json_is_string(value))
            FTL_TRY(add_picture(event, e, tag, json_string_value(value)));
    }
    return FTL_OK;
}

/* Seconds that the images since the last line took. A classifier's lines do not say how
 * many there were. */
static void count_time(ftl_events *e, const char *stage, const json_t *line) {
    const json_t *kimg = json_object_get(line, "kimg"),
                 *rate = json_object_get(line, "images_per_s");
    const double images = 1000 * json_number_value(kimg),
                 per_s = json_number_value(rate);
    if (strcmp(e->stage, stage) != 0) {
        snprintf(e->stage, sizeof e->stage, "%s", stage);
        e->images = 0;
    }
    if (per_s > 0 && images > e->images) {
        e->seconds += (images - e->images) / per_s;
        e->images = images;
    }
}

static ftl_status write_line(FILE *file, ftl_events *e, json_t *line) {
    const char *stage = json_string_value(json_object_get(line, "stage"));
    const json_t *kimg = json_object_get(line, "kimg");
    const int64_t step =
            kimg ? llround(1000 * json_number_value(kimg))
                 : (int64_t)json_integer_value(json_object_get(line, "step"));
    ftl_event event;
    if (!stage) return ftl_fail(FTL_EFORMAT, "stats.jsonl: a line without a stage");
    count_time(e, stage, line);
    ftl_status status = ftl_event_init(&event);
    if (status == FTL_OK) status = add_values(&event, e, stage, line);
    if (status == FTL_OK) status = ftl_event_write(file, &event, e->seconds, step);
    ftl_event_deinit(&event);
    return status;
}

/* begins: the lines are not ours of now, and damaged ones are left out. */
static ftl_status write_lines(
        FILE *file, ftl_events *e, const char *text, size_t n_bytes, bool begins) {
    for (const char *at = text, *end = text + n_bytes; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t n = (size_t)((newline ? newline : end) - at);
        json_t *line = json_loadb(at, n, 0, NULL);
        const bool damaged = !json_is_string(json_object_get(line, "stage"));
        const ftl_status status =
                begins && damaged ? FTL_OK
                : line            ? write_line(file, e, line)
                       : ftl_fail(FTL_EFORMAT, "stats.jsonl: a line that is no JSON");
        json_decref(line);
        FTL_TRY(status);
        at += n + 1;
    }
    return FTL_OK;
}

/* The events of these lines, malloc'ed; behind the record that begins a file. */
static ftl_status render(char **bytes, size_t *n_bytes, ftl_events *e, const char *text,
        size_t n, bool begins) {
    ftl_memory_file memory;
    *bytes = NULL;
    FTL_TRY(ftl_memory_file_open(&memory, "TensorBoard's events"));
    ftl_status status = begins ? ftl_event_write_version(memory.file) : FTL_OK;
    if (status == FTL_OK) status = write_lines(memory.file, e, text, n, begins);
    return ftl_memory_file_close(&memory, status, bytes, n_bytes);
}

ftl_status ftl_events_begin(ftl_events *e) {
    char path[PATH_BYTES], *text = NULL, *bytes = NULL;
    size_t n = 0, n_bytes;
    e->stage[0] = 0;
    e->images = e->seconds = 0;
    FTL_TRY(join(path, e, "tensorboard"));
    FTL_TRY(ftl_directory_create(path));
    ftl_directory_sweep(path);
    FTL_TRY(join(path, e, "stats.jsonl"));
    if (ftl_file_exists(path)) FTL_TRY(ftl_file_read(&text, &n, path));
    ftl_status status = render(&bytes, &n_bytes, e, text ? text : "", n, true);
    if (status == FTL_OK) status = join(path, e, FTL_EVENTS_FILE);
    if (status == FTL_OK) status = ftl_file_write(path, bytes, n_bytes);
    free(text);
    free(bytes);
    return status;
}

ftl_status ftl_events_append(ftl_events *e, const char *line, size_t n) {
    char path[PATH_BYTES], *bytes;
    size_t n_bytes;
    FTL_TRY(join(path, e, FTL_EVENTS_FILE));
    ftl_status status = render(&bytes, &n_bytes, e, line, n, false);
    if (status == FTL_OK && n_bytes) status = ftl_file_append(path, bytes, n_bytes);
    free(bytes);
    return status;
}
