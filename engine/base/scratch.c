/* scratch.c - see scratch.h. */
#include "engine/base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

const char *ftl_scratch_base(void) {
    const char *base = getenv("TMPDIR");
    return base && base[0] ? base : "/tmp";
}

bool ftl_scratch_room(uint64_t *n_bytes) {
    struct statvfs info;
    if (statvfs(ftl_scratch_base(), &info) != 0) return false;
    *n_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    return true;
}

ftl_status ftl_scratch_open(ftl_scratch *out, const char *purpose, const char *name) {
    const char *base = ftl_scratch_base();
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

/* Or an error number. Where room cannot be taken beforehand, writing takes it. */
static int reserve(int fd, int64_t n_bytes) {
    int error;
    do
        error = posix_fallocate(fd, 0, (off_t)n_bytes);
    while (error == EINTR);
    return error == EOPNOTSUPP || error == EINVAL ? 0 : error;
}

ftl_status ftl_scratch_open_nameless(int *fd, const char *purpose, int64_t n_bytes) {
    const char *base = ftl_scratch_base();
    char path[4096];
    int error;
    *fd = -1;
    if (snprintf(path, sizeof path, "%s/fairtl-%s-XXXXXX", base, purpose) >=
            (int)sizeof path)
        return ftl_fail(FTL_EIO, "TMPDIR: %.64s...: that is too long", base);
    *fd = mkstemp(path);
    if (*fd >= 0) {
        unlink(path);
        error = fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0 ? reserve(*fd, n_bytes) : errno;
        if (!error) return FTL_OK;
        close(*fd);
        *fd = -1;
    } else {
        error = errno;
    }
    return ftl_fail(FTL_EIO,
            "%s: %" PRId64 " bytes cannot be kept in it for a while: %s; TMPDIR names "
            "another folder",
            base, n_bytes, strerror(error));
}
