/* interrupt.h - SIGINT and SIGTERM ask a run to finish its step and save, and anything
 * else that is long to stop and leave nothing half done. */
#ifndef FTL_ENGINE_BASE_INTERRUPT_H
#define FTL_ENGINE_BASE_INTERRUPT_H

#include "engine/base/status.h"

/* From now on SIGINT and SIGTERM only set a flag, which starts clear. A second SIGINT
 * ends the process at once: whoever presses Ctrl-C twice means it, and no file is ever
 * half written (file.h). A second SIGTERM changes nothing, since supervisors repeat it.
 * Installed also where the parent ignored them, as shells do for `fairtl ... &`. */
void ftl_interrupt_install(void);

/* 0, or the first signal that came: SIGINT or SIGTERM. */
int ftl_interrupt_pending(void);

/* FTL_EINTERRUPTED if one came: "<subject>: interrupted while it was <done to>". */
ftl_status ftl_interrupt_check(const char *subject, const char *done_to);

#endif
