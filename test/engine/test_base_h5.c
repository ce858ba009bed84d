/* test_base_h5.c - the HDF5 wrapper: round trips, equal bytes, foreign and bad files.
 */
#include "engine/base/file.h"
#include "engine/base/h5.h"
#include "test/harness.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const float f32[2][3] = {{1, -2, 3.5f}, {4, 5, 1e-40f}};
static const double f64[2] = {1.0 / 3, -1e300};
static const int32_t i32[3] = {-1, 2147483647, 0};
static const int64_t i64[1] = {-9223372036854775807};
static const char *const strings[3] = {"one", "", "three \xc3\xa4"};
static unsigned char u8[1000];

/* One of everything. */
static ftl_status build(ftl_h5 *file) {
    for (size_t i = 0; i < sizeof u8; i++)
        u8[i] = (unsigned char)(i * 31);
    FTL_TRY(ftl_h5_write(file, "/f32", FTL_H5_F32, 2, (int64_t[]) {2, 3}, f32));
    FTL_TRY(ftl_h5_write(file, "/group/f64", FTL_H5_F64, 1, (int64_t[]) {2}, f64));
    FTL_TRY(ftl_h5_write(file, "/group/in/i32", FTL_H5_I32, 1, (int64_t[]) {3}, i32));
    FTL_TRY(ftl_h5_write(file, "/scalar", FTL_H5_I64, 0, NULL, i64));
    FTL_TRY(ftl_h5_write(file, "/strings", FTL_H5_STRING, 1, (int64_t[]) {3}, strings));
    FTL_TRY(ftl_h5_write(file, "/u8", FTL_H5_U8, 4, (int64_t[]) {2, 5, 10, 10}, u8));
    FTL_TRY(ftl_h5_write(file, "/none", FTL_H5_F32, 2, (int64_t[]) {0, 7}, NULL));
    FTL_TRY(ftl_h5_attr_write_text(file, "/", "text", "a: b\n\xc3\xa4"));
    FTL_TRY(ftl_h5_attr_write_text(file, "/f32", "empty", ""));
    FTL_TRY(ftl_h5_attr_write(file, "/group", "i32", FTL_H5_I32, 3, i32));
    return ftl_h5_attr_write(file, "/u8", "one/two.\xc3\xa4", FTL_H5_F64, 1, f64);
}

static ftl_status build_image(void **bytes, size_t *n_bytes) {
    ftl_h5 *file;
    FTL_TRY(ftl_h5_create(&file));
    ftl_status status = build(file);
    if (!status) status = ftl_h5_image(file, bytes, n_bytes);
    ftl_h5_close(file);
    return status;
}

/* The case below reads from this one; closed in main(). */
static ftl_h5 *example;
static unsigned char *image;
static size_t n_image;

static void datasets_round_trip(void) {
    float a[2][3];
    double b[2];
    int32_t c[3];
    int64_t d;
    char e[3][9];
    unsigned char f[sizeof u8];
    FTL_CHECK_OK(ftl_h5_read(example, "/f32", FTL_H5_F32, 6, a));
    FTL_CHECK(!memcmp(a, f32, sizeof a));
    FTL_CHECK_OK(ftl_h5_read(example, "/group/f64", FTL_H5_F64, 2, b));
    FTL_CHECK(!memcmp(b, f64, sizeof b));
    FTL_CHECK_OK(ftl_h5_read(example, "/group/in/i32", FTL_H5_I32, 3, c));
    FTL_CHECK(!memcmp(c, i32, sizeof c));
    FTL_CHECK_OK(ftl_h5_read(example, "/scalar", FTL_H5_I64, 1, &d));
    FTL_CHECK(d == i64[0]);
    memset(e, 'x', sizeof e);
    FTL_CHECK_OK(ftl_h5_read(example, "/strings", FTL_H5_STRING, 3, e));
    for (int i = 0; i < 3; i++)
        FTL_CHECK(!strcmp(e[i], strings[i]));
    FTL_CHECK_OK(ftl_h5_read(example, "/u8", FTL_H5_U8, sizeof u8, f));
    FTL_CHECK(!memcmp(f, u8, sizeof f));
    FTL_CHECK_OK(ftl_h5_read(example, "/none", FTL_H5_F32, 0, NULL));
}

