/* test_checkpoint.c - what is saved comes back, and nothing else is taken for it. */
#include "checkpoints/checkpoint.h"
#include "engine/base/file.h"
#include "test/damage.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ftl_init ones = {.kind = FTL_INIT_FILL, .value = 1};

/* Of a file in the one directory that all cases write to. */
static const char *path_of(const char *name) {
    static const char *directory;
    static char path[5000];
    if (!directory) directory = ftl_test_directory();
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* A small network: two parameters, of which one has a length that needs padding, and a
 * buffer declared between them. */
static ftl_store *make_store(const char *name, int64_t width) {
    ftl_store *store = NULL;
    ftl_state *state;
    const ftl_init normal = {.kind = FTL_INIT_NORMAL, .value = 0.02F};
    const bool good = !ftl_store_create(&store, name) &&
                      !ftl_store_declare(&state, store, "linear.weight", FTL_PARAMETER,
                              FTL_SHAPE(width, 3), normal) &&
                      !ftl_store_declare(&state, store, "linear.u", FTL_BUFFER,
                              FTL_SHAPE(5), ones) &&
                      !ftl_store_declare(&state, store, "conv.weight", FTL_PARAMETER,
                              FTL_SHAPE(4, 3, 1, 2), normal) &&
                      !ftl_store_allocate(store, 7, name);
    if (good) return store;
    ftl_store_free(store);
    return NULL;
}

static const int64_t dims[] = {2, 3};
static const float floats[] = {1, -2, 3.5F, 1e-40F, 0, 3e38F};
static const int64_t longs[] = {-1, INT64_MAX, INT64_MIN, 0, 1, 2};
static const int32_t ints[] = {INT32_MIN, INT32_MAX, 0, 1, 2, 3};
static const uint8_t bytes[] = {0, 1, 127, 128, 254, 255};
static const double doubles[] = {0.1, -1e300, 0, 1, 2, 3};

/* The status of putting one of everything. */
static ftl_status put_all(ftl_checkpoint_writer *w) {
    FTL_TRY(ftl_checkpoint_put(w, "a.floats", FTL_H5_F32, 2, dims, floats));
    FTL_TRY(ftl_checkpoint_put(w, "a.longs", FTL_H5_I64, 2, dims, longs));
    FTL_TRY(ftl_checkpoint_put(w, "a.ints", FTL_H5_I32, 2, dims, ints));
    FTL_TRY(ftl_checkpoint_put(w, "a.bytes", FTL_H5_U8, 2, dims, bytes));
    FTL_TRY(ftl_checkpoint_put(w, "a.doubles", FTL_H5_F64, 2, dims, doubles));
    FTL_TRY(ftl_checkpoint_put(w, "a.scalar", FTL_H5_F32, 0, NULL, floats));
    FTL_TRY(ftl_checkpoint_put_text(w, "config", "seed: 1\nmodel: {ch: 8}\n"));
    FTL_TRY(ftl_checkpoint_put_text(w, "empty", ""));
    FTL_TRY(ftl_checkpoint_put_i64(w, "step", (int64_t)1 << 53 | 1));
    return ftl_checkpoint_put_f64(w, "best_fd", 0.1);
}

static ftl_status save_all(const char *path, const char *kind) {
    ftl_checkpoint_writer *w;
    FTL_TRY(ftl_checkpoint_begin(&w, kind));
    ftl_status status = put_all(w);
    if (!status) status = ftl_checkpoint_save(w, path, NULL);
    ftl_checkpoint_discard(w);
    return status;
}

static ftl_status save_store(const char *path, const ftl_store *store) {
    ftl_checkpoint_writer *w;
    FTL_TRY(ftl_checkpoint_begin(&w, "training"));
    ftl_status status = ftl_checkpoint_put_store(w, store);
    if (!status) status = ftl_checkpoint_save(w, path, NULL);
    ftl_checkpoint_discard(w);
    return status;
}

/* Seal what an HDF5 file in memory holds; closes it. */
static ftl_status seal(ftl_h5 *h5, const char *path) {
    void *image = NULL;
    size_t n = 0;
    ftl_status status = ftl_h5_image(h5, &image, &n);
    ftl_h5_close(h5);
    if (!status) status = ftl_sealed_write(path, image, n, NULL);
    free(image);
    return status;
}

/* ------------------------------------------------------------------ round trips */

static bool same(ftl_checkpoint *r, const char *name, ftl_h5_type type,
        const void *want, size_t n_bytes) {
    char got[sizeof longs];
    return !ftl_checkpoint_get(r, name, type, 2, dims, got) &&
           !memcmp(got, want, n_bytes);
}

static void everything_comes_back(void) {
    FTL_CHECK_OK(save_all(path_of("a.h5"), "training"));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("a.h5")));
    FTL_CHECK(!strcmp(ftl_checkpoint_kind(r), "training"));
    FTL_CHECK(!strcmp(ftl_checkpoint_path(r), path_of("a.h5")));
    FTL_CHECK(ftl_checkpoint_writer_version(r)[0]);
    FTL_CHECK(same(r, "a.floats", FTL_H5_F32, floats, sizeof floats));
    FTL_CHECK(same(r, "a.longs", FTL_H5_I64, longs, sizeof longs));
    FTL_CHECK(same(r, "a.ints", FTL_H5_I32, ints, sizeof ints));
    FTL_CHECK(same(r, "a.bytes", FTL_H5_U8, bytes, sizeof bytes));
    FTL_CHECK(same(r, "a.doubles", FTL_H5_F64, doubles, sizeof doubles));
    FTL_CHECK_FAILS(ftl_checkpoint_finish(r, NULL), FTL_EFORMAT, "a.scalar");
    float scalar;
    FTL_CHECK_OK(ftl_checkpoint_get(r, "a.scalar", FTL_H5_F32, 0, NULL, &scalar));
    FTL_CHECK_NEAR((double)scalar, 1, 0);
    FTL_CHECK_OK(ftl_checkpoint_finish(r, NULL));
    const char *text, *again;
    FTL_CHECK_OK(ftl_checkpoint_text(r, "config", &text));
    FTL_CHECK(!strcmp(text, "seed: 1\nmodel: {ch: 8}\n"));
    FTL_CHECK_OK(ftl_checkpoint_text(r, "config", &again));
    FTL_CHECK(text == again);
    FTL_CHECK_OK(ftl_checkpoint_text(r, "empty", &text));
    FTL_CHECK(!strcmp(text, ""));
    int64_t step;
    double best;
    FTL_CHECK_OK(ftl_checkpoint_i64(r, "step", &step));
    FTL_CHECK(step == ((int64_t)1 << 53 | 1));
    FTL_CHECK_OK(ftl_checkpoint_f64(r, "best_fd", &best));
    FTL_CHECK_NEAR(best, 0.1, 0);
    FTL_CHECK(ftl_checkpoint_has(r, "a.ints") && ftl_checkpoint_has(r, "config"));
    FTL_CHECK(ftl_checkpoint_has(r, "step") && !ftl_checkpoint_has(r, "a"));
    ftl_checkpoint_close(r);
}

