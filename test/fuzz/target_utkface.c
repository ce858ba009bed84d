/* target_utkface.c - any bytes as names of UTKFace's files, one a line, at most eight;
 * each has ".jpg" behind it. Every second file is a copy of the one before. */
#include "test/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_NAMES = 8, MAX_BYTES = 250, PATH_BYTES = MAX_BYTES + 8 };

/* The next line as "s/<name>.jpg", a name that a file can have; false at the end. */
static bool take_name(char path[PATH_BYTES], fuzz_input *in) {
    size_t n = 2;
    if (in->at == in->end) return false;
    for (int c; in->at < in->end && (c = *in->at++) != '\n';)
        if (n < MAX_BYTES && c != '/' && c != 0) path[n++] = (char)c;
    path[0] = 's', path[1] = '/';
    snprintf(path + n, PATH_BYTES - MAX_BYTES, ".jpg");
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    char path[MAX_NAMES][PATH_BYTES], shade[16];
    int n = 0;
    if (!ready) {
        FUZZ_CHECK(mkdir(fuzz_path("s"), 0777) == 0);
        for (int i = 0; i < MAX_NAMES / 2; i++) {
            snprintf(shade, sizeof shade, "%d.png", i);
            fuzz_put_png(shade, i == 0 ? 1 : 3, 10 * i);
        }
        ready = true;
    }
    fuzz_input in = {data, data + size};
    while (n < MAX_NAMES && take_name(path[n], &in)) {
        snprintf(shade, sizeof shade, "%d.png", n / 2);
        n += link(fuzz_path(shade), fuzz_path(path[n])) == 0; /* else there is one */
    }
    fuzz_import("utkface", "s", NULL);
    for (int i = 0; i < n; i++)
        FUZZ_CHECK(unlink(fuzz_path(path[i])) == 0);
    return 0;
}
