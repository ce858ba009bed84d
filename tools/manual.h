/* manual.h - what is made of the tables of all commands at once: the manual page and
 * the completions of a shell. */
#ifndef FTL_TOOLS_MANUAL_H
#define FTL_TOOLS_MANUAL_H

#include "tools/command.h"

typedef struct cli_exit_row {
    const char *status, *help;
} cli_exit_row;

/* Ended by status NULL. */
extern const cli_exit_row cli_exit_rows[];

/* The same as lines of --help. */
void cli_print_exits(FILE *file);

/* Print the page fairtl(1), in roff with the macros of man(7). Of print functions only
 * print_keys, that of the keys of a configuration, becomes part of it. Equal tables
 * give equal bytes. */
void cli_print_manual(FILE *file, const cli_command *root, const char *version,
        void (*print_keys)(FILE *file));

/* Print a script that makes bash complete commands and options, and file names. */
void cli_print_completion(FILE *file, const cli_command *root);

#endif
