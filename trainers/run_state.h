/* run_state.h - the run that is under way: what its parts share. For run*.c only. */
#ifndef FTL_TRAINERS_RUN_STATE_H
#define FTL_TRAINERS_RUN_STATE_H

#include "configs/config.h"
#include "datasets/data.h"
#include "engine/base/arena.h"
#include "trainers/classifier.h"
#include "trainers/evaluator.h"
#include "trainers/gan.h"
#include "trainers/metrics/report.h"
#include "trainers/run.h"
#include "trainers/settings.h"

#define FTL_MAX_LOOKS 128

/* What training has to remember; with the networks and optimisers this is all of the
 * run's state. Everything else follows from the configuration. */
typedef struct ftl_progress {
    int64_t stage;   /* index into run: */
    int64_t step;    /* steps done in this stage */
    int64_t tick;    /* steps done in all stages */
    int64_t images;  /* seen by G_ema in the last GAN stage: one batch a step */
    int64_t n_looks; /* of the stage: evaluations that choose or stop */
    double looks[FTL_MAX_LOOKS]; /* share of group 0 in the last ones, newest last */
    double best_fd;              /* of the looks; infinity: none yet */
    int64_t best_step;
    bool has_best;      /* G_best holds the best generator */
    bool has_confusion; /* the classifier was trained and judged */
    bool has_before;    /* the pre-trained generator was measured and drawn */
    bool adapting;      /* D_s, where the method has one, was copied */
} ftl_progress;

typedef struct ftl_run_state {
    const ftl_run_options *options;
    ftl_config *config;
    ftl_settings settings;
    ftl_arena *arena;
    char *resolved;          /* the configuration as YAML */
    const char *environment; /* binary, libraries, instruction set, threads */
    const char *directory;
    int lock;

    ftl_data data;
    const ftl_pack *shape; /* any of the packs: for the images' shape */

    ftl_classifier classifier;
    ftl_gan gan;
    ftl_store *g_best;
    ftl_progress progress;

    int64_t *confusion; /* [K * K] */
    uint8_t *before;    /* [n_grid, px, px, channels]: of the pre-trained one */
    int64_t n_grid;
    ftl_metrics metrics;
} ftl_run_state;

/* run_open.c: configuration, data, networks. Nothing is written but, for data.source,
 * the pack; *run is to be closed in any case. */
ftl_status ftl_run_state_open(ftl_run_state *run, const ftl_run_options *options);
void ftl_run_state_close(ftl_run_state *run);

/* Do the optimisers hold first moments at this point of the run? */
bool ftl_run_keeps_moment1(const ftl_run_state *run);

/* A path below the run's directory, in the run's arena; NULL when memory is out. */
const char *ftl_run_path(ftl_run_state *run, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* run_save.c: the whole state <-> a checkpoint. */
ftl_status ftl_run_save(ftl_run_state *run, const char *name);
ftl_status ftl_run_load(ftl_run_state *run, const char *path);
/* The newest checkpoint of the run's directory; NULL: none. */
ftl_status ftl_run_find_newest(ftl_run_state *run, const char **path);
/* Save as the rolling checkpoint of this tick, and drop the older ones but one. */
ftl_status ftl_run_save_rolling(ftl_run_state *run);
/* Drop all rolling checkpoints: the run is done. */
void ftl_run_drop_rolling(ftl_run_state *run);
/* Read G, G_ema, D and, if it has one, the classifier of another run's checkpoint. */
ftl_status ftl_run_load_from(ftl_run_state *run, const char *path);

/* run_logs.c: log.txt and stats.jsonl. */
ftl_status ftl_run_open_logs(ftl_run_state *run);
ftl_status ftl_run_cut_logs(ftl_run_state *run, const char *checkpoint);
ftl_status ftl_run_stats(ftl_run_state *run, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* run_classifier.c, run_gan.c, run_measure.c: one stage each. They return FTL_OK at the
 * end of the stage. */
ftl_status ftl_run_classifier(
        ftl_run_state *run, const ftl_classifier_settings *settings);
ftl_status ftl_run_pretrain(ftl_run_state *run, const ftl_pretrain_settings *settings);
ftl_status ftl_run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings);
ftl_status ftl_run_evaluate(ftl_run_state *run, const ftl_evaluate_settings *settings);

/* Measure G_ema on fresh latents and add the object `stage` to metrics.json. */
ftl_status ftl_run_measure(
        ftl_run_state *run, const char *stage, double kimg, int64_t samples);
/* The object of metrics.json and the table of one measurement, for a checkpoint that no
 * run is at. Either file may be NULL. */
ftl_status ftl_run_report(FILE *table, FILE *json, const char *stage,
        const ftl_store *classifier, const char *const *names, int n_groups,
        const int64_t *counts, const int64_t *confusion, uint64_t seed);
/* Measure and draw the pre-trained generator, if a later stage evaluates. */
ftl_status ftl_run_measure_before(ftl_run_state *run, double kimg);
/* A grid of G_ema's images from the run's own latents: samples/<name>.png. */
ftl_status ftl_run_draw(ftl_run_state *run, const char *name, int64_t n);

/* run_describe.c: what would be done, for --dry-run. */
ftl_status ftl_run_describe(ftl_run_state *run, FILE *file);

/* Stop if a signal came: saves, and fails with FTL_EINTERRUPTED. */
ftl_status ftl_run_check_interrupt(ftl_run_state *run);

/* environment.c: what bits depend on, as lines of text. threads > 0. */
ftl_status ftl_environment_describe(const char **out, ftl_arena *arena, int threads);
/* "" if the same, else what differs, as one line. In the arena. */
const char *ftl_environment_difference(
        ftl_arena *arena, const char *was, const char *is);

#endif
