/* test_bad.c - the files of test/golden/bad: what each of them gives, and that no file
 * there is forgotten. */
#include "checkpoints/checkpoint.h"
#include "datasets/csv.h"
#include "engine/base/log.h"
#include "test/datasets/import_fixture.h"

#include <dirent.h>

#define BAD FTL_TEST_GOLDEN "/bad/"
#define DAMAGED_JPEG                                                                   \
    { FTL_EFORMAT, "damaged JPEG: " }

typedef struct answer {
    ftl_status status;
    const char *message; /* with FTL_OK: what the report says, or NULL */
} answer;

typedef struct expected {
    const char *name;
    answer is;
} expected;

/* Is each file of a folder of bad/ in the list, and each one of the list there? */
static bool is_complete(const char *folder, const expected *list, size_t n) {
    char path[1024];
    snprintf(path, sizeof path, BAD "%s", folder);
    DIR *directory = opendir(path);
    size_t n_found = 0;
    for (const struct dirent *f; directory && (f = readdir(directory));) {
        if (f->d_name[0] == '.') continue;
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known |= strcmp(list[i].name, f->d_name) == 0;
        if (!known) fprintf(stderr, "%s/%s: what should it give?\n", path, f->d_name);
        n_found += known;
    }
    if (directory) closedir(directory);
    return n_found == n;
}

/* Did it end as it should? */
static bool check(const expected *e, ftl_status status) {
    bool good = status == e->is.status &&
                (status == FTL_OK ? !e->is.message || report_says(e->is.message)
                                  : strstr(ftl_message(), e->is.message) != NULL);
    if (!good)
        fprintf(stderr, "%s: status %d, \"%s\", not %d, \"%s\"\n", e->name, (int)status,
                ftl_message(), (int)e->is.status, e->is.message ? e->is.message : "");
    ftl_clear();
    return good;
}

/* -------------------------------------------------------------------------- images */