static void descriptions(void) {
    ftl_h5_info info;
    FTL_CHECK_OK(ftl_h5_describe(example, "/f32", &info));
    FTL_CHECK(info.type == FTL_H5_F32 && info.rank == 2 && info.dims[0] == 2);
    FTL_CHECK(info.dims[1] == 3 && info.count == 6 && info.item_bytes == 4);
    FTL_CHECK(!memcmp(image + info.offset, f32, sizeof f32));
    FTL_CHECK_OK(ftl_h5_describe(example, "/scalar", &info));
    FTL_CHECK(info.type == FTL_H5_I64 && info.rank == 0 && info.count == 1);
    FTL_CHECK_OK(ftl_h5_describe(example, "/strings", &info));
    FTL_CHECK(info.type == FTL_H5_STRING && info.count == 3 && info.item_bytes == 8);
    FTL_CHECK(!memcmp(
            image + info.offset, "one\0\0\0\0\0\0\0\0\0\0\0\0\0three \xc3\xa4", 24));
    FTL_CHECK_OK(ftl_h5_describe(example, "/u8", &info));
    FTL_CHECK(info.rank == 4 && info.dims[3] == 10 && info.count == sizeof u8);
    FTL_CHECK(info.offset % 64 == 0 && !memcmp(image + info.offset, u8, sizeof u8));
    FTL_CHECK_OK(ftl_h5_describe(example, "/none", &info));
    FTL_CHECK(info.rank == 2 && info.count == 0 && info.dims[1] == 7);
    FTL_CHECK(ftl_h5_has(example, "/") && ftl_h5_has(example, "/group/in"));
    FTL_CHECK(ftl_h5_has(example, "/group/in/i32") && !ftl_h5_has(example, "/none/x"));
    FTL_CHECK(!ftl_h5_has(example, "/group/x") && !ftl_h5_has(example, "/x/in/i32"));
    FTL_CHECK(!ftl_message()[0]);
}

static bool text_is(
        ftl_h5 *file, const char *path, const char *name, const char *want) {
    char *text;
    if (ftl_h5_attr_read_text(file, path, name, &text)) return false;
    bool same = !strcmp(text, want);
    free(text);
    return same;
}

static void attributes_round_trip(void) {
    FTL_CHECK(text_is(example, "/", "text", "a: b\n\xc3\xa4"));
    FTL_CHECK(text_is(example, "/f32", "empty", ""));
    int32_t a[3];
    double b;
    FTL_CHECK_OK(ftl_h5_attr_read(example, "/group", "i32", FTL_H5_I32, 3, a));
    FTL_CHECK(!memcmp(a, i32, sizeof a));
    FTL_CHECK_OK(
            ftl_h5_attr_read(example, "/u8", "one/two.\xc3\xa4", FTL_H5_F64, 1, &b));
    FTL_CHECK(!memcmp(&b, f64, sizeof b));
    FTL_CHECK(ftl_h5_attr_has(example, "/group", "i32"));
    FTL_CHECK(!ftl_h5_attr_has(example, "/group", "i64"));
    FTL_CHECK(!ftl_h5_attr_has(example, "/nowhere", "i32"));
}

static void mistakes_are_named(void) {
    int32_t a[8];
    char *text;
    ftl_h5_info info;
    FTL_CHECK_FAILS(ftl_h5_read(example, "/f32", FTL_H5_I32, 6, a), FTL_EFORMAT,
            "example: /f32: holds 6 f32, not 6 i32");
    FTL_CHECK_FAILS(ftl_h5_read(example, "/f32", FTL_H5_F32, 5, a), FTL_EFORMAT,
            "example: /f32: holds 6 f32, not 5 f32");
    FTL_CHECK_FAILS(ftl_h5_describe(example, "/group/x", &info), FTL_EFORMAT,
            "example: holds no /group/x");
    FTL_CHECK_FAILS(ftl_h5_describe(example, "/group", &info), FTL_EFORMAT,
            "example: /group: is no dataset");
    FTL_CHECK_FAILS(ftl_h5_attr_read(example, "/group", "i32", FTL_H5_I32, 2, a),
            FTL_EFORMAT, "/group@i32: holds 3 i32, not 2 i32");
    FTL_CHECK_FAILS(ftl_h5_attr_read(example, "/", "text", FTL_H5_I32, 1, a),
            FTL_EFORMAT, "/@text: holds 1 string, not 1 i32");
    FTL_CHECK_FAILS(ftl_h5_attr_read_text(example, "/group", "i32", &text), FTL_EFORMAT,
            "/group@i32: is no text");
    FTL_CHECK(!text);
    FTL_CHECK_FAILS(ftl_h5_attr_read_text(example, "/", "x", &text), FTL_EFORMAT,
            "example: holds no /@x");
    FTL_CHECK_FAILS(ftl_h5_attr_read_text(example, "/x", "x", &text), FTL_EFORMAT,
            "example: holds no /x");
}

