/* source.h - what lies in a run's directory, read for its report.
 *
 * Nothing of it has to be there, or whole: a run may be under way, have been killed, or
 * have been damaged since. What is missing or cannot be read is a problem, which the
 * report names; reading fails with FTL_ENOMEM alone. */
#ifndef FTL_TRAINERS_REPORT_SOURCE_H
#define FTL_TRAINERS_REPORT_SOURCE_H

#include "engine/base/arena.h"
#include "trainers/metrics/report.h"

#include <jansson.h>
#include <stdbool.h>

enum {
    FTL_SOURCE_STAGES = 24,
    FTL_SOURCE_LOSSES = 10, /* curves of losses in one stage */
    FTL_SOURCE_PROBLEMS = 32,
    FTL_SOURCE_PATH_BYTES = 4096,
};

/* A column of numbers that grows. */
typedef struct ftl_column {
    double *value;
    int n, room;
} ftl_column;

/* A stage that left lines in stats.jsonl; columns of one kind are equally long. What a
 * line does not have is NaN. */
typedef struct ftl_source_stage {
    const char *name;
    bool in_steps; /* ... and not in kimg: the classifier's */
    const char *loss_name[FTL_SOURCE_LOSSES];
    int n_losses;
    ftl_column at, loss[FTL_SOURCE_LOSSES], images_per_s;
    ftl_column look_at, fd, corrected, lo, hi, frechet;
    ftl_column share[FTL_FAIRNESS_MAX_GROUPS];
    int n_shares;
} ftl_source_stage;

/* samples/<stage>-<images>.png, <stage>-final.png or <stage>-by-group.png. */
typedef enum ftl_sample_kind {
    FTL_SAMPLE_DURING,
    FTL_SAMPLE_FINAL,
    FTL_SAMPLE_BY_GROUP,
} ftl_sample_kind;

typedef struct ftl_source_sample {
    const char *file; /* "adapt-00004000.png" */
    const char *stage;
    ftl_sample_kind kind;
    long long images; /* DURING */
} ftl_source_sample;

typedef struct ftl_source {
    ftl_arena *arena;
    const char *directory, *name; /* name: its last component */
    json_t *about;                /* about.json, an object; NULL */
    ftl_metrics metrics;
    ftl_source_stage *stage; /* [n_stages], as they came */
    int n_stages;
    ftl_source_sample *sample; /* [n_samples], by stage and name */
    int n_samples;
    const char *log, *config; /* texts; NULL */
    const char *problem[FTL_SOURCE_PROBLEMS];
    int n_problems;
} ftl_source;

/* Read it; release with ftl_source_close in any case. Fails with FTL_ENOMEM. */
ftl_status ftl_source_open(ftl_source *out, const char *directory);
void ftl_source_close(ftl_source *source);

/* Add a problem to those that the report names; those that are there already,
 * and beyond FTL_SOURCE_PROBLEMS, are dropped. */
ftl_status ftl_source_note(ftl_source *source, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Something failed: its message becomes a problem, and all is well; FTL_ENOMEM stays.
 */
ftl_status ftl_source_excuse(ftl_source *source, ftl_status status);

/* Read a file of the directory; *bytes is malloc'ed, or NULL if that is now a problem.
 */
ftl_status ftl_source_read(
        ftl_source *source, char **bytes, size_t *n_bytes, const char *name);

/* The last component of a directory's path, in the arena. */
ftl_status ftl_source_name(const char **out, const char *directory, ftl_arena *arena);

/* The parts, each in a file of its own. */
ftl_status ftl_source_read_stats(ftl_source *source);
ftl_status ftl_source_list_samples(ftl_source *source);

/* Texts and lists of about.json; "" and NULL if they are not there. */
const char *ftl_source_about(const ftl_source *source, const char *key);
json_t *ftl_source_list(const ftl_source *source, const char *key);
/* The object of a stage in `stages`; NULL. */
json_t *ftl_source_about_stage(const ftl_source *source, const char *stage);

#endif
