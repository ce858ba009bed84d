/* cmd_dataset_info.c - fairtl dataset info: sizes, attributes, groups, what was left
 * out, and what it looks like. */
#include "datasets/group.h"
#include "datasets/sheet.h"
#include "tools/data_config.h"
#include "tools/output.h"
#include "tools/run_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An attribute with more values than this (an age, say) makes no groups. */
#define MAX_VALUES 40
#define MAX_IMAGES 4096
#define IMAGES 45 /* of a group, if nothing else is said */

typedef struct values {
    const char *path, *config, *by, *sheet;
    cli_texts set;
    int64_t n, seed;
} values;

static const cli_option options[] = {
        {.argument = "PACK.h5",
                .type = CLI_TEXT,
                .offset = offsetof(values, path),
                .help = "a pack"},
        {.name = "config",
                .letter = 'c',
                .type = CLI_TEXT,
                .argument = "FILE.yaml",
                .offset = offsetof(values, config),
                .help = "also count the groups of this configuration"},
        CLI_SET_ROW(values, 0),
        {.name = "sheet",
                .letter = 's',
                .type = CLI_TEXT,
                .argument = "FILE.png",
                .offset = offsetof(values, sheet),
                .help = "draw some images; with --config or --by of each group"},
        {.name = "by",
                .letter = 'b',
                .type = CLI_TEXT,
                .argument = "ATTRIBUTE",
                .offset = offsetof(values, by),
                .help = "let each value of this attribute be a group of the sheet"},
        {.name = "n",
                .letter = 'n',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, n),
                .min = 1,
                .max = MAX_IMAGES,
                .fallback = IMAGES,
                .help = "images of each group on the sheet"},
        {.name = "seed",
                .type = CLI_INT,
                .argument = "S",
                .offset = offsetof(values, seed),
                .max = INT64_MAX,
                .fallback = 1,
                .help = "which images these are"},
        {0},
};

/* A group for each image, and what the groups are called. */
typedef struct grouping {
    int32_t *group;    /* [n] of the pack; NULL: one group */
    const char **name; /* [n_groups] */
    char (*text)[16];  /* where names are made of numbers */
    int n_groups;
} grouping;

static void release(grouping *g) {
    free(g->group);
    free(g->name);
    free(g->text);
}

static ftl_status reserve(grouping *g, const ftl_pack_file *file, int n_groups) {
    g->n_groups = n_groups;
    g->group = malloc(sizeof *g->group * (size_t)file->pack.n);
    g->name = calloc((size_t)n_groups + 1, sizeof *g->name);
    g->text = calloc((size_t)n_groups + 1, sizeof *g->text);
    if (g->group && g->name && g->text) return FTL_OK;
    return ftl_fail(FTL_ENOMEM, "%s: no memory for the groups", file->path);
}

/* ----------------------------------------------------------- groups of a configuration
 */

static void print_groups(
        const grouping *g, const int64_t *count, int64_t n, const char *config) {
    int64_t left = n;
    printf("groups of %s:\n", config);
    for (int k = 0; k < g->n_groups; k++) {
        printf("  %8lld  %s\n", (long long)count[k], g->name[k]);
        left -= count[k];
    }
    if (left) printf("  %8lld  in no group\n", (long long)left);
}

static ftl_status group_by_config(
        grouping *g, const ftl_pack_file *file, const values *v, cli_data_config *c) {
    FTL_TRY(cli_data_config_open(c, v->config, &v->set));
    const ftl_data_options *data = &c->settings.data;
    const ftl_groups *groups = &data->groups;
    ftl_status status = ftl_groups_check(groups, data->attribute);
    FTL_TRY(ftl_config_locate(c->config, ftl_settings_table, status));
    FTL_TRY(reserve(g, file, groups->n));
    int64_t *count = malloc(sizeof *count * (size_t)groups->n);
    if (!count) return ftl_fail(FTL_ENOMEM, "%s: no memory for the groups", file->path);
    for (int k = 0; k < groups->n; k++)
        g->name[k] = groups->item[k].name;
    status = ftl_groups_assign(g->group, count, file, data->attribute, groups);
    if (status == FTL_OK) print_groups(g, count, file->pack.n, v->config);
    free(count);
    return ftl_config_locate(c->config, ftl_settings_table, status);
}

/* --------------------------------------------------------------- values of an
 * attribute */

/* The values, ascending, -1 (missing) first; at most one more than MAX_VALUES. */
static int find_values(
        int32_t found[MAX_VALUES + 2], const ftl_pack_attribute *attribute, int64_t n) {
    int n_found = 0;
    for (int64_t i = 0; i < n && n_found <= MAX_VALUES; i++) {
        int32_t value = attribute->value[i];
        int at = 0;
        while (at < n_found && found[at] < value)
            at++;
        if (at < n_found && found[at] == value) continue;
        memmove(found + at + 1, found + at, sizeof *found * (size_t)(n_found - at));
        found[at] = value;
        n_found++;
    }
    return n_found;
}

