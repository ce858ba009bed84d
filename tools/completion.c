/* completion.c - completions of bash; see manual.h.
 *
 * The script asks no program: it holds the tables, as one line of words for each
 * command by its path, "dataset import". */
#include "tools/manual.h"

#include <string.h>

#define PATH_BYTES 128

static bool is_last(const cli_option *row) { return !row || !row->help; }

/* `path` is the command's own, and is so again afterwards. */
static void put_words(FILE *file, const cli_command *command, char path[PATH_BYTES]) {
    size_t length = strlen(path);
    fprintf(file, "        ['%s']='", path);
    for (const cli_command *const *c = command->commands; c && *c; c++)
        fprintf(file, "%s ", (*c)->name);
    for (const cli_option *row = command->options; !is_last(row); row++)
        if (row->name) fprintf(file, "--%s ", row->name);
    fprintf(file, "--help'\n");
    for (const cli_command *const *c = command->commands; c && *c; c++) {
        snprintf(path + length, PATH_BYTES - length, " %s", (*c)->name);
        put_words(file, *c, path);
        path[length] = 0;
    }
}

void cli_print_completion(FILE *file, const cli_command *root) {
    char path[PATH_BYTES] = "$";
    fprintf(file,
            "# bash completion of %s, written by %s --bash-completion\n"
            "_%s() {\n"
            "    local -A words=(\n",
            root->name, root->name, root->name);
    put_words(file, root, path);
    fprintf(file,
            "    )\n"
            "    local path='$' word current=${COMP_WORDS[COMP_CWORD]}\n"
            "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
            "        [[ -v words[\"$path $word\"] ]] && path+=\" $word\"\n"
            "    done\n"
            "    if [[ $current == -* || ${words[$path]} != -* ]]; then\n"
            "        mapfile -t COMPREPLY < <(compgen -W \"${words[$path]}\" -- "
            "\"$current\")\n"
            "    fi\n"
            "}\n"
            "complete -o default -F _%s %s\n",
            root->name, root->name);
}
