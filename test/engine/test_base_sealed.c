/* test_base_sealed.c - no flipped bit and no truncation goes unnoticed. */
#include "engine/base/file.h"
#include "engine/base/interrupt.h"
#include "test/harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRAILER = 8 + 8 + FTL_SHA256_BYTES };

static const char *fresh_path(void) {
    static char path[5000];
    snprintf(path, sizeof path, "%s/a.h5", ftl_test_directory());
    return path;
}

/* Put bytes at path by plain means: these tests write hundreds of files. */
static bool put(const char *path, const char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    if (!file) return false;
    bool good = fwrite(bytes, 1, n, file) == n;
    return !fclose(file) && good;
}

/* True if opening says FTL_EFORMAT, leaves *sealed empty and names the file. */
static bool refused(const char *path) {
    ftl_sealed sealed, empty = {0};
    ftl_clear();
    ftl_status status = ftl_sealed_open(&sealed, path);
    bool good = status == FTL_EFORMAT && strstr(ftl_message(), "a.h5: ");
    good = good && sealed.bytes == empty.bytes && !sealed.n_bytes && !sealed.map;
    ftl_clear();
    ftl_sealed_close(&sealed);
    return good;
}

static void round_trip(void) {
    const char *path = fresh_path();
    for (size_t n = 0; n < 10000; n = 3 * n + 1) {
        static char bytes[10000];
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(i * i);
        uint8_t written[FTL_SHA256_BYTES], direct[FTL_SHA256_BYTES];
        FTL_CHECK_OK(ftl_sealed_write(path, bytes, n, written));
        FTL_CHECK_OK(ftl_sha256(direct, bytes, n));
        ftl_sealed sealed;
        FTL_CHECK_OK(ftl_sealed_open(&sealed, path));
        FTL_CHECK(sealed.n_bytes == n && !memcmp(sealed.bytes, bytes, n));
        FTL_CHECK(!memcmp(sealed.digest, written, sizeof written));
        FTL_CHECK(!memcmp(sealed.digest, direct, sizeof direct));
        ftl_sealed_close(&sealed);
        ftl_sealed_close(&sealed);
        FTL_CHECK(!sealed.bytes && !sealed.map);
    }
    FTL_CHECK_OK(ftl_sealed_write(path, "x", 1, NULL));
}

static void layout_is_as_documented(void) {
    const char *path = fresh_path();
    uint8_t digest[FTL_SHA256_BYTES];
    static char bytes[0x1234];
    FTL_CHECK_OK(ftl_sealed_write(path, bytes, sizeof bytes, digest));
    char *file;
    size_t n;
    FTL_CHECK_OK(ftl_file_read(&file, &n, path));
    bool good = n == sizeof bytes + TRAILER && !memcmp(file, bytes, sizeof bytes) &&
                !memcmp(file + sizeof bytes, "FTLSEAL1\x34\x12\0\0\0\0\0\0", 16) &&
                !memcmp(file + sizeof bytes + 16, digest, sizeof digest);
    free(file);
    FTL_CHECK(good);
}

static void every_flipped_bit_is_noticed(void) {
    const char *path = fresh_path();
    static const char contents[] = "a small example of a sealed file";
    FTL_CHECK_OK(ftl_sealed_write(path, contents, sizeof contents, NULL));
    char *file;
    size_t n, n_unnoticed = 0;
    FTL_CHECK_OK(ftl_file_read(&file, &n, path));
    for (size_t bit = 0; bit < 8 * n; bit++) {
        file[bit / 8] = (char)(file[bit / 8] ^ (1 << bit % 8));
        n_unnoticed += !put(path, file, n) || !refused(path);
        file[bit / 8] = (char)(file[bit / 8] ^ (1 << bit % 8));
    }
    /* The test itself would notice a reader that refuses everything. */
    ftl_sealed sealed = {0};
    bool intact = put(path, file, n) && !ftl_sealed_open(&sealed, path);
    ftl_sealed_close(&sealed);
    free(file);
    FTL_CHECK(n_unnoticed == 0);
    FTL_CHECK(intact);
}

static void every_truncation_is_noticed(void) {
    const char *path = fresh_path();
    static const char contents[] = "a small example of a sealed file";
    FTL_CHECK_OK(ftl_sealed_write(path, contents, sizeof contents, NULL));
    char *file;
    size_t n, n_unnoticed = 0;
    FTL_CHECK_OK(ftl_file_read(&file, &n, path));
    for (size_t length = 0; length < n; length++) {
        n_unnoticed +=
                !put(path, file, length) || !refused(path); /* its end is missing */
        size_t start = n - length;
        n_unnoticed +=
                !put(path, file + start, length) || !refused(path); /* its begin */
    }
    free(file);
    FTL_CHECK(n_unnoticed == 0);
}

