/* config_internal.h - what the files of the configuration reader share. */
#ifndef FTL_CONFIGS_CONFIG_INTERNAL_H
#define FTL_CONFIGS_CONFIG_INTERNAL_H

#include "configs/config.h"
#include "configs/yaml.h"
#include "engine/base/arena.h"
#include "engine/base/option.h"

struct ftl_config {
    ftl_arena *arena;
    const char *name;
    ftl_yaml *root; /* always a map */
};

/* Where we are, as frames of the callers: key, or index of a list. */
typedef struct ftl_config_path {
    const struct ftl_config_path *up;
    const char *key; /* NULL: an index */
    int index;
} ftl_config_path;

/* "run[2].adapt.lambda"; cut with "..." if it does not fit. Returns `shown`. */
#define FTL_CONFIG_PATH_SHOWN 256
const char *ftl_config_show(
        char shown[FTL_CONFIG_PATH_SHOWN], const ftl_config_path *path);

/* `origin:line: path: what`, with the line of the value or of the key. */
ftl_status ftl_config_fail(const ftl_yaml *at, const ftl_config_path *path,
        const char *format, ...) __attribute__((format(printf, 3, 4), cold));
ftl_status ftl_config_fail_key(const ftl_yaml *at, const ftl_config_path *path,
        const char *format, ...) __attribute__((format(printf, 3, 4), cold));

/* "a, b, c", cut with "..." if it does not fit. names is NULL-ended. Returns `out`. */
#define FTL_CONFIG_NAMES_SHOWN 400
const char *ftl_config_join(char out[FTL_CONFIG_NAMES_SHOWN], const char *const *names);

/* The row of a table; NULL if it has no such key. */
const ftl_option *ftl_config_row(const ftl_option *table, const char *key);

/* Index of the variant of that name, -1 if there is none. */
int ftl_config_variant(const ftl_option_variant *variants, const char *name);

/* `unknown key; did you mean x?` or, with nothing near, the list of known keys. */
ftl_status ftl_config_fail_unknown_key(
        const ftl_yaml *at, const ftl_config_path *path, const ftl_option *table);

/* The same for a name in a VARIANTS list. */
ftl_status ftl_config_fail_unknown_variant(const ftl_yaml *at,
        const ftl_config_path *path, const char *name,
        const ftl_option_variant *variants);

/* One scalar by its row: BOOL, INT, REAL, CHOICE and the numbers of GROUPS; checked
 * against the bounds. */
ftl_status ftl_config_read_bool(
        bool *out, const ftl_yaml *node, const ftl_config_path *path);
ftl_status ftl_config_read_int(int64_t *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row);
ftl_status ftl_config_read_real(double *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row);
ftl_status ftl_config_read_choice(int *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row);

/* A map of groups; what it holds is in the arena of the configuration. */
ftl_status ftl_config_read_groups(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_groups *out);

/* Bounds apply unless both are 0, as in a row that does not name them. */
bool ftl_config_bounded(const ftl_option *row);

/* Does plain YAML text read as a number: the grammars of INT and REAL. */
bool ftl_config_is_integer(const char *text);
bool ftl_config_is_real(const char *text);

/* `expected <what>, got ...`, or that there is no value. */
ftl_status ftl_config_fail_kind(
        const ftl_yaml *node, const ftl_config_path *path, const char *what);

/* The tree of a row's default, new in the arena. `row->fallback` must not be NULL. */
ftl_status ftl_config_fallback(ftl_yaml **out, ftl_arena *arena, const ftl_option *row);

#endif