static void writing_twice_is_refused(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    float x = 1, y = 2, got = 0;
    ftl_status first = ftl_h5_write(file, "/a/x", FTL_H5_F32, 0, NULL, &x);
    ftl_status again = ftl_h5_write(file, "/a/x", FTL_H5_F32, 0, NULL, &y);
    bool told = strstr(ftl_message(), "/a/x: is there already");
    ftl_clear();
    ftl_status attribute = ftl_h5_attr_write_text(file, "/a/x", "t", "1");
    ftl_status twice = ftl_h5_attr_write_text(file, "/a/x", "t", "2");
    bool told_too = strstr(ftl_message(), "/a/x@t: is there already");
    ftl_clear();
    static char large[FTL_H5_ATTR_BYTES + 2];
    memset(large, 'l', sizeof large - 1);
    ftl_status too_large = ftl_h5_attr_write_text(file, "/a", "large", large);
    ftl_clear();
    large[FTL_H5_ATTR_BYTES] = 0;
    ftl_status largest = ftl_h5_attr_write_text(file, "/a", "large", large);
    bool same = text_is(file, "/a", "large", large) && text_is(file, "/a/x", "t", "1");
    ftl_status read = ftl_h5_read(file, "/a/x", FTL_H5_F32, 1, &got);
    ftl_h5_close(file);
    FTL_CHECK(!first && !attribute && !largest && !read && same && got == x);
    FTL_CHECK(again == FTL_EINPUT && twice == FTL_EINPUT && too_large == FTL_EINPUT);
    FTL_CHECK(told && told_too);
}

/* In another second, on a heap full of other rubbish, with other files open. */
static void equal_contents_give_equal_bytes(void) {
    time_t start = time(NULL);
    while (time(NULL) == start)
        usleep(1000);
    ftl_h5 *other;
    FTL_CHECK_OK(ftl_h5_create(&other));
    mallopt(M_PERTURB, 0x5a);
    void *bytes = NULL;
    size_t n = 0;
    ftl_status status = build_image(&bytes, &n);
    mallopt(M_PERTURB, 0);
    ftl_h5_close(other);
    bool same = bytes && n == n_image && !memcmp(bytes, image, n);
    free(bytes);
    FTL_CHECK_OK(status);
    FTL_CHECK(same);
}

static void image_may_be_taken_twice(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    void *first = NULL, *second = NULL;
    size_t n = 0, n_second = 0;
    ftl_status status = build(file);
    if (!status) status = ftl_h5_image(file, &first, &n);
    if (!status) status = ftl_h5_image(file, &second, &n_second);
    ftl_h5_close(file);
    bool same = first && second && n == n_second && !memcmp(first, second, n);
    free(first);
    free(second);
    FTL_CHECK_OK(status);
    FTL_CHECK(same);
}

static void image_may_be_looked_at(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    void *copy = NULL;
    const void *borrowed = NULL;
    size_t n = 0, n_borrowed = 0;
    ftl_status status = build(file);
    if (!status) status = ftl_h5_image_borrow(file, &borrowed, &n_borrowed);
    if (!status) status = ftl_h5_image(file, &copy, &n);
    bool same = copy && n == n_borrowed && !memcmp(copy, borrowed, n);
    ftl_h5_close(file);
    free(copy);
    FTL_CHECK_OK(status);
    FTL_CHECK(same);
}

