/* pack_schema.c - see pack_schema.h. */
#include "datasets/pack_schema.h"

#include <stdlib.h>
#include <string.h>

#define PROBLEM(field, help)                                                           \
    { "count_" #field, offsetof(ftl_pack_counts, field), help, true, false }
#define NOTE(field, help)                                                              \
    { "count_" #field, offsetof(ftl_pack_counts, field), help, false, false }
#define OPTIONAL_PROBLEM(field, help)                                                  \
    { "count_" #field, offsetof(ftl_pack_counts, field), help, true, true }

const ftl_pack_count_row ftl_pack_count_rows[] = {
        NOTE(found, "images found in the source"),
        PROBLEM(skipped, "other files in it, not read"),
        PROBLEM(unusable, "unusable"),
        PROBLEM(duplicates, "left out: the same bytes as another"),
        PROBLEM(contradicting, "left out: the same bytes under different labels"),
        PROBLEM(rows_without_image, "rows of the table without an image"),
        PROBLEM(images_without_row,
                "kept without labels: no row, name or class tells them"),
        PROBLEM(incomplete, "kept with some labels missing"),
        OPTIONAL_PROBLEM(rows_left_out, "rows of the table left out, themselves wrong"),
        OPTIONAL_PROBLEM(unread, "values in the table that are no number, now missing"),
        OPTIONAL_PROBLEM(other, "other problems of the source"),
        NOTE(grey, "grey images among others, now RGB"),
        NOTE(reduced, "too large to be decoded at full size, reduced"),
        NOTE(enlarged, "smaller than the pack's images, enlarged"),
        {0},
};

int64_t ftl_pack_count(const ftl_pack_counts *counts, const ftl_pack_count_row *row) {
    int64_t count;
    memcpy(&count, (const char *)counts + row->offset, sizeof count);
    return count;
}

void ftl_pack_print_extent(FILE *to, const ftl_pack_extent *px) {
    if (px->min_width == px->max_width && px->min_height == px->max_height)
        fprintf(to, "%d x %d px", px->max_width, px->max_height);
    else
        fprintf(to, "%d to %d px wide, %d to %d px high", px->min_width, px->max_width,
                px->min_height, px->max_height);
}

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
