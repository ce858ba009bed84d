/* command_help.c - what --help prints. */
#include "tools/command.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH 80
#define TERM_BYTES 64
#define HELP_COLUMN 26

static bool ends(const cli_option *row) { return !row->help; }

static bool is_optional(const cli_option *row) {
    return row->name ? !row->required : row->optional;
}

/* "--out DIR", "CONFIG.yaml" */
static void term(char text[TERM_BYTES], const cli_option *row) {
    if (!row->name)
        snprintf(text, TERM_BYTES, "%s", row->argument);
    else if (!row->argument)
        snprintf(text, TERM_BYTES, "--%s", row->name);
    else
        snprintf(text, TERM_BYTES, "--%s %s", row->name, row->argument);
}

/* Arguments, what is required, what may be left out: the order of the table. Options
 * that only print are not part of a use. */
static void print_usage(FILE *file, const cli_command *command, const char *path) {
    int indent = fprintf(file, "usage: %s", path);
    int column = indent;
    if (command->commands) fprintf(file, " COMMAND ...");
    for (const cli_option *row = command->options; row && !ends(row); row++) {
        if (row->type == CLI_PRINT) continue;
        char text[TERM_BYTES], item[TERM_BYTES + 8];
        term(text, row);
        bool optional = is_optional(row);
        snprintf(item, sizeof item, " %s%s%s%s", optional ? "[" : "", text,
                row->type == CLI_TEXTS ? " ..." : "", optional ? "]" : "");
        if (column + (int)strlen(item) > WIDTH)
            column = fprintf(file, "\n%*s", indent, "") - 1;
        column += fprintf(file, "%s", item);
    }
    fprintf(file, "\n");
}

/* A term and its help, wrapped behind the term's column. */
static void print_entry(FILE *file, const char *name, const char *help) {
    int column = fprintf(file, "  %-*s", HELP_COLUMN - 2, name);
    if (column > HELP_COLUMN || strlen(name) > HELP_COLUMN - 3) { /* no blank left */
        fprintf(file, "\n%*s", HELP_COLUMN, "");
        column = HELP_COLUMN;
    }
    for (const char *at = help; *at;) {
        int length = (int)strcspn(at, " ");
        bool first = column == HELP_COLUMN;
        if (!first && column + 1 + length > WIDTH) {
            fprintf(file, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
            first = true;
        }
        column += fprintf(file, "%s%.*s", first ? "" : " ", length, at);
        at += length + (at[length] == ' ');
    }
    fprintf(file, "\n");
}

static void print_option(FILE *file, const cli_option *row) {
    char text[TERM_BYTES], name[TERM_BYTES + 8], help[512];
    term(text, row);
    if (row->letter)
        snprintf(name, sizeof name, "-%c, %s", row->letter, text);
    else
        snprintf(name, sizeof name, "%s%s", row->name ? "    " : "", text);
    int length = snprintf(help, sizeof help, "%s", row->help);
    if (row->type == CLI_INT && !row->required && length < (int)sizeof help - 64)
        snprintf(help + length, sizeof help - (size_t)length, " (default %" PRId64 ")",
                row->fallback);
    print_entry(file, name, help);
}

void cli_help(FILE *file, const cli_command *command, const char *path) {
    fprintf(file, "%s - %s\n\n", path, command->summary);
    print_usage(file, command, path);
    if (command->about) fprintf(file, "\n%s\n", command->about);
    if (command->print_more) {
        fprintf(file, "\n");
        command->print_more(file);
    }
    if (command->commands) {
        fprintf(file, "\ncommands:\n");
        for (const cli_command *const *c = command->commands; *c; c++)
            print_entry(file, (*c)->name, (*c)->summary);
    }
    fprintf(file, "\noptions:\n");
    for (const cli_option *row = command->options; row && !ends(row); row++)
        print_option(file, row);
    print_entry(file, "-h, --help", "print this");
    fprintf(file, "\nexamples:\n%s", command->examples);
}
