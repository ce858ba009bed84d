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

/* What an errno of opening says of a path that somebody named: FTL_EINPUT if there is
 * no such thing, another kind of thing, or one that may not be opened; else FTL_EIO. */
ftl_status ftl_file_blame(int error);

/* Read a whole file, or a pipe to its end. *bytes has n_bytes + 1 bytes, the last of
 * them 0; free() it. Fails with FTL_EINPUT (cannot be opened), FTL_EIO, FTL_ENOMEM;
 * *bytes is then NULL, *n_bytes 0. */
ftl_status ftl_file_read(char **bytes, size_t *n_bytes, const char *path);

/* Write a file so that a crash or a full disk leaves either the old or the new one:
 * temporary file beside it (path + ".tmp-" + process + "-" + count), write, fsync,
 * rename, fsync of the directory. A symbolic link is followed; what is no regular file
 * is refused. Fails with FTL_EIO: the temporary file is removed and an old file left as
 * it was (unless it was only the last fsync that failed). */
ftl_status ftl_file_write(const char *path, const void *bytes, size_t n_bytes);

/* The same for contents that lie in several pieces, without joining them first. */
typedef struct ftl_file_part {
    const void *bytes;
    size_t n_bytes;
} ftl_file_part;
ftl_status ftl_file_write_parts(
        const char *path, const ftl_file_part *parts, int n_parts);

#define FTL_SEALED_TRAILER_BYTES (16 + FTL_SHA256_BYTES)

/* The same with the trailer behind the contents. digest (may be NULL) receives the
 * SHA-256. */
ftl_status ftl_sealed_write(const char *path, const void *bytes, size_t n_bytes,
        uint8_t digest[FTL_SHA256_BYTES]);

/* The same for a file that need not be written after a signal came (interrupt.h): it
 * then fails with FTL_EINTERRUPTED, as if it had never begun. digest is the SHA-256 of
 * the contents where the caller knows it already; NULL: it is computed. */
ftl_status ftl_sealed_write_unless_interrupted(const char *path, const void *bytes,
        size_t n_bytes, const uint8_t digest[FTL_SHA256_BYTES]);

/* A sealed file, mapped read-only after its trailer was checked. What replaces the file
 * by rename, as all of ours do, leaves the map as it is. */
typedef struct ftl_sealed {
    const unsigned char *bytes; /* the contents, without the trailer */
    size_t n_bytes;
    uint8_t digest[FTL_SHA256_BYTES];
    void *map;
    size_t n_map;
} ftl_sealed;

/* Map and verify: one pass over all bytes. Fails with FTL_EINPUT (cannot be opened),
 * FTL_EIO or FTL_EFORMAT (truncated, no trailer, damaged: the message says which); *out
 * is then empty. */
ftl_status ftl_sealed_open(ftl_sealed *out, const char *path);

/* The same for files that others may have written: one without a trailer is mapped
 * unverified, and *is_sealed tells. */
ftl_status ftl_sealed_open_any(ftl_sealed *out, bool *is_sealed, const char *path);

/* The SHA-256 that a file's trailer tells of, which is not verified. False if there is
 * no such file, or no trailer at its end. */
bool ftl_sealed_read_digest(uint8_t digest[FTL_SHA256_BYTES], const char *path);

/* Unmap and empty it. An empty one is fine. */
void ftl_sealed_close(ftl_sealed *sealed);

/* Cut a text file back to n_bytes; it is no error if it is shorter or absent. Fails
 * with FTL_EIO. */
ftl_status ftl_file_truncate(const char *path, size_t n_bytes);

/* Append and hand to the kernel; creates the file. One writer a file. Fails with
 * FTL_EIO: the file is then cut back to what it was. */
ftl_status ftl_file_append(const char *path, const void *bytes, size_t n_bytes);

/* Could a file be written there: is its folder one that can be written to? Fails with
 * FTL_EINPUT (path is a folder; the one that it is in is not there, or may not be
 * written to), FTL_EIO (its disk is read-only), FTL_ENOMEM. Nothing is written. */
ftl_status ftl_file_check_target(const char *path);

/* Is there a regular file at path (or at the end of its symbolic links)? */
bool ftl_file_exists(const char *path);

/* Create the directory and its parents; existing ones are fine. Fails with FTL_EINPUT
 * (something else is there, or it may not be made there), FTL_EIO. */
ftl_status ftl_directory_create(const char *path);

/* True if the directory exists and holds at least one entry that is neither a lock
 * (lock.h) nor a temporary file of ours. */
bool ftl_directory_occupied(const char *path);

/* Remove temporary files that a killed process left in the directory itself. One that
 * is still being written, by whomever, stays. Never fails: what cannot be removed
 * stays. */
void ftl_directory_sweep(const char *path);

/* The same for what is left of writing this one file. */
void ftl_file_sweep(const char *path);

#endif
