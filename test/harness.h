/* harness.h - what every test program uses.
 *
 * A test program lists its cases in main() with FTL_TEST(function) and returns
 * ftl_test_finish(), which prints "N passed, N failed" and gives the exit status: where
 * a case was skipped and none failed that by which ctest knows the program as skipped.
 * A failed check prints file and line and ends its case only. */
#ifndef FTL_TEST_HARNESS_H
#define FTL_TEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Run one case, `static void name(void)`. */
#define FTL_TEST(function) ftl_test_run(#function, function)

void ftl_test_run(const char *name, void (*function)(void));
int ftl_test_finish(void);

/* Instead of any case: what the program needs is not on this machine. Prints why; the
 * exit status by which ctest knows that it was skipped. */
int ftl_test_skip(const char *why);

/* The case that runs cannot be tried on this machine; return from it. why: static. */
void ftl_test_skip_case(const char *why);
/* Does test/valgrind.sh run it? */
bool ftl_test_under_valgrind(void);
/* Under AddressSanitizer or valgrind: all takes many times as long, and memory says
 * nothing, since both keep what was freed. */
bool ftl_test_is_checked(void);

/* Each returns from the case when it does not hold. */
#define FTL_CHECK(condition)                                                           \
    do {                                                                               \
        if (!(condition)) {                                                            \
            ftl_test_fail(__FILE__, __LINE__, "%s", #condition);                       \
            return;                                                                    \
        }                                                                              \
    } while (0)

/* An expression of type ftl_status that must be FTL_OK; prints the message. */
#define FTL_CHECK_OK(expression)                                                       \
    do {                                                                               \
        if (!ftl_test_ok(__FILE__, __LINE__, #expression, (int)(expression))) return;  \
    } while (0)

/* An expression that must fail with this status and with a message that contains text.
 */
#define FTL_CHECK_FAILS(expression, status, text)                                      \
    do {                                                                               \
        if (!ftl_test_fails(                                                           \
                    __FILE__, __LINE__, #expression, (int)(expression), status, text)) \
            return;                                                                    \
    } while (0)

/* |got - want| <= tolerance; NaN fails. */
#define FTL_CHECK_NEAR(got, want, tolerance)                                           \
    do {                                                                               \
        if (!ftl_test_near(__FILE__, __LINE__, #got, got, want, tolerance)) return;    \
    } while (0)

void ftl_test_fail(const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
bool ftl_test_ok(const char *file, int line, const char *what, int status);
bool ftl_test_fails(const char *file, int line, const char *what, int status, int want,
        const char *text);
bool ftl_test_near(const char *file, int line, const char *what, double got,
        double want, double tolerance);

/* || a - b || / || a ||, of n numbers each. */
double ftl_test_distance(const float *a, const float *b, int64_t n);

/* A fresh directory for this case, below $TMPDIR or /tmp; removed with all it holds at
 * the end of the program. Borrowed; valid till then. */
const char *ftl_test_directory(void);

#endif