static void more_bytes_are_noticed(void) {
    const char *path = fresh_path();
    FTL_CHECK_OK(ftl_sealed_write(path, "abc", 3, NULL));
    FTL_CHECK_OK(ftl_file_append(path, "", 1));
    FTL_CHECK(refused(path));
}

static void messages_say_which(void) {
    const char *path = fresh_path();
    ftl_sealed sealed;
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, path), FTL_EINPUT, "No such file");
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, "/"), FTL_EINPUT, "no regular file");
    FTL_CHECK(put(path, "short", 5));
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, path), FTL_EFORMAT, "truncated: 5 bytes");
    static char zeroes[1000];
    FTL_CHECK(put(path, zeroes, sizeof zeroes));
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, path), FTL_EFORMAT, "no trailer");
    FTL_CHECK_OK(ftl_sealed_write(path, "abc", 3, NULL));
    char *file;
    size_t n;
    FTL_CHECK_OK(ftl_file_read(&file, &n, path));
    bool good = put(path, file + 1, n - 1);
    ftl_status headless = ftl_sealed_open(&sealed, path);
    file[1] = 'B';
    good = good && put(path, file, n);
    free(file);
    FTL_CHECK(good);
    FTL_CHECK_FAILS(headless, FTL_EFORMAT, "stands for 3 bytes, but 2");
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, path), FTL_EFORMAT, "SHA-256");
}

/* Replacing the file leaves an open map as it was. */
static void map_outlives_replacement(void) {
    const char *path = fresh_path();
    FTL_CHECK_OK(ftl_sealed_write(path, "old", 3, NULL));
    ftl_sealed sealed;
    FTL_CHECK_OK(ftl_sealed_open(&sealed, path));
    FTL_CHECK_OK(ftl_sealed_write(path, "newer", 5, NULL));
    bool same = sealed.n_bytes == 3 && !memcmp(sealed.bytes, "old", 3);
    ftl_sealed_close(&sealed);
    FTL_CHECK(same);
}

/* The trailer's digest, of whatever size the file is. */
static void digest_is_read(void) {
    const char *path = fresh_path();
    uint8_t written[FTL_SHA256_BYTES], read[FTL_SHA256_BYTES] = {0};
    FTL_CHECK(!ftl_sealed_read_digest(read, path));
    FTL_CHECK(!ftl_sealed_read_digest(read, "/"));
    FTL_CHECK_OK(ftl_sealed_write(path, "abc", 3, written));
    FTL_CHECK(ftl_sealed_read_digest(read, path));
    FTL_CHECK(!memcmp(read, written, sizeof read));
    FTL_CHECK_OK(ftl_sealed_write_unless_interrupted(path, "abcd", 4, written));
    ftl_sealed sealed;
    FTL_CHECK_FAILS(ftl_sealed_open(&sealed, path), FTL_EFORMAT, "SHA-256");
    FTL_CHECK(put(path, "short", 5));
    FTL_CHECK(!ftl_sealed_read_digest(read, path));
    static char zeroes[1000];
    FTL_CHECK(put(path, zeroes, sizeof zeroes));
    FTL_CHECK(!ftl_sealed_read_digest(read, path));
}

/* A signal stops what need not be written, and nothing else; the old file stays. */
static void signals_stop_what_may_be_stopped(void) {
    static char large[5000];
    const char *path = fresh_path();
    ftl_interrupt_install();
    FTL_CHECK_OK(ftl_sealed_write_unless_interrupted(path, "old", 3, NULL));
    raise(SIGINT);
    FTL_CHECK_FAILS(
            ftl_sealed_write_unless_interrupted(path, large, sizeof large, NULL),
            FTL_EINTERRUPTED, "a.h5: interrupted while it was written");
    ftl_sealed sealed;
    FTL_CHECK_OK(ftl_sealed_open(&sealed, path));
    bool same = sealed.n_bytes == 3 && !memcmp(sealed.bytes, "old", 3);
    ftl_sealed_close(&sealed);
    FTL_CHECK(same);
    FTL_CHECK_OK(ftl_sealed_write(path, large, sizeof large, NULL));
    FTL_CHECK_OK(ftl_sealed_open(&sealed, path));
    same = sealed.n_bytes == sizeof large;
    ftl_sealed_close(&sealed);
    FTL_CHECK(same);
    /* No temporary file is left. */
    snprintf(large, sizeof large, "%.*s", (int)(strrchr(path, '/') - path), path);
    FTL_CHECK(!remove(path) && !rmdir(large));
    ftl_interrupt_install();
}

int main(void) {
    FTL_TEST(round_trip);
    FTL_TEST(layout_is_as_documented);
    FTL_TEST(every_flipped_bit_is_noticed);
    FTL_TEST(every_truncation_is_noticed);
    FTL_TEST(more_bytes_are_noticed);
    FTL_TEST(messages_say_which);
    FTL_TEST(map_outlives_replacement);
    FTL_TEST(digest_is_read);
    FTL_TEST(signals_stop_what_may_be_stopped);
    return ftl_test_finish();
}
