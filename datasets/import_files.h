/* import_files.h - the image files of a folder: listed, looked up, decoded. */
#ifndef FTL_DATASETS_IMPORT_FILES_H
#define FTL_DATASETS_IMPORT_FILES_H

#include "datasets/image.h"
#include "datasets/import.h"

typedef struct ftl_import_file {
    const char *name;    /* path below the root; what the pack calls the image */
    const char *skipped; /* why it is not read; NULL once they are listed */
    int64_t row;         /* for the importer: its row of a table; -1 at first */
    bool left_out;       /* the same: its row could not be taken */
    /* From decoding: */
    ftl_status status;
    char *reason; /* if that failed, malloc'ed */
    int channels;
    ftl_image_decoding decoding;
    ftl_import_digest digest;
} ftl_import_file;

typedef struct ftl_import_files {
    ftl_import *import;
    const char *root;      /* a folder; borrowed */
    ftl_import_file *item; /* [n], in bytewise order of their names */
    int64_t n, capacity;
} ftl_import_files;

/* List the files of `root` that are named .jpg, .jpeg or .png in any case, and those in
 * folders below it if `deep`; links to folders are not followed. `table` (a path, or
 * NULL) is passed over, and so is what is hidden, a name that begins with a dot: images
 * and folders among that are notes. All others are problems. Sets counts.found. Fails
 * with FTL_EIO, FTL_EINPUT (no image), FTL_ENOMEM; release with ftl_import_files_deinit
 * also then. */
ftl_status ftl_import_files_list(ftl_import_files *out, ftl_import *import,
        const char *root, bool deep, const char *table);
void ftl_import_files_deinit(ftl_import_files *files);

/* NULL if there is none of that name. */
ftl_import_file *ftl_import_files_find(const ftl_import_files *files, const char *name);

/* "" or, for a message, why there is surely none of that name. Static. */
const char *ftl_import_files_why(const char *name);

/* A problem for each file without a row that was taken, counted in *count. `table` is
 * what messages call it. Fails with FTL_ENOMEM. */
ftl_status ftl_import_files_check_rows(
        const ftl_import_files *files, const char *table, int64_t *count);

/* Decode and fit all on all cores, with a progress line, and fill the import: images
 * (grey if all are, else RGB), names, digests, extent, counts. Those that cannot be
 * used are problems; they leave no gap, neither in the images nor in the import's
 * attributes, which must have files->n values. Fails with FTL_EINPUT (none can be
 * used), FTL_EINTERRUPTED, FTL_ENOMEM, FTL_EBACKEND. */
ftl_status ftl_import_files_take(ftl_import_files *files);

#endif