static ftl_status group_by_value(
        grouping *g, const ftl_pack_file *file, const char *name) {
    int32_t found[MAX_VALUES + 2];
    const ftl_pack_attribute *a = ftl_pack_attribute_find(&file->pack, name);
    if (!a)
        return ftl_fail(
                FTL_ECONFIG, "--by: %s has no attribute \"%s\"", file->path, name);
    int n = find_values(found, a, file->pack.n);
    if (n > MAX_VALUES)
        return ftl_fail(FTL_ECONFIG,
                "--by: \"%s\" has more than %d values; let a configuration group them, "
                "--config",
                name, MAX_VALUES);
    FTL_TRY(reserve(g, file, n));
    for (int k = 0; k < n; k++) {
        snprintf(g->text[k], sizeof g->text[k], "%d", found[k]);
        g->name[k] = found[k] < 0       ? "missing"
                     : a->n_value_names ? a->value_name[found[k]]
                                        : g->text[k];
    }
    for (int64_t i = 0; i < file->pack.n; i++)
        for (int k = 0; k < n; k++)
            if (found[k] == a->value[i]) g->group[i] = k;
    return FTL_OK;
}

/* ---------------------------------------------------------------------------- the rest
 */

static ftl_status draw_sheet(
        const grouping *g, const ftl_pack_file *file, const values *v) {
    static const char *const all[] = {"all"};
    ftl_image image;
    FTL_TRY(ftl_sheet_draw(&image, &file->pack, g->group, g->group ? g->name : all,
            g->group ? g->n_groups : 1, v->n, (uint64_t)v->seed));
    ftl_status status = ftl_png_write(v->sheet, &image);
    ftl_image_deinit(&image);
    return status;
}

static ftl_status print_equal(const ftl_pack_file *file) {
    const ftl_pack *pack = &file->pack;
    int64_t n = 0, one = 0;
    int64_t *first = malloc(sizeof *first * (size_t)pack->n);
    if (!first) return ftl_fail(FTL_ENOMEM, "%s: no memory left", file->path);
    ftl_status status = ftl_pack_find_equal(first, file);
    for (int64_t i = 0; status == FTL_OK && i < pack->n; i++)
        if (first[i] != i && !n++) one = i;
    if (n)
        printf("%lld image%s the same pixels as another, such as %s and %s: of such a "
               "run uses one\n",
                (long long)n, n == 1 ? " has" : "s have", pack->names[first[one]],
                pack->names[one]);
    free(first);
    return status;
}

static ftl_status show(const ftl_pack_file *file, const values *v) {
    grouping g = {0};
    cli_data_config c = {0};
    ftl_status status;
    FTL_TRY_OUT(ftl_pack_print_info(stdout, file));
    FTL_TRY_OUT(print_equal(file));
    if (v->config) FTL_TRY_OUT(group_by_config(&g, file, v, &c));
    if (v->by) FTL_TRY_OUT(group_by_value(&g, file, v->by));
    if (v->sheet) FTL_TRY_OUT(draw_sheet(&g, file, v));
    if (ferror(stdout)) status = ftl_fail(FTL_EIO, "cannot print: %s", strerror(errno));
out:
    release(&g);
    cli_data_config_close(&c);
    return status;
}

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    ftl_pack_file *file = NULL;
    if (v->by && v->config)
        return ftl_fail(
                FTL_ECONFIG, "--by and --config: which of them makes the groups?");
    if (v->by && !v->sheet)
        return ftl_fail(
                FTL_ECONFIG, "--by says what a sheet shows: add --sheet FILE.png");
    if (v->set.n && !v->config)
        return ftl_fail(FTL_ECONFIG, "--set overrides a configuration: add --config");
    if (!v->sheet && (v->n != IMAGES || v->seed != 1))
        return ftl_fail(FTL_ECONFIG, "%s says what a sheet shows: add --sheet FILE.png",
                v->n != IMAGES ? "--n" : "--seed");
    FTL_TRY(cli_output_check(CLI_OUTPUT_PNG, v->sheet, "--sheet"));
    FTL_TRY(ftl_pack_open(&file, v->path));
    ftl_status status = show(file, v);
    ftl_pack_close(file);
    return status;
}

const cli_command cli_dataset_info_command = {
        .name = "info",
        .summary = "tell what a pack holds, verify it, and draw a contact sheet",
        .examples = "How many images has each value of each attribute?\n"
                    "  fairtl dataset info photos.h5\n"
                    "What does each group of an experiment look like?\n"
                    "  fairtl dataset info photos.h5 --config photos.yaml --sheet "
                    "sheet.png\n"
                    "And each value of an attribute?\n"
                    "  fairtl dataset info photos.h5 --by gender --sheet sheet.png\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
