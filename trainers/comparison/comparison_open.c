/* comparison_open.c - what a configuration says of a comparison. */
#include "trainers/comparison/comparison_state.h"

#include "trainers/methods/method.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SEED = 1000000 };

static ftl_status refuse(const ftl_comparison *c, const char *list, int i,
        const char *text, const char *why) {
    char path[96];
    snprintf(path, sizeof path, "compare.%s[%d]", list, i);
    return ftl_config_refuse(c->config, path, "\"%.64s\" %s", text, why);
}

/* ----------------------------------------------------------------------- methods */

bool ftl_comparison_is_method(const char *name) {
    for (int i = 0; ftl_methods[i]; i++)
        if (strcmp(ftl_methods[i]->name, name) == 0) return true;
    return false;
}

/* Does the method set this key? */
bool ftl_comparison_sets(const ftl_compared_method *method, const char *key) {
    size_t n = strlen(key);
    for (int i = 0; i < method->set.n; i++)
        if (strncmp(method->set.item[i], key, n) == 0 && method->set.item[i][n] == '=')
            return true;
    return false;
}

/* Names become those of directories and stand in a table. */
static ftl_status check_method(const ftl_comparison *c, int i) {
    const ftl_compared_method *method = &c->method[i];
    size_t n = strlen(method->name);
    if (!n || n > 64 || method->name[0] == '.' || method->name[0] == '-' ||
            strspn(method->name,
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                    "+-_.") != n)
        return refuse(c, "methods", i, method->name,
                "is no name: letters, digits, + - _ and dots, at most 64");
    if (strcmp(method->name, "pre-trained") == 0)
        return refuse(c, "methods", i, method->name,
                "is what the model is called that all begin with; it is in the table "
                "anyway");
    for (int k = 0; k < i; k++)
        if (strcmp(c->method[k].name, method->name) == 0)
            return refuse(c, "methods", i, method->name, "is there twice");
    if (!method->set.n && !ftl_comparison_is_method(method->name))
        return refuse(c, "methods", i, method->name,
                "is no method of adaptation: say what it sets, as in {name: ..., set: "
                "[\"method=fairtl++\", \"probe=0\"]}");
    if (ftl_comparison_sets(method, "seed"))
        return refuse(c, "methods", i, method->name,
                "sets a seed; those are listed in compare.seeds");
    return FTL_OK;
}

static ftl_status read_methods(ftl_comparison *c) {
    c->method = c->settings.compare.methods.item;
    c->n_methods = c->settings.compare.methods.n;
    if (c->n_methods == 0)
        return ftl_config_refuse(c->config, "compare",
                "nothing to compare: list methods, as in compare: {methods: [{name: "
                "fairtl}, {name: fairtl++}]}");
    for (int i = 0; i < c->n_methods; i++)
        FTL_TRY(check_method(c, i));
    return FTL_OK;
}

/* --------------------------------------------------------------- ratios and seeds */

/* As names of directories have them. */
static bool same_name(double a, double b) {
    char x[32], y[32];
    snprintf(x, sizeof x, "%g", a);
    snprintf(y, sizeof y, "%g", b);
    return strcmp(x, y) == 0;
}

static ftl_status read_ratios(ftl_comparison *c) {
    const ftl_texts *list = &c->settings.compare.ratios;
    c->n_ratios = list->n ? list->n : 1;
    c->ratio = ftl_arena_alloc(c->arena, (size_t)c->n_ratios * sizeof *c->ratio);
    if (!c->ratio) return FTL_ENOMEM;
    if (!list->n) c->ratio[0] = c->settings.run.data.ref_ratio;
    for (int i = 0; i < list->n; i++) {
        char *end;
        c->ratio[i] = strtod(list->item[i], &end);
        if (end == list->item[i] || *end || !(c->ratio[i] > 0 && c->ratio[i] <= 1))
            return refuse(c, "ratios", i, list->item[i],
                    "is no ratio: a number above 0, 1 at most");
        for (int k = 0; k < i; k++)
            if (same_name(c->ratio[k], c->ratio[i]))
                return refuse(c, "ratios", i, list->item[i], "is there twice");
    }
    return FTL_OK;
}

static ftl_status read_seeds(ftl_comparison *c) {
    const ftl_texts *list = &c->settings.compare.seeds;
    c->n_seeds = list->n;
    if (!list->n) return ftl_config_refuse(c->config, "compare.seeds", "none is given");
    c->seed = ftl_arena_alloc(c->arena, (size_t)list->n * sizeof *c->seed);
    if (!c->seed) return FTL_ENOMEM;
    for (int i = 0; i < list->n; i++) {
        char *end;
        c->seed[i] = strtoll(list->item[i], &end, 10);
        if (end == list->item[i] || *end || c->seed[i] < 1 || c->seed[i] > MAX_SEED)
            return refuse(
                    c, "seeds", i, list->item[i], "is no whole number of 1..1000000");
        for (int k = 0; k < i; k++)
            if (c->seed[k] == c->seed[i])
                return refuse(c, "seeds", i, list->item[i], "is there twice");
    }
    return FTL_OK;
}

