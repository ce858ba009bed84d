/* run_about.c - about.json: what a report says of a run beside its figures.
 *
 * The sets and their counts, what methods came to, what bits depend on; no times. It
 * is written when a run begins, and again, "finished", when it ends. */
#include "engine/base/file.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Lines "name: value" as an object. */
static json_t *object_of_lines(const char *text) {
    json_t *object = json_object();
    while (*text) {
        const size_t n = strcspn(text, "\n"), name = strcspn(text, ":");
        if (name + 2 < n)
            json_object_setn_new_nocheck(
                    object, text, name, json_stringn(text + name + 2, n - name - 2));
        text += n + (text[n] == '\n');
    }
    return object;
}

static json_t *list_groups(const ftl_splits *splits) {
    json_t *list = json_array();
    for (int k = 0; k < splits->n_groups; k++)
        json_array_append_new(list, json_string(splits->group_name[k]));
    return list;
}

static json_t *list_sets(const ftl_splits *splits) {
    json_t *list = json_array();
    for (int i = 0; i < FTL_N_SPLITS; i++) {
        const ftl_split *split = &splits->split[i];
        if (!split->file) continue;
        json_t *counts = json_array();
        for (int k = 0; k < splits->n_groups; k++)
            json_array_append_new(counts, json_integer(split->count[k]));
        json_array_append_new(
                list, json_pack("{ss sI so sI}", "name", split->name, "images",
                              (json_int_t)split->n, "counts", counts, "ungrouped",
                              (json_int_t)split->n_ungrouped));
    }
    return list;
}

static ftl_status describe_adaptation(
        json_t *stage, const ftl_run_state *run, const ftl_adapt_settings *settings) {
    ftl_adaptation adaptation;
    const char *text;
    FTL_TRY(ftl_adaptation_expand(
            &adaptation, settings, run->gan.options.resolution, "adapt", run->arena));
    FTL_TRY(ftl_adaptation_describe(&text, &adaptation, settings, 0, run->arena));
    json_t *segments = json_array();
    for (int i = 0; i < adaptation.n_segments; i++) {
        const ftl_segment *s = &adaptation.segment[i];
        json_array_append_new(
                segments, json_pack("{ss sf}", "name", s->name, "kimg",
                                  (double)(s->n_steps * settings->gan.batch) / 1000));
    }
    json_object_set_new(
            stage, "method", json_string(ftl_methods[settings->method]->name));
    json_object_set_new(stage, "expansion", json_string(text));
    json_object_set_new(stage, "segments", segments);
    return FTL_OK;
}

static ftl_status list_stages(json_t *list, const ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n; i++) {
        const ftl_variant *item = &run->settings.run.item[i];
        json_t *stage = json_object();
        json_object_set_new(stage, "name", json_string(run->stage_names[i]));
        ftl_status status = FTL_OK;
        if (item->kind == FTL_STAGE_ADAPT)
            status = describe_adaptation(stage, run, item->section);
        if (json_array_append_new(list, stage)) return FTL_ENOMEM;
        FTL_TRY(status);
    }
    return FTL_OK;
}

/* jansson gives NULL, and takes it, when memory is out: what is lost is seen here. */
static bool is_whole(const json_t *about) {
    static const char *const keys[] = {
            "groups", "sets", "stages", "environment", "inputs", "parameters"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!json_object_get(about, keys[i])) return false;
    return true;
}

static ftl_status describe(json_t *about, const ftl_run_state *run) {
    const ftl_splits *splits = &run->data.splits;
    json_t *stages = json_array();
    json_object_set_new(about, "groups", list_groups(splits));
    json_object_set_new(about, "sets", list_sets(splits));
    json_object_set_new(about, "environment", object_of_lines(run->environment));
    json_object_set_new(about, "inputs", object_of_lines(run->inputs));
    json_object_set_new(about, "parameters",
            json_pack("{sI sI sI}", "G", (json_int_t)ftl_store_parameters(run->gan.g),
                    "D", (json_int_t)ftl_store_parameters(run->gan.d[0].store),
                    "classifier",
                    (json_int_t)ftl_store_parameters(run->classifier.store)));
    json_object_set_new(about, "stages", stages);
    FTL_TRY(list_stages(stages, run));
    return is_whole(about) ? FTL_OK : FTL_ENOMEM;
}

ftl_status ftl_run_write_about(ftl_run_state *run, bool finished) {
    char path[FTL_RUN_PATH_BYTES], *text = NULL;
    FTL_TRY(ftl_run_path_to_write(path, run, "about.json"));
    json_t *about = json_pack("{ss sI sb}", "fairtl", FTL_VERSION, "seed",
            (json_int_t)run->settings.seed, "finished", finished);
    ftl_status status = about ? describe(about, run) : FTL_ENOMEM;
    if (status == FTL_OK)
        text = json_dumps(about, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    if (text) status = ftl_file_write(path, text, strlen(text));
    if (!text && status == FTL_OK) status = FTL_ENOMEM;
    free(text);
    json_decref(about);
    return status == FTL_ENOMEM ? ftl_fail(status, "out of memory for about.json")
                                : status;
}
