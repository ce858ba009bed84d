/* config_fixture.h - a table with every type of row, and short ways to read by it. */
#ifndef FTL_TEST_CONFIGS_CONFIG_FIXTURE_H
#define FTL_TEST_CONFIGS_CONFIG_FIXTURE_H

#include "configs/config.h"
#include "engine/base/option.h"
#include "engine/base/status.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct data_settings {
    const char *source, *biased, *format;
    ftl_groups groups;
    double bias;
} data_settings;

static const ftl_option data_options[] = {
        {.key = "source",
                .type = FTL_OPTION_TEXT,
                .offset = offsetof(data_settings, source),
                .help = "where the images are"},
        {.key = "biased",
                .type = FTL_OPTION_TEXT,
                .offset = offsetof(data_settings, biased)},
        {.key = "format",
                .type = FTL_OPTION_TEXT,
                .fallback = "folder",
                .offset = offsetof(data_settings, format)},
        {.key = "groups",
                .type = FTL_OPTION_GROUPS,
                .min = 0,
                .max = 99,
                .offset = offsetof(data_settings, groups)},
        {.key = "bias",
                .type = FTL_OPTION_REAL,
                .min = 0.5,
                .max = 1,
                .fallback = "0.9",
                .offset = offsetof(data_settings, bias),
                .help = "share of the majority"},
        {0},
};

typedef struct stage_settings {
    const char *name;
    double kimg;
    ftl_texts freeze;
} stage_settings;

static const ftl_option stage_options[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                .required = true,
                .offset = offsetof(stage_settings, name)},
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                .min = 0.001,
                .max = INFINITY,
                .fallback = "1",
                .unit = "kimg",
                .offset = offsetof(stage_settings, kimg)},
        {.key = "freeze",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(stage_settings, freeze)},
        {0},
};

typedef struct pretrain_settings {
    double kimg;
    int64_t batch;
} pretrain_settings;

static const ftl_option pretrain_options[] = {
        {.key = "kimg",
                .type = FTL_OPTION_REAL,
                .max = 1e6,
                .fallback = "600",
                .offset = offsetof(pretrain_settings, kimg)},
        {.key = "batch",
                .type = FTL_OPTION_INT,
                .min = 1,
                .max = 4096,
                .fallback = "32",
                .offset = offsetof(pretrain_settings, batch)},
        {0},
};

enum { METHOD_FAIRTL, METHOD_FAIRTL_PP };
static const char *const method_choices[] = {"fairtl", "fairtl++", NULL};

typedef struct adapt_settings {
    int method;
    double lambda;
    ftl_sections stages; /* stage_settings */
} adapt_settings;

static const ftl_option adapt_options[] = {
        {.key = "method",
                .type = FTL_OPTION_CHOICE,
                .choices = method_choices,
                .offset = offsetof(adapt_settings, method)},
        {.key = "lambda",
                .type = FTL_OPTION_REAL,
                .min = 0,
                .max = 1,
                .fallback = "0.5",
                .offset = offsetof(adapt_settings, lambda)},
        {.key = "stages",
                .type = FTL_OPTION_SECTIONS,
                .table = stage_options,
                .table_bytes = sizeof(stage_settings),
                .fallback =
                        "[{name: linear-probe, kimg: 10, freeze: D@64}, {name: tune}]",
                .offset = offsetof(adapt_settings, stages)},
        {0},
};

typedef struct evaluate_settings {
    int64_t samples;
} evaluate_settings;

static const ftl_option evaluate_options[] = {
        {.key = "samples",
                .type = FTL_OPTION_INT,
                .min = 1,
                .max = 0x1p63,
                .fallback = "10e3",
                .offset = offsetof(evaluate_settings, samples)},
        {0},
};

enum { RUN_PRETRAIN, RUN_ADAPT, RUN_EVALUATE };
static const ftl_option_variant run_variants[] = {
        {.name = "pretrain",
                .table = pretrain_options,
                .table_bytes = sizeof(pretrain_settings),
                .help = "train on biased data"},
        {.name = "adapt",
                .table = adapt_options,
                .table_bytes = sizeof(adapt_settings)},
        {.name = "evaluate",
                .table = evaluate_options,
                .table_bytes = sizeof(evaluate_settings)},
        {0},
};

static const char *const resolution_choices[] = {"32", "64", "128", NULL};
static const char *const tune_choices[] = {"off", "cache", "measure", NULL};

typedef struct all_settings {
    int64_t seed;
    bool mirror;
    double rate;
    const char *note;
    int resolution, tune;
    ftl_texts tags;
    data_settings data;
    ftl_sections extra; /* stage_settings */
    ftl_variants run;
} all_settings;

static const ftl_option all_options[] = {
        {.key = "seed",
                .type = FTL_OPTION_INT,
                .fallback = "1",
                .offset = offsetof(all_settings, seed),
                .help = "of all randomness"},
        {.key = "mirror",
                .type = FTL_OPTION_BOOL,
                .fallback = "true",
                .offset = offsetof(all_settings, mirror)},
        {.key = "rate",
                .type = FTL_OPTION_REAL,
                .fallback = "2e-4",
                .offset = offsetof(all_settings, rate)},
        {.key = "note",
                .type = FTL_OPTION_TEXT,
                .fallback = "a note",
                .offset = offsetof(all_settings, note)},
        {.key = "resolution",
                .type = FTL_OPTION_CHOICE,
                .choices = resolution_choices,
                .fallback = "64",
                .unit = "px",
                .offset = offsetof(all_settings, resolution)},
        {.key = "tune",
                .type = FTL_OPTION_CHOICE,
                .choices = tune_choices,
                .fallback = "off",
                .offset = offsetof(all_settings, tune)},
        {.key = "tags",
                .type = FTL_OPTION_TEXTS,
                .fallback = "[x, y]",
                .offset = offsetof(all_settings, tags)},
        {.key = "data",
                .type = FTL_OPTION_SECTION,
                .table = data_options,
                .table_bytes = sizeof(data_settings),
                .offset = offsetof(all_settings, data),
                .help = "the images"},
        {.key = "extra",
                .type = FTL_OPTION_SECTIONS,
                .table = stage_options,
                .table_bytes = sizeof(stage_settings),
                .offset = offsetof(all_settings, extra)},
        {.key = "run",
                .type = FTL_OPTION_VARIANTS,
                .variants = run_variants,
                .offset = offsetof(all_settings, run),
                .help = "what is done, in order"},
        {0},
};

/* Parse and read. *config is NULL on failure. */
static inline ftl_status read_all(
        ftl_config **config, all_settings *values, const char *text) {
    memset(values, 0xa5, sizeof *values);
    FTL_TRY(ftl_config_parse(config, text, "c.yaml"));
    ftl_status status = ftl_config_read(*config, all_options, values);
    if (status == FTL_OK) return FTL_OK;
    ftl_config_free(*config);
    *config = NULL;
    return status;
}

/* Must be refused as FTL_ECONFIG with exactly this message; prints what differs. */
#define CHECK_MESSAGE(expression, wanted)                                              \
    do {                                                                               \
        ftl_clear();                                                                   \
        ftl_status check_status_ = (expression);                                       \
        if (check_status_ != FTL_ECONFIG || strcmp(ftl_message(), wanted) != 0) {      \
            ftl_test_fail(__FILE__, __LINE__, "status %d, \"%s\" is not \"%s\"",       \
                    (int)check_status_, ftl_message(), wanted);                        \
            ftl_clear();                                                               \
            return;                                                                    \
        }                                                                              \
        ftl_clear();                                                                   \
    } while (0)

#endif