/* In more than one piece, and not whole pages. */
static void moving_gives_the_same_bytes(void) {
    enum { ROWS = 70, ROW = 1000003 };
    const int64_t dims[] = {ROWS, ROW};
    const size_t n = (size_t)ROWS * ROW;
    const void *bytes[2] = {NULL};
    size_t n_bytes[2] = {0};
    ftl_h5 *file[2] = {NULL};
    unsigned char *data = malloc(n);
    ftl_status status = data ? FTL_OK : FTL_ENOMEM;
    for (size_t i = 0; data && i < n; i++)
        data[i] = (unsigned char)(i % 251 + 1);
    for (int k = 0; k < 2 && !status; k++) {
        status = ftl_h5_create(&file[k]);
        if (!status && k == 0)
            status = ftl_h5_write(file[k], "/a", FTL_H5_U8, 2, dims, data);
        if (!status && k == 1)
            status = ftl_h5_write_moving(file[k], "/a", FTL_H5_U8, 2, dims, data);
        if (!status) status = ftl_h5_write(file[k], "/b", FTL_H5_U8, 1, dims, u8);
        if (!status) status = ftl_h5_image_borrow(file[k], &bytes[k], &n_bytes[k]);
    }
    bool same = bytes[1] && n_bytes[0] == n_bytes[1] &&
                !memcmp(bytes[0], bytes[1], n_bytes[0]);
    size_t n_left = 0;
    for (size_t i = 0; data && i < n; i++)
        n_left += data[i] != 0;
    ftl_h5_close(file[0]);
    ftl_h5_close(file[1]);
    free(data);
    FTL_CHECK_OK(status);
    FTL_CHECK(same);
    FTL_CHECK(n_left < 100000); /* parts of pages at the ends of pieces */
}

/* Reading a file that is still being built. */
static void read_before_image(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    float a[2][3];
    ftl_h5_info info;
    ftl_status status = build(file);
    if (!status) status = ftl_h5_read(file, "/f32", FTL_H5_F32, 6, a);
    if (!status) status = ftl_h5_describe(file, "/u8", &info);
    ftl_h5_close(file);
    FTL_CHECK_OK(status);
    FTL_CHECK(!memcmp(a, f32, sizeof a));
    FTL_CHECK(!memcmp(image + info.offset, u8, sizeof u8));
}

/* Data that are mapped must be aligned, whatever was written before. */
static void data_are_aligned(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    ftl_status status = FTL_OK;
    int n_crooked = 0;
    for (int i = 0; i < 200 && !status; i++) {
        char path[32];
        snprintf(path, sizeof path, "/g%d/x%d", i % 3, i);
        int64_t n = i % 2 ? i % 97 : 256 + i * 29 % 700;
        ftl_h5_info info;
        status = ftl_h5_write(file, path, FTL_H5_U8, 1, &n, u8);
        if (!status) status = ftl_h5_describe(file, path, &info);
        n_crooked += !status && n >= 256 && info.offset % 64;
    }
    ftl_h5_close(file);
    FTL_CHECK_OK(status);
    FTL_CHECK(n_crooked == 0);
}

typedef struct listing {
    char text[1000];
    int stop_after;
} listing;

static ftl_status list(void *context, const char *path, const ftl_h5_info *info) {
    listing *l = context;
    size_t n = strlen(l->text);
    snprintf(l->text + n, sizeof l->text - n, "%s:%d ", path, (int)info->count);
    if (--l->stop_after == 0) return ftl_fail(FTL_EINPUT, "enough");
    return FTL_OK;
}

static void visit_in_order_of_paths(void) {
    listing l = {0};
    FTL_CHECK_OK(ftl_h5_visit(example, "/", list, &l));
    FTL_CHECK(!strcmp(l.text,
            "f32:6 group/f64:2 group/in/i32:3 none:0 scalar:1 strings:3 u8:1000 "));
    l = (listing) {0};
    FTL_CHECK_OK(ftl_h5_visit(example, "/group", list, &l));
    FTL_CHECK(!strcmp(l.text, "f64:2 in/i32:3 "));
    l = (listing) {.stop_after = 2};
    FTL_CHECK_FAILS(ftl_h5_visit(example, "/", list, &l), FTL_EINPUT, "enough");
    FTL_CHECK(!strcmp(l.text, "f32:6 group/f64:2 "));
    FTL_CHECK_FAILS(
            ftl_h5_visit(example, "/f32", list, &l), FTL_EFORMAT, "is no group");
    FTL_CHECK_FAILS(ftl_h5_visit(example, "/x", list, &l), FTL_EFORMAT, "holds no /x");
}

/* '.' sorts before '/', and names are compared as bytes. */
static void visit_compares_whole_paths(void) {
    ftl_h5 *file;
    FTL_CHECK_OK(ftl_h5_create(&file));
    static const char *const path[] = {"/a/b", "/a.c", "/B", "/\xc3\xa4", "/a-"};
    ftl_status status = FTL_OK;
    for (int i = 0; i < 5 && !status; i++) {
        status = ftl_h5_write(file, path[i], FTL_H5_U8, 0, NULL, u8);
    }
    listing l = {0};
    if (!status) status = ftl_h5_visit(file, "/", list, &l);
    ftl_h5_close(file);
    FTL_CHECK_OK(status);
    FTL_CHECK(!strcmp(l.text, "B:1 a-:1 a.c:1 a/b:1 \xc3\xa4:1 "));
}

