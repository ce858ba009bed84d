/* log.c - see log.h. */
#include "engine/base/log.h"

#include "engine/base/clock.h"
#include "engine/base/file.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LONGEST = 4096, SECONDS_BETWEEN_PLAIN = 10 };

static struct {
    pthread_mutex_t lock;
    char *path;        /* of log.txt, or NULL */
    char failed[1024]; /* why it could not be written, the first time; as long as
                          messages get; "" if it always could */
    bool quiet;
    char progress[LONGEST]; /* the line under way; "" if none */
    bool shown;             /* ... as it stands is on the screen */
    double shown_s;         /* when a plain one was last printed */
    bool ever_shown;
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ------------------------------------------------------------------ the screen */

static bool on_terminal(void) {
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

/* Bytes of the text that fit on one line: a longer one would wrap, and no longer be
 * rewritten in place. Never cuts a UTF-8 character in two. */
static int fitting(const char *text) {
    struct winsize size;
    size_t n = strlen(text), width = 80;
    if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 1)
        width = size.ws_col;
    if (n < width) return (int)n;
    n = width - 1;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}

static void draw_progress(void) {
    fprintf(stderr, "\r%.*s\033[K", fitting(logger.progress), logger.progress);
    fflush(stderr);
}

static void show_line(const char *line) {
    bool redraw = logger.progress[0] && on_terminal();
    if (redraw) fputs("\r\033[K", stderr);
    fputs(line, stderr);
    if (redraw) draw_progress();
}

/* -------------------------------------------------------------------- the file */

/* Who logs may be about to fail with a message of their own: it stays. */
static void write_line(const char *line) {
    if (!logger.path) return;
    char before[sizeof logger.failed];
    snprintf(before, sizeof before, "%s", ftl_message());
    ftl_clear();
    if (ftl_file_append(logger.path, line, strlen(line)) && !logger.failed[0])
        snprintf(logger.failed, sizeof logger.failed, "%s", ftl_message());
    ftl_clear();
    if (before[0]) ftl_fail(FTL_EIO, "%s", before);
}

ftl_status ftl_log_open(const char *path) {
    char *copy = NULL;
    if (path) {
        FTL_TRY(ftl_file_append(path, "", 0));
        copy = strdup(path);
        if (!copy) return ftl_fail(FTL_ENOMEM, "%s: no memory for its name", path);
    }
    pthread_mutex_lock(&logger.lock);
    free(logger.path);
    logger.path = copy;
    logger.failed[0] = 0;
    pthread_mutex_unlock(&logger.lock);
    return FTL_OK;
}

ftl_status ftl_log_check(void) {
    pthread_mutex_lock(&logger.lock);
    const ftl_status status =
            logger.failed[0] ? ftl_fail(FTL_EIO, "%s", logger.failed) : FTL_OK;
    pthread_mutex_unlock(&logger.lock);
    return status;
}

/* ----------------------------------------------------------------------- lines */

void ftl_log_quiet(int quiet) {
    pthread_mutex_lock(&logger.lock);
    logger.quiet = quiet != 0;
    pthread_mutex_unlock(&logger.lock);
}

/* Format prefix + text + newline; a text that is too long is cut, its newline kept. */
static void format_line(char line[LONGEST], const char *prefix, const char *format,
        va_list arguments) __attribute__((format(printf, 3, 0)));
static void format_line(
        char line[LONGEST], const char *prefix, const char *format, va_list arguments) {
    int n = snprintf(line, LONGEST, "%s", prefix);
    vsnprintf(line + n, (size_t)(LONGEST - 1 - n), format, arguments);
    memcpy(line + strlen(line), "\n", sizeof "\n");
}

void ftl_log_info(const char *format, ...) {
    char line[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    format_line(line, "", format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&logger.lock);
    if (!logger.quiet) show_line(line);
    write_line(line);
    pthread_mutex_unlock(&logger.lock);
}

void ftl_log_warning(const char *format, ...) {
    char line[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    format_line(line, "warning: ", format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&logger.lock);
    show_line(line);
    write_line(line);
    pthread_mutex_unlock(&logger.lock);
}

/* -------------------------------------------------------------------- progress */

static void print_progress(void) {
    fprintf(stderr, "%s\n", logger.progress);
    logger.shown = true;
    logger.ever_shown = true;
    logger.shown_s = ftl_clock_s();
}

void ftl_log_progress(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&logger.lock);
    if (!logger.quiet) {
        vsnprintf(logger.progress, sizeof logger.progress, format, arguments);
        logger.shown = false;
        if (on_terminal()) {
            draw_progress();
        } else if (!logger.ever_shown ||
                   ftl_clock_s() - logger.shown_s >= SECONDS_BETWEEN_PLAIN) {
            print_progress();
        }
    }
    pthread_mutex_unlock(&logger.lock);
    va_end(arguments);
}

void ftl_log_progress_end(void) {
    pthread_mutex_lock(&logger.lock);
    if (logger.progress[0]) {
        if (on_terminal()) {
            fputc('\n', stderr);
        } else if (!logger.shown) {
            print_progress(); /* how it ended is worth a line, ten seconds or not */
        }
    }
    logger.progress[0] = 0;
    logger.ever_shown = false;
    pthread_mutex_unlock(&logger.lock);
}
