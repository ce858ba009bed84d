/* run_state.h - the run that is under way: what its parts share. For this folder only,
 * and for profile/, which does some of its steps. */
#ifndef FTL_TRAINERS_RUN_RUN_STATE_H
#define FTL_TRAINERS_RUN_RUN_STATE_H

#include "checkpoints/checkpoint.h"
#include "configs/config.h"
#include "datasets/data.h"
#include "datasets/image.h"
#include "engine/base/arena.h"
#include "trainers/classifier.h"
#include "trainers/evaluator.h"
#include "trainers/events/events.h"
#include "trainers/gan.h"
#include "trainers/metrics/report.h"
#include "trainers/run/run.h"
#include "trainers/settings.h"

#define FTL_MAX_LOOKS 128
#define FTL_RUN_PATH_BYTES 4096
#define FTL_RUN_IMAGES_UNKNOWN (-1) /* of a generator that was imported */

/* The best look of a GAN stage so far. */
typedef struct ftl_best {
    bool has;
    bool kept;    /* g_kept holds its generator: always, but for checkpoints of older
                     programs, which kept those of adaptations only */
    double value; /* corrected FD or Frechet distance */
    int64_t step; /* of the stage */
    int64_t look; /* which of its looks, from 1 */
} ftl_best;

/* What training has to remember; with the networks and optimisers this is all of the
 * run's state. Everything else follows from the configuration. */
typedef struct ftl_progress {
    int64_t stage;   /* index into run: */
    int64_t step;    /* steps done in this stage */
    int64_t tick;    /* steps done in all stages */
    int64_t images;  /* seen by G_ema in the last GAN stage: one batch a step; or: */
    int64_t n_stats; /* lines that stats.jsonl should have; -1: nobody knows */
    int64_t n_looks; /* of the stage: evaluations that choose or stop */
    /* Shares of the groups in the last ones, newest last; 0 of groups there are not. */
    double looks[FTL_MAX_LOOKS][FTL_FAIRNESS_MAX_GROUPS];
    ftl_best best[FTL_N_KEPT]; /* of the last GAN stage; [FTL_KEPT_LAST] unused */
    int64_t kept;              /* an ftl_kept: which generator G_ema is */
    int64_t last_images;       /* if kept is another: those of the last generator */
    bool has_confusion;        /* the classifier was trained and judged */
    bool has_before;           /* the pre-trained generator was measured and drawn */
    int64_t gan_stage; /* 1 + index of the stage that G and D are of; 0: of none. It has
                          begun: what it needs beside them is there */
} ftl_progress;

typedef struct ftl_run_state {
    const ftl_run_options *options;
    ftl_config *config;
    ftl_settings settings;
    ftl_arena *arena;
    const char **stage_names; /* [settings.run.n] */
    char *resolved;           /* the configuration as YAML */
    const char *environment;  /* binary, libraries, instruction set, threads */
    const char *inputs;       /* digests of the images and of `from`, as lines */
    const char *from;         /* digest of the checkpoint it starts from; NULL: none */
    ftl_checkpoint *start;    /* ... while it is open */
    bool takes_classifier;    /* ... whose classifier is used */

    const char *directory;
    size_t n_existing;    /* bytes of its path that existed before this run */
    bool created;         /* ... and the rest was created by it */
    int lock;             /* -1: not taken */
    bool continues;       /* it holds a run of this very configuration */
    const char *imported; /* the pack that this process imported into it */
    bool wrote_config;    /* ... and its config.yaml is of this process */
    bool began;           /* what is in it is to stay */
    int64_t saved_tick, saved_stage; /* where its newest checkpoint is; -1: none */

    ftl_data data;
    const ftl_pack *shape; /* any of the packs: for the images' shape */

    ftl_choices *choices; /* of kernels, for the plans of both: */
    ftl_classifier classifier;
    ftl_gan gan;
    ftl_store *g_kept[FTL_N_KEPT]; /* copies of G_ema; NULL until there is one */
    ftl_progress progress;

    float *importance; /* [images of the biased set]: their weights; in the arena; NULL:
                          they have none */
    int64_t *confusion; /* [K * K] */
    uint8_t *before;    /* [n_grid, px, px, channels]: of the pre-trained one */
    int64_t n_grid;
    ftl_metrics metrics;
    ftl_events events; /* with log.tensorboard */
} ftl_run_state;

/* run_open.c: configuration, data, networks. Nothing is written but, for data.source,
 * the pack; *run is to be closed in any case. configure is its first part: what follows
 * from the configuration alone. */
ftl_status ftl_run_state_configure(ftl_run_state *run, const ftl_run_options *options);
ftl_status ftl_run_state_open(ftl_run_state *run, const ftl_run_options *options);
/* The GAN that the configuration asks for, of images with so many channels. */
ftl_gan_options ftl_run_gan_options(const ftl_run_state *run, int channels);
void ftl_run_state_close(ftl_run_state *run);