static const expected images[] = {
        {"bomb.jpg", {FTL_EFORMAT, "bomb.jpg: 60000 x 60000 pixels; at most"}},
        {"bomb-progressive.jpg", {FTL_EFORMAT, "20000 x 20000 pixels; at most"}},
        {"bomb.png", {FTL_EFORMAT, "bomb.png: 60000 x 60000 pixels; at most"}},
        {"crc.png", {FTL_EFORMAT, "crc.png: damaged PNG: "}},
        {"deep.jpg", {FTL_EUNSUPPORTED, "a kind of JPEG that is not read: "}},
        {"lossless.jpg", {FTL_EUNSUPPORTED, "a kind of JPEG that is not read: "}},
        {"empty.jpg", {FTL_EFORMAT, "empty.jpg: the file is empty"}},
        {"empty.png", {FTL_EFORMAT, "empty.png: the file is empty"}},
        {"text.jpg", {FTL_EUNSUPPORTED, "text.jpg: neither JPEG nor PNG"}},
        {"gif.png", {FTL_EUNSUPPORTED, "gif.png: neither JPEG nor PNG"}},
        {"signature-cut-rgb.png",
                {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"header-cut-rgb.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"data-cut-rgb.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"end-cut-rgb.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"header-cut-grey16.png",
                {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"data-cut-grey16.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"end-cut-grey16.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"header-cut-palette.png",
                {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"data-cut-palette.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"end-cut-palette.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"header-cut-rgba.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"data-cut-rgba.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"end-cut-rgba.png", {FTL_EFORMAT, "damaged PNG: the file ends too early"}},
        {"exif-cut-exif.jpg", DAMAGED_JPEG},
        {"scan-cut-exif.jpg", DAMAGED_JPEG},
        {"header-cut-baseline.jpg", DAMAGED_JPEG},
        {"tables-cut-baseline.jpg", DAMAGED_JPEG},
        {"scan-cut-baseline.jpg", DAMAGED_JPEG},
        {"end-cut-baseline.jpg", DAMAGED_JPEG},
        {"header-cut-progressive.jpg", DAMAGED_JPEG},
        {"tables-cut-progressive.jpg", DAMAGED_JPEG},
        {"scan-cut-progressive.jpg", DAMAGED_JPEG},
        {"end-cut-progressive.jpg", DAMAGED_JPEG},
        {"header-cut-grey.jpg", DAMAGED_JPEG},
        {"tables-cut-grey.jpg", DAMAGED_JPEG},
        {"scan-cut-grey.jpg", DAMAGED_JPEG},
        {"end-cut-grey.jpg", DAMAGED_JPEG},
        {"header-cut-cmyk.jpg", DAMAGED_JPEG},
        {"tables-cut-cmyk.jpg", DAMAGED_JPEG},
        {"scan-cut-cmyk.jpg", DAMAGED_JPEG},
        {"end-cut-cmyk.jpg", DAMAGED_JPEG},
        {"header-cut-ycck.jpg", DAMAGED_JPEG},
        {"tables-cut-ycck.jpg", DAMAGED_JPEG},
        {"scan-cut-ycck.jpg", DAMAGED_JPEG},
        {"end-cut-ycck.jpg", DAMAGED_JPEG},
        /* The bytes tell what it is, not the name. */
        {"jpeg-named.png", {FTL_OK, NULL}},
        {"png-named.jpg", {FTL_OK, NULL}},
};
enum { N_IMAGES = sizeof images / sizeof *images };

static void refuses_images(void) {
    int n_wrong = 0;
    FTL_CHECK(is_complete("image", images, N_IMAGES));
    for (int i = 0; i < N_IMAGES; i++) {
        char path[1024], *bytes;
        size_t n;
        ftl_image image;
        snprintf(path, sizeof path, BAD "image/%s", images[i].name);
        FTL_CHECK_OK(ftl_file_read(&bytes, &n, path));
        n_wrong += !check(
                &images[i], ftl_image_decode(&image, bytes, n, NULL, images[i].name));
        ftl_image_deinit(&image);
        free(bytes);
    }
    FTL_CHECK(n_wrong == 0);
}

/* As a folder: each is named, the two good ones are taken, strict takes none. */
static void imports_around_bad_images(void) {
    ftl_pack_counts c;
    ftl_pack_file *file;
    ftl_import_options options = {.source = BAD "image", .size = 8};
    FTL_CHECK_OK(run_with("folder", &options, &c));
    FTL_CHECK(c.found == N_IMAGES && c.unusable == N_IMAGES - 2);
    for (int i = 0; i < N_IMAGES - 2; i++)
        FTL_CHECK(report_says(images[i].name));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    bool good = file->pack.n == 2 && !strcmp(file->pack.names[0], "jpeg-named.png") &&
                file->pack.source.max_width == 40;
    ftl_pack_close(file);
    FTL_CHECK(good);
    options.strict = true;
    FTL_CHECK_FAILS(run_with("folder", &options, NULL), FTL_EINPUT,
            "image: 45 problems, and the import is strict");
    FTL_CHECK(!ftl_file_exists(pack_path));
}

/* -------------------------------------------------------------------------- tables */

static const expected tables[] = {
        {"crlf.csv", {FTL_OK, "Everything was taken."}},
        {"bom.csv", {FTL_OK, "Everything was taken."}},
        {"quotes.csv", {FTL_OK, "Everything was taken."}},
        {"no-end.csv", {FTL_OK, "Everything was taken."}},
        {"row-without-image.csv",
                {FTL_OK, "row-without-image.csv:4: no image \"lost.png\""}},
        {"image-without-row.csv", {FTL_OK, "b.png: no row in "}},
        {"signs.csv", {FTL_OK, "column \"x\" holds -1 and 1 only; -1 is taken as"}},
        {"blanks.csv", {FTL_OK, "Everything was taken."}},
        /* A run refuses it: test/cli/one_group.case. */
        {"one-group.csv", {FTL_OK, "Everything was taken."}},
        {"odd-cell.csv", {FTL_OK, "odd-cell.csv:3: column \"x\" holds numbers, but "
                                  "\"62 years\" is no integer"}},
        {"other-names.csv", {FTL_EINPUT, "none of its rows names an image of "}},
        {"empty.csv", {FTL_EFORMAT, "empty.csv: empty; a header line is needed"}},
        {"few-cells.csv",
                {FTL_OK, "few-cells.csv:3: 2 cells; the header has 3: left out"}},
        {"many-cells.csv",
                {FTL_OK, "many-cells.csv:3: 3 cells; the header has 2: left out"}},
        {"no-header.csv",
                {FTL_EFORMAT, "no-header.csv: has no header line: its first one is the "
                              "row of \"a.png\""}},
        {"no-rows.csv", {FTL_EFORMAT, "no-rows.csv: no row below its header"}},
        {"ragged.csv",
                {FTL_EFORMAT, "ragged.csv:2: 1 cells; the header has 2, and no row"}},
        {"same-row-twice.csv", {FTL_OK, "Everything was taken."}},
        {"open-quote.csv",
                {FTL_EFORMAT,
                        "open-quote.csv:2: the quote that opens here never closes"}},
        {"behind-quote.csv",
                {FTL_EFORMAT, "behind-quote.csv:2: text behind a closing quote"}},
        {"zero-byte.csv", {FTL_EFORMAT, "zero-byte.csv:2: a zero byte"}},
        {"column-twice.csv",
                {FTL_EFORMAT, "column-twice.csv:1: column \"x\" is there twice"}},
        {"no-name.csv", {FTL_EFORMAT, "column 2 of the header has no name"}},
        {"row-twice.csv",
                {FTL_OK, "row-twice.csv:4: \"a.png\" has another row, line 2, and they "
                         "differ: left out"}},
        {"slash.csv", {FTL_EINPUT, "slash.csv:1: no attribute can be called \"a/b\""}},
};
enum { N_TABLES = sizeof tables / sizeof *tables };

static void refuses_tables(void) {
    char source[512], path[1024];
    int n_wrong = 0;
    FTL_CHECK(is_complete("csv", tables, N_TABLES));
    new_source(source);
    put_png(source, "a.png", 3, 1);
    put_png(source, "b.png", 3, 2);
    for (int i = 0; i < N_TABLES; i++) {
        snprintf(path, sizeof path, BAD "csv/%s", tables[i].name);
        ftl_import_options options = {.source = source, .csv = path, .size = 4};
        n_wrong += !check(&tables[i], run_with("folder", &options, NULL));
        /* What is a problem only is fatal with strict. */
        bool whole = tables[i].is.status == FTL_OK &&
                     strstr(tables[i].is.message, "Everything");
        options.strict = true;
        FTL_CHECK((run_with("folder", &options, NULL) == FTL_OK) == whole);
        ftl_clear();
    }
    FTL_CHECK(n_wrong == 0);
}

/* ---------------------------------------------------------------------------- IDX */

static const expected idx_files[] = {
        {"type.idx", {FTL_EFORMAT, "no IDX file of bytes with 3 dimensions"}},
        {"rank.idx", {FTL_EFORMAT, "no IDX file of bytes with 3 dimensions"}},
        {"cut-header.idx", {FTL_EFORMAT, "truncated or damaged in its header"}},
        {"cut-data.idx", {FTL_EFORMAT, "truncated or damaged in its data"}},
        {"too-long.idx", {FTL_EFORMAT, "more data than its header tells of"}},
        {"no-images.idx", {FTL_EFORMAT, "its header claims 1 x 0 bytes"}},
        {"two-images.idx", {FTL_EFORMAT, "train has 2 images and 1 labels"}},
        {"bomb.idx", {FTL_EFORMAT, "its header claims"}},
        {"wide-bomb.idx", {FTL_EFORMAT, "truncated or damaged in its data"}},
        {"cut-gzip.idx", {FTL_EFORMAT, "truncated or damaged in its data"}},
        {"bit-gzip.idx", {FTL_EFORMAT, "truncated or damaged in its "}},
        {"empty.idx", {FTL_EFORMAT, "truncated or damaged in its header"}},
};
enum { N_IDX = sizeof idx_files / sizeof *idx_files };

static void put_bytes(
        const char *source, const char *name, const void *bytes, size_t n) {
    if (ftl_file_write(join(source, name), bytes, n)) abort();
}

static void put_copy(const char *source, const char *name, const char *bad) {
    char *bytes;
    size_t n;
    if (ftl_file_read(&bytes, &n, bad)) abort();
    put_bytes(source, name, bytes, n);
    free(bytes);
}

/* Each in the place of the training images. */
static void refuses_idx(void) {
    static const unsigned char label[] = {0, 0, 8, 1, 0, 0, 0, 1, 5};
    unsigned char image[16 + 36] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 6};
    char source[512], path[1024];
    int n_wrong = 0;
    FTL_CHECK(is_complete("idx", idx_files, N_IDX));
    new_source(source);
    put_bytes(source, "t10k-images-idx3-ubyte", image, sizeof image);
    put_bytes(source, "t10k-labels-idx1-ubyte", label, sizeof label);
    put_bytes(source, "train-labels-idx1-ubyte", label, sizeof label);
    memset(image + 16, 9, 36);
    put_bytes(source, "train-images-idx3-ubyte", image, sizeof image);
    FTL_CHECK_OK(run("idx", source, NULL, 4, NULL));
    for (int i = 0; i < N_IDX; i++) {
        snprintf(path, sizeof path, BAD "idx/%s", idx_files[i].name);
        put_copy(source, "train-images-idx3-ubyte", path);
        n_wrong += !check(&idx_files[i], run("idx", source, NULL, 4, NULL));
    }
    FTL_CHECK(n_wrong == 0);
}

/* -------------------------------------------------------------------------- CelebA */

static const expected lists[] = {
        {"crlf.txt", {FTL_OK, "Everything was taken."}},
        {"row-without-image.txt",
                {FTL_OK, "list_attr_celeba.txt:5: no image \"000003.jpg\""}},
        {"image-without-row.txt", {FTL_OK, "000002.jpg: no row in "}},
        {"cut-between-rows.txt",
                {FTL_OK, "its first line tells of 2 rows, there are 1"}},
        {"cut-in-row.txt", {FTL_OK, ":4: 1 values; there are 2 attributes: left out"}},
        {"many-values.txt", {FTL_EFORMAT, ":3: 3 values; there are 2 attributes"}},
        {"value.txt", {FTL_EFORMAT, ":3: Young is \"0\", neither -1 nor 1"}},
        {"row-twice.txt",
                {FTL_OK,
                        ":5: \"000001.jpg\" has another row, line 3, and they differ"}},
        {"no-count.txt",
                {FTL_EFORMAT, ":1: the first line must be the number of rows"}},
        {"no-names.txt", {FTL_EFORMAT, "no names of attributes"}},
        {"empty.txt", {FTL_EFORMAT, ": the first line must be the number of rows"}},
        {"zero-byte.txt", {FTL_EFORMAT, "a zero byte; this is no text file"}},
        {"names-twice.txt", {FTL_EINPUT, ".txt:2: two attributes are called \"Male\""}},
};
enum { N_LISTS = sizeof lists / sizeof *lists };

static void refuses_celeba(void) {
    char source[512], images_path[600], path[1024];
    int n_wrong = 0;
    FTL_CHECK(is_complete("celeba", lists, N_LISTS));
    new_source(source);
    snprintf(images_path, sizeof images_path, "%s/img_align_celeba", source);
    if (ftl_directory_create(images_path)) abort();
    put_png(images_path, "000001.jpg", 3, 1);
    put_png(images_path, "000002.jpg", 3, 2);
    put_text(source, "list_eval_partition.txt", "000001.jpg 0\n000002.jpg 1\n");
    for (int i = 0; i < N_LISTS; i++) {
        snprintf(path, sizeof path, BAD "celeba/%s", lists[i].name);
        put_copy(source, "list_attr_celeba.txt", path);
        n_wrong += !check(&lists[i], run("celeba", source, NULL, 4, NULL));
    }
    FTL_CHECK(n_wrong == 0);
}

/* ---------------------------------------------------------------------------- HDF5 */

#define NO_TRAILER                                                                     \
    { FTL_EFORMAT, "has no trailer at its end: truncated, or not written by fairtl" }
#define NO_PACK(is)                                                                    \
    { FTL_EFORMAT, "its format is \"" is "\", not \"fairtl-pack\"" }
#define NO_RUN(is)                                                                     \
    { FTL_EFORMAT, "its format is \"" is "\", not \"fairtl-checkpoint\"" }

/* In the place of a pack. */
static const expected packs[] = {
        {"empty.h5", {FTL_EFORMAT, "truncated: 0 bytes are fewer than the trailer"}},
        {"text.h5", NO_TRAILER},
        {"text-sealed.h5", {FTL_EFORMAT, "no HDF5 file, or damaged"}},
        {"foreign.h5", NO_TRAILER},
        {"foreign-sealed.h5", {FTL_EFORMAT, "its root has no attribute \"format\""}},
        {"other-format-sealed.h5", NO_PACK("fairtl-else")},
        {"earlier-pack.h5",
                {FTL_EFORMAT, "earlier-pack.h5: format_version 1; this program reads"}},
        {"later-pack.h5",
                {FTL_EFORMAT, "later-pack.h5: format_version 3; this program reads 2"}},
        {"no-trailer-pack.h5", NO_TRAILER},
        {"cut-trailer-pack.h5", NO_TRAILER},
        {"long-pack.h5", {FTL_EFORMAT, "its trailer stands for 5928 bytes, but 5929"}},
        {"later-checkpoint.h5", NO_PACK("fairtl-checkpoint")},
        {"newer-checkpoint.h5", NO_PACK("fairtl-checkpoint")},
};
enum { N_PACKS = sizeof packs / sizeof *packs };

/* In the place of a checkpoint; all others as above. */
static const expected checkpoints[] = {
        {"foreign-sealed.h5", {FTL_EFORMAT, "its root has no attribute \"format\""}},
        {"other-format-sealed.h5", NO_RUN("fairtl-else")},
        {"earlier-pack.h5", NO_RUN("fairtl-pack")},
        {"later-pack.h5", NO_RUN("fairtl-pack")},
        {"later-checkpoint.h5",
                {FTL_EFORMAT,
                        "has format version 2.0; this program reads 1.0 to 1.0: use "
                        "the fairtl that wrote it (9.9.9)"}},
        {"newer-checkpoint.h5",
                {FTL_EFORMAT, "has format version 1.1; this program reads 1.0 to"}},
};
enum { N_CHECKPOINTS = sizeof checkpoints / sizeof *checkpoints };

static const expected *as_checkpoint(const expected *pack) {
    for (int i = 0; i < N_CHECKPOINTS; i++)
        if (strcmp(checkpoints[i].name, pack->name) == 0) return &checkpoints[i];
    return pack;
}

static void refuses_packs_and_checkpoints(void) {
    int n_wrong = 0;
    FTL_CHECK(is_complete("h5", packs, N_PACKS));
    for (int i = 0; i < N_PACKS; i++) {
        char path[1024];
        ftl_pack_file *file;
        ftl_checkpoint *checkpoint;
        snprintf(path, sizeof path, BAD "h5/%s", packs[i].name);
        n_wrong += !check(&packs[i], ftl_pack_open(&file, path)) || file;
        n_wrong += !check(as_checkpoint(&packs[i]),
                           ftl_checkpoint_open(&checkpoint, path)) ||
                   checkpoint;
    }
    FTL_CHECK(n_wrong == 0);
}

int main(void) {
    ftl_log_quiet(1);
    FTL_TEST(refuses_images);
    FTL_TEST(imports_around_bad_images);
    FTL_TEST(refuses_tables);
    FTL_TEST(refuses_idx);
    FTL_TEST(refuses_celeba);
    FTL_TEST(refuses_packs_and_checkpoints);
    return ftl_test_finish();
}
