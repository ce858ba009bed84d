/* describe.c - what a preset expands to, as YAML; see method.h. */
#include "trainers/methods/method.h"

/* "[]" or a list of patterns in quotes. */
static const char *list_patterns(const ftl_segment *segment, ftl_arena *arena) {
    const char *text = "";
    for (int i = 0; text && i < segment->n_freeze; i++)
        text = ftl_arena_printf(
                arena, "%s%s\"%s\"", text, i ? ", " : "", segment->freeze[i]);
    return text ? ftl_arena_printf(arena, "[%s]", text) : NULL;
}

static const char *describe_judge(const ftl_judge *judge, ftl_arena *arena) {
    static const char *const sources[] = {"reference", "biased", "biased+reference"};
    if (!judge->trains)
        return ftl_arena_printf(arena, "{name: %s, train: false, weight: %g}",
                judge->name, judge->weight);
    return ftl_arena_printf(arena, "{name: %s, train: true, weight: %g, data: %s}",
            judge->name, judge->weight, sources[judge->source]);
}

static const char *describe_segment(
        const ftl_segment *segment, int64_t batch, ftl_arena *arena) {
    const char *freeze = list_patterns(segment, arena);
    if (!freeze) return NULL;
    return ftl_arena_printf(arena,
            "{name: %s, kimg: %g, freeze: %s, g_lr: %g, d_lr: %g}", segment->name,
            (double)(segment->n_steps * batch) / 1000, freeze, segment->g_lr,
            segment->d_lr);
}

static const char *list_augment(unsigned policy, ftl_arena *arena) {
    const char *text = "";
    for (int i = 0; text && ftl_augment_names[i]; i++)
        if (policy >> i & 1)
            text = ftl_arena_printf(
                    arena, "%s%s%s", text, text[0] ? ", " : "", ftl_augment_names[i]);
    return text;
}

ftl_status ftl_adaptation_describe(const char **text, const ftl_adaptation *adaptation,
        const ftl_adapt_settings *settings, int indent, ftl_arena *arena) {
    const char *all = ftl_arena_printf(arena, "%*sdiscriminators:\n", indent, "");
    for (int i = 0; all && i < adaptation->n_judges; i++) {
        const char *one = describe_judge(&adaptation->judge[i], arena);
        all = one ? ftl_arena_printf(arena, "%s%*s  - %s\n", all, indent, "", one)
                  : NULL;
    }
    if (all) all = ftl_arena_printf(arena, "%s%*sstages:\n", all, indent, "");
    for (int i = 0; all && i < adaptation->n_segments; i++) {
        const char *one =
                describe_segment(&adaptation->segment[i], settings->gan.batch, arena);
        all = one ? ftl_arena_printf(arena, "%s%*s  - %s\n", all, indent, "", one)
                  : NULL;
    }
    if (all && adaptation->lecam.weight > 0)
        all = ftl_arena_printf(arena, "%s%*slecam: %g\n%*slecam_decay: %g\n", all,
                indent, "", adaptation->lecam.weight, indent, "",
                adaptation->lecam.decay);
    if (all && adaptation->importance)
        all = ftl_arena_printf(arena,
                "%s%*simportance: {alpha: %g, width: %lld, epochs: %lld, batch: %lld, "
                "lr: %g}\n",
                all, indent, "", settings->importance.alpha,
                (long long)settings->importance.width,
                (long long)settings->importance.epochs,
                (long long)settings->importance.batch, settings->importance.lr);
    if (all && adaptation->augment) {
        const char *names = list_augment(adaptation->augment, arena);
        all = names ? ftl_arena_printf(
                              arena, "%s%*saugment: [%s]\n", all, indent, "", names)
                    : NULL;
    }
    if (all && adaptation->ewc > 0)
        all = ftl_arena_printf(arena, "%s%*sewc: %g\n%*sewc_samples: %lld\n", all,
                indent, "", adaptation->ewc, indent, "",
                (long long)adaptation->ewc_samples);
    *text = all;
    return all ? FTL_OK : FTL_ENOMEM;
}
