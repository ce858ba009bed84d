/* exit_status.c - what the program's exit status means. The numbers are
 * ftl_exit_status's. */
#include "tools/manual.h"

const cli_exit_row cli_exit_rows[] = {
        {"0", "done"},
        {"1", "failed: disk, memory, NaN; what was saved before is intact"},
        {"2", "refused: input or configuration; the message says which and why"},
        {"130", "interrupted by SIGINT (Ctrl-C); a run was saved, --resume goes on"},
        {"143", "interrupted by SIGTERM, likewise"},
        {"139", "crashed (also 132, 134, 136): a fault of the program, please report "
                "it"},
        {NULL, NULL},
};

void cli_print_exits(FILE *file) {
    fprintf(file, "exit status:\n");
    for (const cli_exit_row *row = cli_exit_rows; row->status; row++)
        fprintf(file, "  %-5s %s\n", row->status, row->help);
}
