/* run_options.h - options that several commands have. */
#ifndef FTL_TOOLS_RUN_OPTIONS_H
#define FTL_TOOLS_RUN_OPTIONS_H

#include "tools/command.h"

typedef struct cli_run_values {
    const char *config, *from, *out;
    cli_texts set;
    int64_t threads;
    bool resume, inexact, dry_run;
} cli_run_values;

/* More threads than any machine of today has. */
#define CLI_MAX_THREADS 4096

/* The row that all commands with --threads share. */
#define CLI_THREADS_ROW(struct_name)                                                   \
    {                                                                                  \
        .name = "threads", .letter = 't', .type = CLI_INT, .argument = "N",            \
        .offset = offsetof(struct_name, threads), .max = CLI_MAX_THREADS,              \
        .help = "use this many threads; 0: as many as there are"                       \
    }

/* The row that all commands with --set share; its_letter may be 0. */
#define CLI_SET_ROW(struct_name, its_letter)                                           \
    {                                                                                  \
        .name = "set", .letter = its_letter, .type = CLI_TEXTS,                        \
        .argument = "KEY=VALUE", .offset = offsetof(struct_name, set),                 \
        .help = "override a key of the configuration; may be repeated"                 \
    }

/* The rows of all commands that take images of any shape; datasets/importer.h reads
 * what they are given. */
#define CLI_FIT_ROW(struct_name)                                                       \
    {                                                                                  \
        .name = "fit", .type = CLI_TEXT, .argument = "HOW",                            \
        .offset = offsetof(struct_name, fit),                                          \
        .help = "how an image becomes a square: crop (the centre; default), pad (on "  \
                "the background) or stretch"                                           \
    }
#define CLI_BACKGROUND_ROW(struct_name)                                                \
    {                                                                                  \
        .name = "background", .letter = 'b', .type = CLI_TEXT, .argument = "COLOUR",   \
        .offset = offsetof(struct_name, background),                                   \
        .help = "behind transparency and around padded images: black (default), "      \
                "white or RRGGBB"                                                      \
    }

/* Rows of cli_run_values behind those for config and from. */
#define CLI_RUN_ROWS                                                                   \
    {.name = "out",                                                                    \
            .letter = 'o',                                                             \
            .type = CLI_TEXT,                                                          \
            .argument = "DIR",                                                         \
            .offset = offsetof(cli_run_values, out),                                   \
            .help = "the run's directory (default runs/ and the name of the "          \
                    "configuration); one that holds a run is refused without "         \
                    "--resume"},                                                       \
            CLI_SET_ROW(cli_run_values, 's'), CLI_THREADS_ROW(cli_run_values),         \
            {.name = "resume",                                                         \
                    .letter = 'r',                                                     \
                    .type = CLI_FLAG,                                                  \
                    .offset = offsetof(cli_run_values, resume),                        \
                    .help = "go on where the directory's newest checkpoint ends"},     \
            {.name = "inexact",                                                        \
                    .type = CLI_FLAG,                                                  \
                    .offset = offsetof(cli_run_values, inexact),                       \
                    .help = "with --resume: go on although the program, a library, "   \
                            "the threads or the learning rates differ"},               \
            {.name = "dry-run",                                                        \
                    .letter = 'n',                                                     \
                    .type = CLI_FLAG,                                                  \
                    .offset = offsetof(cli_run_values, dry_run),                       \
                    .help = "print what would be done and needed, and write nothing"}, \
            {.name = "help-keys",                                                      \
                    .type = CLI_PRINT,                                                 \
                    .print = ftl_run_print_keys,                                       \
                    .help = "print the keys of a configuration"},                      \
    {                                                                                  \
        0                                                                              \
    }

/* Do it. Fails as ftl_run. */
ftl_status cli_run_start(const cli_run_values *values);

#endif
