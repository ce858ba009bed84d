/* interrupt.c - see interrupt.h. */
#include "engine/base/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t pending;

static void handle(int signal) {
    if (!pending) pending = signal;
}

void ftl_interrupt_install(void) {
    pending = 0;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    action.sa_flags |= (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
}

int ftl_interrupt_pending(void) { return pending; }

ftl_status ftl_interrupt_check(const char *subject, const char *done_to) {
    if (!pending) return FTL_OK;
    return ftl_fail(
            FTL_EINTERRUPTED, "%s: interrupted while it was %s", subject, done_to);
}
