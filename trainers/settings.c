/* settings.c - the tables of a run's configuration; see settings.h. */
#include "trainers/settings.h"

#include "trainers/run.h"

#include <math.h>

static const char *const architectures[] = {"biggan", NULL};
static const char *const precisions[] = {"auto", "fp32", "bf16", NULL};
static const char *const tunings[] = {"off", "cache", "measure", NULL};
static const char *const classifiers[] = {"resnet18", NULL};
static const char *const methods[] = {"fairtl", "fairtl++", "freezed", "scratch",
        "lecam", "ewc", "diffaugment", "importance", NULL};
static const char *const variants[] = {"aaai2023", NULL};
static const char *const sources[] = {"reference", "biased", "biased+reference", NULL};
static const char *const extractors[] = {"classifier", NULL};
static const char *const keeps[] = {"last", "best", NULL};

#define MILLION 1e6
#define AT(type, field) .offset = offsetof(type, field)

static const ftl_option model_table[] = {
        {.key = "arch",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_model_settings, arch),
                .fallback = "biggan",
                .choices = architectures,
                .help = "generator and discriminator"},
        {.key = "resolution",
                .type = FTL_OPTION_INT,
                AT(ftl_model_settings, resolution),
                .min = 32,
                .max = 64,
                .fallback = "64",
                .unit = "px",
                .help = "side of the images: 32 or 64"},
        {.key = "ch",
                .type = FTL_OPTION_INT,
                AT(ftl_model_settings, ch),
                .min = 1,
                .max = 256,
                .fallback = "64",
                .help = "width: channels of the layers are multiples of it"},
        {.key = "z_dim",
                .type = FTL_OPTION_INT,
                AT(ftl_model_settings, z_dim),
                .min = 1,
                .max = 1024,
                .fallback = "128",
                .help = "size of the latent"},
        {.key = "precision",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_model_settings, precision),
                .fallback = "auto",
                .choices = precisions,
                .help = "of images inside the networks; auto: bf16 where the processor "
                        "computes in it"},
        {0},
};

static const ftl_option engine_table[] = {
        {.key = "tune",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_engine_settings, tune),
                .fallback = "\"off\"",
                .choices = tunings,
                .help = "how kernels are chosen; off: a fixed rule by shape; measure: "
                        "by "
                        "trying them before the first step; cache: measure, once for "
                        "all runs"},
        {0},
};

static const ftl_option classifier_table[] = {
        {.key = "arch",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_classifier_settings, arch),
                .fallback = "resnet18",
                .choices = classifiers,
                .help = "attribute classifier"},
        {.key = "width",
                .type = FTL_OPTION_INT,
                AT(ftl_classifier_settings, width),
                .min = 1,
                .max = 256,
                .fallback = "64",
                .help = "channels of its first layer"},
        {.key = "epochs",
                .type = FTL_OPTION_INT,
                AT(ftl_classifier_settings, epochs),
                .min = 1,
                .max = 10000,
                .fallback = "10",
                .help = "passes over the classifier set"},
        {.key = "batch",
                .type = FTL_OPTION_INT,
                AT(ftl_classifier_settings, batch),
                .min = 2,
                .max = 4096,
                .fallback = "64",
                .help = "images a step"},
        {.key = "lr",
                .type = FTL_OPTION_REAL,
                AT(ftl_classifier_settings, lr),
                .min = 1e-8,
                .max = 1,
                .fallback = "1e-3",
                .help = "Adam's step size"},
        {.key = "flip",
                .type = FTL_OPTION_BOOL,
                AT(ftl_classifier_settings, flip),
                .fallback = "true",
                .help = "mirror images at random"},
        {0},
};

