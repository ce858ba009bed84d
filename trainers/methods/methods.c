/* methods.c - the list of methods and what they share; see method.h. */
#include "trainers/methods/method.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const ftl_method *const ftl_methods[] = {&ftl_method_fairtl, &ftl_method_fairtlpp,
        &ftl_method_freezed, &ftl_method_scratch, &ftl_method_lecam, &ftl_method_ewc,
        &ftl_method_diffaugment, &ftl_method_importance, NULL};

int64_t ftl_steps_of_kimg(double kimg, int64_t batch) {
    int64_t steps = (int64_t)ceil(kimg * 1000 / (double)batch - 1e-9);
    return steps > 0 ? steps : 1;
}

static ftl_status check_lengths(const ftl_adapt_settings *settings, const char *key) {
    const int n = settings->stages.n;
    if (n > 0 && settings->kimg > 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.kimg: stages have lengths of their own; give one or the other",
                key);
    if (n > 0 && settings->freeze.n > 0)
        return ftl_fail(FTL_ECONFIG,
                "%s.freeze: stages say themselves what they freeze; give one or the "
                "other",
                key);
    if (n == 0 && settings->kimg == 0)
        return ftl_fail(FTL_ECONFIG, "%s.kimg: give the length, or stages", key);
    return FTL_OK;
}

ftl_status ftl_method_stages(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *key, ftl_arena *arena) {
    const ftl_stage_settings *stages = settings->stages.item;
    int n = settings->stages.n;
    FTL_TRY(check_lengths(settings, key));
    out->segment = ftl_arena_alloc(arena, (size_t)(n + 2) * sizeof *out->segment);
    if (!out->segment) return FTL_ENOMEM;
    for (int i = 0; i < n; i++)
        out->segment[i] = (ftl_segment) {.name = stages[i].name,
                .n_steps = ftl_steps_of_kimg(stages[i].kimg, settings->gan.batch),
                .freeze = stages[i].freeze.item,
                .n_freeze = stages[i].freeze.n,
                .g_lr = stages[i].g_lr > 0 ? stages[i].g_lr : settings->gan.g_lr,
                .d_lr = stages[i].d_lr > 0 ? stages[i].d_lr : settings->gan.d_lr};
    out->n_segments = n;
    return FTL_OK;
}

void ftl_method_add_segment(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *name, double share) {
    out->segment[out->n_segments++] = (ftl_segment) {.name = name,
            .n_steps = ftl_steps_of_kimg(settings->kimg * share, settings->gan.batch),
            .g_lr = settings->gan.g_lr,
            .d_lr = settings->gan.d_lr};
}

ftl_status ftl_method_freeze(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, ftl_arena *arena) {
    enum { BLOCKS = 2 };
    ftl_segment *last = &out->segment[out->n_segments - 1];
    last->freeze = settings->freeze.item;
    last->n_freeze = settings->freeze.n;
    if (last->n_freeze > 0) return FTL_OK;
    const char **freeze = ftl_arena_alloc(arena, BLOCKS * sizeof *freeze);
    if (!freeze) return FTL_ENOMEM;
    for (int i = 0; i < BLOCKS; i++) {
        freeze[i] = ftl_arena_printf(arena, "D@%d", resolution >> i);
        if (!freeze[i]) return FTL_ENOMEM;
    }
    last->freeze = freeze;
    last->n_freeze = BLOCKS;
    return FTL_OK;
}

ftl_status ftl_method_fine_tune(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena) {
    out->judge[out->n_judges++] =
            (ftl_judge) {.name = "D", .trains = true, .weight = 1};
    FTL_TRY(ftl_method_stages(out, settings, key, arena));
    if (out->n_segments > 0) return FTL_OK;
    ftl_method_add_segment(out, settings, "fine-tune", 1);
    return settings->freeze.n ? ftl_method_freeze(out, settings, resolution, arena)
                              : FTL_OK;
}

/* "D", then "D_..." of letters and digits. */
static bool is_name(const char *name, int i) {
    static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    if (i == 0) return strcmp(name, "D") == 0;
    return strncmp(name, "D_", 2) == 0 && name[2] && strlen(name) < 24 &&
           strspn(name, letters) == strlen(name);
}

