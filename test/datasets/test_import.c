/* test_import.c - the importers, on folders and IDX files made here. */
#include "datasets/csv.h"
#include "datasets/image.h"
#include "datasets/importer.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static char pack_path[512];

static const char *join(const char *directory, const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* A flat picture of one shade; grey or RGB. */
static void put_png(const char *directory, const char *name, int channels, int shade) {
    uint8_t pixels[6 * 5 * 3];
    memset(pixels, shade, sizeof pixels);
    if (ftl_png_write(join(directory, name), &(ftl_image) {pixels, 6, 5, channels}))
        abort();
}

static void put_text(const char *directory, const char *name, const char *text) {
    if (ftl_file_write(join(directory, name), text, strlen(text))) abort();
}

static ftl_status run(const char *name, const char *source, const char *csv, int size,
        ftl_pack_counts *counts) {
    const ftl_importer *importer;
    snprintf(pack_path, sizeof pack_path, "%s/p.h5", ftl_test_directory());
    FTL_TRY(ftl_importer_find(&importer, name, "--format"));
    return ftl_importer_run(
            importer, &(ftl_import_options) {source, csv, size}, pack_path, counts);
}

static bool report_says(const char *words) {
    char path[600], *text;
    size_t n;
    snprintf(path, sizeof path, "%s.report.txt", pack_path);
    if (ftl_file_read(&text, &n, path)) return false;
    bool found = strstr(text, words) != NULL;
    if (!found) fprintf(stderr, "no \"%s\" in:\n%s", words, text);
    free(text);
    return found;
}

static void finds_importers(void) {
    const ftl_importer *importer;
    FTL_CHECK_OK(ftl_importer_find(&importer, "idx", "--format"));
    FTL_CHECK_FAILS(ftl_importer_find(&importer, "foldr", "--format"), FTL_ECONFIG,
            "--format: no format \"foldr\"; there is folder, idx (did you mean "
            "folder?)");
    FTL_CHECK_FAILS(ftl_importer_find(&importer, "hdf", "data.format"), FTL_ECONFIG,
            "data.format: no format \"hdf\"; there is folder, idx");
}

static void imports_a_clean_folder(void) {
    const char *source = ftl_test_directory();
    char kept[512];
    snprintf(kept, sizeof kept, "%s", source);
    put_png(kept, "b.png", 1, 20);
    put_png(kept, "a.PNG", 1, 10);
    put_text(kept, "labels.csv", "file,gender,age\nb.png,1,30\na.PNG,0,\n");
    ftl_pack_counts counts;
    ftl_pack_file *file;
    FTL_CHECK_OK(run("folder", kept, NULL, 4, &counts));
    FTL_CHECK(counts.found == 2 && counts.unusable == 0);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *pack = &file->pack;
    const int32_t *gender = ftl_pack_attribute_find(pack, "gender");
    const int32_t *age = ftl_pack_attribute_find(pack, "age");
    bool good = pack->n == 2 && pack->channels == 1 && pack->width == 4 &&
                !strcmp(pack->names[0], "a.PNG") && pack->images[0] == 10 &&
                pack->images[16] == 20 && gender && gender[0] == 0 && gender[1] == 1 &&
                age && age[0] == -1 && age[1] == 30;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("Everything was taken."));
}

/* Grey among colour, damage, strangers, duplicates, rows and images without partner. */
static void make_a_mess(const char *source) {
    put_png(source, "01.png", 3, 1);
    put_png(source, "02-grey.png", 1, 2);
    put_text(source, "03-empty.jpg", "");
    put_text(source, "04-text.png", "no image");
    put_png(source, "05-copy-of-01.png", 3, 1);
    put_png(source, "06.png", 3, 6);
    put_png(source, "07-copy-of-06-other-label.png", 3, 6);
    put_png(source, "08-no-row.png", 3, 8);
    put_png(source, "09.png", 3, 9);
    put_text(source, "notes.txt", "hello");
    put_text(source, ".hidden", "");
    put_text(source, "labels.csv",
            "\xef\xbb\xbf"
            "file,race\r\n01.png,\r\n\"02-grey.png\",2\r\n03-empty.jpg,0\r\n"
            "04-text.png,0\r\n05-copy-of-01.png,1\r\n06.png,1\r\n"
            "07-copy-of-06-other-label.png,2\r\n09.png,0\r\nlost.png,1\r\n");
}