static void long_texts_come_back(void) {
    enum { N = 200000 }; /* beyond what an HDF5 attribute holds */
    char *text = malloc(N + 1);
    for (int i = 0; i < N; i++)
        text[i] = (char)('a' + i % 26);
    text[N] = 0;
    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(ftl_checkpoint_put_text(w, "metrics", text));
    FTL_CHECK_OK(ftl_checkpoint_save(w, path_of("long.h5"), NULL));
    ftl_checkpoint_discard(w);
    ftl_checkpoint *r;
    const char *got;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("long.h5")));
    FTL_CHECK_OK(ftl_checkpoint_text(r, "metrics", &got));
    FTL_CHECK(!strcmp(got, text));
    ftl_checkpoint_close(r);
    free(text);
}

static void equal_contents_give_equal_bytes(void) {
    void *image[2];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        ftl_checkpoint_writer *w;
        FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
        FTL_CHECK_OK(put_all(w));
        FTL_CHECK_OK(ftl_checkpoint_image(w, &image[i], &n[i]));
        ftl_checkpoint_discard(w);
    }
    const bool equal = n[0] == n[1] && !memcmp(image[0], image[1], n[0]);
    free(image[0]);
    free(image[1]);
    FTL_CHECK(equal);
}

static void digest_is_that_of_the_file(void) {
    uint8_t digest[FTL_SHA256_BYTES];
    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(put_all(w));
    FTL_CHECK_OK(ftl_checkpoint_save(w, path_of("a.h5"), digest));
    ftl_checkpoint_discard(w);
    char hex[FTL_SHA256_HEX];
    ftl_sha256_hex(hex, digest);
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("a.h5")));
    const bool equal = !strcmp(ftl_checkpoint_digest(r), hex);
    ftl_checkpoint_close(r);
    FTL_CHECK(equal);
}

