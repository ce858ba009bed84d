/* test_base_file.c - reading, replacing, appending, directories; and all of it failing.
 */
#include "engine/base/file.h"
#include "test/harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Valid for the next 31 calls. */
static const char *in(const char *directory, const char *name) {
    static char path[32][300];
    static int next;
    next = (next + 1) % 32;
    snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
    return path[next];
}

static bool holds(const char *path, const char *want) {
    char *bytes;
    size_t n;
    if (ftl_file_read(&bytes, &n, path)) return false;
    bool same = n == strlen(want) && !memcmp(bytes, want, n + 1);
    free(bytes);
    return same;
}

static int n_entries(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return -1;
    int n = 0;
    while (readdir(directory))
        n++;
    closedir(directory);
    return n - 2;
}

static void touch(const char *path) { close(open(path, O_CREAT | O_WRONLY, 0666)); }

static void write_then_read(void) {
    const char *d = ftl_test_directory(), *path = in(d, "a.txt");
    FTL_CHECK(!ftl_file_exists(path));
    FTL_CHECK_OK(ftl_file_write(path, "one", 3));
    FTL_CHECK(ftl_file_exists(path) && holds(path, "one"));
    FTL_CHECK_OK(ftl_file_write(path, "second", 6));
    FTL_CHECK(holds(path, "second"));
    FTL_CHECK_OK(ftl_file_write(path, NULL, 0));
    FTL_CHECK(holds(path, ""));
    const ftl_file_part part[] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
    FTL_CHECK_OK(ftl_file_write_parts(path, part, 3));
    FTL_CHECK(holds(path, "abcde"));
    FTL_CHECK(n_entries(d) == 1);
    FTL_CHECK(!ftl_file_exists(d));
}

static void large_file(void) {
    const char *path = in(ftl_test_directory(), "large");
    size_t n = 5000001, n_read = 0;
    char *bytes = malloc(n), *got = NULL;
    FTL_CHECK(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 7 + i / 1000);
    ftl_status status = ftl_file_write(path, bytes, n);
    if (!status) status = ftl_file_read(&got, &n_read, path);
    bool same = got && n_read == n && !memcmp(bytes, got, n) && !got[n];
    free(bytes);
    free(got);
    FTL_CHECK_OK(status);
    FTL_CHECK(same);
}

static void read_from_a_pipe(void) {
    int end[2];
    FTL_CHECK(!pipe(end));
    static char sent[20000];
    memset(sent, 'p', sizeof sent);
    FTL_CHECK(write(end[1], sent, sizeof sent) == sizeof sent);
    close(end[1]);
    char path[64], *bytes;
    size_t n;
    snprintf(path, sizeof path, "/proc/self/fd/%d", end[0]);
    FTL_CHECK_OK(ftl_file_read(&bytes, &n, path));
    bool same = n == sizeof sent && !memcmp(bytes, sent, n);
    free(bytes);
    close(end[0]);
    FTL_CHECK(same);
}

static void failures_name_the_file(void) {
    const char *d = ftl_test_directory();
    char *bytes = NULL;
    size_t n = 1;
    FTL_CHECK_FAILS(ftl_file_read(&bytes, &n, in(d, "none")), FTL_EINPUT,
            "none: cannot be opened: No such file");
    FTL_CHECK(!bytes && !n);
    FTL_CHECK_FAILS(ftl_file_read(&bytes, &n, d), FTL_EINPUT, "Is a directory");
    FTL_CHECK_FAILS(ftl_file_write(in(d, "none/a"), "a", 1), FTL_EIO,
            "none/a: cannot be created: No such file");
    FTL_CHECK_FAILS(ftl_file_write(d, "a", 1), FTL_EIO, "no regular file");
    FTL_CHECK_FAILS(ftl_file_write("/dev/null", "a", 1), FTL_EIO, "no regular file");
    FTL_CHECK_FAILS(ftl_file_append(d, "a", 1), FTL_EIO, "Is a directory");
    FTL_CHECK(n_entries(d) == 0);
}

