/* clock.h - time that only moves forward. */
#ifndef FTL_ENGINE_BASE_CLOCK_H
#define FTL_ENGINE_BASE_CLOCK_H

/* Seconds since some fixed moment, monotonic, with nanosecond resolution. */
double ftl_clock_s(void);

/* Largest resident set of this program so far, in MiB; the system counts it to some
 * hundred KiB. */
double ftl_clock_peak_mib(void);

#endif
