/* test_pack.c - packs: written, read back, and refused when anything is off. */
#include "datasets/pack.h"
#include "datasets/pack_schema.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"
#include "test/damage.h"
#include "test/datasets/limit_memory.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 7

static uint8_t images[N * 3 * 4 * 3];
static const char *const names[N] = {"a", "bb.jpg", "", "d d", "e", "f", "\xc3\xa9"};
static const char *const gender_names[] = {"male", "female"};
static const int32_t gender[N] = {0, 1, 0, -1, 1, 1, 0};
static const int32_t age[N] = {1, 2, 3, 4, 5, 6, 7};
static const ftl_pack_attribute attributes[] = {{.name = "gender",
                                                        .value = gender,
                                                        .value_name = gender_names,
                                                        .n_value_names = 2},
        {.name = "age", .value = age}};

static ftl_pack example(void) {
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)(i * 7 + 3);
    return (ftl_pack) {
            .n = N,
            .height = 3,
            .width = 4,
            .channels = 3,
            .images = images,
            .names = names,
            .n_attributes = 2,
            .attributes = attributes,
            .importer = "folder",
            .options = "size=4",
            .counts = {.found = 9, .unusable = 2},
            .source = {3, 4, 50, 60},
    };
}

static const char *new_path(void) {
    static char path[512];
    snprintf(path, sizeof path, "%s/p.h5", ftl_test_directory());
    return path;
}

static bool same(const ftl_pack *a) {
    for (int i = 0; i < N; i++)
        if (strcmp(a->names[i], names[i]) != 0) return false;
    return a->n == N && a->height == 3 && a->width == 4 && a->channels == 3 &&
           !memcmp(a->images, images, sizeof images) && a->n_attributes == 2 &&
           !strcmp(a->attributes[0].name, "age") && !strcmp(a->importer, "folder") &&
           !strcmp(a->options, "size=4") && a->counts.found == 9 &&
           a->counts.unusable == 2 && a->counts.duplicates == 0 &&
           a->source.min_width == 3 && a->source.max_height == 60 &&
           !a->attributes[0].n_value_names;
}

static void reads_what_it_wrote(void) {
    const char *path = new_path();
    ftl_pack pack = example();
    ftl_pack_file *file;
    FTL_CHECK_OK(ftl_pack_build(path, &pack));
    FTL_CHECK_OK(ftl_pack_open(&file, path));
    const ftl_pack_attribute *value = ftl_pack_attribute_find(&file->pack, "gender");
    bool good = same(&file->pack) && value &&
                !memcmp(value->value, gender, sizeof gender) &&
                value->n_value_names == 2 && !strcmp(value->value_name[1], "female") &&
                !ftl_pack_attribute_find(&file->pack, "race") &&
                !memcmp(ftl_pack_image(&file->pack, 2), images + 72, 36);
    /* No copy: the images lie in the mapping. */
    bool mapped = file->pack.images >= file->sealed.bytes &&
                  file->pack.images + sizeof images <=
                          file->sealed.bytes + file->sealed.n_bytes;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(mapped);
}

