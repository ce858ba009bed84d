/* cmd_dataset.c - fairtl dataset: the commands about sets of images. */
#include "tools/command.h"

static const cli_command *const commands[] = {&cli_dataset_import_command,
        &cli_dataset_info_command, &cli_dataset_split_command, NULL};

const cli_command cli_dataset_command = {
        .name = "dataset",
        .summary = "import images into a pack, tell what a pack holds, show splits",
        .examples = "  fairtl dataset import faces/ --format folder --out faces.h5 "
                    "--size 64\n"
                    "  fairtl dataset info faces.h5 --sheet faces.png\n"
                    "  fairtl dataset split faces.yaml\n",
        .commands = commands,
};
