/* room.h - small file systems in memory, for tests of disks that are full or cannot be
 * written. They are mounted where this process and its children alone see them. */
#ifndef FTL_TEST_FAULTS_ROOM_H
#define FTL_TEST_FAULTS_ROOM_H

#include <stdbool.h>

/* May this process mount? If not the case counts as skipped: return from it. Call this
 * first. */
bool fault_room_begin(void);

/* A new one of so many KiB, at this path below the directory of whole_run.h. */
bool fault_room_make(const char *path, long kib);
bool fault_room_resize(const char *path, long kib);

/* Read-only, or no more. False if it cannot be, as long as a file is open to write. */
bool fault_room_lock(const char *path, bool read_only);
void fault_room_remove(const char *path);

#endif
