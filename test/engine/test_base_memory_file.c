/* test_base_memory_file.c - texts that are written into memory. */
#include "engine/base/memory_file.h"
#include "test/harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(void) {
    ftl_memory_file file;
    char *text;
    size_t n = 1;
    FTL_CHECK(ftl_memory_file_open(&file, "a text") == FTL_OK);
    FTL_CHECK(ftl_memory_file_close(&file, FTL_OK, &text, &n) == FTL_OK);
    FTL_CHECK(text && n == 0 && !text[0] && !file.file);
    free(text);
}

static void many_lines(void) {
    enum { N = 300000 };
    ftl_memory_file file;
    char *text;
    size_t n;
    FTL_CHECK(ftl_memory_file_open(&file, "a text") == FTL_OK);
    for (int i = 0; i < N; i++)
        fprintf(file.file, "line %d\n", i);
    FTL_CHECK(ftl_memory_file_close(&file, FTL_OK, &text, &n) == FTL_OK);
    FTL_CHECK(strlen(text) == n);
    const char *at = text;
    for (int i = 0; i < N; i++) {
        char want[32];
        const int length = snprintf(want, sizeof want, "line %d\n", i);
        FTL_CHECK(strncmp(at, want, (size_t)length) == 0);
        at += length;
    }
    FTL_CHECK(at == text + n);
    free(text);
}

static void bytes_as_they_are(void) {
    static const char bytes[] = "a\0b\n\xff";
    ftl_memory_file file;
    char *text;
    size_t n;
    FTL_CHECK(ftl_memory_file_open(&file, "bytes") == FTL_OK);
    for (int i = 0; i < 1000; i++)
        fwrite(bytes, 1, sizeof bytes, file.file);
    FTL_CHECK(ftl_memory_file_close(&file, FTL_OK, &text, &n) == FTL_OK);
    FTL_CHECK(n == 1000 * sizeof bytes);
    for (int i = 0; i < 1000; i++)
        FTL_CHECK(memcmp(text + (size_t)i * sizeof bytes, bytes, sizeof bytes) == 0);
    FTL_CHECK(text[n] == 0);
    free(text);
}

/* What went wrong before stays the message. */
static void writer_fails(void) {
    ftl_memory_file file;
    char *text;
    size_t n = 1;
    FTL_CHECK(ftl_memory_file_open(&file, "a text") == FTL_OK);
    fputs("half of it", file.file);
    const ftl_status status = ftl_fail(FTL_EINPUT, "no such thing");
    FTL_CHECK(ftl_memory_file_close(&file, status, &text, &n) == FTL_EINPUT);
    FTL_CHECK(!text && n == 0 && strcmp(ftl_message(), "no such thing") == 0);
    ftl_clear();
}

#ifdef __SANITIZE_ADDRESS__

static void memory_is_short(void) {
    ftl_test_skip_case("AddressSanitizer has more data than any limit");
}

#else

/* 64 MiB into 32: in a process of its own, which gives its verdict as its status. */
static int write_too_much(void) {
    static char block[1 << 20];
    struct rlimit limit = {.rlim_cur = 32 << 20, .rlim_max = 32 << 20};
    ftl_memory_file file;
    char *text;
    size_t n;
    if (ftl_memory_file_open(&file, "a long text") || setrlimit(RLIMIT_DATA, &limit))
        return 2;
    for (int i = 0; i < 64; i++)
        fwrite(block, 1, sizeof block, file.file);
    fputs("the end fits again", file.file);
    if (ftl_memory_file_close(&file, FTL_OK, &text, &n) != FTL_ENOMEM) return 3;
    if (text || n) return 4;
    return strcmp(ftl_message(), "no memory left for a long text") ? 5 : 0;
}

static void memory_is_short(void) {
    if (ftl_test_under_valgrind()) {
        ftl_test_skip_case("no limit makes the memory of valgrind short");
        return;
    }
    int status;
    const pid_t child = fork();
    if (child == 0) _exit(write_too_much());
    FTL_CHECK(child > 0 && waitpid(child, &status, 0) == child);
    FTL_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#endif

int main(void) {
    FTL_TEST(nothing);
    FTL_TEST(many_lines);
    FTL_TEST(bytes_as_they_are);
    FTL_TEST(writer_fails);
    FTL_TEST(memory_is_short);
    return ftl_test_finish();
}
