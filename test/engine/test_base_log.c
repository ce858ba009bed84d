/* test_base_log.c - what reaches standard error and log.txt, on a terminal and off. */
#define _XOPEN_SOURCE 700
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/status.h"
#include "test/harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static char seen[1 << 16];
static int saved = -1;

static void begin(int fd) {
    fflush(stderr);
    saved = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static void end(void) {
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* Run `speak` with standard error in a file; what came is in `seen`. */
static void hear(void (*speak)(void)) {
    char path[300];
    snprintf(path, sizeof path, "%s/stderr", ftl_test_directory());
    begin(open(path, O_CREAT | O_RDWR | O_APPEND, 0600));
    speak();
    end();
    char *bytes = NULL;
    size_t n;
    seen[0] = 0;
    if (ftl_file_read(&bytes, &n, path) == FTL_OK) {
        snprintf(seen, sizeof seen, "%s", bytes);
    }
    free(bytes);
}

/* The same with a terminal of `columns`; false if the system gives none. */
static bool hear_on_terminal(void (*speak)(void), unsigned short columns) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0) return false;
    if (grantpt(master) || unlockpt(master)) return false;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0) return false;
    struct termios mode;
    if (tcgetattr(slave, &mode)) return false;
    mode.c_oflag &= (tcflag_t)~OPOST; /* '\n' stays as it is */
    tcsetattr(slave, TCSANOW, &mode);
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    if (ioctl(slave, TIOCSWINSZ, &size)) return false;
    begin(slave);
    speak();
    end();
    /* Bytes cross a terminal in their own time; after the last one read() fails. */
    size_t n = 0;
    for (ssize_t got; (got = read(master, seen + n, sizeof seen - 1 - n)) > 0;) {
        n += (size_t)got;
    }
    seen[n] = 0;
    close(master);
    return true;
}

static void say_lines(void) {
    ftl_log_info("one %d", 1);
    ftl_log_warning("two %s", "2");
}

static void lines(void) {
    hear(say_lines);
    FTL_CHECK(!strcmp(seen, "one 1\nwarning: two 2\n"));
}

static void quiet(void) {
    ftl_log_quiet(1);
    hear(say_lines);
    ftl_log_quiet(0);
    FTL_CHECK(!strcmp(seen, "warning: two 2\n"));
}

static bool log_is(const char *path, const char *want) {
    char *bytes;
    size_t n;
    if (ftl_file_read(&bytes, &n, path)) return false;
    bool same = !strcmp(bytes, want);
    free(bytes);
    return same;
}

static void file_gets_all_lines(void) {
    char path[300];
    snprintf(path, sizeof path, "%s/log.txt", ftl_test_directory());
    FTL_CHECK_OK(ftl_file_append(path, "before\n", 7));
    FTL_CHECK_OK(ftl_log_open(path));
    ftl_log_quiet(1);
    hear(say_lines);
    ftl_log_quiet(0);
    FTL_CHECK(log_is(path, "before\none 1\nwarning: two 2\n"));
    FTL_CHECK_FAILS(
            ftl_log_open("/nonexistent/log.txt"), FTL_EIO, "/nonexistent/log.txt");
    hear(say_lines); /* the old file stays */
    FTL_CHECK_OK(ftl_log_open(NULL));
    hear(say_lines);
    FTL_CHECK(log_is(path, "before\none 1\nwarning: two 2\none 1\nwarning: two 2\n"));
}

static void lost_lines_are_kept_in_mind(void) {
    char path[300], parent[280];
    snprintf(parent, sizeof parent, "%s/gone", ftl_test_directory());
    snprintf(path, sizeof path, "%s/log.txt", parent);
    FTL_CHECK_OK(ftl_directory_create(parent));
    FTL_CHECK_OK(ftl_log_open(path));
    FTL_CHECK_OK(ftl_log_check());
    unlink(path);
    rmdir(parent);
    ftl_fail(FTL_ESHAPE, "an earlier failure");
    hear(say_lines);
    FTL_CHECK(!strcmp(ftl_message(), "an earlier failure"));
    ftl_clear();
    FTL_CHECK(!strcmp(seen, "one 1\nwarning: two 2\n"));
    /* Not the last one, nor forgotten once it has been told. */
    FTL_CHECK_OK(ftl_directory_create(parent));
    FTL_CHECK_OK(ftl_directory_create(path));
    hear(say_lines);
    FTL_CHECK_FAILS(ftl_log_check(), FTL_EIO, "log.txt: cannot be opened: No such");
    FTL_CHECK_FAILS(ftl_log_check(), FTL_EIO, "log.txt: cannot be opened: No such");
    FTL_CHECK_OK(ftl_log_open(NULL));
    FTL_CHECK_OK(ftl_log_check());
}