static void imports_a_messy_folder(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    make_a_mess(source);
    ftl_pack_counts c;
    ftl_pack_file *file;
    FTL_CHECK_OK(run("folder", source, NULL, 5, &c));
    FTL_CHECK(c.found == 9 && c.unusable == 2 && c.duplicates == 1 &&
              c.contradicting == 2 && c.rows_without_image == 1 &&
              c.images_without_row == 1);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const int32_t *race = ftl_pack_attribute_find(p, "race");
    /* The copy of 01 knew the label that 01 lacks. */
    bool good = p->n == 4 && p->channels == 3 && race && race[0] == 1 && race[1] == 2 &&
                race[2] == -1 && race[3] == 0 && p->images[0] == 1 &&
                ftl_pack_image(p, 1)[74] == 2 && ftl_pack_image(p, 2)[0] == 8 &&
                ftl_pack_image(p, 3)[0] == 9 && !strcmp(p->names[1], "02-grey.png") &&
                p->counts.contradicting == 2;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("03-empty.jpg: the file is empty"));
    FTL_CHECK(report_says("04-text.png: neither JPEG nor PNG"));
    FTL_CHECK(report_says("05-copy-of-01.png: left out: the same bytes as 01.png"));
    FTL_CHECK(report_says("06.png: left out: the same bytes as a later image"));
    FTL_CHECK(report_says("07-copy-of-06-other-label.png: left out: the same bytes as "
                          "06.png, with another \"race\""));
    FTL_CHECK(report_says("08-no-row.png: no row in "));
    FTL_CHECK(report_says("notes.txt: not read"));
    FTL_CHECK(report_says("labels.csv:10: no image \"lost.png\""));
}

