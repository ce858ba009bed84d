/* import_report.c - the report beside a pack. */
#include "datasets/import.h"
#include "datasets/pack_schema.h"
#include "engine/base/memory_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ftl_status reserve(ftl_import_lines *lines, size_t n_bytes) {
    size_t needed = lines->n_bytes + n_bytes;
    if (needed <= lines->capacity) return FTL_OK;
    size_t capacity = lines->capacity ? lines->capacity : 4096;
    while (capacity < needed)
        capacity *= 2;
    char *grown = realloc(lines->text, capacity);
    if (!grown) return ftl_fail(FTL_ENOMEM, "no memory for the import's report");
    lines->text = grown;
    lines->capacity = capacity;
    return FTL_OK;
}

static ftl_status add(ftl_import_lines *lines, const char *format, va_list arguments)
        __attribute__((format(printf, 2, 0)));
static ftl_status add(ftl_import_lines *lines, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) return ftl_fail(FTL_EINPUT, "a file name that cannot be printed");
    FTL_TRY(reserve(lines, (size_t)length + 1));
    char *to = lines->text + lines->n_bytes;
    vsnprintf(to, (size_t)length + 1, format, arguments);
    /* One line each, whatever a file is called. */
    for (int i = 0; i < length; i++)
        if ((unsigned char)to[i] < ' ') to[i] = '?';
    to[length] = '\n';
    lines->n_bytes += (size_t)length + 1;
    lines->n++;
    return FTL_OK;
}

ftl_status ftl_import_problem(
        ftl_import *import, int64_t *count, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ftl_status status = add(&import->problems, format, arguments);
    va_end(arguments);
    ++*(count ? count : &import->counts.other);
    return status;
}

ftl_status ftl_import_note(
        ftl_import *import, int64_t *count, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ftl_status status = add(&import->notes, format, arguments);
    va_end(arguments);
    if (count) ++*count;
    return status;
}

static void print_lines(FILE *to, const char *title, const ftl_import_lines *lines) {
    if (!lines->n) return;
    fprintf(to, "\n%s\n", title);
    fwrite(lines->text, 1, lines->n_bytes, to);
}

/* Of the pack with this digest, or, NULL, of what was refused. */
static void print(FILE *to, const ftl_import *import, const char *importer,
        const char *pack_path, const uint8_t *digest) {
    const bool refused = !digest;
    char seal[FTL_IMPORT_SEAL_BYTES] = "\n";
    if (digest) ftl_import_print_seal(seal, digest);
    fprintf(to, "%s, %s as %s from %s (%s)%s", pack_path,
            refused ? "refused, not imported" : "imported", importer,
            import->options->source, import->settings, seal);
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++) {
        int64_t count = ftl_pack_count(&import->counts, row);
        if (count) fprintf(to, "%10lld  %s\n", (long long)count, row->help);
    }
    fprintf(to, "%10lld  %sin the pack\n", (long long)import->n,
            refused ? "would be " : "");
    fprintf(to, "images of the source: ");
    ftl_pack_print_extent(to, &import->source);
    fputc('\n', to);
    if (!import->problems.n) fprintf(to, "\nEverything was taken.\n");
    print_lines(to, "Not taken as they are:", &import->problems);
    print_lines(to, "Good to know:", &import->notes);
}

static ftl_status write_report(const ftl_import *import, const char *importer,
        const char *pack_path, const uint8_t *digest) {
    char *text, path[FTL_IMPORT_PATH_BYTES];
    size_t n_bytes;
    ftl_memory_file to;
    FTL_TRY(ftl_import_name_beside(
            path, pack_path, digest ? FTL_IMPORT_STAGED : FTL_IMPORT_REFUSED));
    FTL_TRY(ftl_memory_file_open(&to, "the import's report"));
    print(to.file, import, importer, pack_path, digest);
    FTL_TRY(ftl_memory_file_close(&to, FTL_OK, &text, &n_bytes));
    const ftl_status status = ftl_file_write(path, text, n_bytes);
    free(text);
    return status;
}

ftl_status ftl_import_stage_report(const ftl_import *import, const char *importer,
        const char *pack_path, const uint8_t digest[FTL_SHA256_BYTES]) {
    return write_report(import, importer, pack_path, digest);
}

ftl_status ftl_import_write_refusal(
        const ftl_import *import, const char *importer, const char *pack_path) {
    return write_report(import, importer, pack_path, NULL);
}
