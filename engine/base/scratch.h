/* scratch.h - files that are not to stay: one in a folder of its own, or one without a
 * name. */
#ifndef FTL_ENGINE_BASE_SCRATCH_H
#define FTL_ENGINE_BASE_SCRATCH_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ftl_scratch {
    char folder[4000];
    char path[4096]; /* of the file in it, which the caller writes */
} ftl_scratch;

/* Make a new folder in $TMPDIR, in /tmp if that is not set: fairtl-PURPOSE-XXXXXX,
 * readable by its owner alone; `name` is that of the file. Fails with FTL_EIO; *out is
 * then empty. */
ftl_status ftl_scratch_open(ftl_scratch *out, const char *purpose, const char *name);

/* Remove both and empty it. An empty one, or one whose file was never written, is
 * fine. */
void ftl_scratch_close(ftl_scratch *scratch);

/* The folder that both are made in: $TMPDIR, /tmp if that is not set. Borrowed. */
const char *ftl_scratch_base(void);

/* Bytes that are free there; false where the system does not say. */
bool ftl_scratch_room(uint64_t *n_bytes);

/* Open a new file of n_bytes (1 or more) in it, to read and write. It has no name any
 * more: close *fd, and it is gone, as it is when the process is killed. Its room is
 * taken from the disk now, where the file system can do that. It was called
 * fairtl-PURPOSE-XXXXXX. Fails with FTL_EIO: the message names folder and n_bytes, and
 * *fd is -1. */
ftl_status ftl_scratch_open_nameless(int *fd, const char *purpose, int64_t n_bytes);

#endif
