/* comparison_grid.c - the runs of a comparison, and what each overrides. */
#include "trainers/comparison/comparison_state.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_RUNS = 10000 };

static ftl_status add(ftl_comparison *c, ftl_compared_run *run, const char *text) {
    if (!text) return FTL_ENOMEM;
    run->set[run->n_set++] = ftl_arena_strdup(c->arena, text);
    return run->set[run->n_set - 1] ? FTL_OK : FTL_ENOMEM;
}

static ftl_status begin_run(
        ftl_comparison *c, ftl_compared_run *run, const char *folder, int room) {
    const ftl_comparison_options *o = c->options;
    run->directory = ftl_arena_printf(c->arena, "%s%s/%s", c->out, folder, run->name);
    run->set = ftl_arena_alloc(
            c->arena, (size_t)(o->n_set + room + 16) * sizeof *run->set);
    if (!run->directory || !run->set) return FTL_ENOMEM;
    for (int i = 0; i < o->n_set; i++)
        FTL_TRY(add(c, run, o->set[i]));
    return add(c, run,
            ftl_arena_printf(c->arena, "data.ref_pool=%.17g", ftl_comparison_pool(c)));
}

/* key="text"; NULL when memory is out. */
static const char *quote(ftl_arena *arena, const char *key, const char *text) {
    size_t n = strlen(key);
    char *out = ftl_arena_alloc(arena, n + 2 * strlen(text) + 4), *at = out;
    if (!out) return NULL;
    memcpy(at, key, n);
    at += n;
    *at++ = '=';
    *at++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') *at++ = '\\';
        *at++ = *text;
    }
    *at++ = '"';
    *at = 0;
    return out;
}

ftl_status ftl_comparison_use_pack(
        ftl_comparison *c, ftl_compared_run *run, const char *path) {
    static const char *const unused[] = {"data.source=null", "data.format=null",
            "data.csv=null", "data.fit=null", "data.background=null",
            "data.strict=false"};
    const char *pack = quote(c->arena, "data.pack", path);
    if (!pack) return FTL_ENOMEM;
    if (run->pack) {
        run->set[run->pack] = pack;
        return FTL_OK;
    }
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        FTL_TRY(add(c, run, unused[i]));
    run->pack = run->n_set;
    return add(c, run, pack);
}

/* auto was settled when the pre-training began, perhaps on another machine. */
ftl_status ftl_comparison_use_precision(ftl_comparison *c) {
    static const char *const names[] = {"auto", "fp32", "bf16"};
    ftl_config *config;
    ftl_settings settings;
    const char *path =
            ftl_arena_printf(c->arena, "%s/config.yaml", c->pretrained.directory);
    if (!path) return FTL_ENOMEM;
    FTL_TRY(ftl_config_open(&config, path));
    ftl_status status = ftl_config_read(config, ftl_settings_table, &settings);
    const char *set = status == FTL_OK
                              ? ftl_arena_printf(c->arena, "model.precision=%s",
                                        names[settings.model.precision])
                              : NULL;
    ftl_config_free(config);
    FTL_TRY(status);
    for (int i = 0; i < c->n_runs; i++)
        FTL_TRY(add(c, &c->run[i], set));
    return FTL_OK;
}

/* "method=fairtl" becomes "run.adapt.method=fairtl". */
static ftl_status add_method(ftl_comparison *c, ftl_compared_run *run) {
    const ftl_compared_method *method = &c->method[run->method];
    if (ftl_comparison_is_method(method->name) &&
            !ftl_comparison_sets(method, "method"))
        FTL_TRY(add(c, run,
                ftl_arena_printf(c->arena, "run.adapt.method=%s", method->name)));
    for (int i = 0; i < method->set.n; i++)
        FTL_TRY(add(c, run,
                ftl_arena_printf(c->arena, "run.adapt.%s", method->set.item[i])));
    return FTL_OK;
}

static ftl_status make_run(ftl_comparison *c, ftl_compared_run *run) {
    const char *method = c->method[run->method].name;
    const double ratio = c->ratio[run->ratio];
    run->name = ftl_arena_printf(c->arena, "%s-%g-s%" PRId64, method, ratio, run->seed);
    if (!run->name) return FTL_ENOMEM;
    FTL_TRY(begin_run(c, run, "/runs", c->method[run->method].set.n));
    FTL_TRY(add(c, run, ftl_arena_printf(c->arena, "data.ref_ratio=%.17g", ratio)));
    FTL_TRY(add(
            c, run, ftl_arena_printf(c->arena, "data.ref_draw=%" PRId64, run->seed)));
    FTL_TRY(add_method(c, run));
    FTL_TRY(add(
            c, run, ftl_arena_printf(c->arena, "run.adapt.seed=%" PRId64, run->seed)));
    if (!c->settings.run.data.source) return FTL_OK;
    const char *pack =
            ftl_arena_printf(c->arena, "%s/data.h5", c->pretrained.directory);
    return pack ? ftl_comparison_use_pack(c, run, pack) : FTL_ENOMEM;
}

/* A method that lists some of the ratios or seeds has no others. */
static bool is_wanted(const ftl_comparison *c, int method, int ratio, int seed) {
    const ftl_texts *ratios = &c->method[method].ratios;
    const ftl_texts *seeds = &c->method[method].seeds;
    bool at_ratio = !ratios->n, with_seed = !seeds->n;
    for (int i = 0; i < ratios->n; i++)
        at_ratio |= ftl_comparison_ratio_of(c, ratios->item[i]) == ratio;
    for (int i = 0; i < seeds->n; i++)
        with_seed |= ftl_comparison_seed_of(c, seeds->item[i]) == seed;
    return at_ratio && with_seed;
}

ftl_status ftl_comparison_make_runs(ftl_comparison *c) {
    if ((int64_t)c->n_methods * c->n_ratios * c->n_seeds > MAX_RUNS)
        return ftl_config_refuse(
                c->config, "compare", "more than %d runs", (int)MAX_RUNS);
    c->pretrained =
            (ftl_compared_run) {.name = "pretrained", .method = -1, .ratio = -1};
    FTL_TRY(begin_run(c, &c->pretrained, "", 0));
    /* A function of the room alone: the same model whatever ratios are added. */
    FTL_TRY(add(c, &c->pretrained,
            ftl_arena_printf(
                    c->arena, "data.ref_ratio=%.17g", ftl_comparison_pool(c))));
    const int n = c->n_methods * c->n_ratios * c->n_seeds;
    c->run = ftl_arena_alloc(c->arena, (size_t)n * sizeof *c->run);
    if (!c->run) return FTL_ENOMEM;
    for (int i = 0; i < n; i++) {
        const int method = i % c->n_methods, ratio = i / c->n_methods % c->n_ratios;
        const int seed = i / c->n_methods / c->n_ratios;
        if (!is_wanted(c, method, ratio, seed)) continue;
        ftl_compared_run *run = &c->run[c->n_runs++];
        *run = (ftl_compared_run) {
                .method = method, .ratio = ratio, .seed = c->seed[seed]};
        FTL_TRY(make_run(c, run));
    }
    return FTL_OK;
}

ftl_run_options ftl_comparison_run_options(
        const ftl_comparison *c, const ftl_compared_run *run, ftl_run_part part) {
    return (ftl_run_options) {.config = c->options->config,
            .out = run->directory,
            .set = run->set,
            .n_set = run->n_set,
            .from = part == FTL_RUN_METHOD ? c->start : c->options->from,
            .threads = c->options->threads,
            .resume = true,
            .part = part,
            .measured = part == FTL_RUN_METHOD && c->start != c->options->from};
}