static void stores_come_back(void) {
    ftl_store *g = make_store("G", 16), *fresh = make_store("D_s", 16);
    FTL_CHECK(g && fresh);
    FTL_CHECK_OK(save_store(path_of("g.h5"), g));
    memset(fresh->block, 0, (size_t)fresh->n_block * sizeof(float));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("g.h5")));
    FTL_CHECK_OK(ftl_checkpoint_get_store(r, "G", fresh));
    FTL_CHECK_OK(ftl_checkpoint_finish(r, NULL));
    ftl_checkpoint_close(r);
    FTL_CHECK(!memcmp(fresh->block, g->block, (size_t)g->n_block * sizeof(float)));
    ftl_store_free(g);
    ftl_store_free(fresh);
}

static void blocks_beside_a_store_come_back(void) {
    ftl_store *g = make_store("G", 16);
    FTL_CHECK(g);
    const size_t n = (size_t)g->n_parameters_block;
    float *moment = calloc(n, sizeof *moment), *got = calloc(n, sizeof *got);
    for (int i = 0; i < g->n_states; i++)
        for (int64_t k = 0; g->state[i]->kind == FTL_PARAMETER &&
                            k < ftl_shape_count(g->state[i]->shape);
                k++)
            moment[g->state[i]->offset + k] = (float)(100 * i + k);
    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(ftl_checkpoint_put_block(w, "adam.G.moment2", g, moment));
    FTL_CHECK_OK(ftl_checkpoint_save(w, path_of("g.h5"), NULL));
    ftl_checkpoint_discard(w);
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("g.h5")));
    FTL_CHECK(ftl_checkpoint_has(r, "adam.G.moment2.conv.weight"));
    FTL_CHECK(!ftl_checkpoint_has(r, "adam.G.moment2.linear.u"));
    FTL_CHECK_OK(ftl_checkpoint_get_block(r, "adam.G.moment2", g, got));
    FTL_CHECK_OK(ftl_checkpoint_finish(r, NULL));
    /* A block is not a store: it has no buffers and no roles. */
    FTL_CHECK_FAILS(ftl_checkpoint_get_store(r, "adam.G.moment2", g), FTL_EFORMAT,
            "neither parameter nor buffer");
    ftl_checkpoint_close(r);
    const bool equal = !memcmp(moment, got, n * sizeof *got);
    free(moment);
    free(got);
    ftl_store_free(g);
    FTL_CHECK(equal);
}

typedef struct listing {
    char text[2000];
} listing;

static ftl_status append(void *context, const ftl_checkpoint_entry *entry) {
    listing *list = context;
    char shape[FTL_CHECKPOINT_SHAPE_TEXT], line[400];
    ftl_checkpoint_format_shape(shape, entry->type, entry->rank, entry->dims);
    snprintf(line, sizeof line, "%d %s %s %s\n", (int)entry->section, entry->name,
            shape, entry->role);
    strncat(list->text, line, sizeof list->text - strlen(list->text) - 1);
    return FTL_OK;
}

static ftl_status give_up(void *context, const ftl_checkpoint_entry *entry) {
    (void)entry;
    ++*(int *)context;
    return FTL_EINTERRUPTED;
}

static void everything_is_listed(void) {
    ftl_store *g = make_store("G", 16);
    FTL_CHECK(g);
    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(ftl_checkpoint_put_i64(w, "step", 3));
    FTL_CHECK_OK(ftl_checkpoint_put_text(w, "config", "abc"));
    FTL_CHECK_OK(ftl_checkpoint_put_store(w, g));
    FTL_CHECK_OK(ftl_checkpoint_put(w, "order", FTL_H5_I64, 2, dims, longs));
    FTL_CHECK_OK(ftl_checkpoint_save(w, path_of("g.h5"), NULL));
    ftl_checkpoint_discard(w);
    ftl_store_free(g);
    ftl_checkpoint *r;
    listing list = {0};
    int n_calls = 0;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("g.h5")));
    FTL_CHECK_OK(ftl_checkpoint_visit(r, append, &list));
    FTL_CHECK(ftl_checkpoint_visit(r, give_up, &n_calls) == FTL_EINTERRUPTED);
    ftl_checkpoint_close(r);
    FTL_CHECK(n_calls == 1);
    FTL_CHECK(!strcmp(list.text, "0 G.conv.weight f32 [4, 3, 1, 2] parameter\n"
                                 "0 G.linear.u f32 [5] buffer\n"
                                 "0 G.linear.weight f32 [16, 3] parameter\n"
                                 "0 order i64 [2, 3] \n"
                                 "1 config text [] \n"
                                 "2 step i64 [] \n"));
}

