/* faults.c - what would end the program without a word of ours; see faults.h. */
#include "tools/faults.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

typedef void terminate_handler(void);
typedef terminate_handler *set_terminate(terminate_handler *);

/* Nothing but what a program in any state may do. */
static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(1);
}

static void end_after_exception(void) {
    say("fairtl: oneDNN gave up, as it does when memory is short; files that were "
        "written are intact\n");
    _exit(1);
}

static bool leaving; /* main() is about to return */

/* HDF5 1.10 calls exit(-1), without a word, where it has no memory for a handle. */
static void end_after_exit(void) {
    if (leaving) return;
    say("fairtl: a library ended the program, as HDF5 does when memory is short; files "
        "that were written are intact\n");
    _exit(1);
}

/* --------------------------------------------------------------------- crashes */

/* The linker's: where this program's own code begins and ends. */
extern const char __executable_start[], etext[]; // NOLINT(bugprone-reserved-identifier)

/* Was it code of a library, or code that oneDNN wrote? Where nobody knows: no. */
static bool was_in_library(const ucontext_t *context) {
#if defined __x86_64__
    const uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    const uintptr_t at = context->uc_mcontext.pc;
#else
    const uintptr_t at = (uintptr_t)__executable_start;
    (void)context;
#endif
    return at < (uintptr_t)__executable_start || at > (uintptr_t)etext;
}

/* libhdf5, without memory, reads what is not there, calls itself until the stack is
 * full, or damages the heap, for which malloc later ends the program. */
static bool is_of_library(
        int number, const siginfo_t *info, const ucontext_t *context) {
    if (number == SIGSEGV) return info->si_code > 0 && was_in_library(context);
#ifdef NDEBUG /* else it may be assert */
    return number == SIGABRT && info->si_pid == getpid();
#else
    return false;
#endif
}

static void end_after_crash(int number, siginfo_t *info, void *context) {
    if (is_of_library(number, info, context)) {
        say("fairtl: a library crashed, as HDF5 and oneDNN do when memory is short (if "
            "it is not, please report it); files that were written are intact\n");
        _exit(1);
    }
    if (number == SIGBUS && info->si_code > 0) {
        say("fairtl: a file that was being read has become shorter, or its disk fails; "
            "files that were written are intact\n");
        _exit(1);
    }
    say("fairtl: crashed, which is a fault of the program, please report it; files "
        "that "
        "were written are intact, and `--resume` goes on\n");
    raise(number); /* as it would have ended */
}

/* On a stack of its own, in case that the usual one is full. AddressSanitizer has its
 * own handlers, which say more. */
static void meet_crashes(void) {
    static char stack[16 << 10];
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_sigaction = end_after_crash,
            .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    if (sigaltstack(&(stack_t) {.ss_sp = stack, .ss_size = sizeof stack}, NULL)) return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction was;
        if (!sigaction(numbers[i], NULL, &was) && was.sa_handler == SIG_DFL)
            (void)sigaction(numbers[i], &action, NULL);
    }
}

int cli_leave(int status) {
    leaving = true;
    return status;
}

void cli_meet_faults(void) {
    signal(SIGXFSZ, SIG_IGN);
    meet_crashes();
    if (atexit(end_after_exit)) leaving = true;
    /* std::set_terminate, by the name that its linker knows. It is there if oneDNN is.
     */
    void *program = dlopen(NULL, RTLD_LAZY);
    void *found = program ? dlsym(program, "_ZSt13set_terminatePFvvE") : NULL;
    set_terminate *set = NULL;
    memcpy(&set, &found, sizeof set);
    if (set) set(end_after_exception);
    if (program) dlclose(program);
}
