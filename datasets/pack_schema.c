/* pack_schema.c - see pack_schema.h. */
#include "datasets/pack_schema.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(field, help)                                                             \
    { "count_" #field, offsetof(ftl_pack_counts, field), help }

const ftl_pack_count_row ftl_pack_count_rows[] = {
        COUNT(found, "images found in the source"),
        COUNT(unusable, "unusable"),
        COUNT(duplicates, "left out: the same bytes as another"),
        COUNT(contradicting, "left out: the same bytes under different labels"),
        COUNT(rows_without_image, "rows of the table without an image"),
        COUNT(images_without_row, "images without a row, kept without labels"),
        {0},
};

ftl_status ftl_pack_hash_bytes(
        char hex[FTL_SHA256_HEX], const void *bytes, size_t n_bytes) {
    uint8_t digest[FTL_SHA256_BYTES];
    FTL_TRY(ftl_sha256(digest, bytes, n_bytes));
    ftl_sha256_hex(hex, digest);
    return FTL_OK;
}

ftl_status ftl_pack_hash_names(
        char hex[FTL_SHA256_HEX], const char *const *names, int64_t n) {
    size_t n_bytes = 0;
    for (int64_t i = 0; i < n; i++)
        n_bytes += strlen(names[i]) + 1;
    char *text = malloc(n_bytes ? n_bytes : 1);
    if (!text) return ftl_fail(FTL_ENOMEM, "no memory for the names of a pack");
    char *to = text;
    for (int64_t i = 0; i < n; i++) {
        size_t length = strlen(names[i]) + 1;
        memcpy(to, names[i], length);
        to += length;
    }
    ftl_status status = ftl_pack_hash_bytes(hex, text, n_bytes);
    free(text);
    return status;
}