static void imports_without_a_table(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    put_png(source, "a.png", 3, 10);
    ftl_pack_file *file;
    FTL_CHECK_OK(run("folder", source, NULL, 8, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    bool good = file->pack.n == 1 && file->pack.n_attributes == 0;
    ftl_pack_close(file);
    FTL_CHECK(good);
}

static void refuses_folders(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    FTL_CHECK_FAILS(run("folder", "/nowhere", NULL, 8, NULL), FTL_EIO, "/nowhere: ");
    FTL_CHECK_FAILS(run("folder", source, NULL, 8, NULL), FTL_EINPUT, "no .jpg, .jpeg");
    FTL_CHECK_FAILS(run("folder", source, NULL, 1, NULL), FTL_ECONFIG, "size: 1");
    put_text(source, "a.jpg", "x");
    FTL_CHECK_FAILS(run("folder", source, NULL, 8, NULL), FTL_EINPUT,
            "none of its 1 images can be used; the first: a.jpg: neither");
    put_png(source, "a.jpg", 3, 1);
    put_text(source, "other.csv", "f,x\na.jpg,white\n");
    char csv[600];
    snprintf(csv, sizeof csv, "%s/other.csv", source);
    FTL_CHECK_FAILS(run("folder", source, csv, 8, NULL), FTL_EFORMAT,
            "other.csv:2: column \"x\": \"white\"");
    put_text(source, "other.csv", "f,x\na.jpg,1\nb.jpg,1\na.jpg,1\n");
    FTL_CHECK_FAILS(run("folder", source, csv, 8, NULL), FTL_EFORMAT,
            "other.csv:4: \"a.jpg\" has a row already, line 2");
    put_text(source, "other.csv", "f,x/y\na.jpg,1\n");
    FTL_CHECK_FAILS(run("folder", source, csv, 8, NULL), FTL_EINPUT, "\"x/y\"");
    FTL_CHECK_FAILS(
            run("folder", source, "/nowhere.csv", 8, NULL), FTL_EIO, "/nowhere");
    FTL_CHECK(!ftl_file_exists(pack_path));
}

/* An IDX file of n items of `item` bytes; byte k of item i is 10 i + k % 7. */
static void put_idx(const char *directory, const char *name, int n, int side, int cut) {
    unsigned char bytes[16 + 4 * 28 * 28];
    unsigned char *to = bytes;
    int rank = side ? 3 : 1, item = side ? side * side : 1;
    const int dims[] = {n, side, side};
    *to++ = 0, *to++ = 0, *to++ = 8, *to++ = (unsigned char)rank;
    for (int i = 0; i < rank; i++) {
        *to++ = 0, *to++ = 0, *to++ = 0;
        *to++ = (unsigned char)dims[i];
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < item; k++)
            *to++ = (unsigned char)(side ? 10 * i + k % 7 + 1 : i + 3);
    gzFile file = gzopen(join(directory, name), strstr(name, ".gz") ? "wb" : "wbT");
    if (!file || gzwrite(file, bytes, (unsigned)(to - bytes - cut)) <= 0) abort();
    gzclose(file);
}

static void put_mnist(const char *directory, int n_train) {
    put_idx(directory, "train-images-idx3-ubyte.gz", n_train, 28, 0);
    put_idx(directory, "train-labels-idx1-ubyte", n_train, 0, 0); /* plain will do */
    put_idx(directory, "t10k-images-idx3-ubyte.gz", 1, 28, 0);
    put_idx(directory, "t10k-labels-idx1-ubyte.gz", 1, 0, 0);
}

static void imports_idx(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    put_mnist(source, 3);
    ftl_pack_counts counts;
    ftl_pack_file *file;
    FTL_CHECK_OK(run("idx", source, NULL, 32, &counts));
    FTL_CHECK(counts.found == 4 && counts.duplicates == 1); /* t10k/00000 */
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const int32_t *label = ftl_pack_attribute_find(p, "label");
    const int32_t *part = ftl_pack_attribute_find(p, "part");
    bool good = p->n == 3 && p->width == 32 && p->channels == 1 && label && part &&
                label[2] == 5 && part[2] == 0 && !strcmp(p->names[2], "train/00002");
    for (int y = 0; good && y < 32; y++)
        for (int x = 0; x < 32; x++) {
            bool inside = x >= 2 && x < 30 && y >= 2 && y < 30;
            int want = inside ? 21 + ((y - 2) * 28 + x - 2) % 7 : 0;
            good = good && ftl_pack_image(p, 2)[32 * y + x] == want;
        }
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("t10k/00000: left out: the same bytes as train/00000"));
    FTL_CHECK_OK(run("idx", source, NULL, 14, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    good = file->pack.width == 14 && strstr(file->pack.options, "triangle-antialias");
    ftl_pack_close(file);
    FTL_CHECK(good);
}

static void refuses_idx(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EIO,
            "train-images-idx3-ubyte.gz: there is no such file");
    put_mnist(source, 3);
    FTL_CHECK_FAILS(run("idx", source, "x.csv", 32, NULL), FTL_ECONFIG, "csv");
    put_idx(source, "t10k-labels-idx1-ubyte.gz", 2, 0, 0);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT,
            "t10k has 1 images and 2 labels");
    put_idx(source, "t10k-labels-idx1-ubyte.gz", 1, 0, 1);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT,
            "t10k-labels-idx1-ubyte.gz: truncated or damaged in its data");
    put_idx(source, "t10k-labels-idx1-ubyte.gz", 1, 2, 0);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT,
            "t10k-labels-idx1-ubyte.gz: no IDX file of bytes with 1 dimension");
    put_idx(source, "t10k-labels-idx1-ubyte.gz", 1, 0, -1);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT,
            "more data than its header");
    put_idx(source, "t10k-labels-idx1-ubyte.gz", 1, 0, 0);
    put_idx(source, "t10k-images-idx3-ubyte.gz", 1, 27, 0);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT, "unlike sizes");
    put_text(source, "t10k-images-idx3-ubyte.gz",
            "\x1f\x8b\x08 damaged as gzip, and no more than that");
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT,
            "t10k-images-idx3-ubyte.gz: truncated or damaged");
    FTL_CHECK(!ftl_file_exists(pack_path));
}

/* A header that promises gigabytes costs no more than what is there. */
static void refuses_an_idx_bomb(void) {
    char source[512];
    snprintf(source, sizeof source, "%s", ftl_test_directory());
    put_mnist(source, 1);
    static const char header[] = "\0\0\x8\3\0\1\0\0\0\0\1\0\0\0\1\0";
    if (ftl_file_write(join(source, "train-images-idx3-ubyte.gz"), header, 16)) abort();
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT, "truncated");
    static const char larger[] = "\0\0\x8\3\xff\0\0\0\xff\0\1\0\0\0\1\0";
    if (ftl_file_write(join(source, "train-images-idx3-ubyte.gz"), larger, 16)) abort();
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EFORMAT, "header claims");
}

int main(void) {
    ftl_log_quiet(1);
    FTL_TEST(finds_importers);
    FTL_TEST(imports_a_clean_folder);
    FTL_TEST(imports_a_messy_folder);
    FTL_TEST(imports_without_a_table);
    FTL_TEST(refuses_folders);
    FTL_TEST(imports_idx);
    FTL_TEST(refuses_idx);
    FTL_TEST(refuses_an_idx_bomb);
    return ftl_test_finish();
}