static ftl_status check_judge(
        const ftl_discriminator_settings *list, int i, const char *key) {
    if (!is_name(list[i].name, i))
        return ftl_fail(FTL_ECONFIG,
                "%s.discriminators[%d].name: \"%s\": the first is D, each other is "
                "D_ and letters or digits behind it, at most 23 in all",
                key, i, list[i].name);
    for (int k = 0; k < i; k++)
        if (strcmp(list[i].name, list[k].name) == 0)
            return ftl_fail(FTL_ECONFIG,
                    "%s.discriminators[%d].name: there is a %s already", key, i,
                    list[i].name);
    if (i == 0 && !list[i].train)
        return ftl_fail(FTL_ECONFIG,
                "%s.discriminators[0].train: the first one trains; put frozen ones "
                "behind it",
                key);
    if (!list[i].train && !(list[i].weight > 0))
        return ftl_fail(FTL_ECONFIG,
                "%s.discriminators[%d].weight: one that stands still and weighs "
                "nothing "
                "does nothing; leave %s out",
                key, i, list[i].name);
    return FTL_OK;
}

/* The settings' own list replaces the method's. */
static ftl_status replace_judges(
        ftl_adaptation *out, const ftl_adapt_settings *settings, const char *key) {
    const ftl_discriminator_settings *list = settings->discriminators.item;
    const int n = settings->discriminators.n;
    double total = 0;
    if (n == 0) return FTL_OK;
    if (n > FTL_MAX_DISCRIMINATORS)
        return ftl_fail(FTL_ECONFIG, "%s.discriminators: %d; there may be up to %d",
                key, n, FTL_MAX_DISCRIMINATORS);
    for (int i = 0; i < n; i++) {
        FTL_TRY(check_judge(list, i, key));
        out->judge[i] = (ftl_judge) {.name = list[i].name,
                .trains = list[i].train,
                .weight = list[i].weight,
                .source = (ftl_feed_source)list[i].data};
        total += list[i].weight;
    }
    if (!(total > 0))
        return ftl_fail(FTL_ECONFIG,
                "%s.discriminators: all have weight 0, and the generator would learn "
                "from none",
                key);
    out->n_judges = n;
    return FTL_OK;
}

/* The settings' own list replaces the method's. */
static ftl_status read_augment(
        ftl_adaptation *out, const ftl_adapt_settings *settings, const char *key) {
    if (settings->augment.n > 0) out->augment = 0;
    for (int i = 0; i < settings->augment.n; i++) {
        int k = 0;
        while (ftl_augment_names[k] &&
                strcmp(ftl_augment_names[k], settings->augment.item[i]) != 0)
            k++;
        if (!ftl_augment_names[k])
            return ftl_fail(FTL_ECONFIG,
                    "%s.augment: %s is none of colour, translation, cutout", key,
                    settings->augment.item[i]);
        out->augment |= 1U << k;
    }
    return FTL_OK;
}

static ftl_status check_importance(const ftl_adaptation *all, const char *key) {
    bool weighs = !all->importance;
    for (int i = 0; i < all->n_judges; i++)
        weighs |= all->judge[i].trains && all->judge[i].source != FTL_FEED_REFERENCE;
    if (weighs) return FTL_OK;
    return ftl_fail(FTL_ECONFIG,
            "%s.discriminators: none learns from the biased set, and importance weighs "
            "nothing else",
            key);
}

ftl_status ftl_adaptation_expand(ftl_adaptation *out,
        const ftl_adapt_settings *settings, int resolution, const char *key,
        ftl_arena *arena) {
    *out = (ftl_adaptation) {0};
    FTL_TRY(ftl_methods[settings->method]->expand(
            out, settings, resolution, key, arena));
    if (settings->lecam > 0) out->lecam.weight = settings->lecam;
    if (out->lecam.weight > 0) out->lecam.decay = settings->lecam_decay;
    out->ewc = settings->ewc;
    out->ewc_samples = settings->ewc_samples;
    if (out->ewc > 0 && out->fresh)
        return ftl_fail(FTL_ECONFIG,
                "%s.ewc: scratch begins with new weights: there is nothing to hold",
                key);
    FTL_TRY(read_augment(out, settings, key));
    FTL_TRY(replace_judges(out, settings, key));
    return check_importance(out, key);
}

ftl_status ftl_adaptation_apply(const ftl_adaptation *adaptation, ftl_gan *gan) {
    gan->lecam = adaptation->lecam;
    gan->augment = adaptation->augment;
    for (int i = 0; i < adaptation->n_judges; i++) {
        const ftl_judge *judge = &adaptation->judge[i];
        if (i >= gan->n_d) FTL_TRY(ftl_gan_add(gan, judge->name, judge->trains));
        gan->d[i].weight = judge->weight;
        gan->d[i].weighted = adaptation->importance && judge->trains &&
                             judge->source != FTL_FEED_REFERENCE;
    }
    return FTL_OK;
}