static void equal_packs_have_equal_bytes(void) {
    char *bytes[2];
    size_t n[2];
    ftl_pack pack = example();
    for (int i = 0; i < 2; i++) {
        const char *path = new_path();
        FTL_CHECK_OK(ftl_pack_build(path, &pack));
        FTL_CHECK_OK(ftl_file_read(&bytes[i], &n[i], path));
    }
    bool equal = n[0] == n[1] && !memcmp(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
    FTL_CHECK(equal);
}

/* HDF5 says that there is none, and not for what. */
static void names_what_memory_is_short_for(void) {
    if (ftl_test_is_checked()) {
        ftl_test_skip_case("memory cannot be limited");
        return;
    }
    const char *path = new_path();
    ftl_pack pack = example();
    FTL_CHECK_OK(ftl_pack_build(path, &pack)); /* sets libhdf5 up */
    pack.height = pack.width = 2048;
    uint8_t *large = calloc(N, ftl_pack_image_bytes(&pack));
    FTL_CHECK(large && limit_memory(50));
    pack.images = large;
    ftl_status status = ftl_pack_build(path, &pack);
    limit_memory(0);
    free(large);
    FTL_CHECK_FAILS(
            status, FTL_ENOMEM, "p.h5: no memory for the file of 7 images, 0.1 GiB");
}

static bool is_refused(const char *path) {
    ftl_pack_file *file;
    ftl_status status = ftl_pack_open(&file, path);
    bool named = strstr(ftl_message(), path) == ftl_message();
    ftl_pack_close(file);
    ftl_clear();
    return status == FTL_EFORMAT && named && !file;
}

static void notices_all_damage(void) {
    char whole[600];
    ftl_pack pack = example();
    snprintf(whole, sizeof whole, "%s", new_path());
    FTL_CHECK_OK(ftl_pack_build(whole, &pack));
    FTL_CHECK(ftl_test_damage(whole, new_path(), is_refused) == 0);
}

/* A pack that is sealed and sound as HDF5, but not as a pack. */
typedef struct wrong {
    const char *format;
    int32_t version;
    bool no_names, names_hash_wrong, extra;
    int64_t channels, n_gender;
    int32_t first_gender;
    int64_t n_value_names;
    const char *values_of;
    const char *message;
} wrong;

static ftl_status add_hash(ftl_h5 *h5, const char *path, const void *data, size_t n) {
    uint8_t digest[FTL_SHA256_BYTES];
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_sha256(digest, data, n));
    ftl_sha256_hex(hex, digest);
    return ftl_h5_attr_write_text(h5, path, "sha256", hex);
}

static ftl_status write_wrong(ftl_h5 *h5, const wrong *w) {
    static const uint8_t pixels[2 * 3 * 3 * 4];
    static const char *const two[] = {"a", "b"};
    static const int32_t px[4] = {0};
    const int64_t dims[] = {2, 3, 3, w->channels}, n = 2, zero = 0;
    const int32_t value[3] = {w->first_gender, 1, 1};
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "format", w->format));
    FTL_TRY(ftl_h5_attr_write(h5, "/", "format_version", FTL_H5_I32, 1, &w->version));
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "importer", "idx"));
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "options", ""));
    FTL_TRY(ftl_h5_attr_write(h5, "/", "source_px", FTL_H5_I32, 4, px));
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++)
        FTL_TRY(ftl_h5_attr_write(h5, "/", row->name, FTL_H5_I64, 1, &zero));
    FTL_TRY(ftl_h5_write(h5, "/images", FTL_H5_U8, 4, dims, pixels));
    FTL_TRY(add_hash(h5, "/images", pixels, (size_t)(2 * 3 * 3 * w->channels)));
    if (!w->no_names) {
        FTL_TRY(ftl_h5_write(h5, "/names", FTL_H5_STRING, 1, &n, two));
        FTL_TRY(add_hash(h5, "/names", "a\0b", w->names_hash_wrong ? 3 : 4));
    }
    FTL_TRY(ftl_h5_write(h5, "/attributes/gender", FTL_H5_I32, 1, &w->n_gender, value));
    FTL_TRY(add_hash(h5, "/attributes/gender", value, 4 * (size_t)w->n_gender));
    if (w->n_value_names) {
        char path[64];
        snprintf(path, sizeof path, "/values/%s", w->values_of);
        FTL_TRY(ftl_h5_write(h5, path, FTL_H5_STRING, 1, &w->n_value_names, two));
        FTL_TRY(add_hash(h5, path, "a\0b", 2 * (size_t)w->n_value_names));
    }
    if (w->extra) FTL_TRY(ftl_h5_write(h5, "/extra", FTL_H5_I64, 1, &n, dims));
    return FTL_OK;
}

static ftl_status open_wrong(const wrong *w) {
    const char *path = new_path();
    ftl_h5 *h5 = NULL;
    void *bytes = NULL;
    size_t n;
    ftl_pack_file *file = NULL;
    ftl_status status;
    FTL_TRY_OUT(ftl_h5_create(&h5));
    FTL_TRY_OUT(write_wrong(h5, w));
    FTL_TRY_OUT(ftl_h5_image(h5, &bytes, &n));
    FTL_TRY_OUT(ftl_sealed_write(path, bytes, n, NULL));
    FTL_TRY_OUT(ftl_pack_open(&file, path));
out:
    ftl_pack_close(file);
    free(bytes);
    ftl_h5_close(h5);
    return status;
}

