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
} ftl_import_attribute;

/* An image whose bytes hash like those of an earlier one is a duplicate of it. */
typedef struct ftl_import_digest {
    uint8_t byte[FTL_SHA256_BYTES];
} ftl_import_digest;

struct ftl_import {
    const ftl_import_options *options;
    ftl_arena *arena; /* for names, values and whatever else the importer keeps */

    int64_t n;
    int channels;
    uint8_t *images;    /* [n, size, size, channels]; malloc'ed, freed by the caller */
    const char **names; /* [n], in the arena */
    ftl_import_digest *digest; /* [n] of each source image's bytes, in the arena */
    const char *settings;      /* the pack's options text, in the arena */
    int n_attributes;
    ftl_import_attribute attribute[FTL_IMPORT_MAX_ATTRIBUTES];

    ftl_pack_counts counts; /* duplicates are counted later, all else by the importer */

    char *report; /* text so far, malloc'ed; ftl_import_report adds to it */
    size_t n_report, report_capacity;
};

/* Add a line, "<file>: <reason>", to the report. One thread at a time. Fails with
 * FTL_ENOMEM. */
ftl_status ftl_import_report(ftl_import *import, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* A new attribute with room for n values, all -1; the name is copied. Fails with
 * FTL_EINPUT (too many, twice, or a name that no pack can hold), FTL_ENOMEM. */
ftl_status ftl_import_attribute_add(
        ftl_import *import, const char *name, int64_t n, bool label, int32_t **value);

/* Leave each image out whose bytes have been there before, and all copies where their
 * labels contradict each other: report, count, and close the gaps. A label that the
 * first copy lacks is taken from a later one. Fails with FTL_ENOMEM. */
ftl_status ftl_import_deduplicate(ftl_import *import);

#endif