/* The rows of how a GAN is trained, at `where` inside the stage's struct. */
#define GAN_ROWS(owner, batch_default, half_life_default, every_default)               \
    {.key = "batch",                                                                   \
            .type = FTL_OPTION_INT,                                                    \
            AT(owner, gan.batch),                                                      \
            .min = 2,                                                                  \
            .max = 4096,                                                               \
            .fallback = batch_default,                                                 \
            .help = "images a step"},                                                  \
            {.key = "d_steps",                                                         \
                    .type = FTL_OPTION_INT,                                            \
                    AT(owner, gan.d_steps),                                            \
                    .min = 1,                                                          \
                    .max = 64,                                                         \
                    .fallback = "2",                                                   \
                    .help = "discriminator steps a generator step"},                   \
            {.key = "g_lr",                                                            \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.g_lr),                                               \
                    .min = 0,                                                          \
                    .max = 1,                                                          \
                    .fallback = "5e-4",                                                \
                    .help = "the generator's step size"},                              \
            {.key = "d_lr",                                                            \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.d_lr),                                               \
                    .min = 0,                                                          \
                    .max = 1,                                                          \
                    .fallback = "2e-4",                                                \
                    .help = "the discriminator's step size"},                          \
            {.key = "beta1",                                                           \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.beta1),                                              \
                    .min = 0,                                                          \
                    .max = 0.9999,                                                     \
                    .fallback = "0",                                                   \
                    .help = "Adam's first decay"},                                     \
            {.key = "beta2",                                                           \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.beta2),                                              \
                    .min = 0,                                                          \
                    .max = 0.999999,                                                   \
                    .fallback = "0.999",                                               \
                    .help = "Adam's second decay"},                                    \
            {.key = "epsilon",                                                         \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.epsilon),                                            \
                    .min = 1e-12,                                                      \
                    .max = 1,                                                          \
                    .fallback = "1e-8",                                                \
                    .help = "Adam's floor"},                                           \
            {.key = "ema_half_life",                                                   \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.ema_half_life),                                      \
                    .min = 0,                                                          \
                    .max = MILLION,                                                    \
                    .fallback = half_life_default,                                     \
                    .unit = "kimg",                                                    \
                    .help = "of the averaged generator; 0: no averaging"},             \
            {.key = "ema_ramp",                                                        \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.ema_ramp),                                           \
                    .min = 0,                                                          \
                    .max = 10,                                                         \
                    .fallback = "0.05",                                                \
                    .help = "half-life at most this share of what the stage has "      \
                            "seen; 0: no ramp"},                                       \
            {.key = "flip",                                                            \
                    .type = FTL_OPTION_BOOL,                                           \
                    AT(owner, gan.flip),                                               \
                    .fallback = "true",                                                \
                    .help = "mirror real images at random"},                           \
            {.key = "sample_every",                                                    \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.sample_every),                                       \
                    .min = 0,                                                          \
                    .max = MILLION,                                                    \
                    .fallback = every_default,                                         \
                    .unit = "kimg",                                                    \
                    .help = "between sample grids; 0: only at the end"},               \
            {.key = "save_every",                                                      \
                    .type = FTL_OPTION_REAL,                                           \
                    AT(owner, gan.save_every),                                         \
                    .min = 0,                                                          \
                    .max = MILLION,                                                    \
                    .fallback = every_default,                                         \
                    .unit = "kimg",                                                    \
                    .help = "between checkpoints; 0: only at the end"},                \
    {                                                                                  \
        .key = "samples", .type = FTL_OPTION_INT, AT(owner, gan.samples), .min = 1,    \
        .max = 1024, .fallback = "64", .help = "images of a sample grid"               \
    }

static const ftl_option settle_table[] = {
        {.key = "every",
                .type = FTL_OPTION_REAL,
                AT(ftl_settle_settings, watch.every),
                .min = 0,
                .max = MILLION,
                .fallback = "0",
                .unit = "kimg",
                .help = "between looks at the share of each group; 0: never stop "
                        "early"},
        {.key = "samples",
                .type = FTL_OPTION_INT,
                AT(ftl_settle_settings, watch.samples),
                .min = 16,
                .max = MILLION,
                .fallback = "2000",
                .help = "images of each look"},
        {.key = "from",
                .type = FTL_OPTION_REAL,
                AT(ftl_settle_settings, from),
                .min = 0,
                .max = MILLION,
                .fallback = "0",
                .unit = "kimg",
                .help = "not before: blobs of a young generator may look settled"},
        {.key = "within",
                .type = FTL_OPTION_REAL,
                AT(ftl_settle_settings, within),
                .min = 0,
                .max = 1,
                .fallback = "0.05",
                .help = "stop when the shares of `count` looks in a row are this "
                        "close"},
        {.key = "count",
                .type = FTL_OPTION_INT,
                AT(ftl_settle_settings, count),
                .min = 2,
                .max = 100,
                .fallback = "3",
                .help = "looks in a row"},
        {0},
};

