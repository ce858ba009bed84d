/* import_fixture.h - sources to import, and what came of them. */
#ifndef FTL_TEST_DATASETS_IMPORT_FIXTURE_H
#define FTL_TEST_DATASETS_IMPORT_FIXTURE_H

#include "datasets/image.h"
#include "datasets/importer.h"
#include "engine/base/file.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the last run. */
static char pack_path[600];

static inline const char *join(const char *directory, const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* A flat picture of one shade; grey or RGB. */
static inline void put_png(
        const char *directory, const char *name, int channels, int shade) {
    uint8_t pixels[6 * 5 * 3];
    memset(pixels, shade, sizeof pixels);
    if (ftl_png_write(join(directory, name), &(ftl_image) {pixels, 6, 5, channels}))
        abort();
}

static inline void put_text(const char *directory, const char *name, const char *text) {
    if (ftl_file_write(join(directory, name), text, strlen(text))) abort();
}

static inline const int32_t *values(const ftl_pack *pack, const char *name) {
    const ftl_pack_attribute *attribute = ftl_pack_attribute_find(pack, name);
    return attribute ? attribute->value : NULL;
}

static inline ftl_status run_with(
        const char *name, const ftl_import_options *options, ftl_pack_counts *counts) {
    const ftl_importer *importer;
    snprintf(pack_path, sizeof pack_path, "%s/p.h5", ftl_test_directory());
    FTL_TRY(ftl_importer_find(&importer, name, "--format"));
    return ftl_importer_run(importer, options, pack_path, counts);
}

static inline ftl_status run(const char *name, const char *source, const char *csv,
        int size, ftl_pack_counts *counts) {
    ftl_import_options options = {.source = source, .csv = csv, .size = size};
    return run_with(name, &options, counts);
}

/* A path of a directory that stays when the next one is asked for. */
static inline void new_source(char source[512]) {
    snprintf(source, 512, "%s", ftl_test_directory());
}

static inline bool file_says(const char *ending, const char *words) {
    char path[700], *text;
    size_t n;
    snprintf(path, sizeof path, "%s%s", pack_path, ending);
    if (ftl_file_read(&text, &n, path)) return false;
    bool found = strstr(text, words) != NULL;
    if (!found) fprintf(stderr, "no \"%s\" in:\n%s", words, text);
    free(text);
    return found;
}

static inline bool report_says(const char *words) {
    return file_says(".report.txt", words);
}

static inline bool refusal_says(const char *words) {
    return file_says(".refused.txt", words);
}

#endif
