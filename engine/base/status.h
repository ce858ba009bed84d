/* status.h - how every function of fairtl reports failure.
 *
 * A function that can fail returns ftl_status. The sentence for the user lives in
 * one thread-local message, set where the fault was found: the first message wins,
 * so callers on the way up add nothing and lose nothing. Programming errors are
 * asserted instead. */
#ifndef FTL_ENGINE_BASE_STATUS_H
#define FTL_ENGINE_BASE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ftl_status {
    FTL_OK = 0,
    FTL_ENOMEM,       /* no memory left */
    FTL_EIO,          /* the system failed: read, write, full disk */
    FTL_EFORMAT,      /* a file is damaged, truncated or not what it should be */
    FTL_ECONFIG,      /* configuration or command line: key, type, range */
    FTL_ESHAPE,       /* shapes that do not fit together */
    FTL_EINPUT,       /* any other input that cannot be used */
    FTL_EUNSUPPORTED, /* no such gradient, kernel or feature */
    FTL_ENUMERIC,     /* NaN or infinity where there must be none */
    FTL_EINTERRUPTED, /* SIGINT or SIGTERM; the state was saved */
    FTL_EBACKEND,     /* a library failed in a way that it should not */
} ftl_status;

/* Record why something failed; return status, so `return ftl_fail(...)` reads well.
 * One line, no newline, no capital unless a name; control characters become '?', and
 * what is beyond 1,023 bytes is cut. Kept only if no message is set. */
ftl_status ftl_fail(ftl_status status, const char *format, ...)
        __attribute__((format(printf, 2, 3), cold));

/* The message of this thread's first failure, "" if none. Borrowed; valid until the
 * next ftl_fail or ftl_clear on this thread. */
const char *ftl_message(void);

/* Forget the message: after a failure was handled, or before a new attempt. */
void ftl_clear(void);

/* Exit status of a program that ends with this: 0 done, 1 failed (I/O, memory,
 * numbers, library), 2 refused (input, configuration), 130 interrupted by SIGINT, 143
 * by SIGTERM (interrupt.h). */
int ftl_exit_status(ftl_status status);

/* Evaluate once; on failure return its status. Only where nothing is held. */
#define FTL_TRY(expression)                                                            \
    do {                                                                               \
        ftl_status ftl_try_status_ = (expression);                                     \
        if (ftl_try_status_ != FTL_OK) return ftl_try_status_;                         \
    } while (0)

/* The same where something is held: sets `status` and jumps to the label `out`. */
#define FTL_TRY_OUT(expression)                                                        \
    do {                                                                               \
        status = (expression);                                                         \
        if (status != FTL_OK) goto out;                                                \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