static const ftl_option pretrain_table[] = {
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                AT(ftl_pretrain_settings, kimg),
                .min = 0.001,
                .max = MILLION,
                .required = true,
                .unit = "kimg",
                .help = "length, in images of the generator's steps, one batch each; "
                        "at most, if it may settle"},
        {.key = "on",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_pretrain_settings, on),
                .fallback = "biased",
                .choices = sources,
                .help = "the set; biased+reference: both, as if they were one"},
        GAN_ROWS(ftl_pretrain_settings, "128", "10", "50"),
        {.key = "settle",
                .type = FTL_OPTION_SECTION,
                AT(ftl_pretrain_settings, settle),
                .table = settle_table,
                .table_bytes = sizeof(ftl_settle_settings),
                .help = "stop early, when the share of each group has settled"},
        {0},
};

static const ftl_option stage_table[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                AT(ftl_stage_settings, name),
                .required = true,
                .help = "of the stage, for log and samples"},
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                AT(ftl_stage_settings, kimg),
                .min = 0.001,
                .max = MILLION,
                .required = true,
                .unit = "kimg",
                .help = "length"},
        {.key = "freeze",
                .type = FTL_OPTION_TEXTS,
                AT(ftl_stage_settings, freeze),
                .help = "layers that stand still: globs over full names "
                        "(\"D.blocks.0.*\") or resolutions (\"D@64\")"},
        {.key = "g_lr",
                .type = FTL_OPTION_REAL,
                AT(ftl_stage_settings, g_lr),
                .min = 0,
                .max = 1,
                .fallback = "0",
                .help = "0: as the adaptation's"},
        {.key = "d_lr",
                .type = FTL_OPTION_REAL,
                AT(ftl_stage_settings, d_lr),
                .min = 0,
                .max = 1,
                .fallback = "0",
                .help = "0: as the adaptation's"},
        {0},
};

static const ftl_option discriminator_table[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                AT(ftl_discriminator_settings, name),
                .required = true,
                .help = "D for the first, D_... for others; each begins as a copy of "
                        "the pre-trained one"},
        {.key = "train",
                .type = FTL_OPTION_BOOL,
                AT(ftl_discriminator_settings, train),
                .fallback = "true",
                .help = "false: it stands still"},
        {.key = "weight",
                .type = FTL_OPTION_REAL,
                AT(ftl_discriminator_settings, weight),
                .min = 1e-6,
                .max = 1000,
                .fallback = "1",
                .help = "of its score in the generator's loss"},
        {.key = "data",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_discriminator_settings, data),
                .fallback = "reference",
                .choices = sources,
                .help = "the set that it learns to call real, if it trains; "
                        "biased+reference: both, as if they were one"},
        {0},
};

static const ftl_option importance_table[] = {
        {.key = "alpha",
                .type = FTL_OPTION_REAL,
                AT(ftl_importance_settings, alpha),
                .min = 0,
                .max = 10,
                .fallback = "1",
                .help = "weights are w^alpha; below 1 they are flatter"},
        {.key = "width",
                .type = FTL_OPTION_INT,
                AT(ftl_importance_settings, width),
                .min = 1,
                .max = 256,
                .fallback = "64",
                .help = "channels of the first layer of the classifier of the two "
                        "sets"},
        {.key = "epochs",
                .type = FTL_OPTION_INT,
                AT(ftl_importance_settings, epochs),
                .min = 1,
                .max = 10000,
                .fallback = "10",
                .help = "passes over the reference set"},
        {.key = "batch",
                .type = FTL_OPTION_INT,
                AT(ftl_importance_settings, batch),
                .min = 2,
                .max = 4096,
                .fallback = "64",
                .help = "images a step, half of each set; an odd one is rounded down"},
        {.key = "lr",
                .type = FTL_OPTION_REAL,
                AT(ftl_importance_settings, lr),
                .min = 1e-8,
                .max = 1,
                .fallback = "1e-4",
                .help = "Adam's step size"},
        {0},
};

