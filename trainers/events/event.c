/* event.c - see event.h. */
#include "trainers/events/event.h"

#include "trainers/events/record.h"

#include <stdlib.h>
#include <string.h>

/* How a field's value is laid out, in the low bits of its key. */
enum { VARINT = 0, DOUBLE = 1, BYTES = 2, FLOAT = 5 };

static void put_varint(FILE *file, uint64_t value) {
    for (; value >= 128; value >>= 7)
        fputc((int)(value & 127) | 128, file);
    fputc((int)value, file);
}

static void put_key(FILE *file, int field, int layout) {
    put_varint(file, (uint64_t)(field << 3 | layout));
}

static void put_integer(FILE *file, int field, int64_t value) {
    put_key(file, field, VARINT);
    put_varint(file, (uint64_t)value);
}

static void put_bytes(FILE *file, int field, const void *bytes, size_t n_bytes) {
    put_key(file, field, BYTES);
    put_varint(file, n_bytes);
    fwrite(bytes, 1, n_bytes, file);
}

static void put_little(FILE *file, uint64_t bits, int n_bytes) {
    for (int i = 0; i < n_bytes; i++)
        fputc((int)(bits >> 8 * i & 255), file);
}

static void put_double(FILE *file, int field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(file, field, DOUBLE);
    put_little(file, bits, 8);
}

static void put_float(FILE *file, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(file, field, FLOAT);
    put_little(file, bits, 4);
}

/* ---------------------------------------------------------------- messages in memory
 */

static ftl_status message_begin(ftl_memory_file *m) {
    return ftl_memory_file_open(m, "TensorBoard's events");
}

/* ------------------------------------------------------------------------- events */

ftl_status ftl_event_init(ftl_event *event) {
    *event = (ftl_event) {0};
    return message_begin(&event->summary);
}

void ftl_event_deinit(ftl_event *event) {
    char *bytes = NULL;
    if (event->summary.file)
        (void)ftl_memory_file_close(&event->summary, FTL_OK, &bytes, NULL);
    free(bytes);
    *event = (ftl_event) {0};
}

static ftl_status add_value(ftl_event *event, ftl_memory_file *value) {
    char *bytes;
    size_t n_bytes;
    FTL_TRY(ftl_memory_file_close(value, FTL_OK, &bytes, &n_bytes));
    put_bytes(event->summary.file, 1, bytes, n_bytes);
    event->n++;
    free(bytes);
    return FTL_OK;
}

ftl_status ftl_event_add_number(ftl_event *event, const char *tag, double number) {
    ftl_memory_file value;
    FTL_TRY(message_begin(&value));
    put_bytes(value.file, 1, tag, strlen(tag));
    put_float(value.file, 2, (float)number);
    return add_value(event, &value);
}

static int64_t big_endian(const unsigned char *at) {
    return (int64_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

ftl_status ftl_event_add_png(
        ftl_event *event, const char *tag, const void *png, size_t n_bytes) {
    static const char magic[] = "\x89PNG\r\n\x1a\n";
    const unsigned char *at = png;
    ftl_memory_file image, value;
    char *bytes;
    size_t n_image;
    /* The first chunk is IHDR: width, height, depth, kind of colours. */
    if (n_bytes < 33 || memcmp(png, magic, 8) != 0)
        return ftl_fail(FTL_EFORMAT, "%s: it is no PNG", tag);
    FTL_TRY(message_begin(&image));
    put_integer(image.file, 1, big_endian(at + 20));
    put_integer(image.file, 2, big_endian(at + 16));
    put_integer(image.file, 3, at[25] == 0 ? 1 : 3);
    put_bytes(image.file, 4, png, n_bytes);
    FTL_TRY(ftl_memory_file_close(&image, FTL_OK, &bytes, &n_image));
    ftl_status status = message_begin(&value);
    if (status == FTL_OK) {
        put_bytes(value.file, 1, tag, strlen(tag));
        put_bytes(value.file, 4, bytes, n_image);
        status = add_value(event, &value);
    }
    free(bytes);
    return status;
}

static ftl_status write_record(FILE *file, ftl_memory_file *m) {
    char *bytes;
    size_t n_bytes;
    FTL_TRY(ftl_memory_file_close(m, FTL_OK, &bytes, &n_bytes));
    ftl_record_write(file, bytes, n_bytes);
    free(bytes);
    return FTL_OK;
}

ftl_status ftl_event_write(
        FILE *file, ftl_event *event, double wall_time_s, int64_t step) {
    ftl_memory_file m;
    char *bytes;
    size_t n_bytes;
    if (event->n == 0) return FTL_OK;
    FTL_TRY(ftl_memory_file_close(&event->summary, FTL_OK, &bytes, &n_bytes));
    ftl_status status = message_begin(&m);
    if (status == FTL_OK) {
        put_double(m.file, 1, wall_time_s);
        put_integer(m.file, 2, step);
        put_bytes(m.file, 5, bytes, n_bytes);
        status = write_record(file, &m);
    }
    free(bytes);
    return status;
}

ftl_status ftl_event_write_version(FILE *file) {
    static const char version[] = "brain.Event:2";
    ftl_memory_file m;
    FTL_TRY(message_begin(&m));
    put_double(m.file, 1, 0);
    put_bytes(m.file, 3, version, strlen(version));
    return write_record(file, &m);
}
