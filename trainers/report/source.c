/* source.c - see source.h. */
#include "trainers/report/source.h"

#include "engine/base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ftl_status ftl_source_note(ftl_source *source, const char *format, ...) {
    char text[1024];
    va_list arguments;
    if (source->n_problems == FTL_SOURCE_PROBLEMS) return FTL_OK;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (int i = 0; i < source->n_problems; i++)
        if (strcmp(source->problem[i], text) == 0) return FTL_OK; /* read twice */
    const char *copy = ftl_arena_strdup(source->arena, text);
    if (!copy) return FTL_ENOMEM;
    source->problem[source->n_problems++] = copy;
    return FTL_OK;
}

ftl_status ftl_source_excuse(ftl_source *source, ftl_status status) {
    char text[1024];
    if (status == FTL_OK || status == FTL_ENOMEM) return status;
    snprintf(text, sizeof text, "%s", ftl_message());
    ftl_clear();
    return ftl_source_note(source, "%s", text);
}

/* The report says where in the directory, whatever the directory is called. */
ftl_status ftl_source_read(
        ftl_source *source, char **bytes, size_t *n_bytes, const char *name) {
    char path[FTL_SOURCE_PATH_BYTES];
    *bytes = NULL;
    *n_bytes = 0;
    const int n = snprintf(path, sizeof path, "%s/%s", source->directory, name);
    if (n < 0 || n >= (int)sizeof path)
        return ftl_source_note(source, "%s: its path is too long", name);
    if (!ftl_file_exists(path))
        return ftl_source_note(source, "%s: there is no such file", name);
    const ftl_status status = ftl_file_read(bytes, n_bytes, path);
    if (status == FTL_OK || status == FTL_ENOMEM) return status;
    ftl_clear();
    return ftl_source_note(source, "%s: it cannot be read", name);
}

/* A text of the directory, in the arena. */
static ftl_status read_text(ftl_source *source, const char **text, const char *name) {
    char *bytes;
    size_t n;
    *text = NULL;
    FTL_TRY(ftl_source_read(source, &bytes, &n, name));
    if (!bytes) return FTL_OK;
    *text = ftl_arena_strdup(source->arena, bytes);
    free(bytes);
    return *text ? FTL_OK : FTL_ENOMEM;
}

static ftl_status read_metrics(ftl_source *source) {
    const char *text;
    FTL_TRY(ftl_metrics_init(&source->metrics));
    FTL_TRY(read_text(source, &text, "metrics.json"));
    if (!text) return FTL_OK;
    return ftl_source_excuse(source, ftl_metrics_parse(&source->metrics, text));
}

static ftl_status read_about(ftl_source *source) {
    const char *text;
    json_error_t error;
    FTL_TRY(read_text(source, &text, "about.json"));
    if (!text) return FTL_OK;
    source->about = json_loads(text, 0, &error);
    if (!source->about)
        return ftl_source_note(
                source, "about.json: line %d: %s", error.line, error.text);
    if (json_is_object(source->about)) return FTL_OK;
    json_decref(source->about);
    source->about = NULL;
    return ftl_source_note(source, "about.json: it is no object");
}

ftl_status ftl_source_name(const char **out, const char *directory, ftl_arena *arena) {
    char *full = realpath(directory, NULL); /* "." has no name */
    const char *path = full ? full : directory;
    const char *slash = strrchr(path, '/');
    *out = ftl_arena_strdup(arena, slash && slash[1] ? slash + 1 : path);
    free(full);
    return *out ? FTL_OK : FTL_ENOMEM;
}

static ftl_status read_all(ftl_source *source, const char *directory) {
    source->directory = ftl_arena_strdup(source->arena, directory);
    if (!source->directory) return FTL_ENOMEM;
    FTL_TRY(ftl_source_name(&source->name, directory, source->arena));
    FTL_TRY(read_about(source));
    FTL_TRY(read_text(source, &source->config, "config.yaml"));
    FTL_TRY(read_text(source, &source->log, "log.txt"));
    FTL_TRY(read_metrics(source));
    FTL_TRY(ftl_source_read_stats(source));
    return ftl_source_list_samples(source);
}

ftl_status ftl_source_open(ftl_source *out, const char *directory) {
    *out = (ftl_source) {0};
    FTL_TRY(ftl_arena_create(&out->arena));
    return read_all(out, directory);
}

void ftl_source_close(ftl_source *source) {
    json_decref(source->about);
    ftl_metrics_deinit(&source->metrics);
    ftl_arena_free(source->arena);
    *source = (ftl_source) {0};
}

const char *ftl_source_about(const ftl_source *source, const char *key) {
    const char *text = json_string_value(json_object_get(source->about, key));
    return text ? text : "";
}

json_t *ftl_source_list(const ftl_source *source, const char *key) {
    json_t *list = json_object_get(source->about, key);
    return json_is_array(list) ? list : NULL;
}

json_t *ftl_source_about_stage(const ftl_source *source, const char *stage) {
    json_t *list = ftl_source_list(source, "stages");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(item, "name"));
        if (name && strcmp(name, stage) == 0) return item;
    }
    return NULL;
}
