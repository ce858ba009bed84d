/* pack_schema.h - names that the writer and the reader of packs share. */
#ifndef FTL_DATASETS_PACK_SCHEMA_H
#define FTL_DATASETS_PACK_SCHEMA_H

#include "datasets/pack.h"

#include <stdbool.h>
#include <stddef.h>

#define FTL_PACK_FORMAT "fairtl-pack"
#define FTL_PACK_IMAGES "/images"
#define FTL_PACK_NAMES "/names"
#define FTL_PACK_ATTRIBUTES "/attributes"
#define FTL_PACK_VALUES "/values"
#define FTL_PACK_SOURCE_PX "source_px"

typedef struct ftl_pack_count_row {
    const char *name;
    size_t offset; /* of an int64_t in ftl_pack_counts */
    const char *help;
    bool problem;  /* something was not taken as it is; false: what was done with it */
    bool optional; /* a file has it only if it is not 0 */
} ftl_pack_count_row;

/* Ended by name NULL. */
extern const ftl_pack_count_row ftl_pack_count_rows[];

/* The count that a row is about. */
int64_t ftl_pack_count(const ftl_pack_counts *counts, const ftl_pack_count_row *row);

/* "178 x 218 px", or the range of either side. */
void ftl_pack_print_extent(FILE *to, const ftl_pack_extent *extent);

/* The text of a dataset's attribute sha256: of its bytes as stored, and for names of
 * each name with a zero behind it. Fail with FTL_EBACKEND, FTL_ENOMEM. */
ftl_status ftl_pack_hash_bytes(
        char hex[FTL_SHA256_HEX], const void *bytes, size_t n_bytes);
ftl_status ftl_pack_hash_names(
        char hex[FTL_SHA256_HEX], const char *const *names, int64_t n);

#endif
