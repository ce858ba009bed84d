/* limit_memory.h - fewer addresses for this process, as `ulimit -v` makes it. */
#ifndef FTL_TEST_DATASETS_LIMIT_MEMORY_H
#define FTL_TEST_DATASETS_LIMIT_MEMORY_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* So many MiB more than there are now; 0: as many as there can be. Not where
 * ftl_test_is_checked: AddressSanitizer takes all addresses, valgrind many. */
static inline bool limit_memory(size_t n_mib) {
    struct rlimit limit;
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    bool read = file && fscanf(file, "%lu", &pages) == 1;
    if (file) fclose(file);
    if (!read || getrlimit(RLIMIT_AS, &limit)) return false;
    limit.rlim_cur = limit.rlim_max;
    if (n_mib) limit.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + (n_mib << 20);
    return setrlimit(RLIMIT_AS, &limit) == 0;
}

#endif
