/* settings.h - the configuration of a run, as structs.
 *
 * The tables that fill them are in settings*.c; `fairtl run --help-keys` prints them.
 */
#ifndef FTL_TRAINERS_SETTINGS_H
#define FTL_TRAINERS_SETTINGS_H

#include "datasets/options.h"
#include "engine/base/option.h"

/* In the order of the choices of model.precision. */
typedef enum ftl_precision {
    FTL_PRECISION_AUTO, /* bf16 where the processor has it: until a run begins */
    FTL_PRECISION_FP32,
    FTL_PRECISION_BF16,
} ftl_precision;

typedef struct ftl_model_settings {
    int arch; /* index into models */
    int64_t resolution, ch, z_dim;
    int precision; /* an ftl_precision */
} ftl_model_settings;

/* In the order of the choices of engine.tune. */
typedef enum ftl_tune_kind {
    FTL_TUNE_OFF,     /* kernels by a fixed rule */
    FTL_TUNE_CACHE,   /* tried, unless another run has */
    FTL_TUNE_MEASURE, /* tried */
} ftl_tune_kind;

typedef struct ftl_engine_settings {
    int tune; /* an ftl_tune_kind */
} ftl_engine_settings;

/* What a run writes beside what it always does. */
typedef struct ftl_log_settings {
    bool tensorboard;
} ftl_log_settings;

/* What pre-training and adaptation share: how a GAN is trained. */
typedef struct ftl_gan_settings {
    int64_t batch;
    int64_t d_steps; /* discriminator steps a generator step */
    double g_lr, d_lr, beta1, beta2, epsilon;
    double ema_half_life; /* kimg */
    double ema_ramp;
    bool flip;
    bool carry;                      /* optimisers go on from the stage before */
    double sample_every, save_every; /* kimg */
    int64_t samples;                 /* images of a sample grid */
} ftl_gan_settings;

/* Looks: evaluations while a stage trains, which choose or stop, on latents that no
 * report uses. */
typedef struct ftl_looks_settings {
    double every;    /* kimg; 0: none */
    int64_t samples; /* images of each */
    bool frechet;    /* the Frechet distance too */
} ftl_looks_settings;

/* The end of a stage where the shares of the groups stand still. */
typedef struct ftl_settle_settings {
    double from;   /* kimg: not before */
    double within; /* the shares of `count` looks in a row differ by no more */
    int64_t count; /* 0: no such end */
} ftl_settle_settings;

/* The end of a stage where nothing gets better. */
typedef struct ftl_plateau_settings {
    int of;        /* 0 corrected FD, 1 Frechet distance */
    int64_t count; /* looks in a row without a better one; 0: no such end */
    double from;   /* kimg: not before */
} ftl_plateau_settings;

typedef struct ftl_classifier_settings {
    int arch;
    int64_t width, epochs, batch;
    double lr;
    bool flip;
} ftl_classifier_settings;

typedef struct ftl_pretrain_settings {
    double kimg; /* the longest that it may take */
    int on;      /* an ftl_feed_source */
    ftl_gan_settings gan;
    ftl_looks_settings looks;
    ftl_settle_settings settle;
    ftl_plateau_settings plateau;
} ftl_pretrain_settings;

typedef struct ftl_stage_settings {
    const char *name;
    double kimg;
    ftl_texts freeze;
    double g_lr, d_lr; /* 0: as the adaptation's */
} ftl_stage_settings;

/* The classifier that weighs the biased set. */
typedef struct ftl_importance_settings {
    double alpha, lr;
    int64_t width, epochs, batch;
} ftl_importance_settings;

typedef struct ftl_discriminator_settings {
    const char *name;
    bool train;
    double weight;
    int data; /* an ftl_feed_source */
} ftl_discriminator_settings;

typedef struct ftl_adapt_settings {
    int method;   /* index into methods */
    int variant;  /* of fairtl++; there is one */
    int64_t seed; /* 0: the run's */
    double kimg;  /* length, unless stages are given */
    double lambda;
    double probe;              /* share of kimg */
    ftl_texts freeze;          /* empty: the method's */
    double lecam, lecam_decay; /* weight 0: none, or the method's */
    ftl_texts augment;         /* names of ftl_augment_names; empty: the method\'s */
    ftl_importance_settings importance; /* of method importance */
    double ewc;                         /* weight; 0: none */
    int64_t ewc_samples;
    ftl_sections
            discriminators; /* of ftl_discriminator_settings; empty: the method's */
    ftl_sections stages;    /* of ftl_stage_settings */
    ftl_gan_settings gan;
    ftl_looks_settings looks;
    ftl_plateau_settings plateau;
    int keep; /* an ftl_kept (metrics/report.h): which generator it ends with */
} ftl_adapt_settings;

/* Images of one measurement: fewer say nothing. */
#define FTL_EVALUATE_MIN 16
#define FTL_EVALUATE_MAX 10000000

/* In the order of the choices of evaluate.features. */
typedef enum ftl_features_kind {
    FTL_FEATURES_CLASSIFIER,
    FTL_FEATURES_INCEPTION,
} ftl_features_kind;

typedef struct ftl_evaluate_settings {
    int64_t samples;
    ftl_texts metrics;   /* of quality: ftl_quality_names */
    int features;        /* an ftl_features_kind */
    const char *weights; /* of Inception; NULL with features: classifier */
    int64_t n;           /* images that they are of; 0: all samples */
} ftl_evaluate_settings;

/* Kinds of entries of `run:`, in the order of ftl_stage_variants. */
typedef enum ftl_stage_kind {
    FTL_STAGE_CLASSIFIER,
    FTL_STAGE_PRETRAIN,
    FTL_STAGE_ADAPT,
    FTL_STAGE_EVALUATE,
} ftl_stage_kind;

typedef struct ftl_settings {
    int64_t seed;
    ftl_data_options data;
    ftl_model_settings model;
    ftl_engine_settings engine;
    ftl_log_settings log;
    ftl_variants run;
} ftl_settings;

extern const ftl_option ftl_settings_table[];

/* What describes networks, in an ftl_settings: `data`, then `model`. */
extern const ftl_option ftl_settings_networks_table[];

/* Fewest images that the reference set must have: a batch of each adaptation. */
int64_t ftl_settings_min_reference(const ftl_settings *settings);

/* Name of a kind of stage: "pretrain". */
const char *ftl_stage_kind_name(ftl_stage_kind kind);

#endif
