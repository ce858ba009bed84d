/* fuzz_h5.c - see fuzz_h5.h. */
#include "test/fuzz/fuzz_h5.h"

#include "datasets/pack_schema.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ELEMENTS = 4096, MAX_WORDS = 7, MAX_LINE = 512, MAX_LINES = 100 };
enum { MAX_STRING = 20 };

typedef struct builder {
    ftl_h5 *h5;
    ftl_status status;
    char line[MAX_LINE];
    char *word[MAX_WORDS]; /* the last one is the rest of the line */
    int n_words;
    char last[MAX_LINE], hash[FTL_SHA256_HEX]; /* the last dataset */
    long flip_at, flip_bit, cut_at;            /* -1: not */
} builder;

static bool take_line(char line[MAX_LINE], fuzz_input *in) {
    size_t n = 0;
    if (in->at == in->end) return false;
    for (int c; in->at < in->end && (c = *in->at++) != '\n';)
        if (n + 1 < MAX_LINE && c) line[n++] = (char)c;
    line[n] = 0;
    return true;
}

/* Cut into n words, the last of which is all that is left. */
static bool split(builder *b, int n) {
    char *at = b->line;
    for (b->n_words = 0; b->n_words < n; b->n_words++) {
        at += strspn(at, " ");
        if (!*at) return false;
        b->word[b->n_words] = at;
        if (b->n_words + 1 == n) continue;
        at += strcspn(at, " ");
        if (*at) *at++ = 0;
    }
    return true;
}

/* "/" alone, or names without "", "." and "..". */
static bool is_path(const char *path, bool root) {
    if (path[0] != '/') return false;
    if (!path[1]) return root;
    for (const char *name = path; *name; name += strcspn(name, "/")) {
        size_t n = strcspn(++name, "/");
        if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && !strncmp(name, "..", 2)))
            return false;
    }
    return path[strlen(path) - 1] != '/';
}

static bool read_type(ftl_h5_type *type, const char *word) {
    static const char *const names[] = {"f32", "f64", "i32", "i64", "u8", "str"};
    for (int i = 0; i < 6; i++) {
        *type = (ftl_h5_type)i;
        if (!strcmp(word, names[i])) return true;
    }
    return false;
}

static double real(long value) {
    return value == -77 ? (double)NAN : value == -78 ? HUGE_VAL : (double)value;
}

/* One element of numbers; its bytes, or 0 for a type that has none. */
static size_t put_number(char *to, ftl_h5_type type, long value) {
    float f32 = (float)real(value);
    double f64 = real(value);
    int32_t i32 = (int32_t)value;
    int64_t i64 = value;
    uint8_t u8 = (uint8_t)value;
    const void *from[] = {&f32, &f64, &i32, &i64, &u8};
    static const size_t n_bytes[] = {4, 8, 4, 8, 1};
    if (type == FTL_H5_STRING || type == FTL_H5_OTHER) return 0;
    memcpy(to, from[type], n_bytes[type]);
    return n_bytes[type];
}

static size_t put_numbers(char *to, ftl_h5_type type, int64_t count, const char *first,
        const char *step) {
    /* Wraps like the counters it is made of. */
    unsigned long value = (unsigned long)strtol(first, NULL, 10);
    unsigned long by = (unsigned long)strtol(step, NULL, 10);
    size_t n_bytes = 0;
    for (int64_t i = 0; i < count; i++, value += by)
        n_bytes += put_number(to + n_bytes, type, (long)value);
    return n_bytes;
}

static int64_t read_dims(int64_t dims[FTL_H5_MAX_RANK], int *rank, const char *word) {
    int64_t count = 1;
    *rank = 0;
    while (word[0] != '-' && *rank < FTL_H5_MAX_RANK) {
        char *end;
        long dim = strtol(word, &end, 10);
        if (dim < 0 || dim > MAX_ELEMENTS) return -1;
        dims[(*rank)++] = dim;
        count *= dim;
        if (count > MAX_ELEMENTS) return -1;
        if (*end != ',') break;
        word = end + 1;
    }
    return count;
}

static void write_strings(builder *b, const char *path, int rank, const int64_t *dims,
        int64_t count, const char *first, const char *step) {
    static const char letters[MAX_STRING] = "aaaaaaaaaaaaaaaaaaa";
    static const char *strings[MAX_ELEMENTS];
    long length = strtol(first, NULL, 10) & 0xffff, by = strtol(step, NULL, 10) & 0xff;
    for (int64_t i = 0; i < count; i++, length += by)
        strings[i] = letters + MAX_STRING - 1 - length % MAX_STRING;
    b->status = ftl_h5_write(b->h5, path, FTL_H5_STRING, rank, dims, strings);
    FUZZ_CHECK(!ftl_pack_hash_names(b->hash, strings, count));
}

