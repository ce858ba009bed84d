/* run.h - a run: one configuration, one directory, the stages one after another.
 *
 * The directory holds config.yaml (resolved), log.txt, stats.jsonl, samples,
 * checkpoints and metrics.json (design: "Run directory"). A run that was stopped
 * or killed is continued by `resume`, and ends with the same bytes as one that was not.
 */
#ifndef FTL_TRAINERS_RUN_RUN_H
#define FTL_TRAINERS_RUN_RUN_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How many images may be drawn at once, and how many a measurement takes unless it is
 * told. */
#define FTL_SAMPLE_MAX 65536
#define FTL_EVALUATE_DEFAULT 10000

/* What of a configuration a run does: comparisons (trainers/comparison) do it in parts.
 */
typedef enum ftl_run_part {
    FTL_RUN_WHOLE,      /* all stages; one that compares methods is refused */
    FTL_RUN_ALL_STAGES, /* all stages of one that compares methods */
    FTL_RUN_PRETRAINED, /* ... of these all but adapt */
    FTL_RUN_METHOD,     /* ... all but classifier and pretrain: `from` has them */
} ftl_run_part;

typedef struct ftl_run_options {
    const char *config;     /* path of the YAML file */
    const char *out;        /* the run's directory; NULL: runs/<name of config> */
    const char *const *set; /* key=value overrides */
    int n_set;
    const char *from; /* a checkpoint whose G and D adaptation starts from; NULL: none.
                         Then nothing is pre-trained, and the checkpoint's classifier is
                         used unless a classifier stage trains one */
    int threads;      /* 0: all that there are */
    bool resume;      /* go on where the directory's newest checkpoint ends */
    bool inexact;     /* resume although binary, libraries, threads or learning rates
                         differ; log and metrics say so */
    bool dry_run;     /* print what would be done, write nothing */
    ftl_run_part part;
    bool measured; /* `from` was measured by this very configuration: that, and its
                      pictures, are the run's "before" */
} ftl_run_options;

/* Do it. What is refused leaves nothing behind. Fails with
 * FTL_ECONFIG, FTL_EINPUT, FTL_EFORMAT (refused: nothing was written), FTL_EIO,
 * FTL_ENOMEM, FTL_ENUMERIC (NaN or infinity: the message names step and tensor; the
 * last checkpoint is intact), FTL_EINTERRUPTED (a signal; the state was saved). */
ftl_status ftl_run(const ftl_run_options *options);

/* Behind every message about NaN: the same step, done again, would fail again. */
#define FTL_RUN_NAN_ADVICE                                                             \
    "; the last checkpoint is intact: lower this stage's learning rates and go on "    \
    "with --resume --inexact"

/* Would it be refused? Looks at the configuration and at the run's directory alone;
 * `opens`: also opens images, checkpoint and networks. Writes nothing. Fails as ftl_run
 * would before its first step. */
ftl_status ftl_run_check(const ftl_run_options *options, bool opens);

/* Open what the run needs, images of data.source imported into its directory; call
 * `inspect`; close it all. If that succeeds what was imported stays, for the run that
 * is then begun with `resume`; else nothing is left behind. Fails as ftl_run_check and
 * as `inspect` does. */
ftl_status ftl_run_prepare(const ftl_run_options *options,
        ftl_status (*inspect)(void *context), void *context);

/* What --dry-run would find out. */
typedef struct ftl_run_estimate {
    double time_s;
    int64_t disk_bytes;
    int64_t scratch_bytes; /* at one time in $TMPDIR */
    double peak_mib;
} ftl_run_estimate;
ftl_status ftl_run_estimate_cost(ftl_run_estimate *out, const ftl_run_options *options);

/* How --dry-run says it of scratch_bytes; 0: nothing. */
void ftl_run_print_scratch(int64_t n_bytes, FILE *file);

/* The keys of a configuration, for people. */
void ftl_run_print_keys(FILE *file);

typedef struct ftl_evaluate_options {
    const char *checkpoint; /* whose generator is measured; NULL: images are */
    const char *images;     /* a folder or an HDF5 file (datasets/gallery.h) */
    const char *fit;        /* how they become squares, "crop" if NULL; and on what, */
    const char *background; /* "black" if NULL */
    const char *classifier; /* a checkpoint that holds one; NULL: the same checkpoint */
    int64_t samples;        /* 0: FTL_EVALUATE_DEFAULT, or all images */
    uint64_t seed;
    int threads;
    const char *real;    /* a pack: metrics of quality against its images; NULL: none */
    const char *metrics; /* which, with commas between; NULL: all */
    const char *features; /* "classifier" or "inception-2015"; NULL: the former */
    const char *weights;  /* of the latter: a file of tools/convert_inception.py */
} ftl_evaluate_options;

/* Measure the generator of a checkpoint, or images: print a table to `table`, and the
 * object of metrics.json to `json` (either may be NULL). Fails with FTL_ECONFIG
 * (options that make no sense), as opening checkpoint and gallery do, and with
 * FTL_EINPUT (no trained generator or classifier, a classifier of no use, fewer images
 * than asked for). */
ftl_status ftl_evaluate(const ftl_evaluate_options *options, FILE *table, FILE *json);

typedef struct ftl_sample_options {
    const char *checkpoint;
    const char *out; /* PNG */
    int64_t n;
    uint64_t seed;
    int columns, scale; /* 0: chosen */
    int threads;
} ftl_sample_options;

/* Draw n images of a checkpoint's averaged generator as one PNG. Image i depends on the
 * seed and on i only. */
ftl_status ftl_sample_checkpoint(const ftl_sample_options *options);

/* List what a pack or checkpoint holds, after verifying it: tensors with shapes,
 * numbers, texts. `all`: every tensor instead of a summary for each network. */
ftl_status ftl_inspect(const char *path, bool all, FILE *file);

/* Print versions of fairtl and its libraries and the instruction set in use. */
void ftl_print_versions(FILE *file);

#endif
