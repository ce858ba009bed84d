/* config_read.c - the tree into structs, by a table. */
#include "configs/config.h"

#include "configs/config_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static ftl_status read_table(ftl_config *config, const ftl_config_path *path,
        const ftl_option *table, const ftl_yaml *map, const ftl_yaml *around,
        void *values);

ftl_status ftl_config_fallback(
        ftl_yaml **out, ftl_arena *arena, const ftl_option *row) {
    char origin[FTL_YAML_SHOWN + 16];
    snprintf(origin, sizeof origin, "default of %.*s", FTL_YAML_SHOWN, row->key);
    return ftl_yaml_parse(
            out, arena, row->fallback, strlen(row->fallback), origin, false);
}

static ftl_status read_text(
        const char **out, const ftl_yaml *node, const ftl_config_path *path) {
    if (node->kind != FTL_YAML_SCALAR || ftl_yaml_empty(node))
        return ftl_config_fail_kind(node, path, "a text");
    *out = node->text;
    return FTL_OK;
}

static ftl_status read_texts(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, ftl_texts *out) {
    bool list = node->kind == FTL_YAML_LIST;
    if (!list && (node->kind != FTL_YAML_SCALAR || ftl_yaml_empty(node) ||
                         ftl_yaml_null(node)))
        return ftl_config_fail_kind(node, path, "a list of texts");
    int n = list ? node->n : 1;
    out->item = ftl_arena_alloc(config->arena, (size_t)n * sizeof *out->item);
    if (!out->item) return FTL_ENOMEM;
    if (!list) FTL_TRY(read_text(&out->item[out->n++], node, path));
    for (const ftl_yaml *item = node->first; item; item = item->next) {
        ftl_config_path here = {.up = path, .index = out->n};
        if (ftl_yaml_null(item)) return ftl_config_fail_kind(item, &here, "a text");
        FTL_TRY(read_text(&out->item[out->n++], item, &here));
    }
    return FTL_OK;
}

/* A map, or nothing at all. */
static ftl_status read_section(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *table, void *values) {
    bool nothing = ftl_yaml_empty(node) || ftl_yaml_null(node);
    if (!nothing && node->kind != FTL_YAML_MAP)
        return ftl_config_fail_kind(node, path, "a map of keys");
    return read_table(config, path, table, nothing ? NULL : node, node, values);
}

static ftl_status read_sections(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_sections *out) {
    if (node->kind != FTL_YAML_LIST)
        return ftl_config_fail_kind(node, path, "a list of maps");
    char *items = ftl_arena_alloc(config->arena, (size_t)node->n * row->table_bytes);
    if (!items) return FTL_ENOMEM;
    out->item = items;
    for (const ftl_yaml *item = node->first; item; item = item->next) {
        ftl_config_path here = {.up = path, .index = out->n};
        FTL_TRY(read_section(config, item, &here, row->table,
                items + (size_t)out->n++ * row->table_bytes));
    }
    return FTL_OK;
}

static ftl_status read_variant(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_variant *out) {
    bool bare = node->kind == FTL_YAML_SCALAR && !ftl_yaml_empty(node);
    if (!bare && (node->kind != FTL_YAML_MAP || node->n == 0))
        return ftl_config_fail_kind(node, path, "a name or a map {name: {...}}");
    if (!bare && node->n > 1) {
        char first[FTL_YAML_SHOWN], second[FTL_YAML_SHOWN];
        return ftl_config_fail_key(node->first->next, path,
                "%s stands beside %s: indent the settings of %s below it, or start a "
                "new "
                "entry with a dash",
                ftl_yaml_show(second, node->first->next->key),
                ftl_yaml_show(first, node->first->key), first);
    }
    const char *name = bare ? node->text : node->first->key;
    out->kind = ftl_config_variant(row->variants, name);
    out->line = node->line;
    if (out->kind < 0)
        return ftl_config_fail_unknown_variant(node, path, name, row->variants);
    const ftl_option_variant *variant = &row->variants[out->kind];
    out->section = ftl_arena_alloc(config->arena, variant->table_bytes);
    if (!out->section) return FTL_ENOMEM;
    ftl_config_path here = {.up = path, .key = variant->name};
    if (bare)
        return read_table(config, &here, variant->table, NULL, node, out->section);
    return read_section(config, node->first, &here, variant->table, out->section);
}

