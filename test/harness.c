/* harness.c - counts and reports; see harness.h. */
#include "test/harness.h"

#include "engine/base/status.h"

#include <ftw.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SKIPPED 77 /* SKIP_RETURN_CODE in CMakeLists.txt */

static int n_passed, n_failed, n_skipped;
static bool case_failed;
static const char *case_skipped; /* why; NULL */
static char directory[4096];
static int n_directories;
static char root[256];

static int remove_entry(
        const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info, (void)flag, (void)walk;
    return remove(path);
}

void ftl_test_run(const char *name, void (*function)(void)) {
    case_failed = false;
    case_skipped = NULL;
    ftl_clear();
    function();
    if (case_failed) {
        n_failed++;
        fprintf(stderr, "FAILED %s\n", name);
    } else if (case_skipped) {
        n_skipped++;
        printf("skipped %s: %s\n", name, case_skipped);
    } else {
        n_passed++;
    }
}

int ftl_test_finish(void) {
    if (root[0]) nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed", n_passed, n_failed);
    if (n_skipped) printf(", %d skipped", n_skipped);
    putchar('\n');
    if (n_failed) return 1;
    return n_skipped ? SKIPPED : !n_passed;
}

void ftl_test_skip_case(const char *why) { case_skipped = why; }

bool ftl_test_under_valgrind(void) { return getenv("FTL_VALGRIND_TEST"); }

bool ftl_test_is_checked(void) {
#ifdef __SANITIZE_ADDRESS__
    return true;
#else
    return ftl_test_under_valgrind();
#endif
}

int ftl_test_skip(const char *why) {
    if (root[0]) nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("skipped: %s\n", why);
    return SKIPPED;
}

void ftl_test_fail(const char *file, int line, const char *format, ...) {
    case_failed = true;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

bool ftl_test_ok(const char *file, int line, const char *what, int status) {
    if (status == FTL_OK) return true;
    ftl_test_fail(file, line, "%s gave status %d: %s", what, status, ftl_message());
    return false;
}

bool ftl_test_fails(const char *file, int line, const char *what, int status, int want,
        const char *text) {
    if (status != want) {
        ftl_test_fail(file, line, "%s gave status %d, not %d: %s", what, status, want,
                ftl_message());
        return false;
    }
    if (!strstr(ftl_message(), text)) {
        ftl_test_fail(file, line, "%s: \"%s\" does not contain \"%s\"", what,
                ftl_message(), text);
        return false;
    }
    ftl_clear();
    return true;
}

bool ftl_test_near(const char *file, int line, const char *what, double got,
        double want, double tolerance) {
    if (fabs(got - want) <= tolerance) return true;
    ftl_test_fail(file, line, "%s is %.9g, not %.9g (tolerance %.3g)", what, got, want,
            tolerance);
    return false;
}

double ftl_test_distance(const float *a, const float *b, int64_t n) {
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < n; i++) {
        difference += pow((double)(a[i] - b[i]), 2);
        norm += pow((double)a[i], 2);
    }
    return sqrt(difference / norm);
}

const char *ftl_test_directory(void) {
    if (!root[0]) {
        const char *base = getenv("TMPDIR");
        /* Tests have buffers for paths that are not much longer. */
        if (!base || !base[0] || strlen(base) > sizeof root - 32) base = "/tmp";
        snprintf(root, sizeof root, "%s/ftl-test-XXXXXX", base);
        if (!mkdtemp(root)) abort();
    }
    snprintf(directory, sizeof directory, "%s/%d", root, n_directories++);
    if (mkdir(directory, 0700)) abort();
    return directory;
}
