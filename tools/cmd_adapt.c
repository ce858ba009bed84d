/* cmd_adapt.c - fairtl adapt: a run that starts from somebody's checkpoint. */
#include "tools/run_options.h"
#include "trainers/run/run.h"

static const cli_option options[] = {
        {.argument = "CONFIG.yaml",
                .type = CLI_TEXT,
                .offset = offsetof(cli_run_values, config),
                .help = "data, model and stages"},
        {.name = "from",
                .letter = 'f',
                .type = CLI_TEXT,
                .argument = "CHECKPOINT",
                .offset = offsetof(cli_run_values, from),
                .required = true,
                .help = "the pre-trained generator and discriminator"},
        CLI_RUN_ROWS,
};

static ftl_status run(const void *values) { return cli_run_start(values); }

const cli_command cli_adapt_command = {
        .name = "adapt",
        .summary = "adapt a checkpoint that exists instead of pre-training one",
        .about = "Does the stages of the configuration but pretrain. The checkpoint's "
                 "classifier is\n"
                 "used unless a classifier stage trains one. The model that the "
                 "configuration\n"
                 "describes must be the checkpoint's. tools/import_torch.py makes a "
                 "checkpoint of a\n"
                 "BigGAN that was trained in PyTorch.",
        .examples = "Adapt an earlier run's generator by another method:\n"
                    "  fairtl adapt --from runs/demo/checkpoints/pretrain.h5 "
                    "configs/demo.yaml \\\n"
                    "      --out runs/plus --set run.adapt.method=fairtl++\n"
                    "Is the checkpoint one that this configuration can take?\n"
                    "  fairtl adapt --from pretrained.h5 mine.yaml --dry-run\n",
        .options = options,
        .values_bytes = sizeof(cli_run_values),
        .run = run,
};
