/* importer.h - from what people have to a pack.
 *
 * An importer is one file and one line in importers.def. It only reads: it fills an
 * ftl_import (import.h) with images, attributes and hashes. What all importers have in
 * common comes after it: duplicates, the report, the pack. */
#ifndef FTL_DATASETS_IMPORTER_H
#define FTL_DATASETS_IMPORTER_H

#include "datasets/pack.h"
#include "datasets/resize.h"
#include "engine/base/status.h"

#include <stdbool.h>

/* Sides of imported images: what the networks of this program can take, and more. */
#define FTL_IMPORT_MIN_SIZE 4
#define FTL_IMPORT_MAX_SIZE 1024

typedef struct ftl_import_options {
    const char *source; /* a folder */
    const char *csv;    /* table of attributes; NULL: the importer's default */
    int size;           /* side of the square images in the pack, px */
    ftl_fit fit;
    bool fit_given;        /* else the importer may do better than `fit`, and says so */
    uint8_t background[3]; /* RGB, behind transparency and around padded images */
    bool no_report;        /* the pack is a passing one: write no report beside it */
    bool no_refusal;       /* its folder is: nor why there is none */
    bool no_lock;          /* nobody else writes there: the folder is locked, or new */
    bool strict; /* a problem of the source, whatever it is, makes the import fail */
} ftl_import_options;

typedef struct ftl_import ftl_import;

typedef struct ftl_importer {
    const char *name; /* "idx" */
    const char *help; /* one line */
    /* Fill the import; on failure what is filled is released by the caller. */
    ftl_status (*read)(ftl_import *import);
} ftl_importer;

/* All importers, NULL-ended. */
extern const ftl_importer *const ftl_importers[];

/* Version of zlib, "1.2.13". Static. */
const char *ftl_importer_zlib_version(void);

/* Find one by name. Fails with FTL_ECONFIG; the message lists all names and the
 * likeliest. `key` is how messages call the setting ("data.format", "--format"). */
ftl_status ftl_importer_find(
        const ftl_importer **out, const char *name, const char *key);

/* "crop", "pad" or "stretch". Fails with FTL_ECONFIG; `key` begins the message. */
ftl_status ftl_importer_read_fit(ftl_fit *out, const char *text, const char *key);

/* "black", "white" or six hexadecimal digits, with a # in front or not. Fails with
 * FTL_ECONFIG; `key` begins the message. */
ftl_status ftl_importer_read_colour(uint8_t out[3], const char *text, const char *key);

/* Read a source and write a pack, and beside it a report (<pack_path>.report.txt) that
 * names every file, row and duplicate that was not taken as it is. Where there is a
 * pack, it is whole. It replaces a pack with its report, but no other file. Why an
 * import was refused is told in <pack_path>.refused.txt, which goes when one succeeds.
 * The report names the pack's SHA-256. One import to a path at a time (lock.h).
 * counts may be NULL.
 * Equal sources and options give equal bytes, whatever the number of threads.
 * Fails with FTL_ECONFIG (options), FTL_EIO, FTL_EFORMAT (a table or container is
 * damaged), FTL_EINPUT (no source, or nothing usable in it; another file at pack_path,
 * or another import; or a problem, with options->strict), FTL_EINTERRUPTED, FTL_ENOMEM;
 * no pack is then written, and an old one and its report are unchanged. */
ftl_status ftl_importer_run(const ftl_importer *importer,
        const ftl_import_options *options, const char *pack_path,
        ftl_pack_counts *counts);

/* Finish what an import to this path began, should it have been killed: a staged report
 * of the pack that is there becomes its report, and what told of an import that was
 * refused goes; any other staged report goes. ftl_importer_run does it first and last;
 * call it for a pack that is there and not imported again. Fails with FTL_EIO,
 * FTL_ENOMEM; it may be called again. */
ftl_status ftl_importer_settle(const char *pack_path);

/* Take back what ftl_importer_run wrote: pack and report, staged or not. Never fails.
 */
void ftl_importer_remove(const char *pack_path);

#endif
