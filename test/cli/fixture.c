/* fixture.c - what the tests of the command line need and no shell can make:
 *
 *     cli_fixture idx DIR N              N small images of two kinds, as IDX
 *     cli_fixture folder DIR N           the same as PNG files with labels.csv
 *     cli_fixture flip FILE OFFSET       one bit; a negative offset is from the end
 *     cli_fixture version FILE OUT N     a checkpoint of format version N
 *     cli_fixture kind FILE OUT KIND     ... of another kind
 *     cli_fixture drop FILE OUT NAME     ... without the tensor NAME
 *     cli_fixture add FILE OUT NAME      ... with one tensor more
 *     cli_fixture reshape FILE OUT NAME  ... with the tensor NAME as one long row
 *     cli_fixture nan FILE OUT NAME      ... with the tensor NAME full of NaN
 *     cli_fixture huge FILE OUT NAME     ... with the tensor NAME full of 1e38
 *
 * OUT is sealed as it should be: only its contents are wrong. */
#include "datasets/image.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 28

/* ------------------------------------------------------------------------ images */

static void put_u32(uint8_t *to, int64_t value) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Kind 0 is a standing bar, kind 1 a lying one; each at a place and in a grey of its
 * own, so that no two are the same. */
static void draw(uint8_t image[SIDE * SIDE], int64_t i, int kind) {
    int across = 4 + (int)(i % 13), along = (int)(i / 13 % 7);
    int grey = 120 + (int)(i / 91 % 130);
    memset(image, 0, SIDE * SIDE);
    for (int a = along; a < along + 20; a++)
        for (int b = across; b < across + 7; b++)
            image[kind ? b * SIDE + a : a * SIDE + b] = (uint8_t)grey;
}

static ftl_status write_part(
        const char *directory, const char *part, int64_t from, int64_t n) {
    char path[1024];
    size_t n_images = 16 + (size_t)n * SIDE * SIDE, n_labels = 8 + (size_t)n;
    uint8_t *images = calloc(1, n_images), *labels = calloc(1, n_labels);
    ftl_status status = FTL_OK;
    if (!images || !labels) {
        status = ftl_fail(FTL_ENOMEM, "no memory for images");
        goto out;
    }
    put_u32(images, 0x803);
    put_u32(images + 4, n);
    put_u32(images + 8, SIDE);
    put_u32(images + 12, SIDE);
    put_u32(labels, 0x801);
    put_u32(labels + 4, n);
    for (int64_t i = 0; i < n; i++) {
        labels[8 + i] = (uint8_t)(i % 2);
        draw(images + 16 + i * SIDE * SIDE, (from + i) / 2, (int)(i % 2));
    }
    snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte", directory, part);
    FTL_TRY_OUT(ftl_file_write(path, images, n_images));
    snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte", directory, part);
    FTL_TRY_OUT(ftl_file_write(path, labels, n_labels));
out:
    free(images);
    free(labels);
    return status;
}

static ftl_status make_idx(const char *directory, int64_t n) {
    FTL_TRY(ftl_directory_create(directory));
    FTL_TRY(write_part(directory, "train", 0, n - 2));
    return write_part(directory, "t10k", n - 2, 2);
}

static ftl_status make_folder(const char *directory, int64_t n) {
    char path[1024];
    uint8_t pixels[SIDE * SIDE];
    size_t n_bytes;
    char *table = NULL;
    FTL_TRY(ftl_directory_create(directory));
    FILE *csv = open_memstream(&table, &n_bytes);
    if (!csv) return ftl_fail(FTL_ENOMEM, "no memory for a table");
    ftl_status status = FTL_OK;
    fprintf(csv, "file,lying\n");
    for (int64_t i = 0; i < n && status == FTL_OK; i++) {
        draw(pixels, i / 2, (int)(i % 2));
        snprintf(path, sizeof path, "%s/%03d.png", directory, (int)i);
        status = ftl_png_write(path, &(ftl_image) {pixels, SIDE, SIDE, 1});
        fprintf(csv, "%03d.png,%d\n", (int)i, (int)(i % 2));
    }
    fclose(csv);
    snprintf(path, sizeof path, "%s/labels.csv", directory);
    if (status == FTL_OK) status = ftl_file_write(path, table, n_bytes);
    free(table);
    return status;
}

/* ------------------------------------------------------------------- checkpoints */

static ftl_status flip(const char *path, long offset) {
    char *bytes;
    size_t n;
    FTL_TRY(ftl_file_read(&bytes, &n, path));
    size_t at = offset < 0 ? n - (size_t)-offset : (size_t)offset;
    ftl_status status;
    if (at < n) {
        bytes[at] = (char)(bytes[at] ^ 0x10);
        status = ftl_file_write(path, bytes, n);
    } else {
        status = ftl_fail(FTL_EINPUT, "%s has %zu bytes", path, n);
    }
    free(bytes);
    return status;
}

/* A copy with one thing changed. */
typedef struct copy {
    ftl_h5 *from, *to;
    const char *what, *argument, *section;
    int n_changed;
} copy;

