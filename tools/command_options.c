/* command_options.c - options and arguments of one command, by its table. */
#include "tools/command.h"

#include "engine/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 32

/* What is being read. */
typedef struct reader {
    const cli_command *command;
    const char *path;
    char where[64]; /* how messages begin: "run: "; "" for the program itself, whose
                       name stands in front of them all */
    char *values;
    int argc;
    char *const *argv;
    int at;                  /* next word */
    bool given[MAX_OPTIONS]; /* by row */
    bool printed;
} reader;

/* An option as the user wrote it: "--out" of "--out=DIR". */
typedef struct word {
    const char *text;
    int length;        /* without the "=DIR" */
    const char *value; /* behind the "="; NULL: none */
} word;

static bool ends(const cli_option *row) { return !row->help; }

/* The only name that begins with this, if there is just one. */
static const char *begins_with(const char *start, const char *const *names) {
    const char *found = NULL;
    for (; *names; names++) {
        if (strncmp(*names, start, strlen(start)) != 0) continue;
        if (found) return NULL;
        found = *names;
    }
    return found;
}

static ftl_status refuse_option(const reader *r, word w) {
    const char *names[MAX_OPTIONS + 2] = {"help"};
    char name[64];
    int n = 1;
    const char *from = w.text + strspn(w.text, "-");
    snprintf(name, sizeof name, "%.*s", w.length - (int)(from - w.text), from);
    for (const cli_option *row = r->command->options; row && !ends(row); row++)
        if (row->name) names[n++] = row->name;
    const char *nearest = begins_with(name, names);
    if (!nearest) nearest = ftl_text_nearest(name, names);
    if (nearest)
        return ftl_fail(FTL_ECONFIG, "%sunknown option %.*s; did you mean --%s?",
                r->where, w.length, w.text, nearest);
    return ftl_fail(FTL_ECONFIG, "%sunknown option %.*s; %s --help lists all", r->where,
            w.length, w.text, r->path);
}

static const cli_option *find(const reader *r, word w) {
    bool is_long = w.text[1] == '-';
    size_t n = (size_t)w.length - 2;
    for (const cli_option *row = r->command->options; row && !ends(row); row++) {
        if (!row->name) continue;
        if (is_long && strlen(row->name) == n && strncmp(row->name, w.text + 2, n) == 0)
            return row;
        if (!is_long && w.length == 2 && row->letter == w.text[1]) return row;
    }
    return NULL;
}

static bool is_help(word w) {
    return (w.length == 6 && strncmp(w.text, "--help", 6) == 0) ||
           (w.length == 2 && strncmp(w.text, "-h", 2) == 0);
}

static ftl_status set_int(
        const reader *r, const cli_option *row, const char *label, const char *text) {
    char *end;
    errno = 0;
    int64_t value = strtoimax(text, &end, 10);
    if (end == text || *end || strspn(text, "+-0123456789") != strlen(text))
        return ftl_fail(
                FTL_ECONFIG, "%s%s: \"%s\" is no whole number", r->where, label, text);
    if (errno == ERANGE || value < row->min || value > row->max) {
        if (row->max == INT64_MAX && value < row->min)
            return ftl_fail(FTL_ECONFIG, "%s%s: %s is below %" PRId64, r->where, label,
                    text, row->min);
        return ftl_fail(FTL_ECONFIG, "%s%s: %s is not between %" PRId64 " and %" PRId64,
                r->where, label, text, row->min, row->max);
    }
    memcpy(r->values + row->offset, &value, sizeof value);
    return FTL_OK;
}

static ftl_status add_text(const reader *r, const cli_option *row, const char *text) {
    cli_texts list;
    memcpy(&list, r->values + row->offset, sizeof list);
    /* There are never more than words on the command line. */
    if (!list.item) list.item = malloc(sizeof *list.item * (size_t)r->argc);
    if (!list.item) return ftl_fail(FTL_ENOMEM, "no memory for the command line");
    list.item[list.n++] = text;
    memcpy(r->values + row->offset, &list, sizeof list);
    return FTL_OK;
}

/* `label` is how messages call it: "--out" or "CONFIG.yaml". */
static ftl_status set(
        const reader *r, const cli_option *row, const char *label, const char *text) {
    if (row->type == CLI_INT) return set_int(r, row, label, text);
    if (!text[0]) return ftl_fail(FTL_ECONFIG, "%s%s is empty", r->where, label);
    if (row->type == CLI_TEXTS) return add_text(r, row, text);
    memcpy(r->values + row->offset, &text, sizeof text);
    return FTL_OK;
}