/* --------------------------------------------------------------------- refusals */

static void what_does_not_fit_is_refused(void) {
    ftl_store *g = make_store("G", 16), *wide = make_store("G", 17);
    FTL_CHECK(g && wide);
    FTL_CHECK_OK(save_store(path_of("g.h5"), g));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("g.h5")));

    float *before = malloc((size_t)wide->n_block * sizeof(float));
    memcpy(before, wide->block, (size_t)wide->n_block * sizeof(float));
    FTL_CHECK_FAILS(ftl_checkpoint_get_store(r, "G", wide), FTL_ESHAPE,
            "g.h5: G.linear.weight is [16, 3], the model needs [17, 3]");
    FTL_CHECK(!memcmp(before, wide->block, (size_t)wide->n_block * sizeof(float)));
    free(before);

    FTL_CHECK_FAILS(ftl_checkpoint_get_store(r, "D", g), FTL_EFORMAT,
            "g.h5: has no tensor D.linear.weight, which the model needs (f32 [16, 3])");

    float data[48];
    const int64_t shape[] = {16, 3}, flat[] = {48}, swapped[] = {3, 16};
    FTL_CHECK_FAILS(
            ftl_checkpoint_get(r, "G.linear.weight", FTL_H5_I32, 2, shape, data),
            FTL_EFORMAT, "G.linear.weight is f32 [16, 3], the model needs i32 [16, 3]");
    FTL_CHECK_FAILS(ftl_checkpoint_get(r, "G.linear.weight", FTL_H5_F32, 1, flat, data),
            FTL_ESHAPE, "is [16, 3], the model needs [48]");
    FTL_CHECK_FAILS(
            ftl_checkpoint_get(r, "G.linear.weight", FTL_H5_F32, 2, swapped, data),
            FTL_ESHAPE, "is [16, 3], the model needs [3, 16]");
    ftl_checkpoint_close(r);
    ftl_store_free(g);
    ftl_store_free(wide);
}

static void what_is_left_over_is_refused(void) {
    ftl_store *g = make_store("G", 16), *d = make_store("D", 16), *less = NULL;
    ftl_state *state;
    FTL_CHECK(g && d);
    FTL_CHECK_OK(ftl_store_create(&less, "G"));
    FTL_CHECK_OK(ftl_store_declare(
            &state, less, "linear.weight", FTL_PARAMETER, FTL_SHAPE(16, 3), ones));
    FTL_CHECK_OK(ftl_store_declare(
            &state, less, "linear.u", FTL_BUFFER, FTL_SHAPE(5), ones));
    FTL_CHECK_OK(ftl_store_allocate(less, 1, "G"));

    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(ftl_checkpoint_put_store(w, g));
    FTL_CHECK_OK(ftl_checkpoint_put_store(w, d));
    FTL_CHECK_OK(ftl_checkpoint_save(w, path_of("gd.h5"), NULL));
    ftl_checkpoint_discard(w);

    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("gd.h5")));
    FTL_CHECK_FAILS(ftl_checkpoint_get_store(r, "G", less), FTL_EFORMAT,
            "gd.h5: holds a tensor G.conv.weight, which the model does not have");
    FTL_CHECK_OK(ftl_checkpoint_get_store(r, "G", g));
    FTL_CHECK_FAILS(ftl_checkpoint_finish(r, NULL), FTL_EFORMAT,
            "gd.h5: holds a tensor D.conv.weight, which the model does not have");
    const char *const others[] = {"G.", "adam.", NULL}, *const d_too[] = {
                                                                "x", "D.", NULL};
    FTL_CHECK_FAILS(ftl_checkpoint_finish(r, others), FTL_EFORMAT, "D.conv.weight");
    FTL_CHECK_OK(ftl_checkpoint_finish(r, d_too));
    ftl_checkpoint_close(r);
    ftl_store_free(g);
    ftl_store_free(d);
    ftl_store_free(less);
}

