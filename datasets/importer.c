/* importer.c - the list of importers, and what happens around one. */
#include "datasets/importer.h"

#include "datasets/import.h"
#include "datasets/pack_schema.h"
#include "engine/base/file.h"
#include "engine/base/interrupt.h"
#include "engine/base/lock.h"
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

ftl_status ftl_importer_read_fit(ftl_fit *out, const char *text, const char *key) {
    for (int i = 0; i < FTL_N_FITS; i++) {
        *out = (ftl_fit)i;
        if (strcmp(ftl_fit_names[i], text) == 0) return FTL_OK;
    }
    return ftl_fail(FTL_ECONFIG, "%s: \"%s\" is none of crop, pad, stretch", key, text);
}

ftl_status ftl_importer_read_colour(uint8_t out[3], const char *text, const char *key) {
    static const char digits[] = "0123456789abcdefABCDEF";
    bool black = strcmp(text, "black") == 0, white = strcmp(text, "white") == 0;
    const char *hex = text + (text[0] == '#');
    if (!black && !white && (strlen(hex) != 6 || strspn(hex, digits) != 6))
        return ftl_fail(FTL_ECONFIG,
                "%s: \"%s\" is neither black, white nor six hexadecimal digits such as "
                "808080",
                key, text);
    unsigned long colour = black ? 0 : white ? 0xffffff : strtoul(hex, NULL, 16);
    for (int i = 0; i < 3; i++)
        out[i] = (uint8_t)(colour >> (16 - 8 * i));
    return FTL_OK;
}

/* What a pack says about how its images were made. */
static ftl_status describe(ftl_import *import) {
    const ftl_import_options *o = import->options;
    import->settings = ftl_arena_printf(import->arena,
            "size=%d fit=%s filter=" FTL_RESIZE_FILTER " background=#%02x%02x%02x",
            o->size, ftl_fit_names[o->fit], o->background[0], o->background[1],
            o->background[2]);
    return import->settings ? FTL_OK : FTL_ENOMEM;
}

/* What is in the way of a pack, told in a file of its own: there may be an earlier pack
 * with its report. */
static ftl_status refuse(
        const ftl_import *import, const ftl_importer *importer, const char *pack_path) {
    const ftl_import_options *o = import->options;
    bool many = import->problems.n != 1;
    if (!o->no_refusal)
        FTL_TRY(ftl_import_write_refusal(import, importer->name, pack_path));
    const char *path = o->no_refusal ? "" : pack_path;
    const char *place = o->no_refusal ? "fairtl dataset import" : ".refused.txt";
    if (import->n == 0)
        return ftl_fail(FTL_EINPUT,
                "%s: no image is left: each has copies with other labels; %s%s names "
                "them all",
                o->source, path, place);
    return ftl_fail(FTL_EINPUT,
            "%s: %lld problem%s, and the import is strict: no pack was made; "
            "%s%s names %s",
            o->source, (long long)import->problems.n, many ? "s" : "", path, place,
            many ? "them all" : "it");
}

/* The images go over into the file. */
static ftl_status encode(
        ftl_pack_encoded *out, ftl_import *import, const ftl_importer *importer) {
    ftl_pack_attribute *attributes = ftl_arena_alloc(
            import->arena, sizeof *attributes * (size_t)import->n_attributes);
    if (!attributes) return FTL_ENOMEM;
    for (int i = 0; i < import->n_attributes; i++)
        attributes[i] = (ftl_pack_attribute) {import->attribute[i].name,
                import->attribute[i].value, import->attribute[i].value_name,
                import->attribute[i].n_value_names};
    const ftl_status status = ftl_pack_encode(out,
            &(ftl_pack) {
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
                    .source = import->source,
            },
            import->images, ftl_import_called(import));
    free(import->images);
    import->images = NULL;
    return status;
}

/* A staged report is settled however the pack fared: it may be there although its
 * directory could not be synced. */
static ftl_status write_both(const ftl_import *import, const ftl_importer *importer,
        const ftl_pack_encoded *encoded, const char *pack_path) {
    FTL_TRY(ftl_import_stage_report(
            import, importer->name, pack_path, encoded->digest));
    ftl_status status = ftl_pack_write(pack_path, encoded);
    ftl_status settled = ftl_importer_settle(pack_path);
    return status != FTL_OK ? status : settled;
}

static ftl_status build(
        ftl_import *import, const ftl_importer *importer, const char *pack_path) {
    ftl_pack_encoded encoded;
    FTL_TRY(encode(&encoded, import, importer));
    ftl_status status = import->options->no_report
                                ? ftl_pack_write(pack_path, &encoded)
                                : write_both(import, importer, &encoded, pack_path);
    ftl_pack_encoded_deinit(&encoded);
    return status;
}

/* What became of the source, without the lines that would say 0. */
static void log_summary(const ftl_import *import, const char *pack_path) {
    ftl_log_info("%s: %lld images of %d x %d, %s", ftl_import_called(import),
            (long long)import->n, import->options->size, import->options->size,
            import->channels == 1 ? "grey" : "RGB");
    for (const ftl_pack_count_row *row = ftl_pack_count_rows + 1; row->name; row++) {
        int64_t count = ftl_pack_count(&import->counts, row);
        if (count && row->problem)
            ftl_log_warning("%8lld  %s", (long long)count, row->help);
        else if (count)
            ftl_log_info("%8lld  %s", (long long)count, row->help);
    }
    if (import->problems.n && !import->options->no_report)
        ftl_log_warning("%s.report.txt names them all", pack_path);
}

static ftl_status import_source(
        ftl_import *import, const ftl_importer *importer, const char *pack_path) {
    FTL_TRY(ftl_arena_create(&import->arena));
    FTL_TRY(describe(import));
    FTL_TRY(importer->read(import));
    FTL_TRY(ftl_interrupt_check(import->options->source, "imported"));
    FTL_TRY(ftl_import_deduplicate(import));
    FTL_TRY(ftl_interrupt_check(import->options->source, "imported"));
    if (import->n == 0 || (import->options->strict && import->problems.n))
        return refuse(import, importer, pack_path);
    FTL_TRY(build(import, importer, pack_path));
    log_summary(import, pack_path);
    return FTL_OK;
}

static ftl_status run_alone(const ftl_importer *importer,
        const ftl_import_options *options, const char *pack_path,
        ftl_pack_counts *counts) {
    FTL_TRY(ftl_importer_settle(pack_path)); /* of an import that was killed */
    ftl_import *import = calloc(1, sizeof *import);
    if (!import) return ftl_fail(FTL_ENOMEM, "no memory for an import");
    import->options = options;
    import->pack_path = pack_path;
    ftl_status status = import_source(import, importer, pack_path);
    if (status == FTL_OK && counts) *counts = import->counts;
    ftl_import_free(import);
    return status;
}

ftl_status ftl_importer_run(const ftl_importer *importer,
        const ftl_import_options *options, const char *pack_path,
        ftl_pack_counts *counts) {
    FTL_TRY(check_options(options));
    FTL_TRY(ftl_import_check_target(pack_path));
    int lock = -1;
    if (!options->no_lock) FTL_TRY(ftl_lock_take_file(&lock, pack_path));
    ftl_status status = run_alone(importer, options, pack_path, counts);
    ftl_lock_release_file(&lock, pack_path);
    return status;
}
