/* config_groups.c - reading GROUPS: which values of which attributes make a group. */
#include "configs/config_internal.h"

#include <string.h>

#define VALUES "an integer, a range (18..39, 40..) or a word"

/* One end of a range; nothing is written to *out where nothing stands. */
static ftl_status read_end(int64_t *out, const char *text, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row) {
    if (!text[0]) return FTL_OK;
    ftl_yaml end = *node;
    end.text = text;
    return ftl_config_read_int(out, &end, path, row);
}

/* `dots` are those of node->text. */
static ftl_status read_range(ftl_range *out, const ftl_yaml *node, const char *dots,
        const ftl_config_path *path, const ftl_option *row, ftl_arena *arena) {
    *out = (ftl_range) {.first = INT64_MIN, .last = INT64_MAX};
    const char *first =
            ftl_arena_printf(arena, "%.*s", (int)(dots - node->text), node->text);
    if (!first) return FTL_ENOMEM;
    if (!first[0] && !dots[2]) return ftl_config_fail_kind(node, path, VALUES);
    FTL_TRY(read_end(&out->first, first, node, path, row));
    FTL_TRY(read_end(&out->last, dots + 2, node, path, row));
    if (out->first > out->last)
        return ftl_config_fail(node, path, "%s is a range of no values", node->text);
    return FTL_OK;
}

static ftl_status read_value(ftl_range *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_arena *arena) {
    *out = (ftl_range) {0};
    if (node->kind != FTL_YAML_SCALAR || ftl_yaml_empty(node) || ftl_yaml_null(node) ||
            !node->text[0])
        return ftl_config_fail_kind(node, path, VALUES);
    const char *dots = strstr(node->text, "..");
    if (node->plain && dots &&
            strspn(node->text, "+-0123456789.") == strlen(node->text))
        return read_range(out, node, dots, path, row, arena);
    if (node->plain && ftl_config_is_integer(node->text)) {
        FTL_TRY(ftl_config_read_int(&out->first, node, path, row));
        out->last = out->first;
        return FTL_OK;
    }
    if (node->plain && ftl_config_is_real(node->text))
        return ftl_config_fail_kind(node, path, VALUES);
    out->word = node->text;
    return FTL_OK;
}

/* One value or a list of them. */
static ftl_status read_values(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_condition *out) {
    bool list = node->kind == FTL_YAML_LIST;
    if (node->kind == FTL_YAML_MAP)
        return ftl_config_fail_kind(node, path, "a list of values");
    if (list && node->n == 0)
        return ftl_config_fail_key(node, path, "a group of no values");
    int n = list ? node->n : 1;
    ftl_range *range = ftl_arena_alloc(config->arena, (size_t)n * sizeof *range);
    if (!range) return FTL_ENOMEM;
    out->range = range;
    out->n_ranges = n;
    if (!list) return read_value(range, node, path, row, config->arena);
    for (const ftl_yaml *item = node->first; item; item = item->next) {
        ftl_config_path here = {.up = path, .index = (int)(range - out->range)};
        FTL_TRY(read_value(range++, item, &here, row, config->arena));
    }
    return FTL_OK;
}

/* Values of the attribute that is named beside the groups, or a map of conditions. */
static ftl_status read_group(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_group *out) {
    bool map = node->kind == FTL_YAML_MAP;
    if (map && node->n == 0)
        return ftl_config_fail_key(node, path, "a group of no values");
    int n = map ? node->n : 1;
    ftl_condition *condition =
            ftl_arena_alloc(config->arena, (size_t)n * sizeof *condition);
    if (!condition) return FTL_ENOMEM;
    *out = (ftl_group) {.name = node->key, .condition = condition, .n_conditions = n};
    if (!map) return read_values(config, node, path, row, condition);
    for (const ftl_yaml *item = node->first; item; item = item->next, condition++) {
        ftl_config_path here = {.up = path, .key = item->key};
        condition->attribute = item->key;
        FTL_TRY(read_values(config, item, &here, row, condition));
    }
    return FTL_OK;
}

ftl_status ftl_config_read_groups(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_groups *out) {
    if (node->kind != FTL_YAML_MAP)
        return ftl_config_fail_kind(node, path, "a map of groups, {name: [values]}");
    out->item = ftl_arena_alloc(config->arena, (size_t)node->n * sizeof *out->item);
    if (!out->item) return FTL_ENOMEM;
    for (const ftl_yaml *group = node->first; group; group = group->next) {
        ftl_config_path here = {.up = path, .key = group->key};
        FTL_TRY(read_group(config, group, &here, row, &out->item[out->n++]));
    }
    return FTL_OK;
}
