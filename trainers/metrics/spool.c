/* spool.c - see spool.h. */
#include "trainers/metrics/spool.h"

#include "engine/base/scratch.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

int64_t ftl_spool_bytes(int64_t n, int64_t d) { return n * d * (int64_t)sizeof(float); }

ftl_status ftl_spool_open(ftl_spool *out, int64_t n, int64_t d) {
    assert(n > 0 && d > 0);
    *out = (ftl_spool) {.fd = -1, .n = n, .d = d};
    return ftl_scratch_open_nameless(&out->fd, "features", ftl_spool_bytes(n, d));
}

static ftl_status fail(const ftl_spool *s, const char *what, const char *why) {
    return ftl_fail(FTL_EIO,
            "%s: %" PRId64 " bytes of features cannot be %s it: %s; TMPDIR names "
            "another folder",
            ftl_scratch_base(), ftl_spool_bytes(s->n, s->d), what, why);
}

ftl_status ftl_spool_write(
        const ftl_spool *spool, const float *x, int64_t first, int64_t count) {
    const char *from = (const char *)x;
    off_t at = (off_t)ftl_spool_bytes(first, spool->d);
    size_t left = (size_t)ftl_spool_bytes(count, spool->d);
    assert(first >= 0 && first + count <= spool->n);
    while (left) {
        const ssize_t put = pwrite(spool->fd, from, left, at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(spool, "written to", strerror(errno));
        from += put;
        at += put;
        left -= (size_t)put;
    }
    return FTL_OK;
}

ftl_status ftl_spool_read(
        float *x, const ftl_spool *spool, int64_t first, int64_t count) {
    char *to = (char *)x;
    off_t at = (off_t)ftl_spool_bytes(first, spool->d);
    size_t left = (size_t)ftl_spool_bytes(count, spool->d);
    assert(first >= 0 && first + count <= spool->n);
    while (left) {
        const ssize_t got = pread(spool->fd, to, left, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return fail(spool, "read back from", got ? strerror(errno) : "it is cut");
        to += got;
        at += got;
        left -= (size_t)got;
    }
    return FTL_OK;
}

void ftl_spool_close(ftl_spool *spool) {
    if (spool->fd >= 0) close(spool->fd);
    spool->fd = -1;
}
