/* split_disjoint.c - is any image in two sets? Compared are pixels as packed, through
 * their hashes: packs of different origin give the same picture different names. */
#include "datasets/split_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    uint8_t digest[FTL_SHA256_BYTES];
    int32_t split;
    int64_t index;
} entry;

static int compare(const void *a, const void *b) {
    const entry *x = a, *y = b;
    int order = memcmp(x->digest, y->digest, FTL_SHA256_BYTES);
    if (order == 0) order = x->split - y->split;
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static ftl_status hash_split(entry *entries, const ftl_split *split, int32_t number) {
    const ftl_pack *pack = &split->file->pack;
    int failed = FTL_OK;
#pragma omp parallel for reduction(max : failed)
    for (int64_t i = 0; i < split->n; i++) {
        entry *e = &entries[i];
        e->split = number;
        e->index = split->index[i];
        int status = (int)ftl_sha256(
                e->digest, ftl_pack_image(pack, e->index), ftl_pack_image_bytes(pack));
        if (status > failed) failed = status;
    }
    if (failed)
        return ftl_fail((ftl_status)failed, "%s: cannot be hashed", split->file->path);
    return FTL_OK;
}

/* Sorted: equal images are neighbours, those of one set first. */
static ftl_status report(const ftl_splits *splits, const entry *entries, size_t n) {
    const entry *a = NULL, *b = NULL;
    int64_t shared = 0;
    for (size_t i = 1; i < n; i++) {
        if (entries[i].split == entries[i - 1].split ||
                memcmp(entries[i].digest, entries[i - 1].digest, FTL_SHA256_BYTES) != 0)
            continue;
        if (!shared++) {
            a = &entries[i - 1];
            b = &entries[i];
        }
    }
    if (!shared) return FTL_OK;
    const ftl_split *s = &splits->split[a->split], *t = &splits->split[b->split];
    return ftl_fail(FTL_EINPUT,
            "%s and %s: the sets must be disjoint, but %lld image%s in two of them: %s "
            "of "
            "%s is %s of %s",
            s->file->path, t->file->path, (long long)shared,
            shared == 1 ? " is" : "s are", s->file->pack.names[a->index], s->name,
            t->file->pack.names[b->index], t->name);
}

ftl_status ftl_splits_check_disjoint(const ftl_splits *splits) {
    size_t n = 0;
    for (int k = 0; k < FTL_N_SPLITS; k++)
        n += (size_t)splits->split[k].n;
    if (!n) return FTL_OK;
    entry *entries = malloc(sizeof *entries * n);
    if (!entries) return ftl_fail(FTL_ENOMEM, "no memory to compare the sets");
    size_t at = 0;
    ftl_status status;
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        if (!splits->split[k].n) continue;
        FTL_TRY_OUT(hash_split(entries + at, &splits->split[k], k));
        at += (size_t)splits->split[k].n;
    }
    qsort(entries, n, sizeof *entries, compare);
    status = report(splits, entries, n);
out:
    free(entries);
    return status;
}
