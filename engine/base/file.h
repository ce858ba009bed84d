/* file.h - reading, and writing such that nothing is ever half written.
 *
 * A sealed file carries a trailer behind its contents: 8 bytes of magic, the length
 * of the contents (u64, little-endian), their SHA-256. Readers of the contents that
 * know nothing of it (h5py) ignore it. */
#ifndef FTL_ENGINE_BASE_FILE_H
#define FTL_ENGINE_BASE_FILE_H

#include "engine/base/hash.h"
#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Read a whole file. *bytes has n_bytes + 1 bytes, the last of them 0; free() it.
 * Fails with FTL_EIO, FTL_ENOMEM. */
ftl_status ftl_file_read(char **bytes, size_t *n_bytes, const char *path);

/* Write a file so that a crash or a full disk leaves either the old or the new one:
 * temporary file beside it, write, fsync, rename, fsync of the directory. A failure
 * removes the temporary file and leaves an old file as it was. Fails with FTL_EIO. */
ftl_status ftl_file_write(const char *path, const void *bytes, size_t n_bytes);

/* The same with the trailer behind the contents. digest (may be NULL) receives the SHA-256. */
ftl_status ftl_sealed_write(const char *path, const void *bytes, size_t n_bytes,
        uint8_t digest[FTL_SHA256_BYTES]);

/* A sealed file, mapped read-only after its trailer was checked. */
typedef struct ftl_sealed {
    const unsigned char *bytes; /* the contents, without the trailer */
    size_t n_bytes;
    uint8_t digest[FTL_SHA256_BYTES];
    void *map;
    size_t n_map;
} ftl_sealed;

/* Map and verify. Fails with FTL_EIO (cannot be opened) or FTL_EFORMAT (truncated, no
 * trailer, damaged: the message says which); *out is then empty. */
ftl_status ftl_sealed_open(ftl_sealed *out, const char *path);
void ftl_sealed_close(ftl_sealed *sealed);

/* Cut a text file back to n_bytes; it is no error if it is shorter or absent. */
ftl_status ftl_file_truncate(const char *path, size_t n_bytes);

/* Append and flush to the kernel; creates the file. Fails with FTL_EIO. */
ftl_status ftl_file_append(const char *path, const void *bytes, size_t n_bytes);

bool ftl_file_exists(const char *path);

/* Create the directory and its parents; existing ones are fine. Fails with FTL_EIO. */
ftl_status ftl_directory_create(const char *path);

/* True if the directory exists and holds at least one entry. */
bool ftl_directory_occupied(const char *path);

/* Remove temporary files that a killed process left in the directory. */
void ftl_directory_sweep(const char *path);

#endif