static const ftl_option watch_table[] = {
        {.key = "every",
                .type = FTL_OPTION_REAL,
                AT(ftl_watch_settings, every),
                .min = 0,
                .max = MILLION,
                .fallback = "0",
                .unit = "kimg",
                .help = "between evaluations that choose the best; 0: none"},
        {.key = "samples",
                .type = FTL_OPTION_INT,
                AT(ftl_watch_settings, samples),
                .min = 16,
                .max = MILLION,
                .fallback = "2000",
                .help = "images of each"},
        {0},
};

static const ftl_option adapt_table[] = {
        {.key = "method",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_adapt_settings, method),
                .fallback = "fairtl",
                .choices = methods,
                .help = "fairtl: train on with the reference set; fairtl++: with a "
                        "frozen second discriminator; docs/methods.md has all"},
        {.key = "variant",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_adapt_settings, variant),
                .fallback = "aaai2023",
                .choices = variants,
                .help = "which paper's fairtl++"},
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, kimg),
                .min = 0,
                .max = MILLION,
                .fallback = "0",
                .unit = "kimg",
                .help = "length; not with stages"},
        {.key = "lambda",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, lambda),
                .min = 0,
                .max = 1,
                .fallback = "0.5",
                .help = "fairtl++: weight of the trainable discriminator; the frozen "
                        "one "
                        "has the rest"},
        {.key = "probe",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, probe),
                .min = 0,
                .max = 1,
                .fallback = "0.5",
                .help = "fairtl++: the share of kimg that is linear probing"},
        {.key = "freeze",
                .type = FTL_OPTION_TEXTS,
                AT(ftl_adapt_settings, freeze),
                .help = "layers that stand still, with fairtl++ while linear probing, "
                        "else throughout; patterns as in stages; default with "
                        "fairtl++: D's blocks of the two highest resolutions"},
        {.key = "lecam",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, lecam),
                .min = 0,
                .max = 1000,
                .fallback = "0",
                .help = "weight of LeCam's regulariser; 0: none, but 0.3 with method: "
                        "lecam"},
        {.key = "lecam_decay",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, lecam_decay),
                .min = 0,
                .max = 0.9999,
                .fallback = "0.99",
                .help = "of its running means of the scores, in discriminator steps"},
        {.key = "importance",
                .type = FTL_OPTION_SECTION,
                AT(ftl_adapt_settings, importance),
                .table = importance_table,
                .table_bytes = sizeof(ftl_importance_settings),
                .help = "importance weights of the biased set, with method: "
                        "importance"},
        {.key = "augment",
                .type = FTL_OPTION_TEXTS,
                AT(ftl_adapt_settings, augment),
                .help = "DiffAugment of what discriminators see: colour, translation, "
                        "cutout; none if nothing is said, but all with method: "
                        "diffaugment"},
        {.key = "ewc",
                .type = FTL_OPTION_REAL,
                AT(ftl_adapt_settings, ewc),
                .min = 0,
                .max = 1e12,
                .fallback = "0",
                .help = "weight of the anchor that holds G's weights, each as it "
                        "matters; 0: none"},
        {.key = "ewc_samples",
                .type = FTL_OPTION_INT,
                AT(ftl_adapt_settings, ewc_samples),
                .min = 1,
                .max = MILLION,
                .fallback = "256",
                .help = "images that tell how much a weight matters"},
        {.key = "discriminators",
                .type = FTL_OPTION_SECTIONS,
                AT(ftl_adapt_settings, discriminators),
                .table = discriminator_table,
                .table_bytes = sizeof(ftl_discriminator_settings),
                .help = "instead of the method's; up to four"},
        {.key = "stages",
                .type = FTL_OPTION_SECTIONS,
                AT(ftl_adapt_settings, stages),
                .table = stage_table,
                .table_bytes = sizeof(ftl_stage_settings),
                .help = "stages of the adaptation, one after another"},
        GAN_ROWS(ftl_adapt_settings, "8", "1", "5"),
        {.key = "watch",
                .type = FTL_OPTION_SECTION,
                AT(ftl_adapt_settings, watch),
                .table = watch_table,
                .table_bytes = sizeof(ftl_watch_settings),
                .help = "evaluations during the adaptation"},
        {.key = "keep",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_adapt_settings, keep),
                .fallback = "last",
                .choices = keeps,
                .help = "which generator the adaptation ends with: the last, or the "
                        "best "
                        "that watch saw by corrected FD"},
        {0},
};

