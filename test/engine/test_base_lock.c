/* test_base_lock.c - one owner at a time, and none after its death. */
#include "engine/base/file.h"
#include "engine/base/lock.h"
#include "test/harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void second_taker_is_refused(void) {
    const char *d = ftl_test_directory();
    int fd, again = 0;
    FTL_CHECK_OK(ftl_lock_take(&fd, d));
    FTL_CHECK(fd >= 0);
    char want[100];
    snprintf(want, sizeof want, "is in use by process %ld", (long)getpid());
    FTL_CHECK_FAILS(ftl_lock_take(&again, d), FTL_EINPUT, want);
    FTL_CHECK(again == -1);
    FTL_CHECK(!ftl_directory_occupied(d));
    ftl_lock_release(&fd, d);
    FTL_CHECK(fd == -1);
    ftl_lock_release(&fd, d);
    FTL_CHECK_OK(ftl_lock_take(&fd, d));
    ftl_lock_release(&fd, d);
    char path[5000];
    snprintf(path, sizeof path, "%s/" FTL_LOCK_NAME, d);
    FTL_CHECK(!ftl_file_exists(path));
}

/* Each has its own, and none is in the way of the directory's. */
static void files_are_locked_one_by_one(void) {
    const char *d = ftl_test_directory();
    char a[5000], b[5000], want[5100], lock[5000];
    int in_a, again, in_b, in_d;
    snprintf(a, sizeof a, "%s/a.h5", d);
    snprintf(b, sizeof b, "%s/b.h5", d);
    snprintf(lock, sizeof lock, "%s/.a.h5.lock", d);
    snprintf(want, sizeof want, "a.h5 is in use by process %ld", (long)getpid());
    FTL_CHECK_OK(ftl_lock_take_file(&in_a, a));
    FTL_CHECK_FAILS(ftl_lock_take_file(&again, a), FTL_EINPUT, want);
    FTL_CHECK(again == -1);
    ftl_lock_release_file(&again, a);
    FTL_CHECK(ftl_file_exists(lock));
    FTL_CHECK_OK(ftl_lock_take_file(&in_b, b));
    FTL_CHECK_OK(ftl_lock_take(&in_d, d));
    ftl_lock_release_file(&in_a, a);
    FTL_CHECK(in_a == -1 && !ftl_file_exists(lock) && !ftl_file_exists(a));
    ftl_lock_release_file(&in_b, b);
    ftl_lock_release(&in_d, d);
    FTL_CHECK(!ftl_directory_occupied(d));
    FTL_CHECK_FAILS(ftl_lock_take_file(&in_a, "/nonexistent/a.h5"), FTL_EIO,
            "/nonexistent/a.h5: cannot be locked: No such file");
}

static void lock_dies_with_its_process(void) {
    const char *d = ftl_test_directory();
    int ready[2];
    FTL_CHECK(!pipe(ready));
    pid_t child = fork();
    if (!child) {
        int fd;
        ftl_status status = ftl_lock_take(&fd, d);
        if (write(ready[1], status ? "n" : "y", 1) != 1) _exit(1);
        for (;;)
            pause();
    }
    char answer = 0;
    FTL_CHECK(read(ready[0], &answer, 1) == 1 && answer == 'y');
    close(ready[0]);
    close(ready[1]);
    int fd, status;
    char want[100];
    snprintf(want, sizeof want, "is in use by process %ld", (long)child);
    ftl_status held = ftl_lock_take(&fd, d);
    kill(child, SIGKILL);
    FTL_CHECK(waitpid(child, &status, 0) == child);
    FTL_CHECK_FAILS(held, FTL_EINPUT, want);
    FTL_CHECK_OK(ftl_lock_take(&fd, d));
    ftl_lock_release(&fd, d);
}

/* Taking and giving back race with the removal of the lock file. */
static void never_two_owners(void) {
    enum { N_CHILDREN = 4, N_TURNS = 300 };
    const char *d = ftl_test_directory();
    char token[5000];
    snprintf(token, sizeof token, "%s/token", d);
    for (int c = 0; c < N_CHILDREN; c++) {
        if (fork()) continue;
        for (int turn = 0; turn < N_TURNS;) {
            int fd;
            if (ftl_lock_take(&fd, d)) continue;
            FILE *file = fopen(token, "wx"); /* fails if another owner made it */
            if (!file) _exit(1);
            fclose(file);
            unlink(token);
            ftl_lock_release(&fd, d);
            turn++;
        }
        _exit(0);
    }
    int n_good = 0;
    for (int c = 0; c < N_CHILDREN; c++) {
        int status = 1;
        wait(&status);
        n_good += status == 0;
    }
    FTL_CHECK(n_good == N_CHILDREN);
}

static void missing_directory(void) {
    int fd;
    FTL_CHECK_FAILS(ftl_lock_take(&fd, "/nonexistent/run"), FTL_EIO,
            "/nonexistent/run: cannot be locked: No such file");
    FTL_CHECK(fd == -1);
}

/* A directory that is no longer the one that was locked. */
static void notices_another_directory(void) {
    char d[5000], away[5000], lock[5100];
    int fd, other;
    snprintf(d, sizeof d, "%s/run", ftl_test_directory());
    snprintf(away, sizeof away, "%.4000s-away", d);
    snprintf(lock, sizeof lock, "%s/" FTL_LOCK_NAME, d);
    FTL_CHECK_OK(ftl_directory_create(d));
    FTL_CHECK_OK(ftl_lock_take(&fd, d));
    FTL_CHECK_OK(ftl_lock_check(fd, d));
    FTL_CHECK(!rename(d, away));
    FTL_CHECK_FAILS(ftl_lock_check(fd, d), FTL_EIO, "/run was moved, removed or");
    FTL_CHECK_OK(ftl_directory_create(d));
    FTL_CHECK_OK(ftl_lock_take(&other, d));
    FTL_CHECK_FAILS(ftl_lock_check(fd, d), FTL_EIO, "/run was moved, removed or");
    /* It gives back its own, and leaves the other's. */
    ftl_lock_release(&fd, d);
    FTL_CHECK(ftl_file_exists(lock));
    FTL_CHECK_OK(ftl_lock_check(other, d));
    FTL_CHECK(!unlink(lock));
    FTL_CHECK_FAILS(ftl_lock_check(other, d), FTL_EIO, "while it was in use");
    ftl_lock_release(&other, d);
}

int main(void) {
    FTL_TEST(second_taker_is_refused);
    FTL_TEST(files_are_locked_one_by_one);
    FTL_TEST(lock_dies_with_its_process);
    FTL_TEST(never_two_owners);
    FTL_TEST(missing_directory);
    FTL_TEST(notices_another_directory);
    return ftl_test_finish();
}
