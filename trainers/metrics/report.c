/* report.c - the list of evaluations and the text of metrics.json; see report.h. */
#include "trainers/metrics/report.h"

#include "engine/base/file.h"
#include "trainers/metrics/report_quality.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ftl_kept_names[FTL_N_KEPT + 1] = {
        "last", "best_fd", "best_frechet", NULL};

static ftl_status fail_memory(void) {
    return ftl_fail(FTL_ENOMEM, "no memory left for the metrics");
}

void ftl_evaluation_fill(ftl_evaluation *evaluation, const ftl_fairness *fairness,
        const char *const *group, const int64_t *confusion) {
    const int k = fairness->n_groups;
    evaluation->n_samples = fairness->n;
    evaluation->n_groups = k;
    for (int i = 0; i < k; i++) {
        int64_t images = 0;
        for (int j = 0; j < k; j++)
            images += confusion[i * k + j];
        const int64_t right = confusion[i * k + i];
        evaluation->group[i] = group[i];
        evaluation->counts[i] = fairness->counts[i];
        evaluation->share[i] = fairness->share[i];
        evaluation->accuracy[i] = images ? (double)right / (double)images : 0;
        evaluation->n_validation[i] = images;
    }
    evaluation->fd = fairness->fd;
    evaluation->l1 = fairness->l1;
    evaluation->kl = fairness->kl;
    evaluation->fd_corrected = fairness->fd_corrected;
    evaluation->fd_interval[0] = fairness->fd_interval[0];
    evaluation->fd_interval[1] = fairness->fd_interval[1];
    evaluation->contradicted = fairness->contradicted;
}

/* -------------------------------------------------------------------- rendering */

/* The array if all n are in it; else memory was out on the way, and it is NULL. */
static json_t *complete(json_t *array, int n) {
    if (json_array_size(array) == (size_t)n) return array;
    json_decref(array);
    return NULL;
}

static json_t *names(int n, const char *const *name) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(array, json_string(name[i]));
    return complete(array, n);
}

static json_t *integers(int n, const int64_t *value) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(array, json_integer(value[i]));
    return complete(array, n);
}

static json_t *reals(int n, const double *value) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(array, json_real(value[i]));
    return complete(array, n);
}

/* jansson takes no text that is not UTF-8. */
static ftl_status check_text(const char *what, const char *text) {
    json_t *string = json_string(text);
    json_decref(string);
    if (string) return FTL_OK;
    return ftl_fail(
            FTL_EINPUT, "metrics: the %s is not valid UTF-8, or memory is short", what);
}

/* Everything that JSON cannot say, so that afterwards only memory can be lacking. */
static ftl_status check(const ftl_evaluation *e) {
    assert(e->n_groups >= 2 && e->n_groups <= FTL_FAIRNESS_MAX_GROUPS);
    assert(e->checkpoint >= 0 && e->checkpoint < FTL_N_KEPT);
    assert(e->also >> FTL_N_KEPT == 0 && !(e->also >> e->checkpoint & 1));
    FTL_TRY(check_text("name of a stage", e->stage));
    FTL_TRY(check_text("hash of the classifier", e->classifier));
    if (e->note) FTL_TRY(check_text("note", e->note));
    if (e->quality.extractor) FTL_TRY(ftl_report_check_quality(&e->quality));
    bool finite = isfinite(e->kimg) && isfinite(e->confidence) && isfinite(e->fd) &&
                  isfinite(e->l1) && isfinite(e->kl) && isfinite(e->fd_corrected) &&
                  isfinite(e->fd_interval[0]) && isfinite(e->fd_interval[1]);
    for (int i = 0; i < e->n_groups; i++) {
        FTL_TRY(check_text("name of a group", e->group[i]));
        finite = finite && isfinite(e->share[i]) && isfinite(e->accuracy[i]);
    }
    if (finite) return FTL_OK;
    return ftl_fail(FTL_ENUMERIC,
            "metrics: the evaluation of stage %s holds NaN or infinity", e->stage);
}

