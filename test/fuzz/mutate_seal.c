/* mutate_seal.c - change bytes; then put a true trailer behind them, or behind all but
 * the last byte, or leave them. */
#include "test/fuzz/mutate.h"

#include "engine/base/hash.h"

#include <string.h>

enum { TRAILER = 8 + 8 + FTL_SHA256_BYTES };

size_t LLVMFuzzerCustomMutator(
        uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 3 == 0 || size < TRAILER) return size;
    size_t n = size - TRAILER;
    uint8_t *trailer = data + n;
    memcpy(trailer, "FTLSEAL1", 8);
    for (int i = 0; i < 8; i++)
        trailer[8 + i] = (uint8_t)((uint64_t)n >> 8 * i);
    if (ftl_sha256(trailer + 16, data, n)) return size;
    return seed % 3 == 1 ? size : size - 1;
}