/* run_precision.c: make model.precision fp32 or bf16 if it is auto: what the run was
 * begun with; else what this processor can do. Fails with FTL_ECONFIG where bf16 would
 * be emulated. */
ftl_status ftl_run_settle_precision(ftl_run_state *run);
/* What plans compute in: of a run its precision; a checkpoint of a run in bf16 is used
 * in float32 where the processor cannot do better. */
ftl_type ftl_run_type(const ftl_model_settings *model);

/* Allocate importance. */
ftl_status ftl_run_make_importance(ftl_run_state *run);

/* run_kept.c: the generators of a GAN stage beside the one that trains: the best of its
 * looks, and the last one where it ends with another.
 *
 * Allocate g_kept[kept], if that was not done. */
ftl_status ftl_run_make_kept(ftl_run_state *run, ftl_kept kept);
/* Does g_kept hold such a one, as part of the state? */
bool ftl_run_has_kept(const ftl_run_state *run, ftl_kept kept);
/* Images that it has seen in the stage; 0: there is none. */
int64_t ftl_run_kept_images(const ftl_run_state *run, ftl_kept kept);
/* Forget them: another stage begins. */
void ftl_run_forget_kept(ftl_run_state *run);
/* The stage `name` has ended: write checkpoints/<name>-best-fd.h5 and -best-frechet.h5
 * of the best that there are. */
ftl_status ftl_run_write_best(ftl_run_state *run, const char *name);
/* The adaptation `name` has ended: have G and G_ema be the one that the settings keep.
 * A pre-training has no such choice: it ends with its last, which its D belongs to. */
ftl_status ftl_run_choose_kept(
        ftl_run_state *run, const ftl_adapt_settings *settings, const char *name);
/* The generators of the last GAN stage as far as they differ, the one that G_ema is
 * first; returns how many. */
typedef struct ftl_kept_generator {
    ftl_kept kept;
    unsigned also;  /* those that it is too: 1 << ftl_kept, or'ed */
    int64_t images; /* that it has seen in the stage */
    ftl_store *store;
} ftl_kept_generator;
int ftl_run_list_kept(ftl_run_state *run, ftl_kept_generator out[FTL_N_KEPT]);

/* run_tune.c: choose kernels as engine.tune says, unless it is off, and save the run
 * with them. Before the first step. choose only chooses, and leaves the cache alone.
 * Both fail with FTL_EINTERRUPTED after a signal; the run is then not saved. */
ftl_status ftl_run_tune(ftl_run_state *run);
ftl_status ftl_run_choose_kernels(ftl_run_state *run);
/* The choices as a checkpoint's "kernels". */
ftl_status ftl_run_put_choices(ftl_checkpoint_writer *w, const ftl_run_state *run);
ftl_status ftl_run_get_choices(ftl_choices *choices, ftl_checkpoint *c);

/* run_stages.c: name the stages like their kinds, "adapt", "adapt-2". */
ftl_status ftl_run_name_stages(ftl_run_state *run);
/* Name of the stage that G and D are of; "pretrain" if it is another run's. */
const char *ftl_run_gan_stage_name(const ftl_run_state *run);
/* The adaptation that G and D are of; NULL: they are of none. */
const ftl_adapt_settings *ftl_run_adaptation(const ftl_run_state *run);
/* Does pre-training go on in a stage behind this one? */
bool ftl_run_pretrains_later(const ftl_run_state *run);
/* From now on G and D are of the stage under way. False: they were already. */
bool ftl_run_begins_gan_stage(ftl_run_state *run);
/* Do the optimisers hold first moments at this point of the run? */
bool ftl_run_keeps_moment1(const ftl_run_state *run);

/* run_directory.c. A path below the run's directory; fails with FTL_EINPUT if it is too
 * long. */
