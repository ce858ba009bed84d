/* test_base_status.c - messages, exit statuses. */
#include "engine/base/interrupt.h"
#include "engine/base/status.h"
#include "test/harness.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static void first_message_wins(void) {
    FTL_CHECK(!strcmp(ftl_message(), ""));
    FTL_CHECK(ftl_fail(FTL_EIO, "%s: %d", "first", 1) == FTL_EIO);
    FTL_CHECK(ftl_fail(FTL_ECONFIG, "second") == FTL_ECONFIG);
    FTL_CHECK(!strcmp(ftl_message(), "first: 1"));
    ftl_clear();
    FTL_CHECK(!strcmp(ftl_message(), ""));
    ftl_fail(FTL_EIO, "third");
    FTL_CHECK(!strcmp(ftl_message(), "third"));
}

static void message_is_one_line(void) {
    char name[3000];
    memset(name, 'x', sizeof name);
    name[0] = '\n', name[1] = '\033', name[sizeof name - 1] = 0;
    ftl_fail(FTL_EIO, "%s", name);
    FTL_CHECK(!strncmp(ftl_message(), "??x", 3));
    FTL_CHECK(strlen(ftl_message()) == 1023);
}

static void *look_at_message(void *was_empty) {
    *(bool *)was_empty = !ftl_message()[0];
    ftl_fail(FTL_EIO, "of the other thread");
    return NULL;
}

static void message_is_of_its_thread(void) {
    bool was_empty = false;
    ftl_fail(FTL_EIO, "mine");
    pthread_t thread;
    FTL_CHECK(!pthread_create(&thread, NULL, look_at_message, &was_empty));
    FTL_CHECK(!pthread_join(thread, NULL));
    FTL_CHECK(was_empty);
    FTL_CHECK(!strcmp(ftl_message(), "mine"));
}

static int n_calls;

static ftl_status once(ftl_status status) {
    n_calls++;
    return status;
}

static ftl_status try_twice(ftl_status first) {
    FTL_TRY(once(first));
    FTL_TRY(once(FTL_ESHAPE));
    return FTL_OK;
}

static ftl_status try_out(ftl_status first, int *n_cleaned) {
    ftl_status status = FTL_OK;
    FTL_TRY_OUT(once(first));
out:
    ++*n_cleaned;
    return status;
}

static void try_passes_on_failures(void) {
    n_calls = 0;
    FTL_CHECK(try_twice(FTL_EIO) == FTL_EIO && n_calls == 1);
    FTL_CHECK(try_twice(FTL_OK) == FTL_ESHAPE && n_calls == 3);
    int n_cleaned = 0;
    FTL_CHECK(try_out(FTL_EIO, &n_cleaned) == FTL_EIO);
    FTL_CHECK(try_out(FTL_OK, &n_cleaned) == FTL_OK);
    FTL_CHECK(n_cleaned == 2);
}

static void exit_statuses(void) {
    FTL_CHECK(ftl_exit_status(FTL_OK) == 0);
    FTL_CHECK(ftl_exit_status(FTL_EIO) == 1);
    FTL_CHECK(ftl_exit_status(FTL_ENOMEM) == 1);
    FTL_CHECK(ftl_exit_status(FTL_ENUMERIC) == 1);
    FTL_CHECK(ftl_exit_status(FTL_EBACKEND) == 1);
    FTL_CHECK(ftl_exit_status(FTL_EFORMAT) == 2);
    FTL_CHECK(ftl_exit_status(FTL_ECONFIG) == 2);
    FTL_CHECK(ftl_exit_status(FTL_ESHAPE) == 2);
    FTL_CHECK(ftl_exit_status(FTL_EINPUT) == 2);
    FTL_CHECK(ftl_exit_status(FTL_EUNSUPPORTED) == 2);
    FTL_CHECK(ftl_exit_status(FTL_EINTERRUPTED) == 130);
    ftl_interrupt_install();
    raise(SIGTERM);
    FTL_CHECK(ftl_exit_status(FTL_EINTERRUPTED) == 143);
}

int main(void) {
    FTL_TEST(first_message_wins);
    FTL_TEST(message_is_one_line);
    FTL_TEST(message_is_of_its_thread);
    FTL_TEST(try_passes_on_failures);
    FTL_TEST(exit_statuses);
    return ftl_test_finish();
}
