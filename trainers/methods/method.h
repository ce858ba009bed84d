/* method.h - what a method of adaptation is: which discriminators, which stages.
 *
 * A method is data for the one training loop. It is one file of this folder and a line
 * in methods.c: a preset, which turns settings into an ftl_adaptation. What the
 * settings say beside the method (a list of discriminators, a regulariser) replaces its
 * part of that.
 */
#ifndef FTL_TRAINERS_METHODS_METHOD_H
#define FTL_TRAINERS_METHODS_METHOD_H

#include "engine/base/arena.h"
#include "trainers/feed.h"
#include "trainers/gan.h"
#include "trainers/settings.h"

/* A stretch of training in which the same things train. */
typedef struct ftl_segment {
    const char *name;
    int64_t n_steps;
    const char *const *freeze; /* patterns */
    int n_freeze;
    double g_lr, d_lr;
} ftl_segment;

/* A discriminator; each begins as a copy of the pre-trained one. */
typedef struct ftl_judge {
    const char *name; /* of its store: "D" for the first, "D_..." for others */
    bool trains;
    double weight;          /* in the generator's loss */
    ftl_feed_source source; /* of the images that it learns to call real */
} ftl_judge;

typedef struct ftl_adaptation {
    ftl_judge judge[FTL_MAX_DISCRIMINATORS]; /* the first is "D", and trains */
    int n_judges;
    ftl_segment *segment;
    int n_segments;
    bool fresh;       /* G and D begin with new initial values */
    bool importance;  /* images of the biased set are weighted */
    unsigned augment; /* policy of DiffAugment */
    ftl_lecam lecam;
    double ewc; /* weight of G's anchor; 0: none */
    int64_t ewc_samples;
} ftl_adaptation;

typedef struct ftl_method {
    const char *name;
    /* Fill a zeroed *out from the settings. What is allocated lives in the arena.
     * resolution in px. Fails with FTL_ECONFIG; `key` begins the message. */
    ftl_status (*expand)(ftl_adaptation *out, const ftl_adapt_settings *settings,
            int resolution, const char *key, ftl_arena *arena);
} ftl_method;

/* In the order of the setting's choices. */
extern const ftl_method *const ftl_methods[];
extern const ftl_method ftl_method_fairtl;
extern const ftl_method ftl_method_fairtlpp;
extern const ftl_method ftl_method_freezed;
extern const ftl_method ftl_method_scratch;
extern const ftl_method ftl_method_lecam;
extern const ftl_method ftl_method_ewc;
extern const ftl_method ftl_method_diffaugment;
extern const ftl_method ftl_method_importance;

/* What the settings come to: the method's expansion, and what replaces parts of it.
 * Arguments and errors as those of ftl_method.expand. */
ftl_status ftl_adaptation_expand(ftl_adaptation *out,
        const ftl_adapt_settings *settings, int resolution, const char *key,
        ftl_arena *arena);

/* Give a GAN these discriminators, with these weights: those that it lacks are added as
 * copies of the first, others keep their values. */
ftl_status ftl_adaptation_apply(const ftl_adaptation *adaptation, ftl_gan *gan);

/* The expansion as YAML, in lines behind `indent` spaces; *text is in the arena. It can
 * stand in a configuration, in the place of the method and of the keys that say more
 * about it, and expands to the same there, number by number; what it does not say (the
 * size of a batch, looks, ...) stays beside it. Fails with FTL_ENOMEM, and FTL_EINPUT
 * (a name is not valid UTF-8). */
ftl_status ftl_adaptation_describe(const char **text, const ftl_adaptation *adaptation,
        const ftl_adapt_settings *settings, int indent, ftl_arena *arena);

/* Steps of `batch` images that make so many kimg; at least 1. */
int64_t ftl_steps_of_kimg(double kimg, int64_t batch);

/* For methods: segments from the `stages` of the settings; none, but room for two, if
 * there are none. */
ftl_status ftl_method_stages(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *key, ftl_arena *arena);

/* For methods that are fine-tuning and something else: one trainable D of weight 1, the
 * settings' stages or a single one. */
ftl_status ftl_method_fine_tune(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, const char *key, ftl_arena *arena);

/* For methods: add a segment, a share of the settings' kimg. */
void ftl_method_add_segment(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *name, double share);

/* For methods: freeze in the last segment what the settings name, or else D's blocks of
 * the two highest resolutions. */
ftl_status ftl_method_freeze(ftl_adaptation *out, const ftl_adapt_settings *settings,
        int resolution, ftl_arena *arena);

#endif
