/* config.c - a configuration's life, and looking up its keys without a table. */
#include "configs/config.h"

#include "configs/config_internal.h"
#include "configs/yaml.h"
#include "engine/base/arena.h"
#include "engine/base/file.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static ftl_status parse(ftl_config *config, const char *text, size_t n_bytes) {
    FTL_TRY(ftl_yaml_parse(
            &config->root, config->arena, text, n_bytes, config->name, true));
    if (ftl_yaml_empty(config->root)) {
        config->root = ftl_yaml_create(config->arena, FTL_YAML_MAP, config->name, 0);
        if (!config->root) return FTL_ENOMEM;
    }
    if (config->root->kind != FTL_YAML_MAP)
        return ftl_yaml_fail(config->root, "expected keys (key: value) at the top");
    /* What is missing at the top is missing on no line. */
    config->root->line = 0;
    return FTL_OK;
}

static ftl_status create(
        ftl_config **out, const char *text, size_t n_bytes, const char *name) {
    ftl_config *config = calloc(1, sizeof *config);
    if (!config) return ftl_fail(FTL_ENOMEM, "%s: no memory left", name);
    ftl_status status = FTL_OK;
    FTL_TRY_OUT(ftl_arena_create(&config->arena));
    config->name = ftl_arena_strdup(config->arena, name);
    FTL_TRY_OUT(config->name ? FTL_OK : FTL_ENOMEM);
    FTL_TRY_OUT(parse(config, text, n_bytes));
    *out = config;
    return FTL_OK;
out:
    ftl_config_free(config);
    return status;
}

ftl_status ftl_config_open(ftl_config **out, const char *path) {
    *out = NULL;
    char *text = NULL;
    size_t n_bytes = 0;
    FTL_TRY(ftl_file_read(&text, &n_bytes, path));
    ftl_status status = create(out, text, n_bytes, path);
    free(text);
    return status;
}

ftl_status ftl_config_parse(ftl_config **out, const char *text, const char *name) {
    *out = NULL;
    return create(out, text, strlen(text), name);
}

void ftl_config_free(ftl_config *config) {
    if (!config) return;
    ftl_arena_free(config->arena);
    free(config);
}

const char *ftl_config_name(const ftl_config *config) { return config->name; }

/* A key's child by n characters of its name. A bare name in a list of variants counts
 * as a child of itself, as if written `name: {}`. */
static const ftl_yaml *child(const ftl_yaml *node, const char *name, size_t n) {
    if (node->kind == FTL_YAML_SCALAR && !node->key)
        return strlen(node->text) == n && memcmp(node->text, name, n) == 0 ? node
                                                                           : NULL;
    for (const ftl_yaml *entry = node->first; entry; entry = entry->next)
        if (entry->key && strlen(entry->key) == n && memcmp(entry->key, name, n) == 0)
            return entry;
    return NULL;
}

/* The node of a path, or NULL; *around is it or the innermost node on the way to it. */
static const ftl_yaml *look_up(
        const ftl_config *config, const char *path, const ftl_yaml **around) {
    const ftl_yaml *node = config->root;
    *around = node;
    while (*path) {
        if (*path == '[') {
            char *end = NULL;
            unsigned long index = strtoul(path + 1, &end, 10);
            assert(*end == ']');
            node = node->kind == FTL_YAML_LIST && index < (unsigned long)node->n
                           ? ftl_yaml_item(node, (int)index)
                           : NULL;
            path = *end ? end + 1 : end;
        } else {
            path += *path == '.';
            size_t n = strcspn(path, ".[");
            node = child(node, path, n);
            path += n;
        }
        if (!node) return NULL;
        *around = node;
    }
    return node;
}

bool ftl_config_given(const ftl_config *config, const char *path) {
    const ftl_yaml *around = NULL;
    const ftl_yaml *node = look_up(config, path, &around);
    return node && !ftl_yaml_null(node) && !ftl_yaml_empty(node);
}

ftl_status ftl_config_refuse(
        const ftl_config *config, const char *path, const char *format, ...) {
    const ftl_yaml *around = NULL;
    look_up(config, path, &around);
    char what[768];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return ftl_yaml_fail_key(around, "%s: %s", path, what);
}

ftl_status ftl_config_locate(
        const ftl_config *config, const ftl_option *table, ftl_status status) {
    char message[1024];
    if (status != FTL_ECONFIG) return status;
    snprintf(message, sizeof message, "%s", ftl_message());
    char *end = strstr(message, ": ");
    size_t first = strcspn(message, ".[:");
    for (const ftl_option *row = table; end && row->key; row++) {
        if (strlen(row->key) != first || strncmp(row->key, message, first) != 0)
            continue;
        *end = 0;
        ftl_clear();
        return ftl_config_refuse(config, message, "%s", end + 2);
    }
    return status;
}
