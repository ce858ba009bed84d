/* settings_model.c - tables: the networks, and how they are computed. */
#include "trainers/settings_tables.h"

static const char *const architectures[] = {"biggan", NULL};
static const char *const precisions[] = {"auto", "fp32", "bf16", NULL};
static const char *const tunings[] = {"off", "cache", "measure", NULL};

const ftl_option ftl_model_table[] = {
        {.key = "arch",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_model_settings, arch),
                .fallback = "biggan",
                .choices = architectures,
                .help = "generator and discriminator"},
        {.key = "resolution",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_model_settings, resolution),
                .min = 32,
                .max = 64,
                .fallback = "64",
                .unit = "px",
                .help = "side of the images: 32 or 64"},
        {.key = "ch",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_model_settings, ch),
                .min = 1,
                .max = 256,
                .fallback = "64",
                .help = "width: channels of the layers are multiples of it"},
        {.key = "z_dim",
                .type = FTL_OPTION_INT,
                FTL_AT(ftl_model_settings, z_dim),
                .min = 1,
                .max = 1024,
                .fallback = "128",
                .help = "size of the latent"},
        {.key = "precision",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_model_settings, precision),
                .fallback = "auto",
                .choices = precisions,
                .help = "of images inside the networks; auto: bf16 where the processor "
                        "is faster in it"},
        {0},
};

const ftl_option ftl_engine_table[] = {
        {.key = "tune",
                .type = FTL_OPTION_CHOICE,
                FTL_AT(ftl_engine_settings, tune),
                .fallback = "\"off\"",
                .choices = tunings,
                .help = "how kernels are chosen; off: a fixed rule by shape; measure: "
                        "by "
                        "trying them before the first step; cache: measure, once for "
                        "all runs"},
        {0},
};

const ftl_option ftl_log_table[] = {
        {.key = "tensorboard",
                .type = FTL_OPTION_BOOL,
                FTL_AT(ftl_log_settings, tensorboard),
                .fallback = "false",
                .help = "also write stats.jsonl and the sample grids as TensorBoard's "
                        "events"},
        {0},
};
