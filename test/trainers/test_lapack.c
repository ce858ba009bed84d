/* test_lapack.c - where no memory is left for a decomposition, that is said: OpenBLAS
 * alone would ask for its buffer again and again, for ever. */
#include "test/harness.h"
#include "trainers/metrics/lapack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { D = 200, SPARE_BYTES = 48 << 20, SECONDS = 60 };

#ifdef __SANITIZE_ADDRESS__
#define TAKES_ALL 1
#else
#define TAKES_ALL 0
#endif

/* Addresses that this process uses; 0: nobody says. */
static rlim_t addresses(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static ftl_status decompose(void) {
    static double a[D * D], w[D];
    for (int i = 0; i < D; i++)
        for (int k = 0; k < D; k++)
            a[i * D + k] = i == k ? 2 + i : 1.0 / (1 + i + k);
    return ftl_lapack_eigen(a, w, D);
}

/* The child: 0 if it was told that there is no memory; 1 if there was enough, as where
 * LAPACK is another library; a signal if it does not end. */
static void decompose_in_little(void) {
    const struct rlimit limit = {addresses() + SPARE_BYTES, RLIM_INFINITY};
    alarm(SECONDS);
    if (setrlimit(RLIMIT_AS, &limit)) _exit(2);
    const ftl_status status = decompose();
    if (status == FTL_OK) _exit(1);
    const bool told = status == FTL_ENOMEM &&
                      strcmp(ftl_message(), "no memory left for the eigenvalues of a "
                                            "covariance") == 0;
    _exit(told ? 0 : 3);
}

static void says_that_memory_is_short(void) {
    char version[FTL_LAPACK_TEXT];
    int status;
    if (TAKES_ALL || !addresses()) {
        ftl_test_skip_case("how many addresses it takes cannot be limited here");
        return;
    }
    const pid_t child = fork();
    if (!child) decompose_in_little();
    FTL_CHECK(child > 0 && waitpid(child, &status, 0) == child);
    FTL_CHECK(WIFEXITED(status));
    const bool is_openblas = strstr(ftl_lapack_version(version), "OpenBLAS") != NULL;
    FTL_CHECK(WEXITSTATUS(status) == 0 || (!is_openblas && WEXITSTATUS(status) == 1));
    FTL_CHECK_OK(decompose());
}

int main(void) {
    FTL_TEST(says_that_memory_is_short);
    return ftl_test_finish();
}