/* The value of an option: behind its "=", or the next word. */
static ftl_status take_value(
        const char **out, reader *r, const cli_option *row, const char *label, word w) {
    *out = w.value;
    if (*out) return FTL_OK;
    if (r->at >= r->argc)
        return ftl_fail(
                FTL_ECONFIG, "%s%s needs a value: %s", r->where, label, row->argument);
    *out = r->argv[r->at++];
    /* "--out --resume" is a forgotten value, not a directory of that name. */
    if (strncmp(*out, "--", 2) == 0)
        return ftl_fail(FTL_ECONFIG, "%s%s needs a value before %s: %s (or %s=%s)",
                r->where, label, *out, row->argument, label, *out);
    return FTL_OK;
}

static ftl_status read_option(reader *r, const char *text) {
    const char *equals = strchr(text, '=');
    word w = {text, (int)(equals ? equals - text : (ptrdiff_t)strlen(text)),
            equals ? equals + 1 : NULL};
    bool help = is_help(w);
    const cli_option *row = help ? NULL : find(r, w);
    if (!row && !help) return refuse_option(r, w);
    if (w.value && (help || row->type == CLI_FLAG || row->type == CLI_PRINT))
        return ftl_fail(
                FTL_ECONFIG, "%s%.*s takes no value", r->where, w.length, w.text);
    if (help || row->type == CLI_PRINT) {
        if (help)
            cli_help(stdout, r->command, r->path);
        else
            row->print(stdout);
        r->printed = true;
        return FTL_OK;
    }

    bool *given = &r->given[row - r->command->options];
    if (row->type == CLI_FLAG) {
        *given = true;
        memcpy(r->values + row->offset, given, sizeof *given);
        return FTL_OK;
    }
    char label[64];
    const char *value;
    snprintf(label, sizeof label, "--%s", row->name);
    if (*given && row->type != CLI_TEXTS)
        return ftl_fail(FTL_ECONFIG, "%s%s is given twice", r->where, label);
    *given = true;
    FTL_TRY(take_value(&value, r, row, label, w));
    return set(r, row, label, value);
}

static ftl_status read_argument(reader *r, const char *text) {
    for (const cli_option *row = r->command->options; row && !ends(row); row++) {
        bool *given = &r->given[row - r->command->options];
        if (row->name || *given) continue;
        *given = true;
        return set(r, row, row->argument, text);
    }
    return ftl_fail(FTL_ECONFIG, "%s\"%s\" is one argument too many", r->where, text);
}

static ftl_status check_required(const reader *r) {
    for (const cli_option *row = r->command->options; row && !ends(row); row++) {
        if (r->given[row - r->command->options]) continue;
        if (!row->name && !row->optional)
            return ftl_fail(FTL_ECONFIG, "%s%s is missing; %s --help has examples",
                    r->where, row->argument, r->path);
        if (row->required)
            return ftl_fail(FTL_ECONFIG, "%s--%s %s is missing; %s --help has examples",
                    r->where, row->name, row->argument, r->path);
    }
    return FTL_OK;
}

ftl_status cli_options_read(void *values, bool *printed, const cli_command *command,
        const char *path, int argc, char *const argv[]) {
    const char *words = strchr(path, ' ');
    reader r = {.command = command,
            .path = path,
            .values = values,
            .argc = argc,
            .argv = argv};
    if (words) snprintf(r.where, sizeof r.where, "%s: ", words + 1);
    *printed = false;
    memset(values, 0, command->values_bytes);
    for (const cli_option *row = command->options; row && !ends(row); row++)
        if (row->type == CLI_INT)
            memcpy(r.values + row->offset, &row->fallback, sizeof row->fallback);
    bool options_end = false;
    while (r.at < argc && !r.printed) {
        const char *text = argv[r.at++];
        if (!options_end && strcmp(text, "--") == 0)
            options_end = true;
        else if (!options_end && text[0] == '-' && text[1])
            FTL_TRY(read_option(&r, text));
        else
            FTL_TRY(read_argument(&r, text));
    }
    *printed = r.printed;
    return r.printed ? FTL_OK : check_required(&r);
}

void cli_options_release(void *values, const cli_command *command) {
    for (const cli_option *row = command->options; row && !ends(row); row++) {
        if (row->type != CLI_TEXTS) continue;
        cli_texts list;
        memcpy(&list, (char *)values + row->offset, sizeof list);
        free(list.item);
        list = (cli_texts) {0};
        memcpy((char *)values + row->offset, &list, sizeof list);
    }
}
