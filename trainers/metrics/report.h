/* report.h - the evaluations of a run: metrics.json, and a table for people.
 *
 * metrics.json is an array with an object for each evaluation, in order, one a line:
 *     stage, kimg and checkpoint (unless they are not known), also (only if that
 * generator is others too), n_samples, groups, counts, share, confidence (if it is
 * known), fd, l1, kl (in nats; all three of `share`; files of before there were l1 and
 * kl are read too),
 * fd_corrected, fd_interval [lo, hi] (of the corrected FD, 95 %),
 * contradicted (true, or absent), classifier {hash, accuracy and n of the validation
 * images, for each group}, quality {...} (only if it was measured; report_quality.h),
 * note (only if there is one)
 * checkpoint says which generator of the stage it is: "last", "best_fd" or
 * "best_frechet"; a text without it means the last. Of generators that are of one and
 * the same step one is measured, and `also` lists the others' names: what is "last" and
 * also ["best_fd"] is both.
 * Lists over groups are in the order of `groups`. Numbers have nine digits, nothing
 * depends on time or machine: equal evaluations give equal bytes, and what is rendered,
 * parsed and rendered again is the same to the byte. */
#ifndef FTL_TRAINERS_METRICS_REPORT_H
#define FTL_TRAINERS_METRICS_REPORT_H

#include "engine/base/arena.h"
#include "trainers/metrics/fairness.h"
#include "trainers/metrics/quality.h"

#include <stdint.h>

/* Which generator of a stage: the one that training ended with, or the one that was
 * best by corrected FD, or by Frechet distance, at the looks in between. */
typedef enum ftl_kept {
    FTL_KEPT_LAST,
    FTL_KEPT_BEST_FD,
    FTL_KEPT_BEST_FRECHET,
    FTL_N_KEPT,
} ftl_kept;

/* "last", "best_fd", "best_frechet", NULL. */
extern const char *const ftl_kept_names[FTL_N_KEPT + 1];

/* How good the images are, in features of which extractor. Texts are UTF-8. */
typedef struct ftl_evaluation_quality {
    const char *extractor; /* "resnet18"; NULL: quality was not measured */
    const char *hash;      /* of its weights */
    const char *resizer;   /* "none" */
    const char *split;     /* which real images: "evaluation", or a file */
    int64_t features;
    ftl_quality figure;
} ftl_evaluation_quality;

/* What was measured of one generator. Texts are UTF-8. */
typedef struct ftl_evaluation {
    const char *stage; /* "pretrain", "adapt", ... */
    double kimg; /* thousands of images shown in that stage until then; < 0: not known
                  */
    int checkpoint;    /* an ftl_kept; 0, the last, where kimg is not known */
    unsigned also;     /* others that are of the same step: 1 << ftl_kept, or'ed */
    int64_t n_samples; /* generated and classified */
    int n_groups;      /* 2 to FTL_FAIRNESS_MAX_GROUPS */
    const char *group[FTL_FAIRNESS_MAX_GROUPS]; /* names */
    int64_t counts[FTL_FAIRNESS_MAX_GROUPS];    /* classified as each */
    double share[FTL_FAIRNESS_MAX_GROUPS];
    double confidence; /* of the classifier in its answers: mean over the samples of the
                          probability that it gives them; 0: not known */
    double fd, fd_corrected, fd_interval[2];
    double l1, kl;          /* of `share` from 1/K, as fd is; kl in nats */
    bool contradicted;      /* as in ftl_fairness: the corrected figures mean little */
    const char *classifier; /* hash of its weights */
    double accuracy[FTL_FAIRNESS_MAX_GROUPS]; /* on validation images of each */
    int64_t n_validation[FTL_FAIRNESS_MAX_GROUPS];
    ftl_evaluation_quality quality;
    const char *note; /* what a reader must know; NULL: nothing. ftl_metrics_add sets it
                       */
} ftl_evaluation;

/* Everything but stage, kimg, checkpoint, also, classifier, quality and note.
 * group      [n_groups] names; borrowed
 * confusion  [n_groups][n_groups], as it was given to ftl_fairness_measure */
void ftl_evaluation_fill(ftl_evaluation *evaluation, const ftl_fairness *fairness,
        const char *const *group, const int64_t *confusion);

/* The evaluations of a run, in order. */
typedef struct ftl_metrics {
    ftl_arena *arena;
    const ftl_evaluation **evaluation; /* [n]; borrowed until ftl_metrics_deinit */
    int n;
    const char *note; /* NULL: none */
} ftl_metrics;

/* None yet. Release with ftl_metrics_deinit, which takes zeroed ones too. Fails with
 * FTL_ENOMEM. */
ftl_status ftl_metrics_init(ftl_metrics *metrics);
void ftl_metrics_deinit(ftl_metrics *metrics);

/* Append a copy, texts included, with the note of the metrics. Fails with FTL_ENOMEM,
 * with FTL_EINPUT when a text is not UTF-8 and FTL_ENUMERIC when a number is NaN or
 * infinite; nothing is then added. */
ftl_status ftl_metrics_add(ftl_metrics *metrics, const ftl_evaluation *evaluation);

/* From now on each evaluation carries this note, behind those given earlier ("a; b").
 * Fails with FTL_ENOMEM, or with FTL_EINPUT when it is not UTF-8. */
ftl_status ftl_metrics_note(ftl_metrics *metrics, const char *note);

/* The text of metrics.json, malloc'ed: free() it. A note that no evaluation carries yet
 * is a last object {note}, so that a checkpoint keeps it. Fails with FTL_ENOMEM; *text
 * is then NULL. */
ftl_status ftl_metrics_render(const ftl_metrics *metrics, char **text);

/* The object of one evaluation, on one line and without newline; the same rules. */
ftl_status ftl_evaluation_render(const ftl_evaluation *evaluation, char **text);

/* Replace what the metrics hold by what was rendered. Fails with FTL_EFORMAT, naming
 * evaluation and key, when the text is anything else, or with FTL_ENOMEM; the metrics
 * are then unchanged. */
ftl_status ftl_metrics_parse(ftl_metrics *metrics, const char *text);

/* Version of the library beneath, "2.14". Static. */
const char *ftl_metrics_library(void);

/* Write metrics.json at once: a reader sees the old or the new one. Fails with FTL_EIO,
 * FTL_ENOMEM. */
ftl_status ftl_metrics_save(const ftl_metrics *metrics, const char *path);

/* A table of evaluations of the same groups side by side, for people: shares; FD naive
 * and corrected, with its interval. Lines end with newlines. *text is malloc'ed: free()
 * it. Fails with FTL_ENOMEM; *text is then NULL.
 * evaluation, title  [n], such as {before, after}, {"before", "after"} */
ftl_status ftl_report_table(char **text, const ftl_evaluation *const *evaluation,
        const char *const *title, int n);

#endif
