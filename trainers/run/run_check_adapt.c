/* run_check_adapt.c - keys of an adaptation that say nothing to its method, or nothing
 * beside another key. */
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct check {
    ftl_run_state *run;
    int i; /* run[i] */
    const ftl_adapt_settings *adapt;
    const ftl_method *method;
} check;

/* Refuse the key if it was given; the rest says why. */
static ftl_status refuse_given(const check *c, const char *key, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static ftl_status refuse_given(
        const check *c, const char *key, const char *format, ...) {
    char path[96], why[256];
    va_list list;
    snprintf(path, sizeof path, "run[%d].adapt.%s", c->i, key);
    if (!ftl_config_given(c->run->config, path)) return FTL_OK;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    return ftl_config_refuse(c->run->config, path, "%s", why);
}

static ftl_status check_fairtlpp(const check *c) {
    const char *name = c->method->name;
    if (c->method != &ftl_method_fairtlpp) {
        FTL_TRY(refuse_given(c, "lambda",
                "%s has one discriminator and nothing to weigh; did you mean method: "
                "fairtl++?",
                name));
        FTL_TRY(refuse_given(c, "probe",
                "%s has no linear probing; did you mean method: fairtl++?", name));
        FTL_TRY(refuse_given(c, "variant",
                "%s has no variants; did you mean method: fairtl++?", name));
    }
    if (c->adapt->stages.n > 0)
        FTL_TRY(refuse_given(
                c, "probe", "stages have lengths of their own; give one or the other"));
    if (c->adapt->discriminators.n > 0)
        FTL_TRY(refuse_given(c, "lambda",
                "discriminators have weights of their own; give one or the other"));
    return FTL_OK;
}

static ftl_status check_parts(const check *c) {
    const ftl_adapt_settings *adapt = c->adapt;
    if (c->method == &ftl_method_lecam && adapt->lecam == 0)
        FTL_TRY(refuse_given(
                c, "lecam", "method: lecam without its regulariser is method: fairtl"));
    if (c->method != &ftl_method_lecam && adapt->lecam == 0)
        FTL_TRY(refuse_given(
                c, "lecam_decay", "there is no running mean without lecam"));
    if (c->method != &ftl_method_importance)
        FTL_TRY(refuse_given(c, "importance",
                "%s weighs no images; did you mean method: importance?",
                c->method->name));
    if (adapt->ewc == 0)
        FTL_TRY(refuse_given(c, "ewc_samples", "there is no anchor without ewc"));
    return FTL_OK;
}

/* A list without anything in it means none where none is what there would be without
 * it, and stages may freeze nothing. It must not be taken for no list. */
static ftl_status check_empty(const check *c) {
    static const char own[] = "there must be one at least; leave the key out for the "
                              "method's own";
    const ftl_adapt_settings *adapt = c->adapt;
    if (adapt->discriminators.n == 0)
        FTL_TRY(refuse_given(c, "discriminators", "%s", own));
    if (adapt->stages.n == 0) FTL_TRY(refuse_given(c, "stages", "%s", own));
    if (adapt->augment.n == 0 && c->method == &ftl_method_diffaugment)
        FTL_TRY(refuse_given(c, "augment",
                "method: diffaugment without augmentation is method: fairtl"));
    if (adapt->freeze.n > 0) return FTL_OK;
    if (c->method == &ftl_method_freezed)
        return refuse_given(
                c, "freeze", "method: freezed that freezes nothing is method: fairtl");
    if (adapt->stages.n > 0)
        return refuse_given(c, "freeze",
                "stages say themselves what they freeze; give one or the other");
    if (c->method == &ftl_method_fairtlpp && adapt->probe > 0)
        return refuse_given(c, "freeze",
                "linear probing that freezes nothing is fine-tuning; probe: 0 is what "
                "leaves it out");
    return FTL_OK;
}

static ftl_status check_discriminators(const check *c) {
    const ftl_discriminator_settings *list = c->adapt->discriminators.item;
    for (int k = 0; k < c->adapt->discriminators.n; k++) {
        char key[64];
        snprintf(key, sizeof key, "discriminators[%d].data", k);
        if (!list[k].train)
            FTL_TRY(refuse_given(c, key, "one that stands still learns from no set"));
    }
    return FTL_OK;
}

ftl_status ftl_run_check_adapt_keys(
        ftl_run_state *run, int i, const ftl_adapt_settings *adapt) {
    const check c = {run, i, adapt, ftl_methods[adapt->method]};
    FTL_TRY(check_fairtlpp(&c));
    FTL_TRY(check_parts(&c));
    FTL_TRY(check_empty(&c));
    return check_discriminators(&c);
}
