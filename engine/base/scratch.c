/* scratch.c - see scratch.h. */
#include "engine/base/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ftl_status ftl_scratch_open(ftl_scratch *out, const char *purpose, const char *name) {
    const char *base = getenv("TMPDIR");
    if (!base || !base[0]) base = "/tmp";
    const size_t size = sizeof out->folder;
    out->path[0] = 0;
    if (snprintf(out->folder, size, "%s/fairtl-%s-XXXXXX", base, purpose) >=
            (int)size) {
        out->folder[0] = 0;
        return ftl_fail(FTL_EIO, "TMPDIR: %.64s...: that is too long", base);
    }
    if (!mkdtemp(out->folder)) {
        out->folder[0] = 0;
        return ftl_fail(FTL_EIO,
                "%s: no folder can be created in it: %s; TMPDIR names another", base,
                strerror(errno));
    }
    snprintf(out->path, sizeof out->path, "%s/%s", out->folder, name);
    return FTL_OK;
}

void ftl_scratch_close(ftl_scratch *scratch) {
    if (!scratch->folder[0]) return;
    unlink(scratch->path);
    rmdir(scratch->folder);
    scratch->folder[0] = scratch->path[0] = 0;
}
