/* comparison.h - `fairtl compare`: methods x reference ratios x seeds from one
 * pre-trained model.
 *
 * The directory of a comparison holds
 *     pretrained/                  a run: classifier, pre-training, its evaluation
 *     runs/METHOD-RATIO-sSEED/     a run for each of them, from its checkpoint
 *     compare.csv                  what they came to (comparison_results.h)
 *     planned.csv                  how many there are to be
 * and each run's directory an outcome.json beside what a run leaves. A comparison that
 * was stopped or killed is continued by the same command: runs that have ended are
 * recognised, one that has not goes on where its newest checkpoint ends. */
#ifndef FTL_TRAINERS_COMPARISON_COMPARISON_H
#define FTL_TRAINERS_COMPARISON_COMPARISON_H

#include "engine/base/status.h"

#include <stdbool.h>

typedef struct ftl_comparison_options {
    const char *config;     /* path of the YAML file */
    const char *out;        /* the directory; NULL: runs/<name of config> */
    const char *const *set; /* key=value overrides */
    int n_set;
    const char *from; /* a checkpoint instead of pre-training; NULL: none */
    int threads;      /* 0: all that there are */
    bool inexact;     /* a run that is under way goes on although binary, libraries or
                         threads differ */
    bool dry_run;     /* list the runs, say what is left would take; write nothing */
} ftl_comparison_options;

/* Do what is left of it. Tables go to standard output. Fails as ftl_run does; a run
 * that meets NaN or infinity is noted as failed, and the others go on: FTL_ENUMERIC in
 * the end. FTL_EINTERRUPTED: the message says how to go on. */
ftl_status ftl_compare(const ftl_comparison_options *options);

#endif
