/* clock.c - see clock.h. */
#include "engine/base/clock.h"

#include <sys/resource.h>
#include <time.h>

double ftl_clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double ftl_clock_peak_mib(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage)) return 0;
    return (double)usage.ru_maxrss / 1024; /* Linux counts in KiB */
}
