/* cmd_run.c - fairtl run: all stages of a configuration. */
#include "tools/run_options.h"
#include "trainers/run/run.h"

static const cli_option options[] = {
        {.argument = "CONFIG.yaml",
                .type = CLI_TEXT,
                .offset = offsetof(cli_run_values, config),
                .help = "data, model and stages"},
        CLI_RUN_ROWS,
};

static ftl_status run(const void *values) { return cli_run_start(values); }

const cli_command cli_run_command = {
        .name = "run",
        .summary = "do what a configuration says: train, adapt, evaluate",
        .about = "Ctrl-C finishes the step and saves; --resume then ends with the same "
                 "bytes as a\n"
                 "run that was left alone. A configuration that cannot be carried out "
                 "is refused\n"
                 "before anything is written.",
        .examples = "The demonstration, with its results in runs/demo:\n"
                    "  fairtl run configs/demo.yaml --out runs/demo\n"
                    "The same with other random numbers and less bias:\n"
                    "  fairtl run configs/demo.yaml --out runs/demo-2 --set seed=2 "
                    "--set data.bias=0.7\n"
                    "What would it do, and how much memory and disk would it take?\n"
                    "  fairtl run configs/demo.yaml --dry-run\n"
                    "Go on after an interruption:\n"
                    "  fairtl run configs/demo.yaml --out runs/demo --resume\n"
                    "All keys that a configuration may hold:\n"
                    "  fairtl run --help-keys\n",
        .options = options,
        .values_bytes = sizeof(cli_run_values),
        .run = run,
};
