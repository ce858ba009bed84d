/* fixture.c - what the tests of the command line need and no shell can make:
 *
 *     cli_fixture idx DIR N              N small images of two kinds, as IDX
 *     cli_fixture folder DIR N           the same as PNG files with labels.csv
 *     cli_fixture celeba DIR N           ... as CelebA comes, with Male and Black_Hair
 *     cli_fixture utkface DIR N          ... as UTKFace comes
 *     cli_fixture inception FILE         weights of the Inception graph, at random
 *     cli_fixture flip FILE OFFSET       one bit; a negative offset is from the end
 *     cli_fixture version FILE OUT N     a checkpoint of format version N
 *     cli_fixture kind FILE OUT KIND     ... of another kind
 *     cli_fixture drop FILE OUT NAME     ... without the tensor NAME; "D.": without all
 *                                        whose names begin so
 *     cli_fixture add FILE OUT NAME      ... with one tensor more
 *     cli_fixture reshape FILE OUT NAME  ... with the tensor NAME as one long row
 *     cli_fixture nan FILE OUT NAME      ... with the tensor NAME full of NaN
 *     cli_fixture huge FILE OUT NAME     ... with the tensor NAME full of 1e38
 *
 * OUT is sealed as it should be: only its contents are wrong. */
#include "datasets/image.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"
#include "test/trainers/inception_fixture.h"

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

/* Image i as a file, perhaps as a negative. PNG whatever its name says: the bytes tell.
 */
static ftl_status write_image(
        const char *directory, const char *name, int64_t i, bool negative) {
    char path[1024];
    uint8_t pixels[SIDE * SIDE];
    draw(pixels, i / 2, (int)(i % 2));
    for (int k = 0; negative && k < SIDE * SIDE; k++)
        pixels[k] = (uint8_t)(255 - pixels[k]);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return ftl_png_write(path, &(ftl_image) {pixels, SIDE, SIDE, 1});
}

/* What a table is made with, and then written to DIR/name. */
typedef struct table {
    FILE *stream;
    char *text;
    size_t n_bytes;
} table;

static ftl_status open_table(table *t) {
    *t = (table) {0};
    t->stream = open_memstream(&t->text, &t->n_bytes);
    return t->stream ? FTL_OK : ftl_fail(FTL_ENOMEM, "no memory for a table");
}

static ftl_status write_table(
        table *t, ftl_status status, const char *directory, const char *name) {
    char path[1024];
    fclose(t->stream);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (status == FTL_OK) status = ftl_file_write(path, t->text, t->n_bytes);
    free(t->text);
    return status;
}

static ftl_status make_folder(const char *directory, int64_t n) {
    char name[64];
    table csv;
    FTL_TRY(ftl_directory_create(directory));
    FTL_TRY(open_table(&csv));
    ftl_status status = FTL_OK;
    fprintf(csv.stream, "file,lying\n");
    for (int64_t i = 0; i < n && status == FTL_OK; i++) {
        snprintf(name, sizeof name, "%03d.png", (int)i);
        status = write_image(directory, name, i, false);
        fprintf(csv.stream, "%s,%d\n", name, (int)(i % 2));
    }
    return write_table(&csv, status, directory, "labels.csv");
}

/* Lying bars are Male; negatives have Black_Hair. */
static ftl_status make_celeba(const char *directory, int64_t n) {
    char name[64], images[900];
    table list;
    snprintf(images, sizeof images, "%s/img_align_celeba", directory);
    FTL_TRY(ftl_directory_create(images));
    FTL_TRY(open_table(&list));
    ftl_status status = FTL_OK;
    fprintf(list.stream, "%d\nBlack_Hair Male\n", (int)n);
    for (int64_t i = 0; i < n && status == FTL_OK; i++) {
        snprintf(name, sizeof name, "%06d.jpg", (int)i + 1);
        status = write_image(images, name, i, i / 2 % 2);
        fprintf(list.stream, "%s %s %s\n", name, i / 2 % 2 ? " 1" : "-1",
                i % 2 ? " 1" : "-1");
    }
    return write_table(&list, status, directory, "list_attr_celeba.txt");
}

/* gender is the kind of bar; races, and ages from 20 to 59, take turns. */
static ftl_status make_utkface(const char *directory, int64_t n) {
    char name[64];
    FTL_TRY(ftl_directory_create(directory));
    for (int64_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%d_%d_%d_20170109%09d.jpg.chip.jpg",
                20 + (int)(i / 10 % 40), (int)(i % 2), (int)(i / 2 % 5), (int)i);
        FTL_TRY(write_image(directory, name, i, false));
    }
    return FTL_OK;
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

static bool is_prefix(const char *argument) {
    const size_t n = strlen(argument);
    return n > 0 && argument[n - 1] == '.';
}

static bool is_meant(const char *argument, const char *name) {
    return is_prefix(argument) ? strncmp(argument, name, strlen(argument)) == 0
                               : strcmp(argument, name) == 0;
}

static bool changes(copy *c, const char *what, const char *name) {
    bool yes = strcmp(c->what, what) == 0 && is_meant(c->argument, name) &&
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
    if (c->n_changed == 1 || (c->n_changed > 1 && is_prefix(c->argument)))
        return FTL_OK;
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

static ftl_status make_inception(const char *path) {
    ftl_store *store;
    ftl_status status = inception_draw(&store);
    if (status == FTL_OK) status = inception_write(path, "inception-2015", store, NULL);
    ftl_store_free(store);
    return status;
}

static ftl_status make(int argc, char *argv[]) {
    if (argc == 4 && strcmp(argv[1], "idx") == 0)
        return make_idx(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "folder") == 0)
        return make_folder(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "celeba") == 0)
        return make_celeba(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "utkface") == 0)
        return make_utkface(argv[2], strtol(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "inception") == 0) return make_inception(argv[2]);
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
