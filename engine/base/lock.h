/* lock.h - one process at a time in a run directory, or at a file that is to be made.
 */
#ifndef FTL_ENGINE_BASE_LOCK_H
#define FTL_ENGINE_BASE_LOCK_H

#include "engine/base/status.h"

/* The file in the directory that carries the lock. It holds the owner's process id. */
#define FTL_LOCK_NAME ".lock"

/* Lock an existing directory. *fd is owned by the caller: ftl_lock_release. The lock is
 * an advisory flock(): it ends with its process, however that ends, and a lock file
 * that was left behind means nothing. Children made by fork() share it until they
 * exec(). Fails with FTL_EINPUT ("... is in use by process N"; also for a second
 * ftl_lock_take by the same process) or FTL_EIO; *fd is then -1. */
ftl_status ftl_lock_take(int *fd, const char *directory);

/* Is the directory still there, and ours? Fails with FTL_EIO if it, or the lock file in
 * it, was moved, removed or replaced: what is written under its name might then be
 * another process's. */
ftl_status ftl_lock_check(int fd, const char *directory);

/* Give it back and remove the lock file; *fd becomes -1. -1 is fine. */
void ftl_lock_release(int *fd, const char *directory);

/* The same for one file, which need not exist: the lock is the hidden file
 * ".<name>.lock" beside it. Who reaches the file by another name has another lock. */
ftl_status ftl_lock_take_file(int *fd, const char *file);
void ftl_lock_release_file(int *fd, const char *file);

#endif
