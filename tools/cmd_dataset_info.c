/* cmd_dataset_info.c - fairtl dataset info: sizes, attributes, what was left out. */
#include "datasets/pack.h"
#include "tools/command.h"

typedef struct values {
    const char *path;
} values;

static const cli_option options[] = {
        {.argument = "PACK.h5",
                .type = CLI_TEXT,
                .offset = offsetof(values, path),
                .help = "a pack"},
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    ftl_pack_file *pack = NULL;
    FTL_TRY(ftl_pack_open(&pack, v->path));
    ftl_status status = ftl_pack_print_info(stdout, pack);
    ftl_pack_close(pack);
    return status;
}

const cli_command cli_dataset_info_command = {
        .name = "info",
        .summary = "tell what a pack holds, and verify it",
        .examples = "How many images has each value of each attribute?\n"
                    "  fairtl dataset info fashion.h5\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
