/* pack_equal.c - ftl_pack_count_equal. Files that differ can show the same pixels:
 * saved anew, or different beyond what is left of them at the pack's size. */
#include "datasets/pack.h"

#include <stdlib.h>
#include <string.h>

typedef struct digest {
    uint8_t byte[FTL_SHA256_BYTES];
} digest;

static int compare(const void *a, const void *b) {
    return memcmp(a, b, sizeof(digest));
}

ftl_status ftl_pack_count_equal(int64_t *out, const ftl_pack_file *file) {
    const ftl_pack *pack = &file->pack;
    size_t n_bytes = ftl_pack_image_bytes(pack);
    digest *digests = malloc(sizeof *digests * (size_t)pack->n);
    if (!digests) return ftl_fail(FTL_ENOMEM, "%s: no memory left", file->path);
    int failed = FTL_OK;
#pragma omp parallel for reduction(max : failed)
    for (int64_t i = 0; i < pack->n; i++) {
        int status = (int)ftl_sha256(digests[i].byte, ftl_pack_image(pack, i), n_bytes);
        if (status > failed) failed = status;
    }
    if (!failed) qsort(digests, (size_t)pack->n, sizeof *digests, compare);
    *out = 0;
    for (int64_t i = 1; i < pack->n && !failed; i++)
        *out += compare(&digests[i], &digests[i - 1]) == 0;
    free(digests);
    return failed ? ftl_fail((ftl_status)failed, "%s: cannot be hashed", file->path)
                  : FTL_OK;
}
