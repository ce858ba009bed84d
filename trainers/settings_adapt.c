/* settings_adapt.c - tables: adaptation. */
#include "trainers/settings_tables.h"

static const char *const methods[] = {"fairtl", "fairtl++", "freezed", "scratch",
        "lecam", "ewc", "diffaugment", "importance", NULL};
enum { FAIRTLPP = 1, LECAM = 4, IMPORTANCE = 7 }; /* of these */
static const char *const variants[] = {"aaai2023", NULL};
static const char *const keeps[] = {"last", "best", "best_frechet", NULL};

/* Keys that say nothing; run/run_check_adapt.c refuses them with the reason. */

static bool no_variant(const void *values) {
    return ((const ftl_adapt_settings *)values)->method != FAIRTLPP;
}

static bool no_lambda(const void *values) {
    const ftl_adapt_settings *adapt = values;
    return adapt->method != FAIRTLPP || adapt->discriminators.n > 0;
}

static bool no_probe(const void *values) {
    const ftl_adapt_settings *adapt = values;
    return adapt->method != FAIRTLPP || adapt->stages.n > 0;
}

/* Its 0 is then the method's own weight. */
static bool no_lecam(const void *values) {
    const ftl_adapt_settings *adapt = values;
    return adapt->method == LECAM && adapt->lecam == 0;
}

static bool no_lecam_decay(const void *values) {
    const ftl_adapt_settings *adapt = values;
    return adapt->method != LECAM && adapt->lecam == 0;
}

static bool no_importance(const void *values) {
    return ((const ftl_adapt_settings *)values)->method != IMPORTANCE;
}

static bool no_ewc_samples(const void *values) {
    return ((const ftl_adapt_settings *)values)->ewc == 0;
}

static bool no_data(const void *values) {
    return !((const ftl_discriminator_settings *)values)->train;
}

static const ftl_option stage_table[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                FTL_AT(ftl_stage_settings, name),
                .required = true,
                .help = "of the stage, for log and samples"},
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_stage_settings, kimg),
                .min = 0.001,
                .max = FTL_MILLION,
                .required = true,
                .unit = "kimg",
                .help = "length"},
        {.key = "freeze",
                .type = FTL_OPTION_TEXTS,
                FTL_AT(ftl_stage_settings, freeze),
                .help = "layers that stand still: globs over full names "
                        "(\"D.blocks.0.*\") or resolutions (\"D@64\")"},
        {.key = "g_lr",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_stage_settings, g_lr),
                .min = 0,
                .max = 1,
                .fallback = "0",
                .help = "0: as the adaptation's"},
        {.key = "d_lr",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_stage_settings, d_lr),
                .min = 0,
                .max = 1,
                .fallback = "0",
                .help = "0: as the adaptation's"},
        {0},
};

static const ftl_option discriminator_table[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                FTL_AT(ftl_discriminator_settings, name),
                .required = true,
                .help = "D for the first, D_... for others; each begins as a copy of "
                        "the pre-trained one"},
        {.key = "train",
                .type = FTL_OPTION_BOOL,
                FTL_AT(ftl_discriminator_settings, train),
                .fallback = "true",
                .help = "false: it stands still"},
        {.key = "weight",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_discriminator_settings, weight),
                .min = 0,
                .max = 1000,
                .fallback = "1",
                .help = "of its score in the generator's loss; 0: it trains, and G "
                        "does not hear it"},
        {.key = "data",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_discriminator_settings, data),
                .fallback = "reference",
                .choices = ftl_feed_choices,
                .silent = no_data,
                .help = "the set that it learns to call real, if it trains; "
                        "biased+reference: both, as if they were one"},
        {0},
};

static const ftl_option importance_table[] = {
        {.key = "alpha",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_importance_settings, alpha),
                .min = 0,
                .max = 10,
                .fallback = "1",
                .help = "weights are w^alpha; below 1 they are flatter"},
        {.key = "width",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_importance_settings, width),
                .min = 1,
                .max = 256,
                .fallback = "64",
                .help = "channels of the first layer of the classifier of the two "
                        "sets"},
        {.key = "epochs",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_importance_settings, epochs),
                .min = 1,
                .max = 10000,
                .fallback = "10",
                .help = "passes over the reference set"},
        {.key = "batch",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_importance_settings, batch),
                .min = 2,
                .max = 4096,
                .fallback = "64",
                .help = "images a step, half of each set; an odd one is rounded down"},
        {.key = "lr",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_importance_settings, lr),
                .min = 1e-8,
                .max = 1,
                .fallback = "1e-4",
                .help = "Adam's step size"},
        {0},
};

