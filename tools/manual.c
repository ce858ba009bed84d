/* manual.c - the manual page; see manual.h. */
#include "tools/manual.h"

#include "engine/base/memory_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 128

/* Text as roff takes it: nothing in it is a request, a hyphen is the one to type. */
static void put_text(FILE *file, const char *text, size_t n) {
    bool at_start = true;
    for (size_t i = 0; i < n; i++) {
        if (at_start && (text[i] == '.' || text[i] == '\'')) fputs("\\&", file);
        at_start = text[i] == '\n';
        switch (text[i]) {
        case '\\':
            fputs("\\e", file);
            break;
        case '-':
            fputs("\\-", file);
            break;
        default:
            fputc(text[i], file);
        }
    }
}

static void put(FILE *file, const char *text) { put_text(file, text, strlen(text)); }

/* Lines that are to stay as they are. */
static void put_block(FILE *file, const char *text, size_t n) {
    fputs(".nf\n", file);
    put_text(file, text, n);
    fputs(n && text[n - 1] != '\n' ? "\n.fi\n" : ".fi\n", file);
}

/* What a function prints, as such lines. Without memory for it the program ends: a
 * manual with a hole would be taken for a whole one. */
static void put_printed(FILE *file, void (*print)(FILE *file)) {
    char *text = NULL;
    size_t n = 0;
    ftl_memory_file memory;
    ftl_status status = ftl_memory_file_open(&memory, "the manual");
    if (status == FTL_OK) {
        print(memory.file);
        status = ftl_memory_file_close(&memory, FTL_OK, &text, &n);
    }
    if (status != FTL_OK) {
        fprintf(stderr, "fairtl: %s\n", ftl_message());
        fflush(file);
        _exit(ftl_exit_status(status));
    }
    put_block(file, text, n);
    free(text);
}

/* Sentences, as lines of any length; indented ones begin a new line. */
static void put_prose(FILE *file, const char *text) {
    fputs(".PP\n", file);
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n == 0)
            fputs(".PP\n", file);
        else if (text[0] == ' ')
            put_block(file, text, n);
        else {
            put_text(file, text, n);
            fputc('\n', file);
        }
        text += n + (text[n] == '\n');
    }
}

static bool is_last(const cli_option *row) { return !row || !row->help; }

/* "--out DIR" in bold and italic. */
static void put_term(FILE *file, const cli_option *row) {
    if (row->name) {
        fputs("\\fB\\-\\-", file);
        put(file, row->name);
        fputs("\\fR", file);
        if (row->argument) fputc(' ', file);
    }
    if (!row->argument) return;
    fputs("\\fI", file);
    put(file, row->argument);
    fputs("\\fR", file);
}

static void put_synopsis(FILE *file, const cli_command *command, const char *path) {
    fputs(".TP\n\\fB", file);
    put(file, path);
    fputs("\\fR\n", file);
    for (const cli_option *row = command->options; !is_last(row); row++) {
        if (row->type == CLI_PRINT) continue;
        bool optional = row->name && !row->required;
        fputs(optional ? "[" : "", file);
        put_term(file, row);
        if (row->type == CLI_TEXTS) fputs(" ...", file);
        fputs(optional ? "]\n" : "\n", file);
    }
}

static void put_options(FILE *file, const cli_command *command) {
    for (const cli_option *row = command->options; !is_last(row); row++) {
        fputs(".TP\n", file);
        if (row->letter) fprintf(file, "\\fB\\-%c\\fR, ", row->letter);
        put_term(file, row);
        fputc('\n', file);
        put(file, row->help);
        if (row->type == CLI_INT && !row->required)
            fprintf(file, " (default %" PRId64 ")", row->fallback);
        fputc('\n', file);
    }
}

/* Examples are sentences, and commands behind two blanks. */
static void put_examples(FILE *file, const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (text[0] == ' ') {
            fputs(".RS\n", file);
            put_block(file, text + 2, n - 2);
            fputs(".RE\n", file);
        } else {
            fputs(".PP\n", file);
            put_text(file, text, n);
            fputc('\n', file);
        }
        text += n + (text[n] == '\n');
    }
}

