/* output.c - see output.h. */
#include "tools/output.h"

#include "engine/base/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How those that were written before begin. */
static const struct {
    const char *what, *begins;
} outputs[] = {
        [CLI_OUTPUT_PNG] = {"picture (PNG)", "\x89PNG\r\n\x1a\n"},
        [CLI_OUTPUT_SETS] = {"list of sets", "file,set,group,index\n"},
        [CLI_OUTPUT_NUMBER] = {"result of an evaluation", "{\"stage\": "},
        [CLI_OUTPUT_TRACE] = {"trace of a profile", "{\"traceEvents\":"},
};

/* Does the file begin so, or is it empty? One that cannot be read does not. */
static bool begins(const char *path, const char *with) {
    char start[32];
    size_t n = strlen(with);
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t got = fread(start, 1, n, file);
    bool empty = got == 0 && feof(file);
    fclose(file);
    return empty || (got == n && memcmp(start, with, n) == 0);
}

ftl_status cli_output_check(cli_output what, const char *path, const char *option) {
    if (!path) return FTL_OK;
    FTL_TRY(ftl_file_check_target(path));
    if (!ftl_file_exists(path) || begins(path, outputs[what].begins)) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s: %s: is there already, and is no %s: it is not replaced; delete it or "
            "write to another place",
            option, path, outputs[what].what);
}