static ftl_status read_variants(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, ftl_variants *out) {
    if (node->kind != FTL_YAML_LIST)
        return ftl_config_fail_kind(
                node, path, "a list of entries, each - name: {...}");
    out->item = ftl_arena_alloc(config->arena, (size_t)node->n * sizeof *out->item);
    if (!out->item) return FTL_ENOMEM;
    for (const ftl_yaml *item = node->first; item; item = item->next) {
        ftl_config_path here = {.up = path, .index = out->n};
        FTL_TRY(read_variant(config, item, &here, row, &out->item[out->n++]));
    }
    return FTL_OK;
}

static ftl_status read_value(ftl_config *config, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row, void *field) {
    switch (row->type) {
    case FTL_OPTION_BOOL:
        return ftl_config_read_bool(field, node, path);
    case FTL_OPTION_INT:
        return ftl_config_read_int(field, node, path, row);
    case FTL_OPTION_REAL:
        return ftl_config_read_real(field, node, path, row);
    case FTL_OPTION_TEXT:
        return read_text(field, node, path);
    case FTL_OPTION_CHOICE:
        return ftl_config_read_choice(field, node, path, row);
    case FTL_OPTION_TEXTS:
        return read_texts(config, node, path, field);
    case FTL_OPTION_GROUPS:
        return ftl_config_read_groups(config, node, path, row, field);
    case FTL_OPTION_SECTION:
        return read_section(config, node, path, row->table, field);
    case FTL_OPTION_SECTIONS:
        return read_sections(config, node, path, row, field);
    case FTL_OPTION_VARIANTS:
        return read_variants(config, node, path, row, field);
    }
    assert(!"type of a row");
    return FTL_ECONFIG;
}

/* An absent key without default. All but scalars have a value then: nothing. */
static ftl_status read_absent(ftl_config *config, const ftl_yaml *around,
        const ftl_config_path *path, const ftl_option *row, void *field) {
    bool scalar = row->type == FTL_OPTION_BOOL || row->type == FTL_OPTION_INT ||
                  row->type == FTL_OPTION_REAL || row->type == FTL_OPTION_CHOICE;
    if (row->required || scalar)
        return ftl_config_fail_key(around, path, "must be given: it has no default");
    if (row->type == FTL_OPTION_SECTION)
        return read_table(config, path, row->table, NULL, around, field);
    return FTL_OK; /* the field was cleared */
}

/* What clear_field writes is the value of an absent key: NULL, an empty list. */
static void clear_field(const ftl_option *row, void *field) {
    if (row->type == FTL_OPTION_TEXT) *(const char **)field = NULL;
    if (row->type == FTL_OPTION_TEXTS) *(ftl_texts *)field = (ftl_texts) {0};
    if (row->type == FTL_OPTION_GROUPS) *(ftl_groups *)field = (ftl_groups) {0};
    if (row->type == FTL_OPTION_SECTIONS) *(ftl_sections *)field = (ftl_sections) {0};
    if (row->type == FTL_OPTION_VARIANTS) *(ftl_variants *)field = (ftl_variants) {0};
}

static ftl_status read_row(ftl_config *config, const ftl_config_path *path,
        const ftl_option *row, const ftl_yaml *map, const ftl_yaml *around,
        void *field) {
    clear_field(row, field);
    ftl_yaml *node = map ? ftl_yaml_find(map, row->key) : NULL;
    if (!node && row->fallback && !row->required)
        FTL_TRY(ftl_config_fallback(&node, config->arena, row));
    if (!node) return read_absent(config, around, path, row, field);
    if (row->type == FTL_OPTION_TEXT && ftl_yaml_null(node)) {
        if (row->required) return ftl_config_fail_key(node, path, "must not be null");
        return FTL_OK;
    }
    return read_value(config, node, path, row, field);
}

/* map: the keys that were given, NULL for none. around: where to point when one is
 * missing. */
static ftl_status read_table(ftl_config *config, const ftl_config_path *path,
        const ftl_option *table, const ftl_yaml *map, const ftl_yaml *around,
        void *values) {
    for (const ftl_yaml *node = map ? map->first : NULL; node; node = node->next) {
        ftl_config_path here = {.up = path, .key = node->key};
        if (!ftl_config_row(table, node->key))
            return ftl_config_fail_unknown_key(node, &here, table);
    }
    for (const ftl_option *row = table; row->key; row++) {
        ftl_config_path here = {.up = path, .key = row->key};
        FTL_TRY(read_row(
                config, &here, row, map, around, (char *)values + row->offset));
    }
    return FTL_OK;
}

ftl_status ftl_config_read(ftl_config *config, const ftl_option *table, void *values) {
    return read_table(config, NULL, table, config->root, config->root, values);
}
