/* cmd_profile.c - fairtl profile: where does the time of a training step go? */
#include "tools/output.h"
#include "tools/run_options.h"
#include "trainers/profile/profile.h"

typedef struct values {
    const char *config, *trace;
    cli_texts set;
    int64_t threads, steps, rows, channels;
} values;

static const cli_option options[] = {
        {.argument = "CONFIG.yaml",
                .type = CLI_TEXT,
                .offset = offsetof(values, config),
                .help = "what `fairtl run` would train"},
        CLI_SET_ROW(values, 's'),
        {.name = "steps",
                .letter = 'n',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, steps),
                .min = 1,
                .max = 1000,
                .fallback = 5,
                .help = "measure so many steps"},
        {.name = "rows",
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, rows),
                .max = 100000,
                .fallback = 30,
                .help = "list so many of the slowest calls; 0: all"},
        {.name = "channels",
                .letter = 'c',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, channels),
                .max = 3,
                .help = "channels of the images; 0: as data.pack has them, else 3 "
                        "(idx: 1)"},
        {.name = "trace",
                .type = CLI_TEXT,
                .argument = "FILE.json",
                .offset = offsetof(values, trace),
                .help = "write the last step here, in Chrome's trace format"},
        CLI_THREADS_ROW(values),
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    if (v->channels == 2)
        return ftl_fail(FTL_ECONFIG, "--channels: images have 1 or 3, not 2");
    FTL_TRY(cli_output_check(CLI_OUTPUT_TRACE, v->trace, "--trace"));
    return ftl_profile(
            &(ftl_profile_options) {
                    .config = v->config,
                    .set = v->set.item,
                    .n_set = v->set.n,
                    .threads = (int)v->threads,
                    .steps = (int)v->steps,
                    .rows = (int)v->rows,
                    .channels = (int)v->channels,
                    .trace = v->trace,
            },
            stdout);
}

const cli_command cli_profile_command = {
        .name = "profile",
        .summary = "show where time and memory of a training step go",
        .about = "Runs some steps of the pre-training (of the adaptation, if there is "
                 "nothing else) on\n"
                 "random images, and prints every kernel's time, and how near it comes "
                 "to "
                 "what the\n"
                 "machine can do, which is measured too. Data need not be there. "
                 "Nothing "
                 "is written\n"
                 "but the trace.",
        .examples = "  fairtl profile configs/demo.yaml\n"
                    "In bf16, every call, and a picture of it for "
                    "https://ui.perfetto.dev:\n"
                    "  fairtl profile configs/demo.yaml --set model.precision=bf16 "
                    "--rows 0 \\\n"
                    "      --trace step.json\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