int ftl_comparison_ratio_of(const ftl_comparison *c, const char *text) {
    char *end;
    const double ratio = strtod(text, &end);
    for (int i = 0; i < c->n_ratios && end != text && !*end; i++)
        if (same_name(c->ratio[i], ratio)) return i;
    return -1;
}

int ftl_comparison_seed_of(const ftl_comparison *c, const char *text) {
    char *end;
    const int64_t seed = strtoll(text, &end, 10);
    for (int i = 0; i < c->n_seeds && end != text && !*end; i++)
        if (c->seed[i] == seed) return i;
    return -1;
}

/* What a method lists of its own is part of what all have. */
static ftl_status check_part(const ftl_comparison *c, int method, const char *key,
        const ftl_texts *list, int (*find)(const ftl_comparison *c, const char *text)) {
    char path[64];
    for (int i = 0; i < list->n; i++) {
        const int which = find(c, list->item[i]);
        snprintf(path, sizeof path, "methods[%d].%s", method, key);
        if (which < 0)
            return refuse(c, path, i, list->item[i], "is none of the comparison's");
        for (int k = 0; k < i; k++)
            if (find(c, list->item[k]) == which)
                return refuse(c, path, i, list->item[i], "is there twice");
    }
    return FTL_OK;
}

static ftl_status check_parts(const ftl_comparison *c) {
    for (int i = 0; i < c->n_methods; i++) {
        const ftl_compared_method *method = &c->method[i];
        FTL_TRY(check_part(c, i, "ratios", &method->ratios, ftl_comparison_ratio_of));
        FTL_TRY(check_part(c, i, "seeds", &method->seeds, ftl_comparison_seed_of));
    }
    return FTL_OK;
}

/* The largest ratio that images are kept for. */
double ftl_comparison_pool(const ftl_comparison *c) {
    double pool = c->settings.run.data.ref_pool;
    for (int i = 0; i < c->n_ratios && !(c->settings.run.data.ref_pool > 0); i++)
        if (c->ratio[i] > pool) pool = c->ratio[i];
    return pool;
}

static ftl_status check_data(const ftl_comparison *c) {
    const ftl_data_options *data = &c->settings.run.data;
    if (!data->source && !data->pack)
        return ftl_config_refuse(c->config, "data",
                "a comparison draws reference sets out of one labelled set: data.pack "
                "or data.source");
    if (ftl_config_given(c->config, "data.ref_draw"))
        return ftl_config_refuse(c->config, "data.ref_draw",
                "not in a comparison, where the seed says which reference set it is");
    for (int i = 0; i < c->n_ratios; i++)
        if (c->ratio[i] > ftl_comparison_pool(c))
            return ftl_config_refuse(c->config, "data.ref_pool",
                    "%g is below %g of compare.ratios: raise it", data->ref_pool,
                    c->ratio[i]);
    return FTL_OK;
}

static ftl_status check_stages(const ftl_comparison *c) {
    bool has[4] = {false};
    for (int i = 0; i < c->settings.run.run.n; i++)
        has[c->settings.run.run.item[i].kind] = true;
    if (!has[FTL_STAGE_ADAPT] || !has[FTL_STAGE_EVALUATE])
        return ftl_config_refuse(c->config, "run",
                "a comparison needs a stage adapt, with what all methods share, and a "
                "stage evaluate");
    if (!has[FTL_STAGE_PRETRAIN] && !c->options->from)
        return ftl_config_refuse(c->config, "run",
                "no stage pretrain: add one, or name a checkpoint with --from");
    return FTL_OK;
}

/* ---------------------------------------------------------------------- the whole */

static ftl_status choose_directory(ftl_comparison *c) {
    c->out = c->options->out;
    if (c->out && c->out[0]) return FTL_OK;
    if (c->out)
        return ftl_fail(FTL_ECONFIG, "--out: the name of a directory is needed");
    const char *base = strrchr(c->options->config, '/');
    base = base ? base + 1 : c->options->config;
    c->out = ftl_arena_printf(c->arena, "runs/%.*s", (int)strcspn(base, "."), base);
    return c->out ? FTL_OK : FTL_ENOMEM;
}

ftl_status ftl_comparison_open(
        ftl_comparison *c, const ftl_comparison_options *options) {
    *c = (ftl_comparison) {.options = options, .lock = -1};
    FTL_TRY(ftl_arena_create(&c->arena));
    FTL_TRY(choose_directory(c));
    FTL_TRY(ftl_config_open(&c->config, options->config));
    for (int i = 0; i < options->n_set; i++)
        FTL_TRY(ftl_config_set(c->config, options->set[i], ftl_comparison_table()));
    FTL_TRY(ftl_config_read(c->config, ftl_comparison_table(), &c->settings));
    FTL_TRY(read_methods(c));
    FTL_TRY(read_ratios(c));
    FTL_TRY(read_seeds(c));
    FTL_TRY(check_parts(c));
    FTL_TRY(check_data(c));
    FTL_TRY(check_stages(c));
    return ftl_comparison_make_runs(c);
}

void ftl_comparison_close(ftl_comparison *c) {
    ftl_config_free(c->config);
    ftl_arena_free(c->arena);
}
