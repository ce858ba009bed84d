/* import.h - what an importer fills. Not needed by its callers: importer.h. */
#ifndef FTL_DATASETS_IMPORT_H
#define FTL_DATASETS_IMPORT_H

#include "datasets/importer.h"
#include "engine/base/arena.h"
#include "engine/base/hash.h"

#include <stdbool.h>

#define FTL_IMPORT_MAX_ATTRIBUTES 512

typedef struct ftl_import_attribute {
    const char *name;
    int32_t *value; /* [n], -1 missing */
    /* True for what the image shows (a contradiction between duplicates matters), false
     * for where it came from. */
    bool label;
    const char *const *value_name; /* [n_value_names], in the arena; NULL */
    int n_value_names;             /* 0: values are but numbers */
} ftl_import_attribute;

/* An image whose bytes hash like those of an earlier one is a duplicate of it. */
typedef struct ftl_import_digest {
    uint8_t byte[FTL_SHA256_BYTES];
} ftl_import_digest;

/* Lines of the report. */
typedef struct ftl_import_lines {
    char *text; /* malloc'ed, no zero at its end */
    size_t n_bytes, capacity;
    int64_t n; /* lines */
} ftl_import_lines;

struct ftl_import {
    const ftl_import_options *options;
    const char *pack_path; /* that is to be made; NULL: none is */
    ftl_arena *arena;      /* for names, values and whatever else the importer keeps */

    int64_t n;
    int channels;
    uint8_t *images;           /* [n, size, size, channels]; ftl_import_reserve */
    const char **names;        /* [n], in the arena */
    ftl_import_digest *digest; /* [n] of each source image's bytes, in the arena */
    const char *settings; /* the pack's options text, in the arena; set by the caller,
                             an importer that does otherwise changes it */
    int n_attributes;
    ftl_import_attribute attribute[FTL_IMPORT_MAX_ATTRIBUTES];

    ftl_pack_counts counts; /* duplicates are counted later, all else by the importer */
    ftl_pack_extent source;

    ftl_import_lines problems, notes; /* of the report */
};

/* Free it, which calloc gave, and all that it holds. */
void ftl_import_free(ftl_import *import);

/* Room for n images of so many channels, all 0, before the first is decoded: also for
 * the file that they move into, so that it is not hours later that there is none. Fails
 * with FTL_ENOMEM. */
ftl_status ftl_import_reserve(ftl_import *import, int64_t n, int channels);

/* How messages call what is to be made: the pack, or, if there is none or a passing
 * one, the source. */
const char *ftl_import_called(const ftl_import *import);

/* Something of the source is not taken as it is: a line "<file>: <reason>" for the
 * report, and one more of *count, or of counts.other if that is NULL. With
 * options->strict the import is refused in the end. One thread at a time. Fails with
 * FTL_ENOMEM. */
ftl_status ftl_import_problem(ftl_import *import, int64_t *count, const char *format,
        ...) __attribute__((format(printf, 3, 4)));

/* The same for what is no fault of the source, but good to know; it need not be
 * counted.
 */
ftl_status ftl_import_note(ftl_import *import, int64_t *count, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Files beside a pack: the name of the pack, and one of these. */
#define FTL_IMPORT_REPORT ".report.txt"
#define FTL_IMPORT_STAGED ".report.txt.new"
#define FTL_IMPORT_REFUSED ".refused.txt"
enum { FTL_IMPORT_PATH_BYTES = 4096 };

/* Fails with FTL_EIO (too long). */
ftl_status ftl_import_name_beside(
        char path[FTL_IMPORT_PATH_BYTES], const char *pack_path, const char *ending);

/* What the report of a pack with this digest says of it, and no other report; with a
 * line's end before and behind. */
enum { FTL_IMPORT_SEAL_BYTES = 32 + FTL_SHA256_HEX };
void ftl_import_print_seal(
        char text[FTL_IMPORT_SEAL_BYTES], const uint8_t digest[FTL_SHA256_BYTES]);

/* The report: a summary with the digest of the pack, the problems, the notes. An
 * earlier pack keeps its own until it is replaced: the new one is first written beside
 * it, while there is still time to fail, and ftl_importer_settle lets it take its place
 * once the pack is there. Fails with FTL_EIO, FTL_ENOMEM. */
ftl_status ftl_import_stage_report(const ftl_import *import, const char *importer,
        const char *pack_path, const uint8_t digest[FTL_SHA256_BYTES]);

/* Tell in <pack_path>.refused.txt why no pack was made. Fails with FTL_EIO, FTL_ENOMEM.
 */
ftl_status ftl_import_write_refusal(
        const ftl_import *import, const char *importer, const char *pack_path);

/* Fails with FTL_EINPUT if there is a folder at `path` or a file that is no pack, or if
 * the folder that it would be in is not there or may not be written to; FTL_EIO. */
ftl_status ftl_import_check_target(const char *path);

/* Is an image of this size enlarged when it is fitted? */
bool ftl_import_enlarges(const ftl_import_options *options, int width, int height);

/* Importers that have tables of their own refuse the option csv: FTL_ECONFIG. */
ftl_status ftl_import_refuse_csv(const ftl_import *import, const char *format);

/* A new attribute with room for n values, all -1; the name is copied. `where` is where
 * the name stands, for messages: "list.csv:1". Fails with FTL_EINPUT (too many, twice,
 * or a name that no pack can hold), FTL_ENOMEM. */
ftl_status ftl_import_attribute_add(ftl_import *import, const char *where,
        const char *name, int64_t n, bool label, int32_t **value);

/* What the values 0 .. n - 1 of the attribute that was added last are called; copied.
 * 1 <= n <= FTL_PACK_MAX_NAMES. Fails with FTL_ENOMEM. */
ftl_status ftl_import_name_values(ftl_import *import, const char *const *name, int n);

/* Leave each image out whose bytes have been there before, and all copies where their
 * labels contradict each other: report, count, and close the gaps. A label that the
 * first copy lacks is taken from a later one. Fails with FTL_ENOMEM. */
ftl_status ftl_import_deduplicate(ftl_import *import);

#endif
