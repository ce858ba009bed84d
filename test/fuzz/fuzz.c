/* fuzz.c - see fuzz.h. */
#include "test/fuzz/fuzz.h"

#include "datasets/image.h"
#include "datasets/importer.h"
#include "engine/base/log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

_Noreturn void fuzz_abort(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: not so: %s (message: \"%s\")\n", file, line, what,
            ftl_message());
    abort();
}

bool fuzz_accepted(ftl_status status) {
    if (status == FTL_OK) {
        FUZZ_CHECK(ftl_message()[0] == 0);
        return true;
    }
    FUZZ_CHECK(status != FTL_ENOMEM && status != FTL_EBACKEND && status != FTL_EIO);
    FUZZ_CHECK(ftl_message()[0] != 0 && !strchr(ftl_message(), '\n'));
    ftl_clear();
    return false;
}

static void empty(const char *path) {
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char below[1024];
        struct stat info;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (!lstat(below, &info) && S_ISDIR(info.st_mode)) empty(below);
        remove(below);
    }
    if (folder) closedir(folder);
}

static void remove_directory(void) {
    empty(directory);
    rmdir(directory);
}

const char *fuzz_directory(void) {
    if (directory[0]) return directory;
    snprintf(directory, sizeof directory, "/dev/shm/fairtl-fuzz-XXXXXX");
    if (!mkdtemp(directory)) {
        snprintf(directory, sizeof directory, "/tmp/fairtl-fuzz-XXXXXX");
        FUZZ_CHECK(mkdtemp(directory));
    }
    atexit(remove_directory);
    ftl_log_quiet(1);
    return directory;
}

const char *fuzz_path(const char *name) {
    static char path[4][1024];
    static unsigned turn;
    char *out = path[turn++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", fuzz_directory(), name);
    return out;
}

/* Without the care for crashes of ftl_file_write, which takes its time. */
void fuzz_put(const char *name, const void *bytes, size_t n_bytes) {
    FILE *file = fopen(fuzz_path(name), "wb");
    FUZZ_CHECK(file && fwrite(bytes, 1, n_bytes, file) == n_bytes);
    FUZZ_CHECK(fclose(file) == 0);
}

void fuzz_put_png(const char *name, int channels, int shade) {
    uint8_t pixels[6 * 5 * 3];
    memset(pixels, shade, sizeof pixels);
    ftl_image image = {pixels, 6, 5, channels};
    FUZZ_CHECK(ftl_png_write(fuzz_path(name), &image) == FTL_OK);
}

void fuzz_import(const char *importer, const char *source, const char *csv) {
    const ftl_importer *by;
    const char *pack = fuzz_path("pack.h5");
    ftl_import_options options = {.source = fuzz_path(source), .csv = csv, .size = 8};
    FUZZ_CHECK(ftl_importer_find(&by, importer, "--format") == FTL_OK);
    unlink(pack);
    if (!fuzz_accepted(ftl_importer_run(by, &options, pack, NULL))) {
        FUZZ_CHECK(access(pack, F_OK) != 0);
        return;
    }
    ftl_pack_file *file = NULL;
    FUZZ_CHECK(ftl_pack_open(&file, pack) == FTL_OK);
    FUZZ_CHECK(file->pack.n > 0 && file->pack.width == 8);
    ftl_pack_close(file);
}

uint8_t fuzz_byte(fuzz_input *in) { return in->at < in->end ? *in->at++ : 0; }
