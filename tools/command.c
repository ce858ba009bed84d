/* command.c - from words to the command that they name. */
#include "tools/command.h"

#include "engine/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COMMANDS 32
#define PATH_BYTES 128

static ftl_status refuse_command(
        const cli_command *group, const char *path, const char *word) {
    const char *names[MAX_COMMANDS + 1] = {0};
    for (int i = 0; i < MAX_COMMANDS && group->commands[i]; i++)
        names[i] = group->commands[i]->name;
    const char *nearest = ftl_text_nearest(word, names);
    if (nearest)
        return ftl_fail(FTL_ECONFIG, "unknown command \"%s\"; did you mean %s %s?",
                word, path, nearest);
    return ftl_fail(
            FTL_ECONFIG, "unknown command \"%s\"; %s --help lists all", word, path);
}

static ftl_status find(const cli_command **out, const cli_command *group,
        const char *path, const char *word) {
    for (const cli_command *const *c = group->commands; *c; c++) {
        *out = *c;
        if (strcmp(word, (*c)->name) == 0) return FTL_OK;
    }
    return refuse_command(group, path, word);
}

/* A command's name is a path through the tree: "fairtl dataset import". */
static void extend(char path[PATH_BYTES], const char *name) {
    size_t length = strlen(path);
    snprintf(path + length, PATH_BYTES - length, "%s%s", length ? " " : "", name);
}

static ftl_status run(
        const cli_command *command, const char *path, int argc, char *const argv[]) {
    bool printed;
    void *values = calloc(1, command->values_bytes + 1);
    if (!values) return ftl_fail(FTL_ENOMEM, "no memory for the command line");
    ftl_status status;
    FTL_TRY_OUT(cli_options_read(values, &printed, command, path, argc, argv));
    if (printed) goto out;
    if (command->run) {
        FTL_TRY_OUT(command->run(values));
    } else {
        status = ftl_fail(
                FTL_ECONFIG, "which command? %s --help lists what there is", path);
    }
out:
    cli_options_release(values, command);
    free(values);
    return status;
}

ftl_status cli_run(const cli_command *root, int argc, char *const argv[]) {
    char path[PATH_BYTES] = "";
    const cli_command *command = root;
    extend(path, root->name);
    int at = 1;
    while (command->commands && at < argc && argv[at][0] != '-') {
        FTL_TRY(find(&command, command, path, argv[at++]));
        extend(path, command->name);
    }
    FTL_TRY(run(command, path, argc - at, argv + at));
    /* A full disk shows only here; what was asked for is then not there. */
    if (fflush(stdout) || ferror(stdout))
        return ftl_fail(FTL_EIO, "standard output: %s", strerror(errno));
    return FTL_OK;
}