ftl_status ftl_run_path(char path[FTL_RUN_PATH_BYTES], const ftl_run_state *run,
        const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same for what the run is about to write there. Also fails with FTL_EIO, and
 * closes the log, if the directory was moved, removed or replaced since it was taken.
 */
ftl_status ftl_run_path_to_write(char path[FTL_RUN_PATH_BYTES],
        const ftl_run_state *run, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* --out, or runs/<name of the configuration without .yaml>. */
ftl_status ftl_run_directory_choose(ftl_run_state *run);
/* Refuse a directory that holds a run, unless it is to go on (then: a run of another
 * configuration). */
ftl_status ftl_run_directory_check(ftl_run_state *run);
/* Create it, lock it and check it again; nothing if that was done. */
ftl_status ftl_run_directory_take(ftl_run_state *run);
/* Bytes that are free where it is or will be; false: nobody knows. */
bool ftl_run_directory_room(uint64_t *n_bytes, const ftl_run_state *run);
/* What a run ended with. If a file could not be read or written and the directory was
 * moved, removed or replaced since ftl_run_path_to_write looked, the message says that
 * instead, and the status is FTL_EIO. */
ftl_status ftl_run_directory_explain(const ftl_run_state *run, ftl_status status);
/* Write config.yaml: from now on the directory holds a run. */
ftl_status ftl_run_write_config(ftl_run_state *run);
/* Unlock it, and if the run never began, remove what was created. */
void ftl_run_directory_leave(ftl_run_state *run);

/* run_compare.c. Compare a configuration as YAML with the run's; `where` begins the
 * message of FTL_ECONFIG. With --inexact learning rates may differ: *difference, in the
 * arena, names those that do; "" if none. */
ftl_status ftl_run_compare_config(const char **difference, const ftl_run_state *run,
        const char *was, const char *where);
/* Lines "name: value" that differ, as one line in the arena; "" if none. */
ftl_status ftl_run_compare_lines(
        const char **difference, ftl_arena *arena, const char *was, const char *is);
/* Set run->inputs. */
ftl_status ftl_run_describe_inputs(ftl_run_state *run);

/* run_check.c: stages that cannot follow each other; images that are not the model's
 * (sets run->shape); sets that are missing; patterns that freeze nothing. FTL_ECONFIG.
 */
ftl_status ftl_run_check_stages(ftl_run_state *run);
ftl_status ftl_run_check_shape(ftl_run_state *run);
ftl_status ftl_run_check_sets(ftl_run_state *run);
ftl_status ftl_run_check_adaptations(ftl_run_state *run);
/* run_check_order.c: stages that do not follow from those before. FTL_ECONFIG. */
ftl_status ftl_run_check_order(ftl_run_state *run, int i);
/* run_check_adapt.c: keys of an adaptation that say nothing to its method, or nothing
 * beside another key. FTL_ECONFIG. */
ftl_status ftl_run_check_adapt_keys(
        ftl_run_state *run, int i, const ftl_adapt_settings *adapt);
/* run_check_looks.c: keys of a pretrain or adapt stage about looks that there are none
 * of; an evaluation set that is too small for them. FTL_ECONFIG. */
ftl_status ftl_run_check_looks(ftl_run_state *run, int i);
ftl_status ftl_run_check_looks_set(ftl_run_state *run, int i);
/* Modules that know no configuration begin a message of FTL_ECONFIG with the key: this
 * adds file and line. Returns the status that it is given. */
ftl_status ftl_run_locate(ftl_run_state *run, ftl_status status);

/* run_progress.c: the numbers of ftl_progress <-> a checkpoint. */
ftl_status ftl_run_put_progress(
        ftl_checkpoint_writer *w, ftl_progress *p, int n_groups);
ftl_status ftl_run_get_progress(ftl_checkpoint *c, ftl_progress *p, int n_groups);
/* Does the classifier train, so that its optimiser is part of the state? */
bool ftl_run_trains_classifier(const ftl_run_state *run);

/* run_save.c, run_load.c: the whole state <-> a checkpoint. */
ftl_status ftl_run_save(ftl_run_state *run, const char *name);
/* All of it but the file: *n_bytes is its size. */
ftl_status ftl_run_save_nowhere(ftl_run_state *run, size_t *n_bytes);
/* A checkpoint of kind "generator", which can be measured and adapted, but not gone on
 * from: g_kept[kept] as G and G_ema, D as it is, the classifier, no optimisers. */
ftl_status ftl_run_save_kept(ftl_run_state *run, ftl_kept kept, const char *name);
ftl_status ftl_run_save_kept_nowhere(
        ftl_run_state *run, ftl_kept kept, size_t *n_bytes);
/* *note, in the arena: what differs from the circumstances of then; "" if nothing. */
ftl_status ftl_run_load(ftl_run_state *run, const char *path, const char **note);

/* run_from.c: open options->from and look whether this run can use it; then read G,
 * G_ema, D and, if this run trains none, the classifier, and close it. */
ftl_status ftl_run_open_from(ftl_run_state *run);
ftl_status ftl_run_load_from(ftl_run_state *run);
/* Does any stage of this run measure with the classifier? */
bool ftl_run_asks_classifier(const ftl_run_state *run);

/* run_checkpoints.c: the files of checkpoints/.
 * The newest one that is intact, in the arena; NULL: there is none at all. Fails if
 * there are some, and all are damaged. */
ftl_status ftl_run_find_newest(ftl_run_state *run, const char **path);
/* Save as the rolling checkpoint of this tick, unless the state was just saved, and
 * drop the older ones but one. */
ftl_status ftl_run_save_rolling(ftl_run_state *run);
/* Drop all rolling checkpoints: the run is done. */
void ftl_run_drop_rolling(ftl_run_state *run);

/* run_logs_cut.c: open log.txt, with it and stats.jsonl cut back to where they stood at
 * this checkpoint, which was loaded; NULL: to nothing. Each step is in them once, then.
 * Lines that should be there and are not are warned of, in log.txt too. Fails with
 * FTL_EIO, FTL_ENOMEM. */
ftl_status ftl_run_begin_logs(ftl_run_state *run, const char *checkpoint);
/* run_logs.c: add a line to stats.jsonl. */
ftl_status ftl_run_stats(ftl_run_state *run, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Fails with FTL_EIO if a line of log.txt could not be written: like one of
 * stats.jsonl, it ends the run, which goes on from its checkpoint when there is room.
 */
ftl_status ftl_run_check_log(const ftl_run_state *run);
/* With log.tensorboard, and else nothing: make the events those of stats.jsonl as it
 * stands, which has been cut; from then on its lines are added to both. A line for a
 * picture that was drawn. */
ftl_status ftl_run_open_events(ftl_run_state *run);
ftl_status ftl_run_stats_picture(ftl_run_state *run, const char *name);
/* For a line of the log: "men 0.312, women 0.127", cut off where text ends. value: one
 * for each group. */
void ftl_run_list_groups(
        char *text, size_t n_bytes, const ftl_run_state *run, const double *value);

/* run_classifier.c, run_gan.c, run_present.c: one stage each. They return FTL_OK at the
 * end of the stage. */
ftl_status ftl_run_classifier(
        ftl_run_state *run, const ftl_classifier_settings *settings);
ftl_status ftl_run_pretrain(ftl_run_state *run, const ftl_pretrain_settings *settings);
ftl_status ftl_run_adapt(ftl_run_state *run, const ftl_adapt_settings *settings);
ftl_status ftl_run_evaluate(ftl_run_state *run, const ftl_evaluate_settings *settings);

/* run_measure.c. Measure a generator on fresh latents and add the object `stage` to
 * metrics.json. */
ftl_status ftl_run_measure(ftl_run_state *run, const char *stage,
        const ftl_kept_generator *generator, const ftl_evaluate_settings *settings);
/* Measure and draw the pre-trained generator, and measure the best of its stage, if a
 * later stage evaluates: before an adaptation forgets them. */
ftl_status ftl_run_measure_before(ftl_run_state *run);
/* The evaluate stage of this run; NULL: there is none. */
const ftl_evaluate_settings *ftl_run_report_settings(const ftl_run_state *run);
/* run_draw.c. n images of G_ema from the run's own latents, the same for every grid,
 * and what the classifier calls them (groups may be NULL); a picture of such images.
 * images  uint8 [n, px, px, channels] */
ftl_status ftl_run_generate_grid(
        ftl_run_state *run, int64_t n, uint8_t *images, int32_t *groups);
ftl_status ftl_run_compose_grid(
        ftl_image *out, const ftl_run_state *run, int64_t n, const uint8_t *images);
/* A grid of G_ema's images from the run's own latents; release with ftl_image_deinit.
 * draw writes it to samples/<name>.png. */
ftl_status ftl_run_picture(ftl_image *out, ftl_run_state *run, int64_t n);
ftl_status ftl_run_draw(ftl_run_state *run, const char *name, int64_t n);

/* run_by_group.c: the same images as those of draw, sorted by what the classifier calls
 * them, as samples/<stage>-by-group.png; nothing if it was not trained. */
ftl_status ftl_run_draw_by_group(ftl_run_state *run, const char *stage, int64_t n);

/* run_about.c: about.json, which the report reads. */
ftl_status ftl_run_write_about(ftl_run_state *run, bool finished);

/* run_describe.c: what would be done, and what it would take, for --dry-run. began_s:
 * ftl_clock_s when the run was opened. The run can only be closed afterwards. */
ftl_status ftl_run_describe(ftl_run_state *run, double began_s, FILE *file);

/* Name of the stage under way; of the last one when all are done. */
const char *ftl_run_stage_name(const ftl_run_state *run);

/* Fails with FTL_ENUMERIC and a message that names stage, step, phase and the first bad
 * tensor of a plan whose last run gave NaN or infinity. bad: a parameter whose gradient
 * holds it; NULL: none is known. The state is as before the step. */
ftl_status ftl_run_diagnose(
        ftl_run_state *run, ftl_plan *plan, const char *phase, const char *bad);

/* Between two steps. Stop if a signal came: saves, and fails with FTL_EINTERRUPTED; or
 * if log.txt could not be written: FTL_EIO. */
ftl_status ftl_run_check_stop(ftl_run_state *run);

/* environment.c: what bits depend on, as lines of text. threads > 0. */
ftl_status ftl_environment_describe(const char **out, ftl_arena *arena, int threads);

#endif
