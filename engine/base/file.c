/* file.c - whole files, appended text, directories; see file.h. */
#include "engine/base/file.h"

#include "engine/base/file_parts.h"
#include "engine/base/interrupt.h"
#include "engine/base/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".tmp-"

static ftl_status fail_io(const char *path, const char *what) {
    return ftl_fail(FTL_EIO, "%s: %s: %s", path, what, strerror(errno));
}

/* What somebody named cannot be used. */
static ftl_status fail_named(const char *path, const char *what) {
    return ftl_fail(ftl_file_blame(errno), "%s: %s: %s", path, what, strerror(errno));
}

/* -------------------------------------------------------------------- reading */

ftl_status ftl_file_read(char **bytes, size_t *n_bytes, const char *path) {
    *bytes = NULL;
    *n_bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_named(path, "cannot be opened");

    ftl_status status = FTL_OK;
    struct stat info;
    /* One byte for the zero and one more, so that the end is seen without growing. */
    size_t n = 0, room = 4096;
    if (!fstat(fd, &info) && S_ISREG(info.st_mode) && info.st_size > 0) {
        room = (size_t)info.st_size + 2;
    }
    char *buffer = malloc(room);
    while (buffer) {
        ssize_t got = read(fd, buffer + n, room - 1 - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            status = fail_named(path, "cannot be read");
            goto out;
        }
        if (got == 0) break;
        n += (size_t)got;
        if (n + 1 < room) continue;
        char *larger = realloc(buffer, room *= 2);
        if (!larger) free(buffer);
        buffer = larger;
    }
    if (!buffer) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory for its contents", path);
        goto out;
    }
    buffer[n] = 0;
    *bytes = buffer;
    *n_bytes = n;
    buffer = NULL;
out:
    free(buffer);
    close(fd);
    return status;
}

bool ftl_file_exists(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode);
}

/* -------------------------------------------------------------------- writing */

/* What is written between two looks for a signal. It is synced each time, or else the
 * last sync might take minutes. */
enum { PIECE = 32 << 20 };

static bool write_all(int fd, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n) {
        ssize_t put = write(fd, at, n < SSIZE_MAX ? n : SSIZE_MAX);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

/* EINTR if a signal came. */
static bool write_unless_interrupted(int fd, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n) {
        size_t piece = n < PIECE ? n : PIECE;
        if (ftl_interrupt_pending()) {
            errno = EINTR;
            return false;
        }
        if (!write_all(fd, at, piece) || fdatasync(fd)) return false;
        at += piece;
        n -= piece;
    }
    return true;
}

/* The directory part of a path, "." if it has none. free() it; NULL: no memory. */
static char *parent_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static bool sync_directory(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    /* Some file systems cannot sync a directory and say EINVAL. */
    bool good = !fsync(fd) || errno == EINVAL;
    int error = errno;
    close(fd);
    errno = error;
    return good;
}

/* Where a write to path must go: path itself, or what a symbolic link there points to.
 * *target: free() it. */
static ftl_status find_target(char **target, const char *path) {
    struct stat info;
    if (!lstat(path, &info)) {
        if (S_ISLNK(info.st_mode)) {
            *target = realpath(path, NULL);
            if (!*target) return fail_io(path, "a link that leads nowhere");
            if (stat(*target, &info)) return fail_io(path, "cannot be written");
        }
        if (!S_ISREG(info.st_mode)) {
            return ftl_fail(
                    FTL_EIO, "%s: is no regular file, so it is not replaced", path);
        }
    }
    if (!*target) *target = strdup(path);
    return *target ? FTL_OK : ftl_fail(FTL_ENOMEM, "%s: no memory for its name", path);
}

/* A new file beside target, locked while we write it so that a sweep by another process
 * leaves it alone. *temporary: free() it. Gives the descriptor, or -1 and errno. */
static int create_temporary(char **temporary, const char *target) {
    static atomic_uint count;
    size_t n = strlen(target) + sizeof TEMPORARY + 32;
    *temporary = malloc(n);
    if (!*temporary) return -1;
    for (;;) {
        snprintf(*temporary, n, "%s" TEMPORARY "%ld-%u", target, (long)getpid(),
                atomic_fetch_add(&count, 1));
        int fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno == EEXIST) continue;
        if (fd < 0) return -1;
        /* Before the lock was ours a sweep may have taken the file away. */
        struct stat info;
        if (flock(fd, LOCK_EX) || fstat(fd, &info) || info.st_nlink > 0) return fd;
        close(fd);
    }
}

