/* cmd_dataset_split.c - fairtl dataset split: the five sets of a configuration. */
#include "engine/base/log.h"
#include "tools/data_config.h"
#include "tools/output.h"
#include "tools/run_options.h"

#include <errno.h>
#include <string.h>

typedef struct values {
    const char *config, *pack, *csv;
    cli_texts set;
} values;

static const cli_option options[] = {
        {.argument = "CONFIG.yaml",
                .type = CLI_TEXT,
                .offset = offsetof(values, config),
                .help = "the configuration of a run"},
        {.name = "pack",
                .letter = 'p',
                .type = CLI_TEXT,
                .argument = "PACK.h5",
                .offset = offsetof(values, pack),
                .help = "draw from this pack instead of importing data.source once "
                        "more"},
        CLI_SET_ROW(values, 's'),
        {.name = "csv",
                .letter = 'c',
                .type = CLI_TEXT,
                .argument = "FILE.csv",
                .offset = offsetof(values, csv),
                .help = "write a row for each image: file, set, group, index in the "
                        "pack"},
        {0},
};

/* The sets do not depend on it, but a run would be refused. */
static void check_resolution(const ftl_data *data, int64_t px) {
    const ftl_pack_file *file = NULL;
    for (int i = 0; i < FTL_N_SPLITS && !file; i++)
        file = data->splits.split[i].file;
    if (!file || (file->pack.width == px && file->pack.height == px)) return;
    ftl_log_warning("model.resolution: a run would be refused: the model makes images "
                    "of %d px, %s has %d x %d",
            (int)px, file->path, file->pack.width, file->pack.height);
}

static ftl_status split(const values *v, cli_data_config *c) {
    ftl_data data;
    FTL_TRY(cli_data_config_open(c, v->config, &v->set));
    FTL_TRY(cli_data_open(&data, c, v->pack));
    ftl_status status = FTL_OK;
    check_resolution(&data, c->settings.model.resolution);
    ftl_splits_print(stdout, &data.splits);
    if (ferror(stdout)) status = ftl_fail(FTL_EIO, "cannot print: %s", strerror(errno));
    if (status == FTL_OK && v->csv) status = ftl_splits_write_csv(v->csv, &data.splits);
    ftl_data_close(&data);
    return status;
}

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    cli_data_config c;
    FTL_TRY(cli_output_check(CLI_OUTPUT_SETS, v->csv, "--csv"));
    ftl_status status = split(v, &c);
    cli_data_config_close(&c);
    return status;
}

const cli_command cli_dataset_split_command = {
        .name = "split",
        .summary =
                "show the five sets that a configuration draws, and list their images",
        .about =
                "A run with this configuration draws the same sets: they depend on the "
                "pack, on\nthe section data and on the seed alone.",
        .examples = "How many images has each set, by group?\n"
                    "  fairtl dataset split photos.yaml\n"
                    "Which images are they, with another seed?\n"
                    "  fairtl dataset split photos.yaml --set seed=2 --csv sets.csv\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
