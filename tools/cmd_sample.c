/* cmd_sample.c - fairtl sample: look at what a checkpoint generates. */
#include "tools/output.h"
#include "tools/run_options.h"
#include "trainers/run/run.h"

typedef struct values {
    const char *checkpoint, *out;
    int64_t n, seed, columns, scale, threads;
} values;

static const cli_option options[] = {
        {.argument = "CHECKPOINT",
                .type = CLI_TEXT,
                .offset = offsetof(values, checkpoint),
                .help = "a checkpoint with a generator"},
        {.name = "out",
                .letter = 'o',
                .type = CLI_TEXT,
                .argument = "FILE.png",
                .offset = offsetof(values, out),
                .required = true,
                .help = "the picture to write"},
        {.name = "n",
                .letter = 'n',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, n),
                .min = 1,
                .max = FTL_SAMPLE_MAX,
                .fallback = 64,
                .help = "how many images"},
        {.name = "seed",
                .type = CLI_INT,
                .argument = "S",
                .offset = offsetof(values, seed),
                .max = INT64_MAX,
                .fallback = 1,
                .help = "which latents; image i depends on the seed and on i only"},
        {.name = "columns",
                .letter = 'c',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, columns),
                .max = 4096,
                .help = "images in a row; 0: nearly a square"},
        {.name = "scale",
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, scale),
                .max = 16,
                .help = "pixels of the picture for a pixel of an image; 0: by size"},
        CLI_THREADS_ROW(values),
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    FTL_TRY(cli_output_check(CLI_OUTPUT_PNG, v->out, "--out"));
    return ftl_sample_checkpoint(&(ftl_sample_options) {
            .checkpoint = v->checkpoint,
            .out = v->out,
            .n = v->n,
            .seed = (uint64_t)v->seed,
            .columns = (int)v->columns,
            .scale = (int)v->scale,
            .threads = (int)v->threads,
    });
}

const cli_command cli_sample_command = {
        .name = "sample",
        .summary = "draw images of a checkpoint's averaged generator as one PNG",
        .examples = "  fairtl sample runs/demo/checkpoints/adapt.h5 --n 64 --seed 1 "
                    "--out grid.png\n"
                    "One row of eight, each pixel four times as large:\n"
                    "  fairtl sample runs/demo/checkpoints/adapt.h5 --n 8 --columns 8 "
                    "--scale 4 \\\n"
                    "      --out row.png\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