static void two_files_of_one_name(void) {
    ftl_h5 *a, *b = NULL;
    FTL_CHECK_OK(ftl_h5_open_borrowed(&a, image, n_image, "same"));
    ftl_h5 *c;
    ftl_status status = ftl_h5_create(&c);
    if (!status) status = ftl_h5_write(c, "/only", FTL_H5_U8, 0, NULL, u8);
    void *bytes = NULL;
    size_t n = 0;
    if (!status) status = ftl_h5_image(c, &bytes, &n);
    if (!status) status = ftl_h5_open(&b, bytes, n, "same");
    free(bytes); /* b has a copy */
    bool apart = !status && ftl_h5_has(b, "/only") && !ftl_h5_has(a, "/only") &&
                 ftl_h5_has(a, "/f32") && !ftl_h5_has(b, "/f32");
    ftl_h5_close(a);
    ftl_h5_close(b);
    ftl_h5_close(c);
    FTL_CHECK_OK(status);
    FTL_CHECK(apart);
}

static void no_file_is_refused(void) {
    ftl_h5 *file;
    FTL_CHECK_FAILS(ftl_h5_open(&file, "", 0, "x.h5"), FTL_EFORMAT, "x.h5: no HDF5");
    FTL_CHECK(!file);
    static const char text[5000] = "this is no HDF5 file";
    FTL_CHECK_FAILS(ftl_h5_open(&file, text, sizeof text, "x.h5"), FTL_EFORMAT,
            "x.h5: /: no HDF5 file, or damaged (HDF5: ");
    FTL_CHECK(!file);
    FTL_CHECK_FAILS(ftl_h5_open(&file, image, n_image - 1, "x.h5"), FTL_EFORMAT,
            "no HDF5 file, or damaged");
    FTL_CHECK(!file);
    ftl_h5_close(NULL);
}

/* A file of h5py: test/golden/h5/foreign.py. */
static ftl_h5 *foreign;

static void foreign_file_is_read(void) {
    FTL_CHECK(text_is(foreign, "/", "text", "variable, with an \xc3\xa4"));
    FTL_CHECK(text_is(foreign, "/", "bytes", "fixed"));
    int64_t number;
    FTL_CHECK_OK(ftl_h5_attr_read(foreign, "/", "number", FTL_H5_I64, 1, &number));
    FTL_CHECK(number == -7);
    float a[6];
    ftl_h5_info info;
    FTL_CHECK_OK(ftl_h5_read(foreign, "/big_endian", FTL_H5_F32, 6, a));
    FTL_CHECK_OK(ftl_h5_describe(foreign, "/big_endian", &info));
    FTL_CHECK(info.offset == -1);
    for (int i = 0; i < 6; i++)
        FTL_CHECK(a[i] == (float)i);
    unsigned char b[100];
    FTL_CHECK_OK(ftl_h5_read(foreign, "/chunked", FTL_H5_U8, 100, b));
    FTL_CHECK_OK(ftl_h5_describe(foreign, "/chunked", &info));
    FTL_CHECK(info.offset == -1);
    for (int i = 0; i < 100; i++)
        FTL_CHECK(b[i] == i);
    char c[2][6];
    FTL_CHECK_OK(ftl_h5_read(foreign, "/deep/er/strings", FTL_H5_STRING, 2, c));
    FTL_CHECK(!strcmp(c[0], "one") && !strcmp(c[1], "three"));
    listing l = {0};
    FTL_CHECK_OK(ftl_h5_visit(foreign, "/deep", list, &l));
    FTL_CHECK(!strcmp(l.text, "again:6 er/strings:2 "));
}