static void roles_must_agree(void) {
    ftl_store *g = make_store("G", 16), *other = NULL;
    ftl_state *state;
    FTL_CHECK(g);
    FTL_CHECK_OK(save_store(path_of("g.h5"), g));
    FTL_CHECK_OK(ftl_store_create(&other, "G"));
    FTL_CHECK_OK(ftl_store_declare(
            &state, other, "linear.u", FTL_PARAMETER, FTL_SHAPE(5), ones));
    FTL_CHECK_OK(ftl_store_allocate(other, 1, "G"));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("g.h5")));
    FTL_CHECK_FAILS(ftl_checkpoint_get_store(r, "G", other), FTL_EFORMAT,
            "G.linear.u is stored as a buffer, the model needs a parameter");
    ftl_checkpoint_close(r);
    ftl_store_free(g);
    ftl_store_free(other);
}

static void absent_texts_and_numbers_are_named(void) {
    FTL_CHECK_OK(save_all(path_of("a.h5"), "training"));
    ftl_checkpoint *r;
    const char *text = "unchanged";
    int64_t whole = 5;
    double real = 5;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("a.h5")));
    FTL_CHECK_FAILS(ftl_checkpoint_text(r, "step", &text), FTL_EFORMAT,
            "a.h5: has no text \"step\"");
    FTL_CHECK_FAILS(ftl_checkpoint_i64(r, "stage", &whole), FTL_EFORMAT,
            "a.h5: has no value \"stage\"");
    FTL_CHECK_FAILS(ftl_checkpoint_i64(r, "best_fd", &whole), FTL_EFORMAT,
            "a.h5: has a value \"best_fd\" with a fraction");
    FTL_CHECK_FAILS(ftl_checkpoint_f64(r, "step", &real), FTL_EFORMAT,
            "a.h5: has a value \"step\" that is a whole number");
    FTL_CHECK(!strcmp(text, "unchanged") && whole == 5);
    FTL_CHECK_NEAR(real, 5, 0);
    ftl_checkpoint_close(r);
}

static void wrong_kind_is_refused(void) {
    FTL_CHECK_OK(save_all(path_of("a.h5"), "classifier"));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("a.h5")));
    FTL_CHECK_OK(ftl_checkpoint_check_kind(r, "classifier", "to classify"));
    FTL_CHECK_FAILS(ftl_checkpoint_check_kind(r, "training", "to adapt"), FTL_EINPUT,
            "a.h5: is a classifier checkpoint; a training checkpoint is needed to "
            "adapt");
    ftl_checkpoint_close(r);
}

static void numbers_that_are_none_are_not_saved(void) {
    const float bad[][2] = {{1, NAN}, {-INFINITY, 1}};
    const double bad_double = NAN;
    for (int i = 0; i < 2; i++) {
        ftl_checkpoint_writer *w;
        FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
        FTL_CHECK_FAILS(ftl_checkpoint_put(w, "G.bad", FTL_H5_F32, 1,
                                (const int64_t[]) {2}, bad[i]),
                FTL_ENUMERIC, "G.bad holds NaN or infinity");
        FTL_CHECK_FAILS(
                ftl_checkpoint_put(w, "G.bad", FTL_H5_F64, 0, NULL, &bad_double),
                FTL_ENUMERIC, "G.bad");
        ftl_checkpoint_discard(w);
    }
}

static void a_name_is_taken_once(void) {
    ftl_checkpoint_writer *w;
    FTL_CHECK_OK(ftl_checkpoint_begin(&w, "training"));
    FTL_CHECK_OK(ftl_checkpoint_put_i64(w, "step", 1));
    FTL_CHECK_FAILS(ftl_checkpoint_put_i64(w, "step", 2), FTL_EINPUT, "step");
    ftl_checkpoint_discard(w);
}

/* A failed save leaves what was there. */
static void an_old_file_survives_a_failed_save(void) {
    FTL_CHECK_OK(save_all(path_of("a.h5"), "training"));
    char target[5200];
    snprintf(target, sizeof target, "%s/b.h5", path_of("a.h5")); /* below a file */
    FTL_CHECK_FAILS(save_all(target, "training"), FTL_EIO, "a.h5/b.h5");
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("a.h5")));
    ftl_checkpoint_close(r);
}

/* -------------------------------------------------------------------- bad files */

