/* test_events.c - TensorBoard's events, read back by the documented format: records
 * with their checksums (computed here bit by bit), protocol buffers field by field. */
#include "engine/base/file.h"
#include "test/harness.h"
#include "trainers/events/event.h"
#include "trainers/events/events.h"
#include "trainers/events/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------- a reader */

static uint64_t little(const unsigned char *at, int n_bytes) {
    uint64_t value = 0;
    for (int i = 0; i < n_bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static uint32_t masked_crc(const unsigned char *at, size_t n) {
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (((crc ^ at[i] >> bit) & 1) ? 0x82f63b78U : 0);
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

/* The next record; false at the end, or with *bad set. */
static bool next_record(const unsigned char **data, size_t *n_data,
        const unsigned char **at, const unsigned char *end, bool *bad) {
    if (*at == end) return false;
    *bad = true;
    if (end - *at < 16) return false;
    const uint64_t n = little(*at, 8);
    if (little(*at + 8, 4) != masked_crc(*at, 8)) return false;
    if ((uint64_t)(end - *at) < n + 16) return false;
    *data = *at + 12;
    *n_data = (size_t)n;
    if (little(*data + n, 4) != masked_crc(*data, *n_data)) return false;
    *at = *data + n + 4;
    *bad = false;
    return true;
}

typedef struct field {
    int number, layout;
    uint64_t value;             /* VARINT, or the bits of DOUBLE and FLOAT */
    const unsigned char *bytes; /* BYTES; value is their length */
} field;

static uint64_t varint(const unsigned char **at) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        value |= (uint64_t)(**at & 127) << shift;
        if (!(*(*at)++ & 128)) return value;
    }
}

static bool next_field(field *f, const unsigned char **at, const unsigned char *end) {
    if (*at >= end) return false;
    const uint64_t key = varint(at);
    *f = (field) {.number = (int)(key >> 3), .layout = (int)(key & 7)};
    if (f->layout == 1 || f->layout == 5) {
        const int n = f->layout == 1 ? 8 : 4;
        f->value = little(*at, n);
        *at += n;
        return true;
    }
    f->value = varint(at);
    f->bytes = *at;
    if (f->layout == 2) *at += f->value;
    return (f->layout == 0 || f->layout == 2) && *at <= end;
}

/* What is in a file of events, as lines "time step tag=value". */
static void list_value(FILE *out, double time, long long step, field value) {
    field f, g;
    const unsigned char *at = value.bytes;
    fprintf(out, "%.3f %lld ", time, step);
    while (next_field(&f, &at, value.bytes + value.value)) {
        if (f.number == 1) fprintf(out, "%.*s=", (int)f.value, (const char *)f.bytes);
        if (f.number == 2) {
            const uint32_t bits = (uint32_t)f.value;
            float number;
            memcpy(&number, &bits, sizeof number);
            fprintf(out, "%g", (double)number);
        }
        if (f.number != 4) continue;
        const unsigned char *inside = f.bytes;
        while (next_field(&g, &inside, f.bytes + f.value))
            fprintf(out, g.layout == 0 ? "%d:%llu " : "%d:(%llu bytes)", g.number,
                    (unsigned long long)g.value);
    }
    fputc('\n', out);
}

static void list_event(FILE *out, const unsigned char *data, size_t n) {
    double time = 0;
    long long step = 0;
    field f, value;
    for (const unsigned char *at = data; next_field(&f, &at, data + n);) {
        if (f.number == 1) memcpy(&time, &f.value, sizeof time);
        if (f.number == 2) step = (long long)f.value;
        if (f.number == 3)
            fprintf(out, "version %.*s\n", (int)f.value, (const char *)f.bytes);
        if (f.number != 5) continue;
        for (const unsigned char *in = f.bytes;
                next_field(&value, &in, f.bytes + f.value);)
            list_value(out, time, step, value);
    }
}

static const char *directory;

static char *path_of(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* The file as lines, malloc'ed; NULL: a record of it is bad. */
static char *list_file(void) {
    char *bytes, *text = NULL;
    size_t n, n_text, n_data;
    if (ftl_file_read(&bytes, &n, path_of(FTL_EVENTS_FILE)) != FTL_OK) return NULL;
    FILE *out = open_memstream(&text, &n_text);
    const unsigned char *at = (unsigned char *)bytes, *end = at + n, *data;
    bool bad = false;
    while (next_record(&data, &n_data, &at, end, &bad))
        list_event(out, data, n_data);
    fclose(out);
    free(bytes);
    if (!bad) return text;
    free(text);
    return NULL;
}

/* ------------------------------------------------------------------------- tests */

/* 5 x 3 grey; what follows the header does not matter here. */
static const unsigned char png[40] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13,
        'I', 'H', 'D', 'R', 0, 0, 0, 5, 0, 0, 0, 3, 8, 0};

static const char *const line[] = {
        "{\"tick\": 20, \"stage\": \"classifier\", \"step\": 20, \"loss\": 0.5, "
        "\"images_per_s\": 400}\n",
        "{\"tick\": 40, \"stage\": \"pretrain\", \"kimg\": 0.640, \"g\": -1.5, "
        "\"images_per_s\": 320}\n",
        "{\"tick\": 50, \"stage\": \"pretrain\", \"kimg\": 0.960, \"share\": [0.25, "
        "0.75], \"fd\": 0.125, \"fd_interval\": [0.0625, 0.5]}\n",
        "{\"tick\": 60, \"stage\": \"pretrain\", \"kimg\": 1.280, \"g\": 2, "
        "\"images_per_s\": 640}\n",
        "{\"tick\": 60, \"stage\": \"pretrain\", \"kimg\": 1.280, \"picture\": "
        "\"samples/p.png\"}\n",
        "{\"tick\": 61, \"stage\": \"adapt\", \"kimg\": 200.016, \"picture\": "
        "\"samples/gone.png\", \"g\": 8, \"images_per_s\": 200016}\n",
};
enum { N_LINES = sizeof line / sizeof line[0] };

static const char listed[] = "version brain.Event:2\n"
                             "0.000 20 classifier/loss=0.5\n"
                             "0.000 20 classifier/images_per_s=400\n"
                             "2.000 640 pretrain/g=-1.5\n"
                             "2.000 640 pretrain/images_per_s=320\n"
                             "2.000 960 pretrain/share/red=0.25\n"
                             "2.000 960 pretrain/share/blue=0.75\n"
                             "2.000 960 pretrain/fd=0.125\n"
                             "2.000 960 pretrain/fd_interval/low=0.0625\n"
                             "2.000 960 pretrain/fd_interval/high=0.5\n"
                             "3.000 1280 pretrain/g=2\n"
                             "3.000 1280 pretrain/images_per_s=640\n"
                             "3.000 1280 pretrain/picture=1:3 2:5 3:1 4:(40 bytes)\n"
                             "4.000 200016 adapt/g=8\n"
                             "4.000 200016 adapt/images_per_s=200016\n";

static ftl_events begin(void) {
    static const char *const group[] = {"red", "blue"};
    return (ftl_events) {.directory = directory, .group = group, .n_groups = 2};
}

static void is_read_back(void) {
    directory = ftl_test_directory();
    ftl_events e = begin();
    FTL_CHECK_OK(ftl_directory_create(path_of("samples")));
    FTL_CHECK_OK(ftl_file_write(path_of("samples/p.png"), png, sizeof png));
    FTL_CHECK_OK(ftl_events_begin(&e));
    for (int i = 0; i < N_LINES; i++)
        FTL_CHECK_OK(ftl_events_append(&e, line[i], strlen(line[i])));
    char *text = list_file();
    FTL_CHECK(text);
    if (strcmp(text, listed) != 0) printf("%s", text);
    FTL_CHECK(strcmp(text, listed) == 0);
    free(text);
}

/* Appended or written anew at any line: the same bytes. */
static void is_of_stats_alone(void) {
    char *whole, *bytes;
    size_t n_whole, n;
    directory = ftl_test_directory();
    ftl_events e = begin();
    FTL_CHECK_OK(ftl_directory_create(path_of("samples")));
    FTL_CHECK_OK(ftl_file_write(path_of("samples/p.png"), png, sizeof png));
    FTL_CHECK_OK(ftl_events_begin(&e));
    for (int i = 0; i < N_LINES; i++)
        FTL_CHECK_OK(ftl_events_append(&e, line[i], strlen(line[i])));
    FTL_CHECK_OK(ftl_file_read(&whole, &n_whole, path_of(FTL_EVENTS_FILE)));
    for (int cut = 0; cut <= N_LINES; cut++) {
        FTL_CHECK_OK(ftl_file_write(path_of("stats.jsonl"), "", 0));
        for (int i = 0; i < cut; i++)
            FTL_CHECK_OK(
                    ftl_file_append(path_of("stats.jsonl"), line[i], strlen(line[i])));
        e = begin();
        FTL_CHECK_OK(ftl_events_begin(&e));
        for (int i = cut; i < N_LINES; i++)
            FTL_CHECK_OK(ftl_events_append(&e, line[i], strlen(line[i])));
        FTL_CHECK_OK(ftl_file_read(&bytes, &n, path_of(FTL_EVENTS_FILE)));
        const bool same = n == n_whole && memcmp(bytes, whole, n) == 0;
        free(bytes);
        FTL_CHECK(same);
    }
    free(whole);
}

/* A run whose stats.jsonl was damaged goes on all the same. */
static void damaged_lines_are_left_out(void) {
    static const char bad[] = "{\"tick\n{\"tick\": 1}\n";
    char *whole, *bytes;
    size_t n_whole, n;
    directory = ftl_test_directory();
    for (int damaged = 0; damaged < 2; damaged++) {
        FTL_CHECK_OK(ftl_file_write(path_of("stats.jsonl"), "", 0));
        for (int i = 0; i < 3; i++) {
            FTL_CHECK_OK(
                    ftl_file_append(path_of("stats.jsonl"), line[i], strlen(line[i])));
            if (damaged)
                FTL_CHECK_OK(ftl_file_append(path_of("stats.jsonl"), bad, strlen(bad)));
        }
        ftl_events e = begin();
        FTL_CHECK_OK(ftl_events_begin(&e));
        FTL_CHECK_OK(ftl_file_read(damaged ? &bytes : &whole, damaged ? &n : &n_whole,
                path_of(FTL_EVENTS_FILE)));
    }
    const bool same = n == n_whole && n > 0 && memcmp(bytes, whole, n) == 0;
    free(whole);
    free(bytes);
    FTL_CHECK(same);
}

static void wrong_lines_are_refused(void) {
    directory = ftl_test_directory();
    ftl_events e = begin();
    FTL_CHECK_OK(ftl_events_begin(&e));
    FTL_CHECK_FAILS(
            ftl_events_append(&e, "{\"tick\"", 7), FTL_EFORMAT, "that is no JSON");
    FTL_CHECK_FAILS(
            ftl_events_append(&e, "{\"tick\": 1}", 11), FTL_EFORMAT, "without a stage");
    FTL_CHECK_OK(ftl_directory_create(path_of("samples")));
    FTL_CHECK_OK(ftl_file_write(path_of("samples/p.png"), "GIF", 3));
    FTL_CHECK_FAILS(ftl_events_append(&e, line[4], strlen(line[4])), FTL_EFORMAT,
            "pretrain/picture: it is no PNG");
    char *text = list_file();
    FTL_CHECK(text && strcmp(text, "version brain.Event:2\n") == 0);
    free(text);
}

static void crc_is_castagnoli(void) {
    FTL_CHECK(ftl_record_crc("123456789", 9) == 0xe3069283U);
    FTL_CHECK(ftl_record_crc("", 0) == 0);
}

int main(void) {
    FTL_TEST(crc_is_castagnoli);
    FTL_TEST(is_read_back);
    FTL_TEST(is_of_stats_alone);
    FTL_TEST(damaged_lines_are_left_out);
    FTL_TEST(wrong_lines_are_refused);
    return ftl_test_finish();
}
