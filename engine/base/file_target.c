/* file_target.c - whose fault it is, and whether there is one, before work is done. */
#include "engine/base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ftl_status ftl_file_blame(int error) {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case ELOOP:
    case ENAMETOOLONG:
        return FTL_EINPUT;
    default:
        return FTL_EIO;
    }
}

ftl_status ftl_file_check_target(const char *path) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return ftl_fail(FTL_EINPUT, "%s: is a folder; name a file", path);
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 1;
    char *folder = malloc(length + 1);
    if (!folder) return ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
    memcpy(folder, slash ? path : ".", length);
    folder[length] = 0;
    int failed = access(folder, W_OK | X_OK), reason = errno;
    free(folder);
    if (!failed) return FTL_OK;
    return ftl_fail(ftl_file_blame(reason), "%s: cannot be written: %s", path,
            strerror(reason));
}
