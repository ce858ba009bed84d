/* cmd_inspect.c - fairtl inspect: what is in this file, and is it whole? */
#include "tools/command.h"
#include "trainers/run/run.h"

typedef struct values {
    const char *path;
    bool all;
} values;

static const cli_option options[] = {
        {.argument = "FILE.h5",
                .type = CLI_TEXT,
                .offset = offsetof(values, path),
                .help = "a checkpoint or a pack"},
        {.name = "all",
                .letter = 'a',
                .type = CLI_FLAG,
                .offset = offsetof(values, all),
                .help = "list every tensor instead of a summary of each network"},
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    return ftl_inspect(v->path, v->all, stdout);
}

const cli_command cli_inspect_command = {
        .name = "inspect",
        .summary = "list what a checkpoint or a pack holds, and verify it",
        .about = "A file that is truncated or has a single wrong bit is refused.",
        .examples = "  fairtl inspect runs/demo/checkpoints/adapt.h5\n"
                    "Every tensor with its shape:\n"
                    "  fairtl inspect --all runs/demo/checkpoints/adapt.h5\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