ftl_status ftl_file_write_how(const char *path, const ftl_file_part *parts, int n_parts,
        bool unless_interrupted) {
    ftl_status status;
    char *target = NULL, *temporary = NULL, *parent = NULL;
    int fd = -1;
    FTL_TRY_OUT(find_target(&target, path));
    parent = parent_of(target);
    if (!parent) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory for its name", path);
        goto out;
    }
    fd = create_temporary(&temporary, target);
    if (fd < 0) {
        status = fail_io(path, "cannot be created");
        goto out;
    }
    bool good = true;
    for (int i = 0; i < n_parts && good; i++) {
        good = unless_interrupted
                       ? write_unless_interrupted(fd, parts[i].bytes, parts[i].n_bytes)
                       : write_all(fd, parts[i].bytes, parts[i].n_bytes);
    }
    /* Closed after the rename: until then its lock keeps a sweep away. close() reports
     * nothing that fsync() did not. */
    if (!good || fsync(fd) || rename(temporary, target)) {
        status = unless_interrupted && errno == EINTR
                         ? ftl_interrupt_check(path, "written")
                         : fail_io(path, "cannot be written");
        unlink(temporary);
        goto out;
    }
    if (!sync_directory(parent)) {
        status = fail_io(path, "written, but its directory cannot be synced");
    }
out:
    if (fd >= 0) close(fd);
    free(parent);
    free(temporary);
    free(target);
    return status;
}

ftl_status ftl_file_write_parts(
        const char *path, const ftl_file_part *parts, int n_parts) {
    return ftl_file_write_how(path, parts, n_parts, false);
}

ftl_status ftl_file_write(const char *path, const void *bytes, size_t n_bytes) {
    return ftl_file_write_parts(path, &(ftl_file_part) {bytes, n_bytes}, 1);
}

ftl_status ftl_file_append(const char *path, const void *bytes, size_t n_bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return fail_io(path, "cannot be opened");
    ftl_status status = FTL_OK;
    struct stat before;
    bool known = !fstat(fd, &before);
    if (!write_all(fd, bytes, n_bytes)) {
        status = fail_io(path, "cannot be appended to");
        /* Best effort; should this fail too, the first message is the one to tell. */
        if (known && S_ISREG(before.st_mode) && ftruncate(fd, before.st_size))
            errno = 0;
    }
    if (close(fd) && !status) status = fail_io(path, "cannot be appended to");
    return status;
}

ftl_status ftl_file_truncate(const char *path, size_t n_bytes) {
    struct stat info;
    if (stat(path, &info)) {
        return errno == ENOENT ? FTL_OK : fail_io(path, "cannot be cut back");
    }
    if ((uintmax_t)info.st_size <= n_bytes) return FTL_OK;
    if (truncate(path, (off_t)n_bytes)) return fail_io(path, "cannot be cut back");
    return FTL_OK;
}

/* ---------------------------------------------------------------- directories */

/* mkdir, content if the directory is there already. */
static ftl_status create_one(const char *path) {
    if (!mkdir(path, 0777)) return FTL_OK;
    int error = errno;
    struct stat info;
    if (!stat(path, &info)) {
        if (S_ISDIR(info.st_mode)) return FTL_OK;
        error = ENOTDIR;
    }
    errno = error;
    return fail_named(path, "the directory cannot be created");
}

ftl_status ftl_directory_create(const char *path) {
    char *copy = strdup(path);
    if (!copy) return ftl_fail(FTL_ENOMEM, "%s: no memory for its name", path);
    ftl_status status;
    char *at = copy;
    do {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char end = *at;
        *at = 0;
        status = create_one(copy);
        *at = end;
    } while (!status && *at);
    free(copy);
    return status;
}

/* "anything.tmp-<digits>-<digits>" */
static bool is_temporary(const char *name) {
    const char *at = NULL;
    for (const char *next = name; (next = strstr(next, TEMPORARY)); next++)
        at = next;
    if (!at) return false;
    at += strlen(TEMPORARY);
    size_t n = strspn(at, "0123456789");
    if (!n || at[n] != '-') return false;
    at += n + 1;
    n = strspn(at, "0123456789");
    return n && !at[n];
}

bool ftl_directory_occupied(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return false;
    bool found = false;
    for (const struct dirent *entry; !found && (entry = readdir(directory));) {
        const char *name = entry->d_name;
        found = strcmp(name, ".") && strcmp(name, "..") &&
                strcmp(name, FTL_LOCK_NAME) && !is_temporary(name);
    }
    closedir(directory);
    return found;
}

/* Those whose names begin like this. */
static void sweep(const char *path, const char *beginning) {
    size_t n = strlen(beginning);
    DIR *directory = opendir(path);
    if (!directory) return;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (!is_temporary(entry->d_name) || strncmp(entry->d_name, beginning, n))
            continue;
        int at = dirfd(directory);
        int fd = openat(
                at, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) continue;
        struct stat info;
        bool abandoned = !flock(fd, LOCK_EX | LOCK_NB);
        if (abandoned && !fstat(fd, &info) && S_ISREG(info.st_mode)) {
            unlinkat(at, entry->d_name, 0);
        }
        close(fd);
    }
    closedir(directory);
}

void ftl_directory_sweep(const char *path) { sweep(path, ""); }

void ftl_file_sweep(const char *path) {
    const char *slash = strrchr(path, '/');
    char *parent = parent_of(path);
    char beginning[NAME_MAX + 1];
    int n = snprintf(
            beginning, sizeof beginning, "%s" TEMPORARY, slash ? slash + 1 : path);
    if (parent && n > 0 && (size_t)n < sizeof beginning) sweep(parent, beginning);
    free(parent);
}