static void refuses_other_schemas(void) {
    const wrong right = {.format = "fairtl-pack",
            .version = FTL_PACK_VERSION,
            .channels = 3,
            .n_gender = 2,
            .n_value_names = 2,
            .values_of = "gender"};
    wrong w[11];
    for (int i = 0; i < 11; i++)
        w[i] = right;
    FTL_CHECK_OK(open_wrong(&right));
    w[0].format = "something", w[0].message = "p.h5: its format is \"something\"";
    w[1].version = 1, w[1].message = "p.h5: format_version 1; this program reads 2";
    w[2].no_names = true, w[2].message = "p.h5: not a pack: it has no /names";
    w[3].names_hash_wrong = true, w[3].message = "p.h5: /names does not have";
    w[4].extra = true, w[4].message = "p.h5: /extra does not belong";
    w[5].channels = 2, w[5].message = "p.h5: /images is [2, 3, 3, 2]";
    w[6].n_gender = 3, w[6].message = "/attributes/gender has 3 entries for 2 images";
    w[7].first_gender = -2, w[7].message = "/attributes/gender: value -2 of image 0";
    w[8].channels = 4, w[8].message = "p.h5: /images is";
    w[9].values_of = "age", w[9].message = "p.h5: /values/age must name";
    w[10].n_value_names = 1;
    w[10].message = "p.h5: /values/gender has no name for value 1 of image 1";
    for (int i = 0; i < 11; i++)
        FTL_CHECK_FAILS(open_wrong(&w[i]), FTL_EFORMAT, w[i].message);
}

static void finds_equal_images(void) {
    const char *path = new_path();
    ftl_pack pack = example();
    ftl_pack_file *file;
    int64_t first[2][7];
    static const int64_t want[2][7] = {{0, 1, 2, 3, 4, 5, 6}, {0, 0, 2, 3, 4, 0, 6}};
    for (int i = 0; i < 2; i++) {
        FTL_CHECK_OK(ftl_pack_build(path, &pack));
        FTL_CHECK_OK(ftl_pack_open(&file, path));
        ftl_status status = ftl_pack_find_equal(first[i], file);
        ftl_pack_close(file);
        FTL_CHECK_OK(status);
        memcpy(images + 36, images, 36); /* 0 1 2 3 4 5 6 -> 0 0 2 3 4 0 6 */
        memcpy(images + 5 * 36, images, 36);
    }
    FTL_CHECK(!memcmp(first, want, sizeof want));
}

static void refuses_names_of_attributes(void) {
    ftl_pack pack = example();
    ftl_pack_attribute bad = {.name = "a/b", .value = gender};
    const char *path = new_path();
    pack.n_attributes = 1;
    pack.attributes = &bad;
    FTL_CHECK_FAILS(ftl_pack_build(path, &pack), FTL_EINPUT, "\"a/b\"");
    FTL_CHECK(!ftl_file_exists(path));
}

static void prints_what_it_holds(void) {
    const char *path = new_path();
    ftl_pack pack = example();
    ftl_pack_file *file;
    char *text = NULL;
    size_t n;
    FTL_CHECK_OK(ftl_pack_build(path, &pack));
    FTL_CHECK_OK(ftl_pack_open(&file, path));
    FILE *stream = open_memstream(&text, &n);
    ftl_status status = ftl_pack_print_info(stream, file);
    fclose(stream);
    ftl_pack_close(file);
    bool good = strstr(text, "images    7, 4 x 3, RGB") &&
                strstr(text, "importer  folder (size=4)") &&
                strstr(text, "       2  unusable") &&
                strstr(text, "source    3 to 50 px wide, 4 to 60 px high\n") &&
                strstr(text, "attribute gender: 2 values, missing for 1 image\n"
                             "         0         3  male\n"
                             "         1         3  female\n");
    free(text);
    FTL_CHECK_OK(status);
    FTL_CHECK(good);
}

int main(void) {
    FTL_TEST(reads_what_it_wrote);
    FTL_TEST(equal_packs_have_equal_bytes);
    FTL_TEST(names_what_memory_is_short_for);
    FTL_TEST(notices_all_damage);
    FTL_TEST(refuses_other_schemas);
    FTL_TEST(finds_equal_images);
    FTL_TEST(refuses_names_of_attributes);
    FTL_TEST(prints_what_it_holds);
    return ftl_test_finish();
}
