/* run_opened.h - what measuring and drawing need of a checkpoint: its generator, and
 * its classifier if it has a trained one. For this folder only. */
#ifndef FTL_TRAINERS_RUN_RUN_OPENED_H
#define FTL_TRAINERS_RUN_RUN_OPENED_H

#include "trainers/run/run_quality.h"
#include "trainers/run/run_state.h"

/* Checkpoints that hold a GAN are of three kinds: "training", a run's whole state, and
 * "imported", which tools/import_torch.py makes: networks that somebody else trained,
 * with what describes them, and neither a classifier nor a history; and "generator",
 * one that a GAN stage kept: no run goes on from it. FTL_EINPUT if it is of another;
 * `purpose` as in ftl_checkpoint_check_kind. */
#define FTL_RUN_IMPORTED "imported"
#define FTL_RUN_GENERATOR "generator"
ftl_status ftl_run_check_kind(const ftl_checkpoint *checkpoint, const char *purpose);

/* How many images its generator has seen. FTL_EINPUT if none: random weights are no
 * start, have shares that say nothing, and their D is no judge. */
ftl_status ftl_run_trained_images(int64_t *images, ftl_checkpoint *checkpoint);

/* Does it hold a classifier that was trained and judged? */
ftl_status ftl_run_has_classifier(bool *has, ftl_checkpoint *checkpoint);

/* Read what its configuration says of the networks: data and model; nothing else is
 * set. How they were trained stays unread: another version may have had other keys for
 * that. *config owns what the settings point to, and is to be freed in any case. */
ftl_status ftl_run_read_networks(
        ftl_config **config, ftl_settings *settings, ftl_checkpoint *checkpoint);

/* Zeroed at first; closed in any case. */
typedef struct ftl_run_opened {
    ftl_checkpoint *checkpoint;
    ftl_config *config;
    ftl_settings settings;
    ftl_gan gan;
    ftl_classifier classifier;
    ftl_choices *choices; /* of kernels: those of the run */
    ftl_groups groups;
    int64_t confusion[FTL_FAIRNESS_MAX_GROUPS * FTL_FAIRNESS_MAX_GROUPS];
    int64_t channels; /* of images */
    bool has_classifier;
} ftl_run_opened;

/* Open and verify it, and read its settings: first. `purpose` ends the message for a
 * checkpoint of another kind ("to sample"). Fails as ftl_checkpoint_open does. */
ftl_status ftl_run_opened_begin(
        ftl_run_opened *o, const char *path, const char *purpose);
void ftl_run_opened_close(ftl_run_opened *o);

/* G_ema, in o->gan. */
ftl_status ftl_run_opened_generator(ftl_run_opened *o);

/* The classifier with its confusion counts. Fails with FTL_EINPUT if it has none that
 * was trained and judged. */
ftl_status ftl_run_opened_classifier(ftl_run_opened *o);

/* o->groups' names. Borrowed. */
void ftl_run_opened_names(
        const char *names[FTL_FAIRNESS_MAX_GROUPS], const ftl_run_opened *o);

/* run_measure.c: the table and the object of metrics.json of one measurement that no
 * run makes. Either file may be NULL.
 * counts  [o->groups.n]: images that the classifier of `judge` called each */
typedef struct ftl_run_reported {
    const char *stage;
    const char *note;               /* NULL: none */
    int64_t kept;                   /* an ftl_kept, if kimg is known */
    double kimg;                    /* below 0: not known */
    double confidence;              /* of the classifier, mean over the images */
    uint64_t seed;                  /* of the bootstrap */
    const ftl_run_quality *quality; /* NULL: not measured */
} ftl_run_reported;
ftl_status ftl_run_report(FILE *table, FILE *json, const ftl_run_opened *judge,
        const int64_t *counts, const ftl_run_reported *what);

#endif
