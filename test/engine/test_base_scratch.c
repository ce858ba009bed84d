/* test_base_scratch.c - folders that do not stay. */
#include "engine/base/file.h"
#include "engine/base/scratch.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void lies_in_tmpdir_and_goes(void) {
    ftl_scratch a, b;
    char base[256], begins[300];
    snprintf(base, sizeof base, "%s", ftl_test_directory());
    snprintf(begins, sizeof begins, "%s/fairtl-split-", base);
    setenv("TMPDIR", base, 1);
    FTL_CHECK_OK(ftl_scratch_open(&a, "split", "data.h5"));
    FTL_CHECK_OK(ftl_scratch_open(&b, "split", "data.h5"));
    FTL_CHECK(!strncmp(a.folder, begins, strlen(begins)));
    FTL_CHECK(strcmp(a.folder, b.folder));
    FTL_CHECK(!strncmp(a.path, a.folder, strlen(a.folder)));
    FTL_CHECK(!strcmp(a.path + strlen(a.folder), "/data.h5"));
    FTL_CHECK_OK(ftl_file_write(a.path, "x", 1));
    FTL_CHECK(ftl_directory_occupied(base));
    ftl_scratch_close(&a);
    FTL_CHECK(ftl_directory_occupied(base)); /* b */
    ftl_scratch_close(&b);
    FTL_CHECK(!ftl_directory_occupied(base));
    FTL_CHECK(!a.folder[0] && !a.path[0]);
    ftl_scratch_close(&a);
}

static void says_which_folder_it_could_not_use(void) {
    ftl_scratch s;
    static char text[5000];
    setenv("TMPDIR", "/nowhere/at/all", 1);
    FTL_CHECK_FAILS(ftl_scratch_open(&s, "split", "data.h5"), FTL_EIO,
            "/nowhere/at/all: no folder can be created in it: No such");
    FTL_CHECK(!s.folder[0] && !s.path[0]);
    ftl_scratch_close(&s);
    memset(text, 'x', sizeof text - 1);
    setenv("TMPDIR", text, 1);
    FTL_CHECK_FAILS(ftl_scratch_open(&s, "split", "data.h5"), FTL_EIO, "too long");
    FTL_CHECK(!s.folder[0]);
    setenv("TMPDIR", "", 1);
    FTL_CHECK_OK(ftl_scratch_open(&s, "test", "data.h5"));
    FTL_CHECK(!strncmp(s.folder, "/tmp/fairtl-test-", 17));
    ftl_scratch_close(&s);
}

static void one_without_a_name(void) {
    char base[256], back[2] = "";
    uint64_t room;
    int fd;
    snprintf(base, sizeof base, "%s", ftl_test_directory());
    setenv("TMPDIR", base, 1);
    FTL_CHECK(!strcmp(ftl_scratch_base(), base));
    FTL_CHECK(ftl_scratch_room(&room) && room > 0);
    FTL_CHECK_OK(ftl_scratch_open_nameless(&fd, "split", 10000));
    FTL_CHECK(!ftl_directory_occupied(base));
    FTL_CHECK(pwrite(fd, "x", 1, 9999) == 1 && pread(fd, back, 2, 9999) == 1);
    FTL_CHECK(back[0] == 'x' && lseek(fd, 0, SEEK_END) == 10000);
    close(fd);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    FTL_CHECK_FAILS(ftl_scratch_open_nameless(&fd, "split", 10000), FTL_EIO,
            "/nowhere/at/all: 10000 bytes cannot be kept in it for a while: No such "
            "file "
            "or directory; TMPDIR names another folder");
    FTL_CHECK(fd == -1 && !ftl_scratch_room(&room));
    setenv("TMPDIR", "", 1);
    FTL_CHECK(!strcmp(ftl_scratch_base(), "/tmp"));
}

int main(void) {
    FTL_TEST(lies_in_tmpdir_and_goes);
    FTL_TEST(says_which_folder_it_could_not_use);
    FTL_TEST(one_without_a_name);
    return ftl_test_finish();
}