/* A limit on the size of files is the nearest that a test gets to a full disk. */
static void full_disk_leaves_the_old_file(void) {
    const char *d = ftl_test_directory(), *path = in(d, "a"), *log = in(d, "log");
    FTL_CHECK_OK(ftl_file_write(path, "old", 3));
    FTL_CHECK_OK(ftl_file_append(log, "line\n", 5));
    static char large[10000];
    struct rlimit limit, small;
    FTL_CHECK(!getrlimit(RLIMIT_FSIZE, &limit));
    small = limit;
    small.rlim_cur = 5000;
    signal(SIGXFSZ, SIG_IGN);
    FTL_CHECK(!setrlimit(RLIMIT_FSIZE, &small));
    ftl_status written = ftl_file_write(path, large, sizeof large);
    char message[200];
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    ftl_status appended = ftl_file_append(log, large, sizeof large);
    setrlimit(RLIMIT_FSIZE, &limit);
    FTL_CHECK(written == FTL_EIO && strstr(message, "/a: cannot be written: File too"));
    FTL_CHECK_FAILS(appended, FTL_EIO, "/log: cannot be appended to: File too large");
    FTL_CHECK(holds(path, "old"));
    FTL_CHECK(holds(log, "line\n"));
    FTL_CHECK(n_entries(d) == 2);
}

static void links_are_followed(void) {
    const char *d = ftl_test_directory(), *path = in(d, "real"), *link = in(d, "link");
    FTL_CHECK_OK(ftl_file_write(path, "old", 3));
    FTL_CHECK(!symlink(path, link));
    FTL_CHECK_OK(ftl_file_write(link, "new", 3));
    struct stat info;
    FTL_CHECK(!lstat(link, &info) && S_ISLNK(info.st_mode));
    FTL_CHECK(holds(path, "new"));
    FTL_CHECK(!unlink(path));
    FTL_CHECK_FAILS(ftl_file_write(link, "new", 3), FTL_EIO, "leads nowhere");
}

static void append_and_cut_back(void) {
    const char *d = ftl_test_directory(), *path = in(d, "stats.jsonl");
    FTL_CHECK_OK(ftl_file_truncate(path, 10));
    FTL_CHECK(!ftl_file_exists(path));
    FTL_CHECK_OK(ftl_file_append(path, "one\n", 4));
    FTL_CHECK_OK(ftl_file_append(path, "two\n", 4));
    FTL_CHECK(holds(path, "one\ntwo\n"));
    FTL_CHECK_OK(ftl_file_truncate(path, 8));
    FTL_CHECK_OK(ftl_file_truncate(path, 100));
    FTL_CHECK(holds(path, "one\ntwo\n"));
    FTL_CHECK_OK(ftl_file_truncate(path, 4));
    FTL_CHECK(holds(path, "one\n"));
    FTL_CHECK_FAILS(
            ftl_file_truncate(in(d, "stats.jsonl/x"), 0), FTL_EIO, "Not a directory");
}

static void directories(void) {
    const char *d = ftl_test_directory();
    struct stat info;
    FTL_CHECK_OK(ftl_directory_create(in(d, "a/b//c/")));
    FTL_CHECK(!stat(in(d, "a/b/c"), &info) && S_ISDIR(info.st_mode));
    FTL_CHECK_OK(ftl_directory_create(in(d, "a/b/d")));
    FTL_CHECK_OK(ftl_directory_create(d));
    FTL_CHECK_OK(ftl_directory_create("/"));
    FTL_CHECK_OK(ftl_directory_create("."));
    FTL_CHECK_FAILS(ftl_directory_create(""), FTL_EINPUT, "No such file");
    touch(in(d, "a/file"));
    FTL_CHECK_FAILS(
            ftl_directory_create(in(d, "a/file")), FTL_EINPUT, "Not a directory");
    FTL_CHECK_FAILS(ftl_directory_create(in(d, "a/file/b")), FTL_EINPUT, "a/file: ");

    FTL_CHECK(ftl_directory_occupied(in(d, "a")));
    FTL_CHECK(!ftl_directory_occupied(in(d, "a/b/c")));
    FTL_CHECK(!ftl_directory_occupied(in(d, "none")));
    touch(in(d, "a/b/c/.lock"));
    touch(in(d, "a/b/c/x.h5.tmp-12-0"));
    FTL_CHECK(!ftl_directory_occupied(in(d, "a/b/c")));
    touch(in(d, "a/b/c/x"));
    FTL_CHECK(ftl_directory_occupied(in(d, "a/b/c")));
}

