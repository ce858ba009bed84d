/* lock.c - see lock.h. */
#include "engine/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static ftl_status fail_io(const char *directory) {
    return ftl_fail(FTL_EIO, "%s: cannot be locked: %s", directory, strerror(errno));
}

/* Who holds it, for the message: the owner wrote it, perhaps not yet. */
static ftl_status fail_held(int fd, const char *directory) {
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long process = n > 0 ? strtol(text, NULL, 10) : 0;
    if (process <= 0) {
        return ftl_fail(FTL_EINPUT, "%s is in use by another process", directory);
    }
    return ftl_fail(FTL_EINPUT, "%s is in use by process %ld", directory, process);
}

/* Is fd still the file at path? The last owner may have removed it since we opened it.
 */
static bool is_current(int fd, const char *path) {
    struct stat ours, there;
    return !fstat(fd, &ours) && !stat(path, &there) && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

ftl_status ftl_lock_take(int *out, const char *directory) {
    *out = -1;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" FTL_LOCK_NAME, directory);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return fail_io(directory);
    }
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return fail_io(directory);
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            ftl_status status = errno == EWOULDBLOCK ? fail_held(fd, directory)
                                                     : fail_io(directory);
            close(fd);
            return status;
        }
        if (is_current(fd, path)) {
            /* The process id only serves the message: without it the lock still holds.
             */
            if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0) errno = 0;
            *out = fd;
            return FTL_OK;
        }
        close(fd);
    }
}

ftl_status ftl_lock_check(int fd, const char *directory) {
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" FTL_LOCK_NAME, directory);
    if (n > 0 && (size_t)n < sizeof path && is_current(fd, path)) return FTL_OK;
    return ftl_fail(FTL_EIO,
            "%s was moved, removed or replaced while it was in use: nothing more is "
            "written under this name",
            directory);
}

void ftl_lock_release(int *fd, const char *directory) {
    if (*fd < 0) return;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" FTL_LOCK_NAME, directory);
    /* Removed while it is still held, so that nobody else's is removed. */
    if (n > 0 && (size_t)n < sizeof path && is_current(*fd, path)) unlink(path);
    close(*fd);
    *fd = -1;
}
