/* mutate_png.c - change a PNG, then make its chunks' checksums true, but for every
 * eighth. */
#include "test/fuzz/mutate.h"

#include <zlib.h>

enum { SIGNATURE = 8, AROUND = 12 }; /* length, type, checksum */

static uint32_t get(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

size_t LLVMFuzzerCustomMutator(
        uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8 == 0) return size;
    for (size_t at = SIGNATURE; size - at >= AROUND && at < size;) {
        size_t length = get(data + at);
        if (length > size - at - AROUND) break;
        uint32_t sum = (uint32_t)crc32(0, data + at + 4, (uInt)(length + 4));
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += AROUND + length;
    }
    return size;
}
