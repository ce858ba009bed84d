/* log.h - what the user sees while a run is under way.
 *
 * One logger a process. Lines go to standard error and, once opened, to log.txt of
 * the run. On a terminal a progress line is rewritten in place; elsewhere progress
 * is printed as plain lines, at most one in ten seconds. */
#ifndef FTL_ENGINE_BASE_LOG_H
#define FTL_ENGINE_BASE_LOG_H

#include "engine/base/status.h"

/* Also append to this file from now on; NULL closes it. Fails with FTL_EIO. */
ftl_status ftl_log_open(const char *path);

/* Nothing below warnings on standard error (the file still gets everything). */
void ftl_log_quiet(int quiet);

void ftl_log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ftl_log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The progress line; not written to the file. ftl_log_progress_end leaves it. */
void ftl_log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ftl_log_progress_end(void);

#endif