static void say_long(void) {
    static char text[10000];
    memset(text, 'x', sizeof text - 1);
    ftl_log_info("%s", text);
    ftl_log_info("next");
}

static void long_lines_are_cut(void) {
    hear(say_long);
    FTL_CHECK(strlen(seen) == 4095 + 5);
    FTL_CHECK(!strcmp(seen + 4090, "xxxx\nnext\n"));
}

static void say_progress(void) {
    ftl_log_progress("step %d", 1);
    ftl_log_progress("step %d", 2);
    ftl_log_info("note");
    ftl_log_progress("step %d", 3);
    ftl_log_progress_end();
    ftl_log_progress_end();
    ftl_log_info("done");
}

static void progress_is_rare_in_files(void) {
    char path[300];
    snprintf(path, sizeof path, "%s/log.txt", ftl_test_directory());
    FTL_CHECK_OK(ftl_log_open(path));
    hear(say_progress);
    FTL_CHECK_OK(ftl_log_open(NULL));
    FTL_CHECK(!strcmp(seen, "step 1\nnote\nstep 3\ndone\n"));
    FTL_CHECK(log_is(path, "note\ndone\n"));
}

static void quiet_has_no_progress(void) {
    ftl_log_quiet(1);
    hear(say_progress);
    ftl_log_quiet(0);
    FTL_CHECK(!strcmp(seen, ""));
}

static const char no_terminal[] = "there are no pseudo-terminals here";

static void progress_is_rewritten_on_terminals(void) {
    setenv("TERM", "xterm", 1);
    if (!hear_on_terminal(say_progress, 80)) {
        ftl_test_skip_case(no_terminal);
        return;
    }
    FTL_CHECK(!strcmp(seen, "\rstep 1\033[K\rstep 2\033[K\r\033[Knote\n\rstep 2\033[K"
                            "\rstep 3\033[K\ndone\n"));
    setenv("TERM", "dumb", 1);
    FTL_CHECK(hear_on_terminal(say_progress, 80));
    FTL_CHECK(!strcmp(seen, "step 1\nnote\nstep 3\ndone\n"));
}

static void say_wide(void) {
    ftl_log_progress("0123456789");
    ftl_log_progress("01234567\xc3\xa4");
    ftl_log_progress_end();
}

static void progress_fits_the_terminal(void) {
    setenv("TERM", "xterm", 1);
    if (!hear_on_terminal(say_wide, 10)) {
        ftl_test_skip_case(no_terminal);
        return;
    }
    FTL_CHECK(!strcmp(seen, "\r012345678\033[K\r01234567\033[K\n"));
}

enum { N_THREADS = 4, N_LINES = 200 };

static void *chat(void *letter) {
    char c = *(const char *)letter;
    for (int i = 0; i < N_LINES; i++)
        ftl_log_info("%c%c%c%c", c, c, c, c);
    return NULL;
}

static void say_together(void) {
    static char letter[N_THREADS] = "abcd";
    pthread_t thread[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        pthread_create(&thread[i], NULL, chat, letter + i);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(thread[i], NULL);
}

static void threads_do_not_mix_lines(void) {
    hear(say_together);
    size_t n = strlen(seen);
    FTL_CHECK(n == N_THREADS * N_LINES * 5);
    for (size_t i = 0; i < n; i += 5) {
        for (int k = 1; k < 4; k++)
            FTL_CHECK(seen[i + (size_t)k] == seen[i]);
        FTL_CHECK(seen[i + 4] == '\n');
    }
}

int main(void) {
    FTL_TEST(lines);
    FTL_TEST(quiet);
    FTL_TEST(file_gets_all_lines);
    FTL_TEST(lost_lines_are_kept_in_mind);
    FTL_TEST(long_lines_are_cut);
    FTL_TEST(progress_is_rare_in_files);
    FTL_TEST(quiet_has_no_progress);
    FTL_TEST(progress_is_rewritten_on_terminals);
    FTL_TEST(progress_fits_the_terminal);
    FTL_TEST(threads_do_not_mix_lines);
    return ftl_test_finish();
}