/* True if it is refused as damaged, with the name of the file, and *out is NULL. */
static bool refused(const char *path) {
    ftl_checkpoint *r;
    ftl_clear();
    const ftl_status status = ftl_checkpoint_open(&r, path);
    const bool good = status == FTL_EFORMAT && strstr(ftl_message(), "bad.h5: ") && !r;
    ftl_clear();
    ftl_checkpoint_close(r);
    return good;
}

static void damage_is_noticed(void) {
    char whole[5000];
    snprintf(whole, sizeof whole, "%s", path_of("a.h5"));
    FTL_CHECK_OK(save_all(whole, "training"));
    FTL_CHECK(ftl_test_damage(whole, path_of("bad.h5"), refused) == 0);
}

static void other_files_are_refused(void) {
    ftl_checkpoint *r;
    FTL_CHECK_FAILS(
            ftl_checkpoint_open(&r, path_of("absent.h5")), FTL_EINPUT, "absent.h5");
    FTL_CHECK(!r);
    FTL_CHECK_FAILS(ftl_checkpoint_open(&r, FTL_TEST_GOLDEN "/h5/foreign.h5"),
            FTL_EFORMAT, "foreign.h5: has no trailer");
    /* The same and worse, but sealed. */
    char *foreign;
    size_t n;
    FTL_CHECK_OK(ftl_file_read(&foreign, &n, FTL_TEST_GOLDEN "/h5/foreign.h5"));
    FTL_CHECK_OK(ftl_sealed_write(path_of("foreign.h5"), foreign, n, NULL));
    free(foreign);
    FTL_CHECK_FAILS(ftl_checkpoint_open(&r, path_of("foreign.h5")), FTL_EFORMAT,
            "foreign.h5: is no checkpoint: its root has no attribute \"format\"");
    FTL_CHECK_OK(ftl_sealed_write(path_of("text.h5"), "no HDF5", 7, NULL));
    FTL_CHECK_FAILS(
            ftl_checkpoint_open(&r, path_of("text.h5")), FTL_EFORMAT, "text.h5: ");
    FTL_CHECK_OK(ftl_sealed_write(path_of("empty.h5"), "", 0, NULL));
    FTL_CHECK_FAILS(
            ftl_checkpoint_open(&r, path_of("empty.h5")), FTL_EFORMAT, "empty.h5: ");
    ftl_h5 *pack;
    FTL_CHECK_OK(ftl_h5_create(&pack));
    FTL_CHECK_OK(ftl_h5_attr_write_text(pack, "/", "format", "fairtl-pack"));
    FTL_CHECK_OK(seal(pack, path_of("pack.h5")));
    FTL_CHECK_FAILS(ftl_checkpoint_open(&r, path_of("pack.h5")), FTL_EFORMAT,
            "pack.h5: is no checkpoint: its format is \"fairtl-pack\", not "
            "\"fairtl-checkpoint\"");
}

/* The root of a checkpoint, made by hand. */
static ftl_h5 *make_root(int32_t major, int32_t minor) {
    ftl_h5 *h5 = NULL;
    const int32_t version[] = {major, minor};
    if (ftl_h5_create(&h5) ||
            ftl_h5_attr_write_text(h5, "/", "format", FTL_CHECKPOINT_FORMAT) ||
            ftl_h5_attr_write(h5, "/", "format_version", FTL_H5_I32, 2, version) ||
            ftl_h5_attr_write_text(h5, "/", "kind", "training") ||
            ftl_h5_attr_write_text(h5, "/", "fairtl", "9.8.7")) {
        ftl_h5_close(h5);
        return NULL;
    }
    return h5;
}

static void other_versions_are_refused(void) {
    const int32_t version[][2] = {{FTL_CHECKPOINT_MAJOR + 1, 0},
            {FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR + 1}, {0, 0},
            {FTL_CHECKPOINT_MAJOR, -1}};
    for (size_t i = 0; i < sizeof version / sizeof *version; i++) {
        ftl_h5 *h5 = make_root(version[i][0], version[i][1]);
        FTL_CHECK(h5);
        FTL_CHECK_OK(seal(h5, path_of("v.h5")));
        char want[200];
        snprintf(want, sizeof want,
                "v.h5: has format version %d.%d; this program reads 1.0 to 1.0: use "
                "the fairtl that wrote it (9.8.7)",
                version[i][0], version[i][1]);
        ftl_checkpoint *r;
        FTL_CHECK_FAILS(ftl_checkpoint_open(&r, path_of("v.h5")), FTL_EFORMAT, want);
    }
    ftl_h5 *h5 = make_root(FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR);
    FTL_CHECK(h5);
    FTL_CHECK_OK(seal(h5, path_of("v.h5")));
    ftl_checkpoint *r;
    FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("v.h5")));
    FTL_CHECK(!ftl_checkpoint_has(r, "anything"));
    ftl_checkpoint_close(r);
}

