/* damage.h - a file cut at 200 places and with each of 2,000 bits flipped. */
#ifndef FTL_TEST_DAMAGE_H
#define FTL_TEST_DAMAGE_H

#include "engine/base/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { FTL_TEST_CUTS = 200, FTL_TEST_BITS = 2000 };

/* Without syncing, as ftl_file_write would and as file systems do when a file is cut to
 * nothing and written again. */
static inline void ftl_test_put(const char *path, const char *bytes, size_t n) {
    remove(path);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) abort();
}

/* In how many of these cases is the damage not noticed? The cuts and bits are spread
 * evenly over the whole file, and a quarter of them over its last 64 bytes, where the
 * trailer is.
 * whole       a sound file of more than 2,000 bytes
 * path        where the damaged ones are put
 * is_refused  opens `path`; true if that fails as it should */
static inline int ftl_test_damage(
        const char *whole, const char *path, bool (*is_refused)(const char *path)) {
    enum { END = 64 };
    char *bytes;
    size_t n;
    int unnoticed = 0;
    if (ftl_file_read(&bytes, &n, whole) || n <= FTL_TEST_BITS) abort();
    for (size_t i = 0; i < FTL_TEST_CUTS; i++) {
        size_t at = i % 4 ? i * n / FTL_TEST_CUTS : n - 1 - i / 4 % END;
        ftl_test_put(path, bytes, at);
        unnoticed += !is_refused(path);
    }
    for (size_t i = 0; i < FTL_TEST_BITS; i++) {
        size_t at = i % 4 ? i * n / FTL_TEST_BITS : n - 1 - i / 4 % END;
        char bit = (char)(1 << (i / 4 + i / 256) % 8);
        bytes[at] = (char)(bytes[at] ^ bit);
        ftl_test_put(path, bytes, n);
        unnoticed += !is_refused(path);
        bytes[at] = (char)(bytes[at] ^ bit);
    }
    /* One who refuses everything notices nothing. */
    ftl_test_put(path, bytes, n);
    if (is_refused(path)) unnoticed = -1;
    free(bytes);
    return unnoticed;
}

#endif