static void foreign_things_are_refused(void) {
    ftl_h5_info info;
    char *text;
    double x;
    FTL_CHECK_OK(ftl_h5_describe(foreign, "/half", &info));
    FTL_CHECK(info.type == FTL_H5_OTHER && info.offset == -1);
    FTL_CHECK_OK(ftl_h5_describe(foreign, "/bool", &info));
    FTL_CHECK(info.type == FTL_H5_OTHER);
    FTL_CHECK_OK(ftl_h5_describe(foreign, "/variable", &info));
    FTL_CHECK(info.type == FTL_H5_OTHER);
    FTL_CHECK_FAILS(
            ftl_h5_describe(foreign, "/empty", &info), FTL_EFORMAT, "no extent");
    FTL_CHECK_FAILS(
            ftl_h5_describe(foreign, "/elsewhere", &info), FTL_EFORMAT, "other files");
    FTL_CHECK(!ftl_h5_has(foreign, "/soft") && !ftl_h5_has(foreign, "/external"));
    FTL_CHECK_FAILS(ftl_h5_describe(foreign, "/soft", &info), FTL_EFORMAT, "no /soft");
    FTL_CHECK_FAILS(ftl_h5_attr_read_text(foreign, "/", "texts", &text), FTL_EFORMAT,
            "/@texts: is no text");
    FTL_CHECK_FAILS(ftl_h5_attr_read(foreign, "/", "half", FTL_H5_F64, 1, &x),
            FTL_EFORMAT, "holds 1 of another type, not 1 f64");
    listing l = {0};
    FTL_CHECK_FAILS(
            ftl_h5_visit(foreign, "/loop", list, &l), FTL_EFORMAT, "without end");
}

/* libhdf5 itself must survive them, and with it the whole program. */
static void truncated_images_are_refused(void) {
    int n_opened = 0;
    for (size_t n = 0; n < n_image; n += 1 + n / 50) {
        ftl_h5 *file;
        n_opened += !ftl_h5_open(&file, image, n, "x.h5");
        ftl_h5_close(file);
        ftl_clear();
    }
    FTL_CHECK(n_opened == 0);
}

static void *fail_to_open(void *unused) {
    ftl_h5 *file;
    ftl_h5_open(&file, "no HDF5", 7, "x.h5");
    return unused;
}

/* libhdf5 prints its stack by default, and anew on each thread. */
static void libhdf5_prints_nothing(void) {
    char path[300];
    snprintf(path, sizeof path, "%s/stderr", ftl_test_directory());
    fflush(stderr);
    int saved = dup(STDERR_FILENO), fd = open(path, O_CREAT | O_WRONLY, 0600);
    dup2(fd, STDERR_FILENO);
    fail_to_open(NULL);
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, fail_to_open, NULL);
    if (!failed) failed = pthread_join(thread, NULL);
    fflush(stderr);
    off_t n_printed = lseek(fd, 0, SEEK_CUR);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    FTL_CHECK(!failed);
    FTL_CHECK(n_printed == 0);
}

static void version(void) { FTL_CHECK(!strncmp(ftl_h5_version(), "1.", 2)); }

static ftl_status open_foreign(void) {
    char *bytes;
    size_t n;
    FTL_TRY(ftl_file_read(&bytes, &n, FTL_TEST_GOLDEN "/h5/foreign.h5"));
    ftl_status status = ftl_h5_open(&foreign, bytes, n, "foreign.h5");
    free(bytes);
    return status;
}

int main(void) {
    void *bytes = NULL;
    if (build_image(&bytes, &n_image) ||
            ftl_h5_open_borrowed(&example, bytes, n_image, "example") ||
            open_foreign()) {
        fprintf(stderr, "%s\n", ftl_message());
        return 1;
    }
    image = bytes;
    FTL_TEST(datasets_round_trip);
    FTL_TEST(descriptions);
    FTL_TEST(attributes_round_trip);
    FTL_TEST(mistakes_are_named);
    FTL_TEST(writing_twice_is_refused);
    FTL_TEST(equal_contents_give_equal_bytes);
    FTL_TEST(image_may_be_taken_twice);
    FTL_TEST(image_may_be_looked_at);
    FTL_TEST(moving_gives_the_same_bytes);
    FTL_TEST(read_before_image);
    FTL_TEST(data_are_aligned);
    FTL_TEST(visit_in_order_of_paths);
    FTL_TEST(visit_compares_whole_paths);
    FTL_TEST(two_files_of_one_name);
    FTL_TEST(no_file_is_refused);
    FTL_TEST(foreign_file_is_read);
    FTL_TEST(foreign_things_are_refused);
    FTL_TEST(truncated_images_are_refused);
    FTL_TEST(libhdf5_prints_nothing);
    FTL_TEST(version);
    ftl_h5_close(example);
    ftl_h5_close(foreign);
    free(image);
    return ftl_test_finish();
}