/* What no writer of ours makes, under a seal that is true. */
static void strange_contents_are_refused(void) {
    static const struct {
        const char *path;
        ftl_h5_type type;
        int rank;
    } strange[] = {
            {"/extra", FTL_H5_F32, 0},
            {"/tensors", FTL_H5_F32, 0},
            {"/tensors/G/weight", FTL_H5_F32, 1},
            {"/values/step", FTL_H5_F32, 0},
            {"/values/step", FTL_H5_I64, 1},
            {"/texts/config", FTL_H5_I64, 0},
            {"/others/config", FTL_H5_I64, 0},
    };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        ftl_h5 *h5 = make_root(FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR);
        const int64_t two = 2;
        FTL_CHECK(h5);
        FTL_CHECK_OK(ftl_h5_write(
                h5, strange[i].path, strange[i].type, strange[i].rank, &two, longs));
        FTL_CHECK_OK(seal(h5, path_of("s.h5")));
        ftl_checkpoint *r;
        FTL_CHECK_FAILS(
                ftl_checkpoint_open(&r, path_of("s.h5")), FTL_EFORMAT, strange[i].path);
    }
    ftl_h5 *h5 = make_root(FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR);
    const char *const texts[] = {"a", "b"};
    const int64_t two = 2;
    FTL_CHECK(h5);
    FTL_CHECK_OK(ftl_h5_write(h5, "/texts/config", FTL_H5_STRING, 1, &two, texts));
    FTL_CHECK_OK(seal(h5, path_of("s.h5")));
    ftl_checkpoint *r;
    FTL_CHECK_FAILS(ftl_checkpoint_open(&r, path_of("s.h5")), FTL_EFORMAT,
            "/texts/config (text [2])");
}

static void numbers_that_are_none_are_refused(void) {
    const float bad[][3] = {{1, NAN, 1}, {1, 1, INFINITY}};
    for (int i = 0; i < 2; i++) {
        ftl_h5 *h5 = make_root(FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR);
        const int64_t three = 3;
        FTL_CHECK(h5);
        FTL_CHECK_OK(ftl_h5_write(h5, "/tensors/G.w", FTL_H5_F32, 1, &three, bad[i]));
        FTL_CHECK_OK(seal(h5, path_of("n.h5")));
        ftl_checkpoint *r;
        float got[3];
        FTL_CHECK_OK(ftl_checkpoint_open(&r, path_of("n.h5")));
        FTL_CHECK_FAILS(ftl_checkpoint_get(r, "G.w", FTL_H5_F32, 1, &three, got),
                FTL_EFORMAT, "n.h5: G.w holds NaN or infinity");
        FTL_CHECK_FAILS(ftl_checkpoint_finish(r, NULL), FTL_EFORMAT, "G.w");
        ftl_checkpoint_close(r);
    }
}

int main(void) {
    FTL_TEST(everything_comes_back);
    FTL_TEST(long_texts_come_back);
    FTL_TEST(equal_contents_give_equal_bytes);
    FTL_TEST(digest_is_that_of_the_file);
    FTL_TEST(stores_come_back);
    FTL_TEST(blocks_beside_a_store_come_back);
    FTL_TEST(everything_is_listed);
    FTL_TEST(what_does_not_fit_is_refused);
    FTL_TEST(what_is_left_over_is_refused);
    FTL_TEST(roles_must_agree);
    FTL_TEST(absent_texts_and_numbers_are_named);
    FTL_TEST(wrong_kind_is_refused);
    FTL_TEST(numbers_that_are_none_are_not_saved);
    FTL_TEST(a_name_is_taken_once);
    FTL_TEST(an_old_file_survives_a_failed_save);
    FTL_TEST(damage_is_noticed);
    FTL_TEST(other_files_are_refused);
    FTL_TEST(other_versions_are_refused);
    FTL_TEST(strange_contents_are_refused);
    FTL_TEST(numbers_that_are_none_are_refused);
    return ftl_test_finish();
}
