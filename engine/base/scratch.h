/* scratch.h - a folder for one file that is not to stay. */
#ifndef FTL_ENGINE_BASE_SCRATCH_H
#define FTL_ENGINE_BASE_SCRATCH_H

#include "engine/base/status.h"

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

#endif
