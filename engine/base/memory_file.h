/* memory_file.h - a FILE that is written into memory, and loses nothing unnoticed.
 *
 * In place of open_memstream: glibc's says nothing where the last allocation of a text
 * fails, and can drop what does not fit without a mark on the stream. */
#ifndef FTL_ENGINE_BASE_MEMORY_FILE_H
#define FTL_ENGINE_BASE_MEMORY_FILE_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct ftl_memory_file {
    FILE *file;       /* to be written, not closed; it cannot be read or sought in */
    const char *what; /* for messages: "no memory left for WHAT" */
    char *bytes;
    size_t n, room;
    bool failed; /* some bytes found no memory */
} ftl_memory_file;

/* An empty file. The structure must stay where it is, and `what` live, until it is
 * closed. FTL_ENOMEM: there is nothing to close. */
ftl_status ftl_memory_file_open(ftl_memory_file *file, const char *what);

/* Close it, in any case. so_far: how the writing went. If that is FTL_OK and all bytes
 * are there they become the caller's, to free(): *n of them, and a 0 behind them. Else
 * *bytes is NULL, *n 0, and the status so_far, whose message stays, or FTL_ENOMEM. n
 * may be NULL. */
ftl_status ftl_memory_file_close(
        ftl_memory_file *file, ftl_status so_far, char **bytes, size_t *n);

#endif
