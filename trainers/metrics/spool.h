/* spool.h - vectors of features in a file that is not to stay, for what needs them all
 * more than once: on disk they may be more than memory holds.
 *
 * The file lies in $TMPDIR (/tmp if that is not set), has no name, and is gone when it
 * is closed or the process ends (engine/base/scratch.h). */
#ifndef FTL_TRAINERS_METRICS_SPOOL_H
#define FTL_TRAINERS_METRICS_SPOOL_H

#include "engine/base/status.h"

#include <stdint.h>

typedef struct ftl_spool {
    int fd; /* -1: none */
    int64_t n, d;
} ftl_spool;

/* What n vectors of d features take on disk. */
int64_t ftl_spool_bytes(int64_t n, int64_t d);

/* Make room for n (1 or more) vectors of d features. Fails with FTL_EIO, at once where
 * the disk has no room for all of them: the message names the folder and the bytes.
 * *out then has none. */
ftl_status ftl_spool_open(ftl_spool *out, int64_t n, int64_t d);

/* x [count, d]: vectors first .. first + count - 1, which lie within n. What was not
 * written must not be read. Fail with FTL_EIO. */
ftl_status ftl_spool_write(
        const ftl_spool *spool, const float *x, int64_t first, int64_t count);
ftl_status ftl_spool_read(
        float *x, const ftl_spool *spool, int64_t first, int64_t count);

/* One that has none is fine. */
void ftl_spool_close(ftl_spool *spool);

#endif
