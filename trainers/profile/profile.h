/* profile.h - where the time and the memory of a training step go. */
#ifndef FTL_TRAINERS_PROFILE_PROFILE_H
#define FTL_TRAINERS_PROFILE_PROFILE_H

#include "engine/base/status.h"

#include <stdint.h>
#include <stdio.h>

typedef struct ftl_profile_options {
    const char *config;     /* path of the YAML file */
    const char *const *set; /* key=value overrides */
    int n_set;
    int threads;  /* 0: all that there are */
    int steps;    /* how many to measure */
    int rows;     /* of the table of calls; 0: all */
    int channels; /* of the images; 0: as the data has them, if that is easily seen */
    const char *trace; /* a file for Chrome's trace format; NULL: none */
} ftl_profile_options;

/* Run some training steps of the configuration (of its pre-training, or, if it has
 * none, of the longest stage of its adaptation) on random images, and print what they
 * took. Nothing is written but the trace. Fails with FTL_ECONFIG, FTL_EFORMAT (a pack
 * that is damaged), FTL_EIO (the trace), FTL_ENOMEM. */
ftl_status ftl_profile(const ftl_profile_options *options, FILE *file);

#endif