typedef void putter(FILE *file, const cli_command *command, const char *path);

static void put_command(FILE *file, const cli_command *command, const char *path) {
    fputs(".SS ", file);
    put(file, path);
    fputs("\n.PP\n", file);
    put(file, command->summary);
    fputs(".\n", file);
    if (command->about) put_prose(file, command->about);
    if (command->print_more) put_printed(file, command->print_more);
    put_options(file, command);
    put_examples(file, command->examples);
}

/* Every command that does something, in the order of --help. `path` is that of the
 * command above, and is so again afterwards. */
static void walk(
        FILE *file, const cli_command *command, char path[PATH_BYTES], putter *put_it) {
    size_t length = strlen(path);
    snprintf(path + length, PATH_BYTES - length, "%s%s", length ? " " : "",
            command->name);
    if (command->run) put_it(file, command, path);
    for (const cli_command *const *c = command->commands; c && *c; c++)
        walk(file, *c, path, put_it);
    path[length] = 0;
}

/* What the program reads, and where what it comes with lies. */
static const struct {
    const char *section, *term, *help;
} notes[] = {
        {"ENVIRONMENT", "OMP_NUM_THREADS",
                "how many threads to use, unless --threads says it"},
        {"ENVIRONMENT", "OMP_WAIT_POLICY, GOMP_SPINCOUNT",
                "whether idle threads spin, and how long; if neither is set, the "
                "program sets the latter to 1000"},
        {"ENVIRONMENT", "TMPDIR",
                "where dataset split and compare --dry-run put the images of "
                "data.source while they look at them, and prdc, a metric of quality, "
                "the features that it compares (default /tmp)"},
        {"ENVIRONMENT", "XDG_CACHE_HOME",
                "below fairtl/ in it are the kernels that engine.tune: cache chose "
                "(default ~/.cache)"},
        {"FILES", "PREFIX/share/fairtl/configs/*.yaml",
                "presets: configurations to start from, for CelebA, UTKFace and a "
                "demonstration"},
        {"FILES", "PREFIX/share/doc/fairtl", "the README and measurements"},
};

static void put_notes(FILE *file) {
    const char *section = "";
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        if (strcmp(section, notes[i].section) != 0)
            fprintf(file, ".SH %s\n", notes[i].section);
        section = notes[i].section;
        fputs(".TP\n\\fB", file);
        put(file, notes[i].term);
        fputs("\\fR\n", file);
        put(file, notes[i].help);
        fputc('\n', file);
    }
}

static void put_exits(FILE *file) {
    fputs(".SH EXIT STATUS\n", file);
    for (const cli_exit_row *row = cli_exit_rows; row->status; row++) {
        fprintf(file, ".TP\n\\fB%s\\fR\n", row->status);
        put(file, row->help);
        fputc('\n', file);
    }
}

void cli_print_manual(FILE *file, const cli_command *root, const char *version,
        void (*print_keys)(FILE *file)) {
    char path[PATH_BYTES] = "";
    fprintf(file, ".TH FAIRTL 1 \"\" \"fairtl %s\" \"User Commands\"\n", version);
    fputs(".SH NAME\n", file);
    put(file, root->name);
    fputs(" \\- ", file);
    put(file, root->summary);
    fputs("\n.SH SYNOPSIS\n", file);
    walk(file, root, path, put_synopsis);
    fputs(".SH DESCRIPTION\n", file);
    put_prose(file, root->about);
    put_options(file, root);
    fputs(".PP\nEvery command understands \\fB\\-h\\fR and \\fB\\-\\-help\\fR.\n",
            file);
    fputs(".SH COMMANDS\n", file);
    walk(file, root, path, put_command);
    fputs(".SH CONFIGURATION\n.PP\nA configuration is a file in YAML with these "
          "keys:\n",
            file);
    put_printed(file, print_keys);
    put_exits(file);
    put_notes(file);
    fputs(".SH EXAMPLES\n", file);
    put_examples(file, root->examples);
}
