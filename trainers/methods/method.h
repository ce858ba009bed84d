/* method.h - what a method of adaptation is: which discriminators, which stages.
 *
 * A method is data for the one training loop. It is one file of this folder and a line
 * in methods.c. */
#ifndef FTL_TRAINERS_METHODS_METHOD_H
#define FTL_TRAINERS_METHODS_METHOD_H

#include "engine/base/arena.h"
#include "trainers/settings.h"

/* A stretch of training in which the same things train. */
typedef struct ftl_segment {
    const char *name;
    int64_t n_steps;
    const char *const *freeze; /* patterns */
    int n_freeze;
    double g_lr, d_lr;
} ftl_segment;

typedef struct ftl_adaptation {
    double trainable_weight; /* of D_t in the generator's loss */
    double frozen_weight;    /* of D_s; 0: there is none */
    ftl_segment *segment;
    int n_segments;
} ftl_adaptation;

typedef struct ftl_method {
    const char *name;
    /* Expand the settings. What is allocated lives in the arena. resolution in px.
     * Fails with FTL_ECONFIG; `key` begins the message. */
    ftl_status (*expand)(ftl_adaptation *out, const ftl_adapt_settings *settings,
            int resolution, const char *key, ftl_arena *arena);
} ftl_method;

/* In the order of the setting's choices. */
extern const ftl_method *const ftl_methods[];
extern const ftl_method ftl_method_fairtl;
extern const ftl_method ftl_method_fairtlpp;

/* Steps of `batch` images that make so many kimg; at least 1. */
int64_t ftl_steps_of_kimg(double kimg, int64_t batch);

/* Segments from the `stages` of the settings; none if there are none. For methods. */
ftl_status ftl_method_stages(ftl_adaptation *out, const ftl_adapt_settings *settings,
        const char *key, ftl_arena *arena);

#endif