static void add_dataset(builder *b) {
    static char numbers[MAX_ELEMENTS * 8];
    int64_t dims[FTL_H5_MAX_RANK];
    ftl_h5_type type;
    int rank;
    if (!split(b, 6) || !is_path(b->word[1], false) || !read_type(&type, b->word[2]))
        return;
    int64_t count = read_dims(dims, &rank, b->word[3]);
    if (count < 0) return;
    snprintf(b->last, sizeof b->last, "%s", b->word[1]);
    if (type == FTL_H5_STRING) {
        write_strings(b, b->word[1], rank, dims, count, b->word[4], b->word[5]);
        return;
    }
    size_t n_bytes = put_numbers(numbers, type, count, b->word[4], b->word[5]);
    b->status = ftl_h5_write(b->h5, b->word[1], type, rank, dims, numbers);
    FUZZ_CHECK(!ftl_pack_hash_bytes(b->hash, numbers, n_bytes));
}

static void add_text(builder *b) {
    if (!split(b, 3) || !is_path(b->word[1], false)) return;
    const char *text = b->word[2];
    snprintf(b->last, sizeof b->last, "%s", b->word[1]);
    b->status = ftl_h5_write(b->h5, b->word[1], FTL_H5_STRING, 0, NULL, &text);
    FUZZ_CHECK(!ftl_pack_hash_names(b->hash, &text, 1));
}

static void add_numbers(builder *b) {
    char numbers[16 * 8];
    ftl_h5_type type;
    if (!split(b, 7) || !is_path(b->word[1], true) || !read_type(&type, b->word[3]) ||
            type == FTL_H5_STRING)
        return;
    long count = strtol(b->word[4], NULL, 10);
    if (count < 1 || count > 16) return;
    put_numbers(numbers, type, count, b->word[5], b->word[6]);
    b->status = ftl_h5_attr_write(b->h5, b->word[1], b->word[2], type, count, numbers);
}

static void add_line(builder *b) {
    switch (b->line[0]) {
    case 'd':
        add_dataset(b);
        break;
    case 's':
        add_text(b);
        break;
    case 'h':
        if (b->last[0])
            b->status = ftl_h5_attr_write_text(b->h5, b->last, "sha256", b->hash);
        break;
    case 'n':
        add_numbers(b);
        break;
    case 't':
        if (split(b, 4) && is_path(b->word[1], true))
            b->status =
                    ftl_h5_attr_write_text(b->h5, b->word[1], b->word[2], b->word[3]);
        break;
    case 'x':
        if (!split(b, 3)) break;
        b->flip_at = strtol(b->word[1], NULL, 10);
        b->flip_bit = strtol(b->word[2], NULL, 10) & 7;
        break;
    case 'c':
        if (split(b, 2)) b->cut_at = strtol(b->word[1], NULL, 10);
        break;
    default:
        break;
    }
}

/* The sealed file as the description wants it damaged. */
static bool damage(const builder *b, const char *name) {
    char *bytes;
    size_t n_bytes;
    FUZZ_CHECK(!ftl_file_read(&bytes, &n_bytes, fuzz_path(name)));
    bool flip = b->flip_at >= 0 && (size_t)b->flip_at < n_bytes;
    bool cut = b->cut_at >= 0 && (size_t)b->cut_at < n_bytes;
    if (flip) bytes[b->flip_at] = (char)(bytes[b->flip_at] ^ 1 << b->flip_bit);
    if (cut) n_bytes = (size_t)b->cut_at;
    if (flip || cut) fuzz_put(name, bytes, n_bytes);
    free(bytes);
    return flip || cut;
}

fuzz_h5_kind fuzz_h5_write(const char *name, const uint8_t *data, size_t size) {
    builder b = {.flip_at = -1, .cut_at = -1};
    fuzz_input in = {data, data + size};
    fuzz_h5_kind kind = FUZZ_H5_NONE;
    const void *image;
    size_t n_bytes;
    FUZZ_CHECK(ftl_h5_create(&b.h5) == FTL_OK);
    for (int i = 0; i < MAX_LINES && take_line(b.line, &in); i++) {
        add_line(&b);
        ftl_clear();
        if (b.status == FTL_EBACKEND) goto out; /* a dataset in the place of a group */
    }
    FUZZ_CHECK(ftl_h5_image_borrow(b.h5, &image, &n_bytes) == FTL_OK);
    FUZZ_CHECK(ftl_sealed_write(fuzz_path(name), image, n_bytes, NULL) == FTL_OK);
    kind = damage(&b, name) ? FUZZ_H5_DAMAGED : FUZZ_H5_WHOLE;
out:
    ftl_h5_close(b.h5);
    return kind;
}
