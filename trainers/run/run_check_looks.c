/* run_check_looks.c - what is asked of looks that there are none of, and what looks
 * need; see run_check.c. */
#include "trainers/metrics/quality.h"
#include "trainers/run/run_state.h"

#include <inttypes.h>
#include <stdio.h>

/* The keys of one stage about looks. */
typedef struct keys {
    const ftl_looks_settings *looks;
    const ftl_plateau_settings *plateau;
    const ftl_settle_settings *settle; /* NULL: not of this kind */
    int keep;
    double kimg; /* of the stage */
} keys;

static double length_of(const ftl_adapt_settings *s) {
    const ftl_stage_settings *stages = s->stages.item;
    double kimg = s->stages.n ? 0 : s->kimg;
    for (int i = 0; i < s->stages.n; i++)
        kimg += stages[i].kimg;
    return kimg;
}

static keys keys_of(const ftl_variant *stage) {
    if (stage->kind == FTL_STAGE_PRETRAIN) {
        const ftl_pretrain_settings *s = stage->section;
        return (keys) {&s->looks, &s->plateau, &s->settle, FTL_KEPT_LAST, s->kimg};
    }
    const ftl_adapt_settings *s = stage->section;
    return (keys) {&s->looks, &s->plateau, NULL, s->keep, length_of(s)};
}

/* The first thing that is wrong: *key and why; NULL: nothing is. */
static const char *fault_of_plateau(const keys *k, const char **key) {
    const ftl_plateau_settings *p = k->plateau;
    *key = "plateau";
    if (p->count == 0 && (p->of != 0 || p->from > 0))
        return "says nothing without count, the number of looks that end the stage";
    if (p->count > 0 && k->looks->every == 0)
        return "needs looks to judge by: set evaluate.every";
    *key = "plateau.of";
    if (p->count > 0 && p->of == 1 && !k->looks->frechet)
        return "looks have no Frechet distance: set evaluate.frechet: true";
    return NULL;
}

static const char *fault_of_settle(const keys *k, const char **key) {
    const ftl_settle_settings *s = k->settle;
    *key = "settle";
    if (!s) return NULL;
    if (s->count == 0 && s->from > 0)
        return "says nothing without count, the number of looks that have to agree";
    if (s->count > 0 && k->looks->every == 0)
        return "needs looks to judge by: set evaluate.every";
    *key = "settle.count";
    return s->count == 1 ? "one look agrees with itself: 2 or more, or 0 for none"
                         : NULL;
}

static const char *fault_of_keep(const keys *k, const char **key) {
    *key = "keep";
    if (k->keep != FTL_KEPT_LAST && k->looks->every == 0)
        return "there is no best without looks to choose by: set evaluate.every";
    if (k->keep != FTL_KEPT_LAST && k->looks->every > k->kimg)
        return "there is no best: the first look comes after the end of the stage; "
               "lower evaluate.every";
    if (k->keep == FTL_KEPT_BEST_FRECHET && !k->looks->frechet)
        return "looks have no Frechet distance: set evaluate.frechet: true";
    return NULL;
}

static const char *fault_of_looks(const keys *k, const char **key) {
    *key = "evaluate.frechet";
    if (k->looks->frechet && k->looks->every == 0)
        return "there are no looks: set evaluate.every";
    *key = "evaluate.samples";
    if (k->looks->frechet && k->looks->samples < FTL_QUALITY_MIN)
        return "too few for a Frechet distance: 20 at least";
    return NULL;
}

ftl_status ftl_run_check_looks(ftl_run_state *run, int i) {
    const ftl_variant *stage = &run->settings.run.item[i];
    const keys k = keys_of(stage);
    const char *key, *fault = fault_of_looks(&k, &key);
    char path[96];
    if (!fault) fault = fault_of_settle(&k, &key);
    if (!fault) fault = fault_of_plateau(&k, &key);
    if (!fault) fault = fault_of_keep(&k, &key);
    if (!fault) return FTL_OK;
    snprintf(path, sizeof path, "run[%d].%s.%s", i,
            ftl_stage_kind_name((ftl_stage_kind)stage->kind), key);
    return ftl_config_refuse(run->config, path, "%s", fault);
}

ftl_status ftl_run_check_looks_set(ftl_run_state *run, int i) {
    const ftl_variant *stage = &run->settings.run.item[i];
    const int64_t n = run->data.splits.split[FTL_SPLIT_EVALUATION].n;
    char path[96];
    if (!keys_of(stage).looks->frechet || n >= FTL_QUALITY_MIN) return FTL_OK;
    snprintf(path, sizeof path, "run[%d].%s.evaluate.frechet", i,
            ftl_stage_kind_name((ftl_stage_kind)stage->kind));
    return ftl_config_refuse(run->config, path,
            "it needs the evaluation set of data:, %d images at least; it has %" PRId64,
            FTL_QUALITY_MIN, n);
}
