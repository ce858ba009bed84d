/* test_import_idx.c - the importer of IDX files, on files made here. */
#include "engine/base/log.h"
#include "test/datasets/import_fixture.h"

#include <zlib.h>

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
    new_source(source);
    put_mnist(source, 3);
    ftl_pack_counts counts;
    ftl_pack_file *file;
    FTL_CHECK_OK(run("idx", source, NULL, 32, &counts));
    FTL_CHECK(counts.found == 4 && counts.duplicates == 1); /* t10k/00000 */
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const int32_t *label = values(p, "label");
    const int32_t *part = values(p, "part");
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

/* 28 px become 32 by a border, unless a fit is asked for. */
static void fits_as_told(void) {
    char source[512];
    ftl_pack_file *file;
    new_source(source);
    put_mnist(source, 2);
    ftl_import_options options = {
            .source = source, .size = 32, .background = {9, 9, 9}};
    FTL_CHECK_OK(run_with("idx", &options, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    bool good = file->pack.images[0] == 9 && file->pack.counts.enlarged == 0 &&
                !strcmp(file->pack.options, "size=32 border=2 background=#090909") &&
                file->pack.source.max_width == 28;
    ftl_pack_close(file);
    FTL_CHECK(good);
    options.fit = FTL_FIT_STRETCH, options.fit_given = true;
    FTL_CHECK_OK(run_with("idx", &options, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    good = file->pack.images[0] == 1 && strstr(file->pack.options, "fit=stretch") &&
           file->pack.counts.enlarged == 3;
    ftl_pack_close(file);
    FTL_CHECK(good);
    options.background[0] = 8;
    FTL_CHECK_FAILS(run_with("idx", &options, NULL), FTL_ECONFIG, "background");
}

static void refuses_idx(void) {
    char source[512];
    new_source(source);
    FTL_CHECK_FAILS(run("idx", source, NULL, 32, NULL), FTL_EINPUT,
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
    new_source(source);
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
    FTL_TEST(imports_idx);
    FTL_TEST(fits_as_told);
    FTL_TEST(refuses_idx);
    FTL_TEST(refuses_an_idx_bomb);
    return ftl_test_finish();
}
