/* comparison_state.h - a comparison that is under way. For comparison*.c only. */
#ifndef FTL_TRAINERS_COMPARISON_COMPARISON_STATE_H
#define FTL_TRAINERS_COMPARISON_COMPARISON_STATE_H

#include "configs/config.h"
#include "engine/base/arena.h"
#include "trainers/comparison/comparison.h"
#include "trainers/comparison/comparison_settings.h"
#include "trainers/run/run.h"

/* How a run ended. */
typedef enum ftl_outcome_kind {
    FTL_OUTCOME_NONE,        /* not begun, or killed */
    FTL_OUTCOME_INTERRUPTED, /* by a signal: saved */
    FTL_OUTCOME_DONE,
    FTL_OUTCOME_FAILED, /* NaN or infinity; it would fail again */
} ftl_outcome_kind;

/* outcome.json of a run. */
typedef struct ftl_outcome {
    ftl_outcome_kind kind;
    double seconds;    /* that it took, but for sittings that were killed */
    const char *start; /* digest of the checkpoint it began from; NULL: none */
    const char *why;   /* FAILED: the message; else NULL */
} ftl_outcome;

typedef struct ftl_compared_run {
    const char *name;      /* "fairtl-0.025-s1", "pretrained" */
    const char *directory; /* it is in */
    int method, ratio;     /* which; -1: the pre-trained model */
    int64_t seed;
    const char **set; /* what is overridden */
    int n_set, pack;  /* of them the one that names data.pack; 0: none does */
    ftl_outcome outcome;
} ftl_compared_run;

/* Everything lives in the arena. */
typedef struct ftl_comparison {
    const ftl_comparison_options *options;
    ftl_arena *arena;
    ftl_config *config;
    ftl_comparison_settings settings;
    const char *out;
    size_t n_existing; /* bytes of its path that were there before */
    int lock;          /* -1: not taken */
    int n_methods, n_ratios, n_seeds;
    const ftl_compared_method *method;
    double *ratio;
    int64_t *seed;
    ftl_compared_run pretrained;
    ftl_compared_run *run; /* [n_runs], in the order in which they are done: all methods
                              of a seed and ratio before the next ratio, then seed */
    int n_runs;
    const char *start;  /* checkpoint that methods begin with */
    const char *digest; /* of its contents; NULL: it is not there yet */
} ftl_comparison;

/* comparison_open.c: read configuration and grid, and look at nothing else. The
 * comparison is to be closed in any case. Fails with FTL_ECONFIG. */
ftl_status ftl_comparison_open(
        ftl_comparison *c, const ftl_comparison_options *options);
void ftl_comparison_close(ftl_comparison *c);

/* comparison_directory.c: create and lock the directory; give it back, and with `undo`
 * remove what was created and is empty. Fails with FTL_EIO, FTL_EINPUT (in use). */
ftl_status ftl_comparison_take(ftl_comparison *c);
void ftl_comparison_leave(ftl_comparison *c, bool undo);

/* Is it the name of a method of adaptation? Does this one set that key? */
bool ftl_comparison_is_method(const char *name);
bool ftl_comparison_sets(const ftl_compared_method *method, const char *key);
/* The largest ratio that images are kept for. */
double ftl_comparison_pool(const ftl_comparison *c);

/* Which of the comparison's ratios or seeds a text names; -1: none. */
int ftl_comparison_ratio_of(const ftl_comparison *c, const char *text);
int ftl_comparison_seed_of(const ftl_comparison *c, const char *text);

/* comparison_grid.c: pretrained and run, from methods, ratios and seeds. */
ftl_status ftl_comparison_make_runs(ftl_comparison *c);

/* The options of one of its runs, as that part. */
ftl_run_options ftl_comparison_run_options(
        const ftl_comparison *c, const ftl_compared_run *run, ftl_run_part part);

/* Let a run of a method read this pack instead of what data.source names. */
ftl_status ftl_comparison_use_pack(
        ftl_comparison *c, ftl_compared_run *run, const char *path);
/* Let all of them compute in what the pre-training did. Once. */
ftl_status ftl_comparison_use_precision(ftl_comparison *c);

/* comparison_outcome.c. NONE if there is none. Fails with FTL_EFORMAT. */
ftl_status ftl_outcome_read(ftl_outcome *out, const char *directory, ftl_arena *arena);
/* Fails with FTL_EIO, FTL_ENOMEM. */
ftl_status ftl_outcome_write(const ftl_outcome *outcome, const char *directory);

/* comparison_check.c: would any run that is left be refused? Before the pre-training,
 * which takes longest. Fails as the run would; the message names it. */
ftl_status ftl_comparison_check_settings(ftl_comparison *c);
ftl_status ftl_comparison_check_runs(void *comparison);
/* Read the outcomes. Is the pre-trained model that is there of this very comparison?
 * Fails with FTL_ECONFIG, FTL_EINPUT. */
ftl_status ftl_comparison_recognise(ftl_comparison *c);
/* Once it is done: are the methods' runs that are there? */
ftl_status ftl_comparison_begin_methods(ftl_comparison *c);

/* Of the checkpoint that was named instead of pre-training; NULL: none was. */
ftl_status ftl_comparison_digest_from(const char **digest, const ftl_comparison *c);

/* Put in front of the message of a failure which run it is about. */
ftl_status ftl_comparison_blame(const char *name, ftl_status status);

/* comparison_plan.c: --dry-run. */
ftl_status ftl_comparison_plan(ftl_comparison *c, FILE *file);

#endif
