/* config_help.c - the reference of all keys, from the tables themselves. */
#include "configs/config.h"

#include "configs/config_internal.h"

#include <math.h>

static const char *type_name(const ftl_option *row) {
    switch (row->type) {
    case FTL_OPTION_BOOL:
        return "true or false";
    case FTL_OPTION_INT:
        return "integer";
    case FTL_OPTION_REAL:
        return "number";
    case FTL_OPTION_TEXT:
        return "text";
    case FTL_OPTION_CHOICE:
        return "one of";
    case FTL_OPTION_TEXTS:
        return "list of texts";
    case FTL_OPTION_GROUPS:
        return "map of groups, {name: [values]}";
    case FTL_OPTION_SECTION:
        return "section";
    case FTL_OPTION_SECTIONS:
        return "list of sections";
    case FTL_OPTION_VARIANTS:
        return "list of entries, each one of";
    }
    return "";
}

/* Bounds that no value of the type can pass are not worth a word. */
static bool is_bound(double bound, ftl_option_type type) {
    return fabs(bound) < (type == FTL_OPTION_REAL ? 1e308 : 0x1p63);
}

static void print_range(FILE *file, const ftl_option *row) {
    bool groups = row->type == FTL_OPTION_GROUPS;
    if (row->type != FTL_OPTION_INT && row->type != FTL_OPTION_REAL && !groups) return;
    char min[FTL_CONFIG_REAL_CHARS], max[FTL_CONFIG_REAL_CHARS];
    ftl_config_format_real(min, row->min);
    ftl_config_format_real(max, row->max);
    bool bounded = ftl_config_bounded(row);
    if (bounded && groups) fputc(',', file);
    bool has_min = bounded && is_bound(row->min, row->type);
    bool has_max = bounded && is_bound(row->max, row->type);
    if (has_min && has_max) fprintf(file, " from %s to %s", min, max);
    if (has_min && !has_max) fprintf(file, " from %s", min);
    if (has_max && !has_min) fprintf(file, " up to %s", max);
}

static void print_choices(FILE *file, const ftl_option *row) {
    for (int i = 0; row->choices[i]; i++)
        fprintf(file, "%s%s", i ? ", " : " ", row->choices[i]);
}

static void print_default(FILE *file, const ftl_option *row) {
    bool scalar = row->type == FTL_OPTION_BOOL || row->type == FTL_OPTION_INT ||
                  row->type == FTL_OPTION_REAL || row->type == FTL_OPTION_CHOICE;
    if (row->required || (scalar && !row->fallback)) {
        fputs("; required", file);
    } else if (row->fallback) {
        fprintf(file, "; default %s", row->fallback);
    }
}

static void print_table(FILE *file, const ftl_option *table, int indent);

static void print_variants(FILE *file, const ftl_option_variant *variants, int indent) {
    for (; variants->name; variants++) {
        fprintf(file, "%*s- %s:\n", indent, "", variants->name);
        if (variants->help) fprintf(file, "%*s%s\n", indent + 6, "", variants->help);
        print_table(file, variants->table, indent + 4);
    }
}

static void print_table(FILE *file, const ftl_option *table, int indent) {
    for (const ftl_option *row = table; row->key; row++) {
        fprintf(file, "%*s%s: %s", indent, "", row->key, type_name(row));
        print_range(file, row);
        if (row->type == FTL_OPTION_CHOICE) print_choices(file, row);
        if (row->unit) fprintf(file, " %s", row->unit);
        print_default(file, row);
        fputc('\n', file);
        if (row->help) fprintf(file, "%*s%s\n", indent + 4, "", row->help);
        if (row->table) print_table(file, row->table, indent + 2);
        if (row->variants) print_variants(file, row->variants, indent + 2);
    }
}

void ftl_config_help(FILE *file, const ftl_option *table) {
    print_table(file, table, 0);
}
