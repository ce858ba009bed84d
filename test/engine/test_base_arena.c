/* test_base_arena.c - alignment, zeroes, accounts, overruns. */
#include "engine/base/arena.h"
#include "test/harness.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static ftl_arena *arena;

static void objects_are_aligned_zeroed_and_apart(void) {
    enum { N = 3000 };
    static unsigned char *object[N];
    static size_t n_bytes[N];
    size_t total = 0;
    for (int i = 0; i < N; i++) {
        n_bytes[i] = i % 100 == 99 ? 300000 : (size_t)(i * 37 % 500);
        object[i] = ftl_arena_alloc(arena, n_bytes[i]);
        FTL_CHECK(object[i]);
        FTL_CHECK((uintptr_t)object[i] % 64 == 0);
        for (size_t k = 0; k < n_bytes[i]; k++)
            FTL_CHECK(object[i][k] == 0);
        if (n_bytes[i]) memset(object[i], i % 255 + 1, n_bytes[i]);
        total += n_bytes[i];
    }
    for (int i = 0; i < N; i++) {
        for (size_t k = 0; k < n_bytes[i]; k++)
            FTL_CHECK(object[i][k] == i % 255 + 1);
        if (i) FTL_CHECK(object[i] != object[i - 1]);
    }
    FTL_CHECK(ftl_arena_used(arena) == total);
}

static void text(void) {
    char *copy = ftl_arena_strdup(arena, "copy");
    FTL_CHECK(copy && !strcmp(copy, "copy"));
    char *printed = ftl_arena_printf(arena, "%s.%d:%500s", "a", 7, "b");
    FTL_CHECK(printed && strlen(printed) == 504 && !strncmp(printed, "a.7:", 4));
    FTL_CHECK(!strcmp(copy, "copy"));
    char *empty = ftl_arena_strdup(arena, "");
    FTL_CHECK(empty && !*empty);
}

static void too_much_is_an_error(void) {
    size_t used = ftl_arena_used(arena);
    FTL_CHECK(!ftl_arena_alloc(arena, SIZE_MAX));
    FTL_CHECK(strstr(ftl_message(), "no memory"));
    FTL_CHECK(!ftl_arena_alloc(arena, SIZE_MAX - 100));
    FTL_CHECK(ftl_arena_used(arena) == used);
    FTL_CHECK(ftl_arena_alloc(arena, 10));
}

#ifdef __SANITIZE_ADDRESS__
/* How a child ends that writes byte i of an object of n. */
static bool write_dies(size_t n, size_t i) {
    pid_t child = fork();
    if (!child) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        volatile char *object = ftl_arena_alloc(arena, n);
        ftl_arena_alloc(arena, n);
        object[i] = 1;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status != 0;
}
#endif

static void overruns_are_seen(void) {
#ifdef __SANITIZE_ADDRESS__
    FTL_CHECK(!write_dies(100, 0));
    FTL_CHECK(!write_dies(100, 99));
    FTL_CHECK(write_dies(100, 100));
    FTL_CHECK(write_dies(100, 127));
    FTL_CHECK(write_dies(64, 64));
    FTL_CHECK(write_dies(64, 127));
    FTL_CHECK(write_dies(0, 0));
#endif
}

int main(void) {
    if (ftl_arena_create(&arena)) return 1;
    FTL_TEST(objects_are_aligned_zeroed_and_apart);
    FTL_TEST(text);
    FTL_TEST(too_much_is_an_error);
    FTL_TEST(overruns_are_seen);
    ftl_arena_free(arena);
    ftl_arena_free(NULL);
    return ftl_test_finish();
}
