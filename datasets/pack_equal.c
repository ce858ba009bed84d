/* pack_equal.c - images of the same pixels. Files that differ can show them: saved
 * anew, or different beyond what is left of them at the pack's size. */
#include "datasets/pack.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    uint64_t hash;
    int64_t index;
} entry;

static int compare(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* As fast as memory can be read; what it takes for equal is compared byte by byte. */
static uint64_t hash(const uint8_t *bytes, size_t n) {
    const uint64_t odd = 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
    uint64_t h = n, word;
    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    word = 0;
    if (n) memcpy(&word, bytes, n);
    h = (h ^ word) * odd;
    return h ^ h >> 32;
}

/* sorted: n images of one hash, ascending. */
static void match(
        int64_t *first, const ftl_pack *pack, const entry *sorted, int64_t n) {
    const size_t n_bytes = ftl_pack_image_bytes(pack);
    for (int64_t i = 1; i < n; i++) {
        const int64_t image = sorted[i].index;
        for (int64_t j = 0; j < i && first[image] == image; j++) {
            const int64_t before = sorted[j].index;
            if (first[before] == before &&
                    !memcmp(ftl_pack_image(pack, before), ftl_pack_image(pack, image),
                            n_bytes))
                first[image] = before;
        }
    }
}

ftl_status ftl_pack_find_equal(int64_t *first, const ftl_pack_file *file) {
    const ftl_pack *pack = &file->pack;
    const int64_t n = pack->n;
    entry *entries = malloc(sizeof *entries * (size_t)n);
    if (!entries) return ftl_fail(FTL_ENOMEM, "%s: no memory left", file->path);
#pragma omp parallel for
    for (int64_t i = 0; i < n; i++) {
        first[i] = i;
        entries[i] =
                (entry) {hash(ftl_pack_image(pack, i), ftl_pack_image_bytes(pack)), i};
    }
    qsort(entries, (size_t)n, sizeof *entries, compare);
    for (int64_t at = 0, end; at < n; at = end) {
        for (end = at + 1; end < n && entries[end].hash == entries[at].hash;)
            end++;
        match(first, pack, entries + at, end - at);
    }
    free(entries);
    return FTL_OK;
}