static json_t *classifier_object(const ftl_evaluation *e) {
    json_t *object = json_object();
    json_object_set_new(object, "hash", json_string(e->classifier));
    json_object_set_new(object, "accuracy", reals(e->n_groups, e->accuracy));
    json_object_set_new(object, "n", integers(e->n_groups, e->n_validation));
    if (json_object_size(object) == 3) return object;
    json_decref(object);
    return NULL;
}

static json_t *others_of(unsigned also) {
    const char *name[FTL_N_KEPT];
    int n = 0;
    for (int i = 0; i < FTL_N_KEPT; i++)
        if (also >> i & 1) name[n++] = ftl_kept_names[i];
    return names(n, name);
}

/* The text of an object, which is released; NULL when memory was out on the way, seen
 * by the number of its keys. */
static char *dump(json_t *object, size_t n_keys) {
    char *text = NULL;
    if (json_object_size(object) == n_keys)
        text = json_dumps(object, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    json_decref(object);
    return text;
}

ftl_status ftl_evaluation_render(const ftl_evaluation *e, char **text) {
    *text = NULL;
    FTL_TRY(check(e));
    json_t *object = json_object();
    json_object_set_new(object, "stage", json_string(e->stage));
    const bool known = e->kimg >= 0, shared = known && e->also != 0;
    if (known) {
        json_object_set_new(object, "kimg", json_real(e->kimg));
        json_object_set_new(
                object, "checkpoint", json_string(ftl_kept_names[e->checkpoint]));
    }
    if (shared) json_object_set_new(object, "also", others_of(e->also));
    json_object_set_new(object, "n_samples", json_integer(e->n_samples));
    json_object_set_new(object, "groups", names(e->n_groups, e->group));
    json_object_set_new(object, "counts", integers(e->n_groups, e->counts));
    json_object_set_new(object, "share", reals(e->n_groups, e->share));
    const bool sure = e->confidence > 0;
    if (sure) json_object_set_new(object, "confidence", json_real(e->confidence));
    json_object_set_new(object, "fd", json_real(e->fd));
    json_object_set_new(object, "l1", json_real(e->l1));
    json_object_set_new(object, "kl", json_real(e->kl));
    json_object_set_new(object, "fd_corrected", json_real(e->fd_corrected));
    json_object_set_new(object, "fd_interval", reals(2, e->fd_interval));
    if (e->contradicted) json_object_set_new(object, "contradicted", json_true());
    json_object_set_new(object, "classifier", classifier_object(e));
    const bool judged = e->quality.extractor != NULL;
    if (judged)
        json_object_set_new(object, "quality", ftl_report_quality_object(&e->quality));
    if (e->note) json_object_set_new(object, "note", json_string(e->note));
    *text = dump(object, 11 + 2 * known + shared + sure + e->contradicted + judged +
                                 (e->note != NULL));
    return *text ? FTL_OK : fail_memory();
}

/* A note that no evaluation carries yet. */
static const char *pending_note(const ftl_metrics *metrics) {
    const char *last = metrics->n ? metrics->evaluation[metrics->n - 1]->note : NULL;
    if (!metrics->note || (last && strcmp(metrics->note, last) == 0)) return NULL;
    return metrics->note;
}

static ftl_status render_note(const char *note, char **text) {
    json_t *object = json_object();
    json_object_set_new(object, "note", json_string(note));
    *text = dump(object, 1);
    return *text ? FTL_OK : fail_memory();
}

/* Append an object to the text of an array; frees it. */
static ftl_status append_object(char **text, size_t *n, char *object) {
    const size_t room = strlen(object) + 8;
    char *longer = realloc(*text, *n + room);
    if (longer) {
        *text = longer;
        *n += (size_t)snprintf(longer + *n, room, "%s\n%s", *n > 1 ? "," : "", object);
    }
    free(object);
    return longer ? FTL_OK : fail_memory();
}

ftl_status ftl_metrics_render(const ftl_metrics *metrics, char **text) {
    ftl_status status;
    char *object, *all = malloc(8);
    size_t n = 1;
    *text = NULL;
    if (!all) return fail_memory();
    all[0] = '[';
    for (int i = 0; i < metrics->n; i++) {
        FTL_TRY_OUT(ftl_evaluation_render(metrics->evaluation[i], &object));
        FTL_TRY_OUT(append_object(&all, &n, object));
    }
    const char *note = pending_note(metrics);
    if (note) {
        FTL_TRY_OUT(render_note(note, &object));
        FTL_TRY_OUT(append_object(&all, &n, object));
    }
    const char *end = n > 1 ? "\n]\n" : "]\n";
    memcpy(all + n, end, strlen(end) + 1); /* append_object left room */
    *text = all;
    return FTL_OK;
out:
    free(all);
    return status;
}

ftl_status ftl_metrics_save(const ftl_metrics *metrics, const char *path) {
    char *text;
    FTL_TRY(ftl_metrics_render(metrics, &text));
    ftl_status status = ftl_file_write(path, text, strlen(text));
    free(text);
    return status;
}

/* --------------------------------------------------------------------- the list */

ftl_status ftl_metrics_init(ftl_metrics *metrics) {
    *metrics = (ftl_metrics) {0};
    return ftl_arena_create(&metrics->arena);
}

void ftl_metrics_deinit(ftl_metrics *metrics) {
    ftl_arena_free(metrics->arena);
    *metrics = (ftl_metrics) {0};
}

/* Copy text into the arena; false when memory is out. NULL stays NULL. */
static bool keep_text(ftl_metrics *metrics, const char **text) {
    if (!*text) return true;
    *text = ftl_arena_strdup(metrics->arena, *text);
    return *text;
}

static ftl_evaluation *keep(ftl_metrics *metrics, const ftl_evaluation *evaluation) {
    ftl_evaluation *copy = ftl_arena_alloc(metrics->arena, sizeof *copy);
    if (!copy) return NULL;
    *copy = *evaluation;
    copy->note = metrics->note; /* lives in the arena already */
    bool good = keep_text(metrics, &copy->stage);
    good = good && keep_text(metrics, &copy->classifier);
    good = good && keep_text(metrics, &copy->quality.extractor);
    good = good && keep_text(metrics, &copy->quality.hash);
    good = good && keep_text(metrics, &copy->quality.resizer);
    good = good && keep_text(metrics, &copy->quality.split);
    for (int i = 0; good && i < copy->n_groups; i++)
        good = keep_text(metrics, &copy->group[i]);
    return good ? copy : NULL;
}

ftl_status ftl_metrics_add(ftl_metrics *metrics, const ftl_evaluation *evaluation) {
    FTL_TRY(check(evaluation));
    const int n = metrics->n;
    if ((n & (n - 1)) == 0) { /* the array doubles whenever n is a power of two */
        const size_t room = n ? 2 * (size_t)n : 1;
        const ftl_evaluation **larger =
                ftl_arena_alloc(metrics->arena, room * sizeof *larger);
        if (!larger) return FTL_ENOMEM;
        for (int i = 0; i < n; i++)
            larger[i] = metrics->evaluation[i];
        metrics->evaluation = larger;
    }
    const ftl_evaluation *copy = keep(metrics, evaluation);
    if (!copy) return FTL_ENOMEM;
    metrics->evaluation[metrics->n++] = copy;
    return FTL_OK;
}

ftl_status ftl_metrics_note(ftl_metrics *metrics, const char *note) {
    FTL_TRY(check_text("note", note));
    const char *joined = metrics->note ? ftl_arena_printf(metrics->arena, "%s; %s",
                                                 metrics->note, note)
                                       : ftl_arena_strdup(metrics->arena, note);
    if (!joined) return FTL_ENOMEM;
    metrics->note = joined;
    return FTL_OK;
}

const char *ftl_metrics_library(void) { return JANSSON_VERSION; }
