/* hash.c - see hash.h. */
#include "engine/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

ftl_status ftl_sha256(uint8_t digest[FTL_SHA256_BYTES], const void *bytes, size_t n) {
    if (EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL) == 1) return FTL_OK;
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return ftl_fail(FTL_EBACKEND, "libcrypto: no SHA-256: %s",
            reason ? reason : "no reason given");
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