static bool changes(copy *c, const char *what, const char *name) {
    bool yes = strcmp(c->what, what) == 0 && strcmp(c->argument, name) == 0 &&
               strcmp(c->section, "/tensors") == 0;
    c->n_changed += yes;
    return yes;
}

static ftl_status copy_role(copy *c, const char *path) {
    char *role;
    if (!ftl_h5_attr_has(c->from, path, "role")) return FTL_OK;
    FTL_TRY(ftl_h5_attr_read_text(c->from, path, "role", &role));
    ftl_status status = ftl_h5_attr_write_text(c->to, path, "role", role);
    free(role);
    return status;
}

static void fill(char *data, const ftl_h5_info *info, float value) {
    for (int64_t i = 0; i < info->count && info->type == FTL_H5_F32; i++)
        memcpy(data + i * (int64_t)sizeof value, &value, sizeof value);
}

static ftl_status copy_dataset(
        void *context, const char *name, const ftl_h5_info *info) {
    copy *c = context;
    char path[1024];
    int64_t row = info->count;
    if (changes(c, "drop", name)) return FTL_OK;
    snprintf(path, sizeof path, "%s/%s", c->section, name);
    bool text = info->type == FTL_H5_STRING;
    char *data = malloc((size_t)info->count * (info->item_bytes + text) + 1);
    if (!data) return ftl_fail(FTL_ENOMEM, "no memory for %s", path);
    const char *string = data;
    ftl_status status;
    FTL_TRY_OUT(ftl_h5_read(c->from, path, info->type, info->count, data));
    if (changes(c, "nan", name)) fill(data, info, NAN);
    if (changes(c, "huge", name)) fill(data, info, 1e38f);
    bool flat = changes(c, "reshape", name);
    FTL_TRY_OUT(ftl_h5_write(c->to, path, info->type, flat ? 1 : info->rank,
            flat ? &row : info->dims, text ? (const void *)&string : data));
    FTL_TRY_OUT(copy_role(c, path));
out:
    free(data);
    return status;
}

static ftl_status copy_text(copy *c, const char *name) {
    char *text;
    FTL_TRY(ftl_h5_attr_read_text(c->from, "/", name, &text));
    bool changed = strcmp(c->what, name) == 0;
    c->n_changed += changed;
    ftl_status status =
            ftl_h5_attr_write_text(c->to, "/", name, changed ? c->argument : text);
    free(text);
    return status;
}

static ftl_status copy_all(copy *c) {
    static const char *const sections[] = {"/tensors", "/texts", "/values"};
    int32_t version[2];
    FTL_TRY(ftl_h5_attr_read(c->from, "/", "format_version", FTL_H5_I32, 2, version));
    if (strcmp(c->what, "version") == 0) {
        version[0] = (int32_t)strtol(c->argument, NULL, 10);
        c->n_changed++;
    }
    FTL_TRY(copy_text(c, "format"));
    FTL_TRY(ftl_h5_attr_write(c->to, "/", "format_version", FTL_H5_I32, 2, version));
    FTL_TRY(copy_text(c, "kind"));
    FTL_TRY(copy_text(c, "fairtl"));
    for (int i = 0; i < 3; i++) {
        c->section = sections[i];
        FTL_TRY(ftl_h5_visit(c->from, c->section, copy_dataset, c));
    }
    if (strcmp(c->what, "add") == 0) {
        char path[1024];
        snprintf(path, sizeof path, "/tensors/%s", c->argument);
        FTL_TRY(ftl_h5_write(c->to, path, FTL_H5_F32, 0, NULL, &(float) {1}));
        c->n_changed++;
    }
    if (c->n_changed == 1) return FTL_OK;
    return ftl_fail(
            FTL_EINPUT, "%s %s changed %d things", c->what, c->argument, c->n_changed);
}

static ftl_status edit(
        const char *what, const char *path, const char *out, const char *argument) {
    ftl_sealed sealed;
    copy c = {.what = what, .argument = argument};
    void *bytes = NULL;
    size_t n;
    ftl_status status;
    FTL_TRY(ftl_sealed_open(&sealed, path));
    FTL_TRY_OUT(ftl_h5_open(&c.from, sealed.bytes, sealed.n_bytes, path));
    FTL_TRY_OUT(ftl_h5_create(&c.to));
    FTL_TRY_OUT(copy_all(&c));
    FTL_TRY_OUT(ftl_h5_image(c.to, &bytes, &n));
    FTL_TRY_OUT(ftl_sealed_write(out, bytes, n, NULL));
out:
    free(bytes);
    ftl_h5_close(c.to);
    ftl_h5_close(c.from);
    ftl_sealed_close(&sealed);
    return status;
}

static ftl_status make(int argc, char *argv[]) {
    if (argc == 4 && strcmp(argv[1], "idx") == 0)
        return make_idx(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "folder") == 0)
        return make_folder(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "flip") == 0)
        return flip(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 5) return edit(argv[1], argv[2], argv[3], argv[4]);
    return ftl_fail(FTL_ECONFIG, "see the top of fixture.c");
}

int main(int argc, char *argv[]) {
    ftl_status status = make(argc, argv);
    if (status != FTL_OK) fprintf(stderr, "cli_fixture: %s\n", ftl_message());
    return ftl_exit_status(status);
}
