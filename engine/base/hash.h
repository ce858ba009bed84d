/* hash.h - SHA-256 (by libcrypto) for files, FNV-1a for names. */
#ifndef FTL_ENGINE_BASE_HASH_H
#define FTL_ENGINE_BASE_HASH_H

#include "engine/base/status.h"

#include <stddef.h>
#include <stdint.h>

#define FTL_SHA256_BYTES 32
#define FTL_SHA256_HEX 65 /* 64 digits and the terminating zero */

/* SHA-256 of a block of memory. Fails with FTL_EBACKEND. */
ftl_status ftl_sha256(uint8_t digest[FTL_SHA256_BYTES], const void *bytes, size_t n);

/* Lower-case hexadecimal digits of a digest. */
void ftl_sha256_hex(char hex[FTL_SHA256_HEX], const uint8_t digest[FTL_SHA256_BYTES]);

/* Version of the library, "OpenSSL 3.0.15 ...". Static. */
const char *ftl_sha256_version(void);

/* FNV-1a, 64 bits, of a string. Not for anything an adversary may choose. */
uint64_t ftl_fnv1a(const char *text);

#endif
