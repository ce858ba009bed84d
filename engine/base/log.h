/* log.h - what the user sees while a run is under way.
 *
 * One logger a process, for all its threads. Lines go to standard error and, once
 * opened, to log.txt of the run. On a terminal a progress line is rewritten in place,
 * cut to its width; elsewhere (and where TERM is unset or dumb) progress is printed as
 * plain lines, at most one in ten seconds. Logging itself never fails and leaves
 * ftl_message() alone: that log.txt cannot be written is kept for ftl_log_check. Lines
 * above 4,094 bytes are cut. */
#ifndef FTL_ENGINE_BASE_LOG_H
#define FTL_ENGINE_BASE_LOG_H

#include "engine/base/status.h"

/* Also append to this file from now on; NULL closes it. Fails with FTL_EIO; the file
 * before, if any, then stays. */
ftl_status ftl_log_open(const char *path);

/* Fails with FTL_EIO, and the message of then, if a line could not be written to the
 * file since it was opened: the first one. Lines that came later may be there. */
ftl_status ftl_log_check(void);

/* Nothing below warnings on standard error (the file still gets everything). */
void ftl_log_quiet(int quiet);

/* One line, without its newline. Warnings get "warning: " in front. */
void ftl_log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ftl_log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The progress line; not written to the file. ftl_log_progress_end leaves the last one
 * standing, also where it came too soon to be printed. */
void ftl_log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ftl_log_progress_end(void);

#endif
