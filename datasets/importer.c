/* importer.c - the list of importers, and what happens around one. */
#include "datasets/importer.h"

#include "datasets/import.h"
#include "datasets/pack_schema.h"
#include "engine/base/log.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FTL_IMPORTER(name) extern const ftl_importer ftl_importer_##name;
#include "datasets/importers.def"
#undef FTL_IMPORTER

#define FTL_IMPORTER(name) &ftl_importer_##name,
const ftl_importer *const ftl_importers[] = {
#include "datasets/importers.def"
        NULL,
};
#undef FTL_IMPORTER

#define N_IMPORTERS (sizeof ftl_importers / sizeof *ftl_importers - 1)

ftl_status ftl_importer_find(
        const ftl_importer **out, const char *name, const char *key) {
    const char *names[N_IMPORTERS + 1] = {0};
    char list[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < N_IMPORTERS; i++) {
        *out = ftl_importers[i];
        if (strcmp((*out)->name, name) == 0) return FTL_OK;
        names[i] = (*out)->name;
        int more = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
                (*out)->name);
        if (more > 0 && (size_t)more < sizeof list - length) length += (size_t)more;
    }
    *out = NULL;
    const char *nearest = ftl_text_nearest(name, names);
    return ftl_fail(FTL_ECONFIG, "%s: no format \"%s\"; there is %s%s%s%s", key, name,
            list, nearest ? " (did you mean " : "", nearest ? nearest : "",
            nearest ? "?)" : "");
}

static ftl_status check_options(const ftl_import_options *options) {
    if (!options->source || !options->source[0])
        return ftl_fail(FTL_ECONFIG, "import: no source was named");
    if (options->size < FTL_IMPORT_MIN_SIZE || options->size > FTL_IMPORT_MAX_SIZE)
        return ftl_fail(FTL_ECONFIG, "import: size: %d is not between %d and %d",
                options->size, FTL_IMPORT_MIN_SIZE, FTL_IMPORT_MAX_SIZE);
    return FTL_OK;
}

/* The summary goes before the lines that were collected while reading. */
static ftl_status write_report(
        const ftl_import *import, const ftl_importer *importer, const char *pack_path) {
    ftl_import summary = {.options = import->options};
    char *path = NULL;
    ftl_status status;
    FTL_TRY_OUT(ftl_import_report(&summary, "%s, imported as %s from %s (%s)",
            pack_path, importer->name, import->options->source, import->settings));
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++) {
        int64_t count;
        memcpy(&count, (const char *)&import->counts + row->offset, sizeof count);
        FTL_TRY_OUT(
                ftl_import_report(&summary, "%10lld  %s", (long long)count, row->help));
    }
    FTL_TRY_OUT(
            ftl_import_report(&summary, "%10lld  in the pack", (long long)import->n));
    FTL_TRY_OUT(ftl_import_report(&summary, "\n%s",
            import->n_report ? "Not taken as they are:" : "Everything was taken."));
    size_t length = strlen(pack_path) + sizeof ".report.txt";
    size_t n_bytes = summary.n_report + import->n_report;
    path = malloc(length);
    char *grown = realloc(summary.report, n_bytes);
    if (grown) summary.report = grown;
    if (!path || !grown) {
        status = ftl_fail(FTL_ENOMEM, "no memory for the import's report");
        goto out;
    }
    snprintf(path, length, "%s.report.txt", pack_path);
    if (import->n_report)
        memcpy(grown + summary.n_report, import->report, import->n_report);
    FTL_TRY_OUT(ftl_file_write(path, grown, n_bytes));
out:
    free(path);
    free(summary.report);
    return status;
}

static ftl_status build(
        const ftl_import *import, const ftl_importer *importer, const char *pack_path) {
    ftl_pack_attribute *attributes = ftl_arena_alloc(
            import->arena, sizeof *attributes * (size_t)import->n_attributes);
    if (!attributes) return FTL_ENOMEM;
    for (int i = 0; i < import->n_attributes; i++)
        attributes[i] = (ftl_pack_attribute) {
                import->attribute[i].name, import->attribute[i].value};
    return ftl_pack_build(pack_path, &(ftl_pack) {
                                             .n = import->n,
                                             .height = import->options->size,
                                             .width = import->options->size,
                                             .channels = import->channels,
                                             .images = import->images,
                                             .names = import->names,
                                             .n_attributes = import->n_attributes,
                                             .attributes = attributes,
                                             .importer = importer->name,
                                             .options = import->settings,
                                             .counts = import->counts,
                                     });
}

/* What became of the source, without the lines that would say 0. */
static void log_summary(const ftl_import *import, const char *pack_path) {
    ftl_log_info("%s: %lld images of %d x %d, %s", pack_path, (long long)import->n,
            import->options->size, import->options->size,
            import->channels == 1 ? "grey" : "RGB");
    if (!import->n_report) return;
    for (const ftl_pack_count_row *row = ftl_pack_count_rows + 1; row->name; row++) {
        int64_t count;
        memcpy(&count, (const char *)&import->counts + row->offset, sizeof count);
        if (count) ftl_log_warning("%8lld  %s", (long long)count, row->help);
    }
    ftl_log_warning("%s.report.txt names them all", pack_path);
}

ftl_status ftl_importer_run(const ftl_importer *importer,
        const ftl_import_options *options, const char *pack_path,
        ftl_pack_counts *counts) {
    FTL_TRY(check_options(options));
    ftl_import *import = calloc(1, sizeof *import);
    if (!import) return ftl_fail(FTL_ENOMEM, "no memory for an import");
    import->options = options;
    ftl_status status;
    FTL_TRY_OUT(ftl_arena_create(&import->arena));
    FTL_TRY_OUT(importer->read(import));
    FTL_TRY_OUT(ftl_import_deduplicate(import));
    if (import->n == 0) {
        status = ftl_fail(FTL_EINPUT,
                "%s: no image is left: each has copies with other labels",
                options->source);
        goto out;
    }
    FTL_TRY_OUT(write_report(import, importer, pack_path));
    FTL_TRY_OUT(build(import, importer, pack_path));
    log_summary(import, pack_path);
    if (counts) *counts = import->counts;
out:
    free(import->images);
    free(import->report);
    ftl_arena_free(import->arena);
    free(import);
    return status;
}