const ftl_option ftl_adapt_table[] = {
        {.key = "method",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_adapt_settings, method),
                .fallback = "fairtl",
                .choices = methods,
                .help = "fairtl: train on with the reference set; fairtl++: with a "
                        "frozen second discriminator; docs/methods.md has all"},
        {.key = "variant",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_adapt_settings, variant),
                .fallback = "aaai2023",
                .choices = variants,
                .silent = no_variant,
                .help = "which paper's fairtl++"},
        {.key = "seed",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_adapt_settings, seed),
                .min = 0,
                .max = 9007199254740992.0,
                .fallback = "0",
                .help = "of the adaptation's own random numbers; 0: the run's seed"},
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, kimg),
                .min = 0,
                .max = FTL_MILLION,
                .fallback = "0",
                .unit = "kimg",
                .help = "length; not with stages"},
        {.key = "lambda",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, lambda),
                .min = 0,
                .max = 1,
                .fallback = "0.5",
                .silent = no_lambda,
                .help = "fairtl++: weight of the trainable discriminator; the frozen "
                        "one "
                        "has the rest"},
        {.key = "probe",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, probe),
                .min = 0,
                .max = 1,
                .fallback = "0.5",
                .silent = no_probe,
                .help = "fairtl++: the share of kimg that is linear probing"},
        {.key = "freeze",
                .type = FTL_OPTION_TEXTS,
                FTL_AT(ftl_adapt_settings, freeze),
                .help = "layers that stand still, with fairtl++ while linear probing, "
                        "else throughout; patterns as in stages; default with "
                        "fairtl++: D's blocks of the two highest resolutions"},
        {.key = "lecam",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, lecam),
                .min = 0,
                .max = 1000,
                .fallback = "0",
                .silent = no_lecam,
                .help = "weight of LeCam's regulariser; 0: none, but 0.3 with method: "
                        "lecam"},
        {.key = "lecam_decay",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, lecam_decay),
                .min = 0,
                .max = 0.9999,
                .fallback = "0.99",
                .silent = no_lecam_decay,
                .help = "of its running means of the scores, in discriminator steps"},
        {.key = "importance",
                .type = FTL_OPTION_SECTION,
                FTL_AT(ftl_adapt_settings, importance),
                .table = importance_table,
                .table_bytes = sizeof(ftl_importance_settings),
                .silent = no_importance,
                .help = "importance weights of the biased set, with method: "
                        "importance"},
        {.key = "augment",
                .type = FTL_OPTION_TEXTS,
                FTL_AT(ftl_adapt_settings, augment),
                .help = "DiffAugment of what discriminators see: colour, translation, "
                        "cutout; none if nothing is said, but all with method: "
                        "diffaugment"},
        {.key = "ewc",
                .type = FTL_OPTION_REAL,
                FTL_AT(ftl_adapt_settings, ewc),
                .min = 0,
                .max = 1e12,
                .fallback = "0",
                .help = "weight of the anchor that holds G's weights, each as it "
                        "matters; 0: none"},
        {.key = "ewc_samples",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_adapt_settings, ewc_samples),
                .min = 1,
                .max = FTL_MILLION,
                .fallback = "256",
                .silent = no_ewc_samples,
                .help = "images that tell how much a weight matters"},
        {.key = "discriminators",
                .type = FTL_OPTION_SECTIONS,
                FTL_AT(ftl_adapt_settings, discriminators),
                .table = discriminator_table,
                .table_bytes = sizeof(ftl_discriminator_settings),
                .help = "instead of the method's; up to four"},
        {.key = "stages",
                .type = FTL_OPTION_SECTIONS,
                FTL_AT(ftl_adapt_settings, stages),
                .table = stage_table,
                .table_bytes = sizeof(ftl_stage_settings),
                .help = "stages of the adaptation, one after another"},
        FTL_GAN_ROWS(ftl_adapt_settings, "8", "1", "5"),
        FTL_LOOKS_ROWS(ftl_adapt_settings),
        {.key = "keep",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_adapt_settings, keep),
                .fallback = "last",
                .choices = keeps,
                .help = "which generator the adaptation ends with: the last, or the "
                        "best of the looks by corrected FD or by Frechet distance"},
        {0},
};