static void sweep_takes_only_what_was_abandoned(void) {
    const char *d = ftl_test_directory();
    static const char *const stays[] = {
            "a.h5", "a.tmp-", "a.tmp-1", "a.tmp-x-1", "a.tmp-1-x", "a.tmp-1-1.h5"};
    enum { N_STAYS = sizeof stays / sizeof *stays };
    for (int i = 0; i < N_STAYS; i++)
        touch(in(d, stays[i]));
    touch(in(d, "a.h5.tmp-1-0"));
    touch(in(d, "b.tmp-9.tmp-123-45"));
    const char *live = in(d, "live.tmp-7-7");
    int fd = open(live, O_CREAT | O_WRONLY, 0666);
    FTL_CHECK(fd >= 0 && !flock(fd, LOCK_EX));
    ftl_directory_sweep(d);
    FTL_CHECK(n_entries(d) == N_STAYS + 1);
    FTL_CHECK(ftl_file_exists(live));
    for (int i = 0; i < N_STAYS; i++)
        FTL_CHECK(ftl_file_exists(in(d, stays[i])));
    close(fd);
    ftl_directory_sweep(d);
    FTL_CHECK(!ftl_file_exists(live));
    ftl_directory_sweep(in(d, "none"));
}

/* What is left of one file, and not what is left of others. */
static void sweep_of_one_file(void) {
    const char *d = ftl_test_directory();
    touch(in(d, "a.h5"));
    touch(in(d, "a.h5.tmp-1-0"));
    touch(in(d, "a.h5.report.txt.tmp-1-0"));
    touch(in(d, "ba.h5.tmp-1-0"));
    ftl_file_sweep(in(d, "a.h5"));
    FTL_CHECK(n_entries(d) == 3);
    FTL_CHECK(!ftl_file_exists(in(d, "a.h5.tmp-1-0")));
    ftl_file_sweep(in(d, "none/a.h5"));
    ftl_file_sweep("a.h5");
}

/* A file that is being written is never swept away by another process. */
static void sweep_spares_writers(void) {
    enum { N_WRITES = 300 };
    const char *d = ftl_test_directory();
    static const char bytes[20000];
    pid_t child = fork();
    if (!child) {
        for (int i = 0; i < N_WRITES; i++) {
            if (ftl_file_write(in(d, "a"), bytes, sizeof bytes)) _exit(1);
        }
        _exit(0);
    }
    int status = 1;
    while (!waitpid(child, &status, WNOHANG))
        ftl_directory_sweep(d);
    FTL_CHECK(status == 0);
    FTL_CHECK(n_entries(d) == 1);
}

int main(void) {
    FTL_TEST(write_then_read);
    FTL_TEST(large_file);
    FTL_TEST(read_from_a_pipe);
    FTL_TEST(failures_name_the_file);
    FTL_TEST(full_disk_leaves_the_old_file);
    FTL_TEST(links_are_followed);
    FTL_TEST(append_and_cut_back);
    FTL_TEST(directories);
    FTL_TEST(sweep_takes_only_what_was_abandoned);
    FTL_TEST(sweep_of_one_file);
    FTL_TEST(sweep_spares_writers);
    return ftl_test_finish();
}
