/* clock.c - see clock.h. */
#include "engine/base/clock.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

double ftl_clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* VmHWM is of this program alone: what getrusage says may be of the process that it was
 * forked from, up to exec. */
static double peak_of_status(void) {
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld kB", &kib) == 1) break;
    if (file) fclose(file);
    return (double)kib / 1024;
}

double ftl_clock_peak_mib(void) {
    struct rusage usage;
    const double peak = peak_of_status();
    if (peak > 0) return peak;
    if (getrusage(RUSAGE_SELF, &usage)) return 0;
    return (double)usage.ru_maxrss / 1024; /* Linux counts in KiB */
}
