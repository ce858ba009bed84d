/* target_seal.c - any bytes as a sealed file. mutate_seal.c puts true trailers behind
 * some. What is opened must be what its trailer tells of. */
#include "test/fuzz/fuzz.h"

#include "engine/base/file.h"

#include <string.h>

enum { TRAILER = 8 + 8 + FTL_SHA256_BYTES };

static bool is_sealed(const uint8_t *data, size_t size) {
    uint8_t digest[FTL_SHA256_BYTES];
    if (size < TRAILER) return false;
    size_t n = size - TRAILER;
    const uint8_t *trailer = data + n;
    for (int i = 0; i < 8; i++)
        if (trailer[8 + i] != (uint8_t)((uint64_t)n >> 8 * i)) return false;
    FUZZ_CHECK(ftl_sha256(digest, data, n) == FTL_OK);
    return !memcmp(trailer, "FTLSEAL1", 8) &&
           !memcmp(trailer + 16, digest, sizeof digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ftl_sealed sealed;
    fuzz_put("s", data, size);
    bool accepted = fuzz_accepted(ftl_sealed_open(&sealed, fuzz_path("s")));
    FUZZ_CHECK(accepted == is_sealed(data, size));
    FUZZ_CHECK(accepted == (sealed.bytes != NULL));
    if (accepted)
        FUZZ_CHECK(sealed.n_bytes == size - TRAILER &&
                   !memcmp(sealed.bytes, data, sealed.n_bytes));
    ftl_sealed_close(&sealed);
    return 0;
}
