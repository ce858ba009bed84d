/* replay.c - a fuzz target without libFuzzer: run it over files and the files of
 * folders.
 *
 *     fuzz_csv CORPUS...
 *
 * A finding ends the program as it would end the fuzzer. */
#include "test/fuzz/fuzz.h"

#include "engine/base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int n_replayed;

/* From memory of just its size, so that a sanitizer sees who reads beyond it. */
static void replay(const char *path) {
    char *bytes;
    size_t n_bytes;
    if (ftl_file_read(&bytes, &n_bytes, path) != FTL_OK)
        fuzz_abort(path, 0, "the file can be read");
    uint8_t *input = malloc(n_bytes + !n_bytes);
    if (!input) fuzz_abort(path, 0, "there is memory");
    for (size_t i = 0; i < n_bytes; i++)
        input[i] = (uint8_t)bytes[i];
    free(bytes);
    fprintf(stderr, "%s\n", path); /* the last one is the finding */
    LLVMFuzzerTestOneInput(input, n_bytes);
    free(input);
    n_replayed++;
}

static void replay_all(const char *path) {
    struct stat info;
    if (stat(path, &info)) fuzz_abort(path, 0, "there is such a corpus");
    if (!S_ISDIR(info.st_mode)) {
        replay(path);
        return;
    }
    DIR *folder = opendir(path);
    if (!folder) fuzz_abort(path, 0, "the folder can be read");
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char below[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        replay_all(below);
    }
    closedir(folder);
}

int main(int argc, char **argv) {
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        replay_all(argv[i]);
    if (n_replayed == 0) fuzz_abort(argc > 1 ? argv[1] : "-", 0, "there is an input");
    printf("%d passed, 0 failed\n", n_replayed);
    return 0;
}
