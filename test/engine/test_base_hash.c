/* test_base_hash.c - the hashes against published values. */
#include "engine/base/hash.h"
#include "test/harness.h"

#include <stdlib.h>
#include <string.h>

static bool sha256_is(const char *text, size_t n, const char *want) {
    uint8_t digest[FTL_SHA256_BYTES];
    char hex[FTL_SHA256_HEX];
    if (ftl_sha256(digest, text, n)) return false;
    ftl_sha256_hex(hex, digest);
    return !strcmp(hex, want);
}

/* FIPS 180-4, examples of NIST. */
static void sha256(void) {
    FTL_CHECK(sha256_is(
            "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    FTL_CHECK(sha256_is(NULL, 0,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    FTL_CHECK(sha256_is("abc", 3,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    size_t n = 1000000;
    char *as = malloc(n);
    FTL_CHECK(as);
    memset(as, 'a', n);
    bool good = sha256_is(
            as, n, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(as);
    FTL_CHECK(good);
}

/* Values of the authors of FNV. */
static void fnv1a(void) {
    FTL_CHECK(ftl_fnv1a("") == 0xcbf29ce484222325u);
    FTL_CHECK(ftl_fnv1a("a") == 0xaf63dc4c8601ec8cu);
    FTL_CHECK(ftl_fnv1a("foobar") == 0x85944171f73967e8u);
    FTL_CHECK(ftl_fnv1a("\xff") == ((0xcbf29ce484222325u ^ 0xff) * 0x100000001b3u));
}

int main(void) {
    FTL_TEST(sha256);
    FTL_TEST(fnv1a);
    return ftl_test_finish();
}
