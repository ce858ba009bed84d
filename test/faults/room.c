/* room.c - see room.h. */
#define _GNU_SOURCE
#include "test/faults/room.h"

#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    if (fd < 0) return false;
    size_t n = strlen(text);
    bool good = write(fd, text, n) == (ssize_t)n;
    close(fd);
    return good;
}

/* Root may mount; others may in a name space where they are root. */
static bool leave_for_own_space(void) {
    char map[64];
    uid_t user = geteuid();
    gid_t group = getegid();
    if (unshare(CLONE_NEWNS) == 0) return true;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    snprintf(map, sizeof map, "0 %u 1\n", (unsigned)user);
    bool good = write_text("/proc/self/uid_map", map);
    good = good && write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1\n", (unsigned)group);
    return good && write_text("/proc/self/gid_map", map);
}

bool fault_room_begin(void) {
    static enum { UNKNOWN, YES, NO } may;
    if (may == UNKNOWN) {
        bool good = leave_for_own_space() &&
                    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
                    fault_room_make("try", 64);
        if (good) fault_room_remove("try");
        may = good ? YES : NO;
    }
    if (may == NO) ftl_test_skip_case("nothing can be mounted here");
    return may == YES;
}

static bool mount_room(const char *path, unsigned long flags, const char *how) {
    return mount("room", whole_run_path("%s", path), "tmpfs", flags, how) == 0;
}

bool fault_room_make(const char *path, long kib) {
    char how[64];
    snprintf(how, sizeof how, "size=%ldk", kib);
    mkdir(whole_run_path("%s", path), 0777);
    return mount_room(path, 0, how);
}

bool fault_room_resize(const char *path, long kib) {
    char how[64];
    snprintf(how, sizeof how, "size=%ldk", kib);
    return mount_room(path, MS_REMOUNT, how);
}

bool fault_room_lock(const char *path, bool read_only) {
    return mount_room(path, MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL);
}

void fault_room_remove(const char *path) {
    umount(whole_run_path("%s", path));
    rmdir(whole_run_path("%s", path));
}
