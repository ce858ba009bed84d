/* data.h - from the section `data:` to open packs and splits, in one call. */
#ifndef FTL_DATASETS_DATA_H
#define FTL_DATASETS_DATA_H

#include "datasets/options.h"
#include "datasets/pack.h"
#include "datasets/split.h"

#include <stdbool.h>

typedef struct ftl_data {
    ftl_splits splits;
    ftl_pack_file *files[FTL_N_SPLITS]; /* owned; form 1: one, in the first place */
} ftl_data;

typedef struct ftl_data_request {
    uint64_t seed;         /* form 1: draws the sets */
    int64_t min_reference; /* fewest images of the reference set: one batch */
    /* For data.source: the pack is this file; if it is not there, the source is first
     * imported into it, with images of this side. A file that is there must have been
     * made by the same format and size. */
    const char *import_to;
    int import_size; /* px */
    bool passing; /* that pack will be removed soon: there is no report beside it, and
                     messages name the source */
} ftl_data_request;

/* Check the section, import if it asks for that, open the packs, make the splits.
 * Release with ftl_data_close. Fails as ftl_data_check, ftl_importer_run, ftl_pack_open
 * and ftl_splits_draw or ftl_splits_gather do; *out is then empty. */
ftl_status ftl_data_open(ftl_data *out, const ftl_data_options *options,
        const ftl_data_request *request);
void ftl_data_close(ftl_data *data);

#endif
