/* status.c - the first message of a failure, kept for the user; see status.h. */
#include "engine/base/status.h"

#include "engine/base/interrupt.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

static _Thread_local char message[1024];

ftl_status ftl_fail(ftl_status status, const char *format, ...) {
    if (message[0]) return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    /* File names may hold anything; a message stays one harmless line. */
    for (char *c = message; *c; c++) {
        if (iscntrl((unsigned char)*c)) *c = '?';
    }
    return status;
}

const char *ftl_message(void) { return message; }

void ftl_clear(void) { message[0] = 0; }

int ftl_exit_status(ftl_status status) {
    switch (status) {
    case FTL_OK:
        return 0;
    case FTL_ENOMEM:
    case FTL_EIO:
    case FTL_ENUMERIC:
    case FTL_EBACKEND:
        return 1;
    case FTL_EFORMAT:
    case FTL_ECONFIG:
    case FTL_ESHAPE:
    case FTL_EINPUT:
    case FTL_EUNSUPPORTED:
        return 2;
    case FTL_EINTERRUPTED:
        return 128 + (ftl_interrupt_pending() == SIGTERM ? SIGTERM : SIGINT);
    }
    return 1;
}
