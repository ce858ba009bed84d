/* run_looks.h - looks: evaluations of a generator while it trains, by which one is
 * chosen or training ends. For this folder only.
 *
 * All looks of a stage judge the same latents, drawn from FTL_STREAM_LATENT_CHOICE of
 * the stage: their figures compare generators and not draws, and no report uses those
 * latents, so what was chosen by them is not judged by them. */
#ifndef FTL_TRAINERS_RUN_RUN_LOOKS_H
#define FTL_TRAINERS_RUN_RUN_LOOKS_H

#include "trainers/features.h"
#include "trainers/metrics/moments.h"
#include "trainers/run/run_state.h"

/* Why a stage may end before its time. */
typedef enum ftl_looks_end {
    FTL_LOOKS_GO_ON,
    FTL_LOOKS_SETTLED, /* the shares of the groups stand still */
    FTL_LOOKS_PLATEAU, /* nothing gets better */
} ftl_looks_end;

/* The looks of a stage. The first fields are what it asks for. */
typedef struct ftl_looks {
    const ftl_looks_settings *settings;
    const ftl_settle_settings *settle; /* NULL: the stage has none */
    const ftl_plateau_settings *plateau;
    int64_t every;                     /* steps; 0: never */
    int64_t settle_from, plateau_from; /* steps */
    ftl_evaluator evaluator;           /* of G_ema; plan NULL: there was no look yet */
    ftl_features features;             /* if settings->frechet */
    ftl_moments real;                  /* of the evaluation set, computed once */
    uint8_t *images;                   /* [FTL_MOMENTS_CHUNK] */
    float *x;                          /* [FTL_MOMENTS_CHUNK, features.d] */
} ftl_looks;

/* What a look saw. */
typedef struct ftl_look {
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];
    double frechet; /* if settings->frechet */
} ftl_look;

/* For a stage of so many images a step; nothing is computed. Zeroed ones, and those
 * that failed, may be closed too. */
void ftl_looks_init(ftl_looks *l, int64_t batch, const ftl_looks_settings *settings,
        const ftl_settle_settings *settle, const ftl_plateau_settings *plateau);
void ftl_looks_deinit(ftl_looks *l);

/* Make what looks compute with: before the first one. n_real: how many images of the
 * evaluation set are taken; a look needs all. */
ftl_status ftl_looks_prepare(ftl_looks *l, ftl_run_state *run, int64_t n_real);

/* Look at so many samples of G_ema; changes nothing else. */
ftl_status ftl_looks_see(ftl_looks *l, ftl_look *out, ftl_random_key key, int64_t n);

/* A look of the stage that is at run->progress: measures, logs, and keeps what is the
 * best so far. stage, kimg: for the lines of log.txt and stats.jsonl. */
ftl_status ftl_looks_take(ftl_looks *l, ftl_run_state *run, ftl_random_key key,
        const char *stage, double kimg);

/* May the stage end, after the look that was taken last? */
ftl_looks_end ftl_looks_judge(const ftl_looks *l, const ftl_progress *p);

/* Say why the stage ended where it did. kimg: then; the longest. */
void ftl_looks_explain(
        const ftl_looks *l, const ftl_progress *p, const char *stage, double kimg);

#endif
