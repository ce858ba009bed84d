/* hash.c - see hash.h. */
#include "engine/base/hash.h"

/* The functions that OpenSSL 3 calls deprecated, for they allocate nothing, take no
 * lock and need no set-up. The newer ones, in 3.0, crash or wait for themselves for
 * ever if memory is short while they set themselves up. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

ftl_status ftl_sha256(uint8_t digest[FTL_SHA256_BYTES], const void *bytes, size_t n) {
    SHA256_CTX context;
    if (SHA256_Init(&context) == 1 && SHA256_Update(&context, bytes, n) == 1 &&
            SHA256_Final(digest, &context) == 1)
        return FTL_OK;
    return ftl_fail(FTL_EBACKEND, "libcrypto: no SHA-256");
}

void ftl_sha256_hex(char hex[FTL_SHA256_HEX], const uint8_t digest[FTL_SHA256_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < FTL_SHA256_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[FTL_SHA256_HEX - 1] = 0;
}

uint64_t ftl_fnv1a(const char *text) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

const char *ftl_sha256_version(void) { return OpenSSL_version(OPENSSL_VERSION); }
