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

/* `what` is the directory or the file that is locked, as the caller calls it. */
static ftl_status fail_io(const char *what) {
    return ftl_fail(FTL_EIO, "%s: cannot be locked: %s", what, strerror(errno));
}

/* Who holds it, for the message: the owner wrote it, perhaps not yet. */
static ftl_status fail_held(int fd, const char *what) {
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long process = n > 0 ? strtol(text, NULL, 10) : 0;
    if (process <= 0) {
        return ftl_fail(FTL_EINPUT, "%s is in use by another process", what);
    }
    return ftl_fail(FTL_EINPUT, "%s is in use by process %ld", what, process);
}

/* Is fd still the file at path? The last owner may have removed it since we opened it.
 */
static bool is_current(int fd, const char *path) {
    struct stat ours, there;
    return !fstat(fd, &ours) && !stat(path, &there) && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static bool name_in(char path[PATH_MAX], const char *directory) {
    int n = snprintf(path, PATH_MAX, "%s/" FTL_LOCK_NAME, directory);
    return n > 0 && n < PATH_MAX;
}

/* Hidden: who imports the folder in which it lies does not want to hear of it. */
static bool name_beside(char path[PATH_MAX], const char *file) {
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    int n = snprintf(
            path, PATH_MAX, "%.*s.%s" FTL_LOCK_NAME, (int)(name - file), file, name);
    return n > 0 && n < PATH_MAX;
}

/* path: of the lock file; NULL if it is too long. */
static ftl_status take(int *out, const char *path, const char *what) {
    *out = -1;
    if (!path) {
        errno = ENAMETOOLONG;
        return fail_io(what);
    }
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return fail_io(what);
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            ftl_status status =
                    errno == EWOULDBLOCK ? fail_held(fd, what) : fail_io(what);
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

static void release(int *fd, const char *path) {
    if (*fd < 0) return;
    /* Removed while it is still held, so that nobody else's is removed. */
    if (path && is_current(*fd, path)) unlink(path);
    close(*fd);
    *fd = -1;
}

ftl_status ftl_lock_take(int *fd, const char *directory) {
    char path[PATH_MAX];
    return take(fd, name_in(path, directory) ? path : NULL, directory);
}

ftl_status ftl_lock_check(int fd, const char *directory) {
    char path[PATH_MAX];
    if (name_in(path, directory) && is_current(fd, path)) return FTL_OK;
    return ftl_fail(FTL_EIO,
            "%s was moved, removed or replaced while it was in use: nothing more is "
            "written under this name",
            directory);
}

void ftl_lock_release(int *fd, const char *directory) {
    char path[PATH_MAX];
    release(fd, name_in(path, directory) ? path : NULL);
}

ftl_status ftl_lock_take_file(int *fd, const char *file) {
    char path[PATH_MAX];
    return take(fd, name_beside(path, file) ? path : NULL, file);
}

void ftl_lock_release_file(int *fd, const char *file) {
    char path[PATH_MAX];
    release(fd, name_beside(path, file) ? path : NULL);
}
