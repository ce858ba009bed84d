/* memory_file.c - see memory_file.h. */
#include "engine/base/memory_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static ftl_status fail(const ftl_memory_file *file) {
    return ftl_fail(FTL_ENOMEM, "no memory left for %s", file->what);
}

/* Room for n bytes more and the 0. */
static bool grow(ftl_memory_file *file, size_t n) {
    size_t room = file->room ? file->room : 1024;
    while (room - file->n <= n) {
        if (room > SIZE_MAX / 2) return false;
        room *= 2;
    }
    if (room == file->room) return true;
    char *bytes = realloc(file->bytes, room);
    if (!bytes) return false;
    file->bytes = bytes;
    file->room = room;
    return true;
}

/* What stdio has collected. 0: an error. */
static ssize_t append(void *cookie, const char *bytes, size_t n) {
    ftl_memory_file *file = cookie;
    if (file->failed || !grow(file, n)) {
        file->failed = true;
        return 0;
    }
    memcpy(file->bytes + file->n, bytes, n);
    file->n += n;
    file->bytes[file->n] = 0;
    return (ssize_t)n;
}

ftl_status ftl_memory_file_open(ftl_memory_file *file, const char *what) {
    *file = (ftl_memory_file) {.what = what};
    if (!grow(file, 0)) return fail(file);
    file->bytes[0] = 0;
    file->file = fopencookie(file, "w", (cookie_io_functions_t) {.write = append});
    if (file->file) return FTL_OK;
    free(file->bytes);
    return fail(file);
}

ftl_status ftl_memory_file_close(
        ftl_memory_file *file, ftl_status so_far, char **bytes, size_t *n) {
    bool failed = ferror(file->file) != 0;
    failed |= fclose(file->file) != 0;
    failed |= file->failed;
    if (so_far == FTL_OK && failed) so_far = fail(file);
    if (so_far != FTL_OK) {
        free(file->bytes);
        file->bytes = NULL;
        file->n = 0;
    }
    *bytes = file->bytes;
    if (n) *n = file->n;
    *file = (ftl_memory_file) {0};
    return so_far;
}
