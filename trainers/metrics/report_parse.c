/* report_parse.c - from the text of metrics.json back to evaluations; see report.h. */
#include "trainers/metrics/report_quality.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

/* The object that is being read. */
typedef struct place {
    json_t *object;
    int number;         /* of the evaluation, from 1 */
    const char *prefix; /* of its keys in messages: "" or "classifier." */
} place;

static ftl_status fail_key(const place *at, const char *key, const char *needed) {
    return ftl_fail(FTL_EFORMAT, "metrics: evaluation %d: %s%s: %s", at->number,
            at->prefix, key, needed);
}

static ftl_status get_text(const place *at, const char *key, const char **out) {
    *out = json_string_value(json_object_get(at->object, key));
    return *out ? FTL_OK : fail_key(at, key, "a text is needed");
}

static ftl_status get_real(const place *at, const char *key, double *out) {
    const json_t *value = json_object_get(at->object, key);
    if (!json_is_number(value)) return fail_key(at, key, "a number is needed");
    *out = json_number_value(value);
    return FTL_OK;
}

static ftl_status get_integer(const place *at, const char *key, int64_t *out) {
    const json_t *value = json_object_get(at->object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return fail_key(at, key, "a whole number, 0 or more, is needed");
    *out = json_integer_value(value);
    return FTL_OK;
}

/* An array of n. */
static ftl_status get_array(
        const place *at, const char *key, size_t n, const json_t **out) {
    *out = json_object_get(at->object, key);
    if (!json_is_array(*out) || json_array_size(*out) != n)
        return fail_key(at, key, "a list as long as `groups` is needed");
    return FTL_OK;
}

static ftl_status get_reals(const place *at, const char *key, int n, double *out) {
    const json_t *array;
    FTL_TRY(get_array(at, key, (size_t)n, &array));
    for (int i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, (size_t)i);
        if (!json_is_number(value)) return fail_key(at, key, "numbers are needed");
        out[i] = json_number_value(value);
    }
    return FTL_OK;
}

static ftl_status get_integers(const place *at, const char *key, int n, int64_t *out) {
    const json_t *array;
    FTL_TRY(get_array(at, key, (size_t)n, &array));
    for (int i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, (size_t)i);
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return fail_key(at, key, "whole numbers, 0 or more, are needed");
        out[i] = json_integer_value(value);
    }
    return FTL_OK;
}

static ftl_status get_interval(const place *at, const char *key, double out[2]) {
    if (json_array_size(json_object_get(at->object, key)) != 2)
        return fail_key(at, key, "two numbers are needed");
    return get_reals(at, key, 2, out);
}

static ftl_status get_groups(const place *at, ftl_evaluation *e) {
    const json_t *array = json_object_get(at->object, "groups");
    const size_t n = json_array_size(array);
    if (n < 2 || n > FTL_FAIRNESS_MAX_GROUPS)
        return fail_key(at, "groups", "a list of 2 names or more is needed");
    e->n_groups = (int)n;
    for (size_t i = 0; i < n; i++) {
        e->group[i] = json_string_value(json_array_get(array, i));
        if (!e->group[i]) return fail_key(at, "groups", "names are needed");
    }
    return FTL_OK;
}

static ftl_status get_kept(
        const place *at, const char *key, const json_t *value, int *out) {
    const char *name = json_string_value(value);
    for (int i = 0; name && i < FTL_N_KEPT; i++) {
        *out = i;
        if (strcmp(name, ftl_kept_names[i]) == 0) return FTL_OK;
    }
    return fail_key(at, key, "last, best_fd or best_frechet is needed");
}

/* Which generator it is, and which others it is; without these keys the last. */
static ftl_status get_checkpoint(const place *at, ftl_evaluation *e) {
    const json_t *name = json_object_get(at->object, "checkpoint");
    const json_t *also = json_object_get(at->object, "also");
    int other = 0;
    if (name && e->kimg < 0)
        return fail_key(at, "checkpoint", "kimg is needed beside it");
    if (name) FTL_TRY(get_kept(at, "checkpoint", name, &e->checkpoint));
    if (also && (!name || json_array_size(also) == 0))
        return fail_key(at, "also", "names beside that of `checkpoint` are needed");
    for (size_t i = 0; i < json_array_size(also); i++) {
        FTL_TRY(get_kept(at, "also", json_array_get(also, i), &other));
        if (other == e->checkpoint)
            return fail_key(at, "also", "names beside that of `checkpoint` are needed");
        e->also |= 1U << other;
    }
    return FTL_OK;
}

/* Refuse keys beside those of the NULL-ended list. */
static ftl_status refuse_others(const place *at, const char *const *known) {
    void *iterator = json_object_iter(at->object);
    for (; iterator; iterator = json_object_iter_next(at->object, iterator)) {
        const char *key = json_object_iter_key(iterator);
        bool found = false;
        for (const char *const *k = known; *k && !found; k++)
            found = strcmp(*k, key) == 0;
        if (!found) return fail_key(at, key, "there is no such key");
    }
    return FTL_OK;
}

