/* cmd_compare.c - fairtl compare: methods of adaptation, side by side. */
#include "tools/run_options.h"
#include "trainers/comparison/comparison.h"
#include "trainers/run/run.h"

typedef struct values {
    const char *config, *from, *out;
    cli_texts set;
    int64_t threads;
    bool inexact, dry_run;
} values;

static const cli_option options[] = {
        {.argument = "CONFIG.yaml",
                .type = CLI_TEXT,
                .offset = offsetof(values, config),
                .help = "a run's configuration with the section compare"},
        {.name = "out",
                .letter = 'o',
                .type = CLI_TEXT,
                .argument = "DIR",
                .offset = offsetof(values, out),
                .help = "the directory (default runs/ and the name of the "
                        "configuration); what is done there is not done again"},
        {.name = "from",
                .letter = 'f',
                .type = CLI_TEXT,
                .argument = "CHECKPOINT",
                .offset = offsetof(values, from),
                .help = "the pre-trained model, instead of the stage pretrain"},
        CLI_SET_ROW(values, 's'),
        CLI_THREADS_ROW(values),
        {.name = "inexact",
                .type = CLI_FLAG,
                .offset = offsetof(values, inexact),
                .help = "go on with an interrupted run although the program, a library "
                        "or the threads differ"},
        {.name = "dry-run",
                .letter = 'n',
                .type = CLI_FLAG,
                .offset = offsetof(values, dry_run),
                .help = "list the runs, and what is left would take; write nothing"},
        {.name = "help-keys",
                .type = CLI_PRINT,
                .print = ftl_run_print_keys,
                .help = "print the keys of a configuration"},
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    return ftl_compare(&(ftl_comparison_options) {
            .config = v->config,
            .out = v->out,
            .set = v->set.item,
            .n_set = v->set.n,
            .from = v->from,
            .threads = (int)v->threads,
            .inexact = v->inexact,
            .dry_run = v->dry_run,
    });
}

const cli_command cli_compare_command = {
        .name = "compare",
        .summary = "compare methods of adaptation from one pre-trained model",
        .about = "Pre-trains once, then adapts by every method, with every ratio and "
                 "seed that the\n"
                 "section compare lists. DIR/compare.csv and a table have what is done "
                 "so far. After an\n"
                 "interruption the same command goes on; a longer list adds to what is "
                 "there.",
        .examples =
                "Five methods on Fashion-MNIST, with results in runs/compare-fashion:\n"
                "  fairtl compare configs/compare-fashion.yaml\n"
                "Which runs are there, and what would they take?\n"
                "  fairtl compare configs/compare-fashion.yaml --dry-run\n"
                "Two seeds only, from a model that exists:\n"
                "  fairtl compare mine.yaml --from pretrained.h5 --set "
                "\"compare.seeds=[1, 2]\"\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
