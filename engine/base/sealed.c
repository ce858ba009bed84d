/* sealed.c - files that notice damage: contents, then magic, length, SHA-256. */
#include "engine/base/file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last bytes of the file. Multi-byte numbers are little-endian on every machine. */
enum {
    AT_LENGTH = 8,
    AT_DIGEST = 16,
    TRAILER = FTL_SEALED_TRAILER_BYTES,
};
static const unsigned char magic[AT_LENGTH] = {'F', 'T', 'L', 'S', 'E', 'A', 'L', '1'};

static void put_u64(unsigned char *at, uint64_t value) {
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_u64(const unsigned char *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static ftl_status write_sealed(const char *path, const void *bytes, size_t n_bytes,
        const uint8_t digest[FTL_SHA256_BYTES], bool unless_interrupted) {
    unsigned char trailer[TRAILER];
    memcpy(trailer, magic, sizeof magic);
    put_u64(trailer + AT_LENGTH, n_bytes);
    memcpy(trailer + AT_DIGEST, digest, FTL_SHA256_BYTES);
    const ftl_file_part part[] = {{bytes, n_bytes}, {trailer, sizeof trailer}};
    return ftl_file_write_how(path, part, 2, unless_interrupted);
}

ftl_status ftl_sealed_write(const char *path, const void *bytes, size_t n_bytes,
        uint8_t digest[FTL_SHA256_BYTES]) {
    uint8_t own[FTL_SHA256_BYTES];
    FTL_TRY(ftl_sha256(own, bytes, n_bytes));
    FTL_TRY(write_sealed(path, bytes, n_bytes, own, false));
    if (digest) memcpy(digest, own, sizeof own);
    return FTL_OK;
}

ftl_status ftl_sealed_write_unless_interrupted(const char *path, const void *bytes,
        size_t n_bytes, const uint8_t digest[FTL_SHA256_BYTES]) {
    uint8_t own[FTL_SHA256_BYTES];
    if (!digest) FTL_TRY(ftl_sha256(own, bytes, n_bytes));
    return write_sealed(path, bytes, n_bytes, digest ? digest : own, true);
}

static bool has_trailer(const ftl_sealed *sealed) {
    const unsigned char *bytes = sealed->map;
    return !memcmp(bytes + sealed->n_map - TRAILER, magic, sizeof magic);
}

/* Fill in bytes, n_bytes and digest of a mapped file, if its trailer is true. */
static ftl_status verify(ftl_sealed *sealed, const char *path) {
    const unsigned char *bytes = sealed->map;
    size_t n = sealed->n_map - TRAILER;
    const unsigned char *trailer = bytes + n;
    uint64_t length = get_u64(trailer + AT_LENGTH);
    if (length != n) {
        return ftl_fail(FTL_EFORMAT,
                "%s: damaged: its trailer stands for %" PRIu64
                " bytes, but %zu are there",
                path, length, n);
    }
    uint8_t digest[FTL_SHA256_BYTES];
    FTL_TRY(ftl_sha256(digest, bytes, n));
    if (memcmp(trailer + AT_DIGEST, digest, sizeof digest)) {
        return ftl_fail(FTL_EFORMAT,
                "%s: damaged: its contents do not have the SHA-256 of its trailer",
                path);
    }
    memcpy(sealed->digest, digest, sizeof digest);
    sealed->bytes = bytes;
    sealed->n_bytes = n;
    return FTL_OK;
}

/* Set map and n_map. No file of interest is shorter than a trailer. */
static ftl_status map_file(ftl_sealed *out, const char *path) {
    ftl_status status = FTL_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info)) {
        status = ftl_fail(ftl_file_blame(errno), "%s: cannot be opened: %s", path,
                strerror(errno));
        goto out;
    }
    if (!S_ISREG(info.st_mode)) {
        status = ftl_fail(FTL_EINPUT, "%s: is no regular file", path);
        goto out;
    }
    if (info.st_size < TRAILER) {
        status = ftl_fail(FTL_EFORMAT,
                "%s: truncated: %jd bytes are fewer than the trailer of every file of "
                "fairtl",
                path, (intmax_t)info.st_size);
        goto out;
    }
    void *map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        status = ftl_fail(FTL_EIO, "%s: cannot be mapped: %s", path, strerror(errno));
        goto out;
    }
    out->map = map;
    out->n_map = (size_t)info.st_size;
out:
    if (fd >= 0) close(fd);
    return status;
}

ftl_status ftl_sealed_open(ftl_sealed *out, const char *path) {
    bool is_sealed;
    FTL_TRY(ftl_sealed_open_any(out, &is_sealed, path));
    if (is_sealed) return FTL_OK;
    ftl_sealed_close(out);
    return ftl_fail(FTL_EFORMAT,
            "%s: has no trailer at its end: truncated, or not written by fairtl", path);
}

ftl_status ftl_sealed_open_any(ftl_sealed *out, bool *is_sealed, const char *path) {
    memset(out, 0, sizeof *out);
    FTL_TRY(map_file(out, path));
    *is_sealed = has_trailer(out);
    if (!*is_sealed) {
        out->bytes = out->map;
        out->n_bytes = out->n_map;
        return FTL_OK;
    }
    ftl_status status = verify(out, path);
    if (status) ftl_sealed_close(out);
    return status;
}

bool ftl_sealed_read_digest(uint8_t digest[FTL_SHA256_BYTES], const char *path) {
    unsigned char trailer[TRAILER];
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool found = !fstat(fd, &info) && S_ISREG(info.st_mode) &&
                 info.st_size >= TRAILER &&
                 pread(fd, trailer, TRAILER, info.st_size - TRAILER) == TRAILER &&
                 !memcmp(trailer, magic, sizeof magic) &&
                 get_u64(trailer + AT_LENGTH) == (uint64_t)info.st_size - TRAILER;
    close(fd);
    if (found) memcpy(digest, trailer + AT_DIGEST, FTL_SHA256_BYTES);
    return found;
}

void ftl_sealed_close(ftl_sealed *sealed) {
    if (sealed->map) munmap(sealed->map, sealed->n_map);
    memset(sealed, 0, sizeof *sealed);
}
