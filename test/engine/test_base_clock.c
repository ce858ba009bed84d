/* test_base_clock.c - time moves forward at its usual pace; memory is counted. */
#include "engine/base/clock.h"
#include "test/harness.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void seconds(void) {
    double start = ftl_clock_s(), last = start;
    for (int i = 0; i < 1000; i++) {
        double now = ftl_clock_s();
        FTL_CHECK(now >= last);
        last = now;
    }
    struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    double passed = ftl_clock_s() - start;
    FTL_CHECK(passed >= 0.02 && passed < 20);
}

static void peak(void) {
    double before = ftl_clock_peak_mib();
    FTL_CHECK(before > 0.1 && before < 1e6);
    size_t n = 64 << 20;
    volatile char *block = malloc(n); /* volatile: or the stores are optimised away */
    FTL_CHECK(block);
    for (size_t i = 0; i < n; i += 1024)
        block[i] = 1;
    double with = ftl_clock_peak_mib();
    free((void *)(uintptr_t)block);
    FTL_CHECK(with > before + 32 && with < before + 256);
    /* The system counts pages of each core apart, and sums up loosely. */
    FTL_CHECK(ftl_clock_peak_mib() > with - 1);
}

static const char *program; /* the path of this test */

/* The memory of this process is not that of a program that it starts by fork. */
static void peak_of_a_child(void) {
    size_t n = 256 << 20;
    int ends[2];
    double said = 0;
    char *block = malloc(n);
    FTL_CHECK(block && pipe(ends) == 0);
    memset(block, 1, n);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        execl(program, "child", "peak", (char *)NULL);
        _exit(127);
    }
    close(ends[1]); /* or a child that never starts would be waited for without end */
    FTL_CHECK(read(ends[0], &said, sizeof said) == sizeof said);
    waitpid(child, NULL, 0);
    close(ends[0]);
    free(block);
    FTL_CHECK(said > 0.1 && said < 200);
}

int main(int n, char **words) {
    if (n > 1 && strcmp(words[1], "peak") == 0) {
        double peak_mib = ftl_clock_peak_mib();
        return write(1, &peak_mib, sizeof peak_mib) < 0;
    }
    program = words[0];
    FTL_TEST(seconds);
    FTL_TEST(peak);
    FTL_TEST(peak_of_a_child);
    return ftl_test_finish();
}
