/* config_message.c - how the configuration reader words its refusals. */
#include "configs/config_internal.h"

#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Append, cutting what does not fit; `used` never reaches size. */
static size_t append(char *out, size_t size, size_t used, const char *text) {
    int n = snprintf(out + used, size - used, "%s", text);
    size_t wanted = used + (n > 0 ? (size_t)n : 0);
    return wanted < size ? wanted : size - 1;
}

static size_t append_path(
        char *out, size_t size, size_t used, const ftl_config_path *path) {
    if (!path) return used;
    used = append_path(out, size, used, path->up);
    if (!path->key) {
        char index[16];
        snprintf(index, sizeof index, "[%d]", path->index);
        return append(out, size, used, index);
    }
    char key[FTL_YAML_SHOWN];
    if (used) used = append(out, size, used, ".");
    return append(out, size, used, ftl_yaml_show(key, path->key));
}

const char *ftl_config_show(
        char shown[FTL_CONFIG_PATH_SHOWN], const ftl_config_path *path) {
    shown[0] = 0;
    if (append_path(shown, FTL_CONFIG_PATH_SHOWN, 0, path) == FTL_CONFIG_PATH_SHOWN - 1)
        memcpy(shown + FTL_CONFIG_PATH_SHOWN - 4, "...", 4);
    return shown;
}

ftl_status ftl_config_fail(
        const ftl_yaml *at, const ftl_config_path *path, const char *format, ...) {
    char shown[FTL_CONFIG_PATH_SHOWN], what[704];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return ftl_yaml_fail(at, "%s: %s", ftl_config_show(shown, path), what);
}

ftl_status ftl_config_fail_key(
        const ftl_yaml *at, const ftl_config_path *path, const char *format, ...) {
    char shown[FTL_CONFIG_PATH_SHOWN], what[704];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return ftl_yaml_fail_key(at, "%s: %s", ftl_config_show(shown, path), what);
}

const ftl_option *ftl_config_row(const ftl_option *table, const char *key) {
    for (; table->key; table++)
        if (strcmp(table->key, key) == 0) return table;
    return NULL;
}

int ftl_config_variant(const ftl_option_variant *variants, const char *name) {
    for (int i = 0; variants[i].name; i++)
        if (strcmp(variants[i].name, name) == 0) return i;
    return -1;
}

const char *ftl_config_join(
        char out[FTL_CONFIG_NAMES_SHOWN], const char *const *names) {
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; names[i]; i++) {
        if (i) used = append(out, FTL_CONFIG_NAMES_SHOWN, used, ", ");
        used = append(out, FTL_CONFIG_NAMES_SHOWN, used, names[i]);
    }
    if (used == FTL_CONFIG_NAMES_SHOWN - 1)
        memcpy(out + FTL_CONFIG_NAMES_SHOWN - 4, "...", 4);
    return out;
}

/* `what; did you mean x?`, or the list of what there is if nothing is near. */
static ftl_status fail_unknown(const ftl_yaml *at, const ftl_config_path *path,
        const char *what, const char *word, const char *const *names) {
    const char *nearest = ftl_text_nearest(word, names);
    if (nearest)
        return ftl_config_fail_key(at, path, "%s; did you mean %s?", what, nearest);
    char joined[FTL_CONFIG_NAMES_SHOWN];
    return ftl_config_fail_key(
            at, path, "%s; there are %s", what, ftl_config_join(joined, names));
}

ftl_status ftl_config_fail_unknown_key(
        const ftl_yaml *at, const ftl_config_path *path, const ftl_option *table) {
    size_t n = 0;
    while (table[n].key)
        n++;
    const char **names = calloc(n + 1, sizeof *names);
    if (!names) return ftl_config_fail_key(at, path, "unknown key");
    for (size_t i = 0; i < n; i++)
        names[i] = table[i].key;
    ftl_status status = fail_unknown(at, path, "unknown key", path->key, names);
    free(names);
    return status;
}

ftl_status ftl_config_fail_unknown_variant(const ftl_yaml *at,
        const ftl_config_path *path, const char *name,
        const ftl_option_variant *variants) {
    char shown[FTL_YAML_SHOWN], what[FTL_YAML_SHOWN + 16];
    snprintf(what, sizeof what, "there is no %s", ftl_yaml_show(shown, name));
    size_t n = 0;
    while (variants[n].name)
        n++;
    const char **names = calloc(n + 1, sizeof *names);
    if (!names) return ftl_config_fail_key(at, path, "%s", what);
    for (size_t i = 0; i < n; i++)
        names[i] = variants[i].name;
    ftl_status status = fail_unknown(at, path, what, name, names);
    free(names);
    return status;
}