static ftl_status get_classifier(const place *outer, ftl_evaluation *e) {
    static const char *const known[] = {"hash", "accuracy", "n", NULL};
    const place at = {
            json_object_get(outer->object, "classifier"), outer->number, "classifier."};
    if (!json_is_object(at.object))
        return fail_key(outer, "classifier", "an object is needed");
    FTL_TRY(get_text(&at, "hash", &e->classifier));
    FTL_TRY(get_reals(&at, "accuracy", e->n_groups, e->accuracy));
    FTL_TRY(get_integers(&at, "n", e->n_groups, e->n_validation));
    return refuse_others(&at, known);
}

/* True, or not there. */
static ftl_status get_contradicted(const place *at, ftl_evaluation *e) {
    const json_t *value = json_object_get(at->object, "contradicted");
    if (value && !json_is_true(value))
        return fail_key(at, "contradicted", "nothing but true is allowed");
    e->contradicted = value != NULL;
    return FTL_OK;
}

/* Texts of before there were these keys have the shares that they are of. */
static ftl_status get_other_distances(const place *at, ftl_evaluation *e) {
    e->l1 = ftl_fairness_l1(e->n_groups, e->share);
    e->kl = ftl_fairness_kl(e->n_groups, e->share);
    if (json_object_get(at->object, "l1")) FTL_TRY(get_real(at, "l1", &e->l1));
    if (json_object_get(at->object, "kl")) FTL_TRY(get_real(at, "kl", &e->kl));
    return FTL_OK;
}

/* Texts stay the JSON's. */
static ftl_status get_evaluation(const place *at, ftl_evaluation *e) {
    static const char *const known[] = {"stage", "kimg", "checkpoint", "also",
            "n_samples", "groups", "counts", "share", "confidence", "fd", "l1", "kl",
            "fd_corrected", "fd_interval", "contradicted", "classifier", "quality",
            "note", NULL};
    *e = (ftl_evaluation) {0};
    FTL_TRY(get_text(at, "stage", &e->stage));
    e->kimg = -1;
    if (json_object_get(at->object, "kimg")) FTL_TRY(get_real(at, "kimg", &e->kimg));
    FTL_TRY(get_checkpoint(at, e));
    FTL_TRY(get_integer(at, "n_samples", &e->n_samples));
    FTL_TRY(get_groups(at, e));
    FTL_TRY(get_integers(at, "counts", e->n_groups, e->counts));
    FTL_TRY(get_reals(at, "share", e->n_groups, e->share));
    if (json_object_get(at->object, "confidence"))
        FTL_TRY(get_real(at, "confidence", &e->confidence));
    FTL_TRY(get_real(at, "fd", &e->fd));
    FTL_TRY(get_other_distances(at, e));
    FTL_TRY(get_real(at, "fd_corrected", &e->fd_corrected));
    FTL_TRY(get_interval(at, "fd_interval", e->fd_interval));
    FTL_TRY(get_contradicted(at, e));
    FTL_TRY(get_classifier(at, e));
    const json_t *quality = json_object_get(at->object, "quality");
    if (quality) FTL_TRY(ftl_report_parse_quality(&e->quality, quality, at->number));
    if (json_object_get(at->object, "note")) FTL_TRY(get_text(at, "note", &e->note));
    return refuse_others(at, known);
}

/* An evaluation takes its note from the metrics, so that is where it goes first. */
static ftl_status set_note(ftl_metrics *metrics, const char *note) {
    metrics->note = note ? ftl_arena_strdup(metrics->arena, note) : NULL;
    return note && !metrics->note ? FTL_ENOMEM : FTL_OK;
}

static ftl_status read_object(ftl_metrics *metrics, const place *at, bool last) {
    const char *note;
    if (last && json_object_size(at->object) == 1 &&
            json_object_get(at->object, "note")) { /* one that waits */
        FTL_TRY(get_text(at, "note", &note));
        return set_note(metrics, note);
    }
    ftl_evaluation evaluation;
    FTL_TRY(get_evaluation(at, &evaluation));
    FTL_TRY(set_note(metrics, evaluation.note));
    return ftl_metrics_add(metrics, &evaluation);
}

static ftl_status read_array(ftl_metrics *metrics, const json_t *array) {
    if (!json_is_array(array))
        return ftl_fail(FTL_EFORMAT, "metrics: a list of evaluations is needed");
    const size_t n = json_array_size(array);
    for (size_t i = 0; i < n; i++) {
        const place at = {json_array_get(array, i), (int)i + 1, ""};
        if (!json_is_object(at.object))
            return ftl_fail(
                    FTL_EFORMAT, "metrics: evaluation %d is no object", at.number);
        FTL_TRY(read_object(metrics, &at, i + 1 == n));
    }
    return FTL_OK;
}

ftl_status ftl_metrics_parse(ftl_metrics *metrics, const char *text) {
    json_error_t error;
    json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!array)
        return ftl_fail(FTL_EFORMAT, "metrics: line %d: %s", error.line, error.text);
    ftl_metrics fresh;
    ftl_status status = ftl_metrics_init(&fresh);
    if (!status) status = read_array(&fresh, array);
    json_decref(array);
    if (status) {
        ftl_metrics_deinit(&fresh);
        return status;
    }
    ftl_metrics_deinit(metrics);
    *metrics = fresh;
    return FTL_OK;
}
