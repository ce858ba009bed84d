/* test_base_interrupt.c - the flag, and the second signal. */
#include "engine/base/interrupt.h"
#include "test/harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void flag_is_the_first_signal(void) {
    ftl_interrupt_install();
    FTL_CHECK(ftl_interrupt_pending() == 0);
    raise(SIGTERM);
    FTL_CHECK(ftl_interrupt_pending() == SIGTERM);
    raise(SIGTERM);
    raise(SIGINT);
    FTL_CHECK(ftl_interrupt_pending() == SIGTERM);
    ftl_interrupt_install();
    FTL_CHECK(ftl_interrupt_pending() == 0);
    raise(SIGINT);
    FTL_CHECK(ftl_interrupt_pending() == SIGINT);
}

static void check_names_what_was_interrupted(void) {
    ftl_interrupt_install();
    FTL_CHECK_OK(ftl_interrupt_check("faces", "imported"));
    raise(SIGTERM);
    FTL_CHECK_FAILS(ftl_interrupt_check("faces", "imported"), FTL_EINTERRUPTED,
            "faces: interrupted while it was imported");
    ftl_interrupt_install();
}

static void second_sigint_ends(void) {
    pid_t child = fork();
    if (!child) {
        ftl_interrupt_install();
        raise(SIGINT);
        if (ftl_interrupt_pending() != SIGINT) _exit(1);
        raise(SIGINT);
        _exit(2);
    }
    int status;
    FTL_CHECK(waitpid(child, &status, 0) == child);
    FTL_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

int main(void) {
    FTL_TEST(flag_is_the_first_signal);
    FTL_TEST(check_names_what_was_interrupted);
    FTL_TEST(second_sigint_ends);
    return ftl_test_finish();
}