static const ftl_option evaluate_table[] = {
        {.key = "samples",
                .type = FTL_OPTION_INT,
                AT(ftl_evaluate_settings, samples),
                .min = FTL_EVALUATE_MIN,
                .max = FTL_EVALUATE_MAX,
                .fallback = "10000",
                .help = "generated images that are classified"},
        {.key = "metrics",
                .type = FTL_OPTION_TEXTS,
                AT(ftl_evaluate_settings, metrics),
                .help = "of quality, against the evaluation set: frechet (Frechet "
                        "distance), kid (kernel inception distance), prdc (precision, "
                        "recall, density, coverage)"},
        {.key = "features",
                .type = FTL_OPTION_CHOICE,
                AT(ftl_evaluate_settings, features),
                .fallback = "classifier",
                .choices = extractors,
                .help = "what metrics compare: the penultimate layer of the attribute "
                        "classifier"},
        {.key = "n",
                .type = FTL_OPTION_INT,
                AT(ftl_evaluate_settings, n),
                .min = 0,
                .max = FTL_EVALUATE_MAX,
                .fallback = "0",
                .help = "how many of the samples metrics take; 0: all"},
        {0},
};

static const ftl_option_variant stage_variants[] = {
        {.name = "classifier",
                .table = classifier_table,
                .table_bytes = sizeof(ftl_classifier_settings),
                .help = "train the attribute classifier on the classifier set"},
        {.name = "pretrain",
                .table = pretrain_table,
                .table_bytes = sizeof(ftl_pretrain_settings),
                .help = "train a GAN, on the biased set if nothing else is said"},
        {.name = "adapt",
                .table = adapt_table,
                .table_bytes = sizeof(ftl_adapt_settings),
                .help = "adapt it to the reference set"},
        {.name = "evaluate",
                .table = evaluate_table,
                .table_bytes = sizeof(ftl_evaluate_settings),
                .help = "measure the generator; the pre-trained one too, if this run "
                        "trained or loaded it"},
        {0},
};

const ftl_option ftl_settings_table[] = {
        {.key = "seed",
                .type = FTL_OPTION_INT,
                AT(ftl_settings, seed),
                .min = 0,
                .max = 9007199254740992.0,
                .fallback = "1",
                .help = "the one source of all randomness"},
        {.key = "data",
                .type = FTL_OPTION_SECTION,
                AT(ftl_settings, data),
                .table = ftl_data_table,
                .table_bytes = sizeof(ftl_data_options),
                .help = "the images"},
        {.key = "model",
                .type = FTL_OPTION_SECTION,
                AT(ftl_settings, model),
                .table = model_table,
                .table_bytes = sizeof(ftl_model_settings),
                .help = "the networks"},
        {.key = "engine",
                .type = FTL_OPTION_SECTION,
                AT(ftl_settings, engine),
                .table = engine_table,
                .table_bytes = sizeof(ftl_engine_settings),
                .help = "how they are computed"},
        {.key = "run",
                .type = FTL_OPTION_VARIANTS,
                AT(ftl_settings, run),
                .variants = stage_variants,
                .required = true,
                .help = "what is done, in order"},
        {0},
};

const char *ftl_stage_kind_name(ftl_stage_kind kind) {
    return stage_variants[kind].name;
}
