/* fail_nth.c - a library to preload: the n-th call of a kind fails.
 *
 *     FTL_FAIL=memory   malloc, calloc, realloc, posix_memalign, aligned_alloc, strdup
 *     FTL_FAIL=files    open to write, mkdir, write, fsync, rename, truncate
 *     FTL_FAIL_AT=n     the first call is number 1
 *     FTL_FAIL_FOR=n    so many in a row; without it all that come after fail too
 *     FTL_FAIL_KILL=1   instead of failing, the process dies as by kill -9
 *     FTL_FAIL_OF=own   only calls of the program's own code; else libraries' too
 *     FTL_FAIL_COUNT=F  write to F how many calls there were
 *
 * To try one call after the other without as many runs:
 *
 *     FTL_FAIL_FORK=R,W  descriptors of pipes from and to a driver (step.c). At a call
 *                        the process says "call N", is told a directory, and forks. The
 *                        child goes there, where its call fails, and on. The process
 *                        waits, says "ended N STATUS" (of wait), waits for an answer
 *                        and goes on itself, as if nothing had been. For one thread
 *     FTL_FAIL_STEP=n    ... only at each n-th call, from FTL_FAIL_AT on
 *     FTL_FAIL_NEW=1     ... only at the first of all calls that come by the same way,
 *                        that is with the same functions on the stack
 *
 * What fails says ENOMEM or ENOSPC. A write that fails has written half before, as on a
 * disk that becomes full. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES = 64, MAX_RANGES = 8, SEEN = 1 << 20, SECONDS_OF_A_CHILD = 900 };
typedef enum kind { NOTHING, MEMORY, FILES } kind;

static struct {
    kind what;
    bool own, by_kill, only_new;
    long from, to; /* numbers of calls that fail: from <= number < to */
    long in_a_row; /* ... from this one on */
    atomic_long n;
    struct {
        uintptr_t from, to;
    } code[MAX_RANGES]; /* where the program's own code lies */
    int n_code;
    uint64_t *seen;     /* hashes of stacks, by hash */
    FILE *asks, *tells; /* a driver; NULL */
    long step, n_tried;
} fail;

/* Inside of our own work: what it allocates is not counted. */
static _Thread_local bool inside __attribute__((tls_model("initial-exec")));

#define NEXT(name)                                                                     \
    static __typeof__(&name) next;                                                     \
    if (!next) next = (__typeof__(&name))find_next(#name)

/* dlsym() may allocate: from here, and never freed. */
static char early[1 << 16];
static atomic_size_t n_early;

static void *find_next(const char *name) {
    bool was = inside;
    inside = true;
    void *found = dlsym(RTLD_NEXT, name);
    inside = was;
    return found;
}

static bool is_early(const void *at) {
    return (const char *)at >= early && (const char *)at < early + sizeof early;
}

/* ------------------------------------------------------------------- beginnings */

static int note_code(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    if (info->dlpi_name[0] && !strstr(info->dlpi_name, "libfairtl")) return 0;
    for (int i = 0; i < info->dlpi_phnum && fail.n_code < MAX_RANGES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        fail.code[fail.n_code].from = info->dlpi_addr + part->p_vaddr;
        fail.code[fail.n_code++].to = info->dlpi_addr + part->p_vaddr + part->p_memsz;
    }
    return 0;
}

static long number(const char *name, long fallback) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : fallback;
}

static void find_driver(void) {
    const char *ends = getenv("FTL_FAIL_FORK");
    int in, out;
    if (!ends || sscanf(ends, "%d,%d", &in, &out) != 2) return;
    fail.asks = fdopen(in, "r");
    fail.tells = fdopen(out, "w");
    fail.step = number("FTL_FAIL_STEP", 1);
}

/* Nor does anything fail in what starts the program for us: a shell, valgrind. */
static bool is_ours(void) {
    const char *name = program_invocation_short_name;
    return strcmp(name, "fairtl") == 0 || strcmp(name, "cli_fixture") == 0;
}

__attribute__((constructor)) static void begin(void) {
    if (!is_ours()) return;
    const char *what = getenv("FTL_FAIL"), *of = getenv("FTL_FAIL_OF");
    void *frame[2];
    inside = true;
    dl_iterate_phdr(note_code, NULL);
    backtrace(frame, 2); /* loads a library at its first call */
    fail.own = of && strcmp(of, "own") == 0;
    fail.by_kill = number("FTL_FAIL_KILL", 0) != 0;
    fail.only_new = number("FTL_FAIL_NEW", 0) != 0;
    fail.in_a_row = number("FTL_FAIL_FOR", LONG_MAX / 2);
    fail.from = number("FTL_FAIL_AT", LONG_MAX / 2);
    fail.to = fail.from + fail.in_a_row;
    find_driver();
    if (fail.only_new) fail.seen = calloc(SEEN, sizeof *fail.seen);
    inside = false;
    fail.what = !what ? NOTHING : strcmp(what, "memory") == 0 ? MEMORY : FILES;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FTL_FAIL_COUNT");
    fail.what = NOTHING;
    if (!path || !is_ours()) return;
    char text[32];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&fail.n));
    if (fd < 0 || write(fd, text, (size_t)n) != n) abort();
    close(fd);
}

/* LeakSanitizer forgives the dynamic linker, but does not see it behind us. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:ld-linux"; }

/* ------------------------------------------------------------------ does it fail? */

static bool is_own(uintptr_t caller) {
    for (int i = 0; i < fail.n_code; i++)
        if (caller >= fail.code[i].from && caller < fail.code[i].to) return true;
    return false;
}

/* Has no call before come by this way? */
static bool is_new(void) {
    void *frame[FRAMES];
    uint64_t hash = 1469598103934665603u;
    int n = backtrace(frame, FRAMES);
    for (int i = 0; i < n; i++)
        hash = (hash ^ (uintptr_t)frame[i]) * 1099511628211u;
    if (!hash) hash = 1;
    for (uint64_t at = hash % SEEN;; at = (at + 1) % SEEN) {
        if (fail.seen[at] == hash) return false;
        if (fail.seen[at]) continue;
        fail.seen[at] = hash;
        return true;
    }
}

/* A file that is being read: the child's place in it must not be its parent's. */
static void reopen_files(void) {
    for (int fd = 3; fd < 256; fd++) {
        char path[32];
        struct stat info;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY) continue;
        if (fstat(fd, &info) || !S_ISREG(info.st_mode)) continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        off_t at = lseek(fd, 0, SEEK_CUR);
        int own = open(path, O_RDONLY);
        if (own < 0 || dup2(own, fd) < 0 || lseek(fd, at, SEEK_SET) != at) abort();
        close(own);
    }
}

static void become_child(const char *directory, long n) {
    if (chdir(directory)) abort();
    int out = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int err = open("err.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (out < 0 || err < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) abort();
    close(out);
    close(err);
    reopen_files();
    unsetenv("FTL_FAIL_COUNT");
    fail.asks = fail.tells = NULL;
    fail.only_new = false;
    fail.from = n;
    fail.to = n + fail.in_a_row;
    alarm(SECONDS_OF_A_CHILD);
}

static void fork_at(long n) {
    char directory[4096];
    int status = 0;
    if (fail.only_new && !is_new()) return;
    if (n < fail.from || fail.n_tried++ % fail.step) return;
    fprintf(fail.tells, "call %ld\n", n);
    fflush(fail.tells);
    if (!fgets(directory, sizeof directory, fail.asks)) abort();
    directory[strcspn(directory, "\n")] = 0;
    pid_t child = fork();
    if (child < 0) abort();
    if (!child) {
        become_child(directory, n);
        return;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) abort();
    fprintf(fail.tells, "ended %ld %d\n", n, status);
    fflush(fail.tells);
    if (!fgets(directory, sizeof directory, fail.asks)) abort();
}

static bool fails(kind what, const void *caller) {
    if (fail.what != what || inside) return false;
    if (fail.own && !is_own((uintptr_t)caller)) return false;
    long n = atomic_fetch_add(&fail.n, 1) + 1;
    if (fail.asks) {
        inside = true;
        fork_at(n);
        inside = false;
        if (fail.asks) return false;
    }
    if (n < fail.from || n >= fail.to) return false;
    if (fail.by_kill) kill(getpid(), SIGKILL);
    return true;
}

#define CALLER __builtin_return_address(0)

/* ----------------------------------------------------------------------- memory */

void *malloc(size_t n) {
    NEXT(malloc);
    if (fails(MEMORY, CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return next(n);
}

void *calloc(size_t n, size_t size) {
    static atomic_bool looking;
    static __typeof__(&calloc) next;
    if (!next) {
        if (atomic_exchange(&looking, true)) {
            size_t at = atomic_fetch_add(&n_early, (n * size + 63) / 64 * 64);
            return at + n * size <= sizeof early ? early + at : NULL;
        }
        next = (__typeof__(&calloc))find_next("calloc");
    }
    if (fails(MEMORY, CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return next(n, size);
}

void *realloc(void *at, size_t n) {
    NEXT(realloc);
    if (fails(MEMORY, CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return next(at, n);
}

void free(void *at) {
    static _Thread_local bool looking __attribute__((tls_model("initial-exec")));
    static __typeof__(&free) next;
    if (is_early(at) || looking) return; /* dlsym() frees what it said last */
    looking = true;
    if (!next) next = (__typeof__(&free))find_next("free");
    looking = false;
    next(at);
}

int posix_memalign(void **at, size_t alignment, size_t n) {
    NEXT(posix_memalign);
    return fails(MEMORY, CALLER) ? ENOMEM : next(at, alignment, n);
}

void *aligned_alloc(size_t alignment, size_t n) {
    NEXT(aligned_alloc);
    if (fails(MEMORY, CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return next(alignment, n);
}

/* libc's own would allocate in the name of libc. */
static char *copy(const char *text, size_t n, const void *caller) {
    if (fails(MEMORY, caller)) {
        errno = ENOMEM;
        return NULL;
    }
    bool was = inside;
    inside = true;
    char *to = malloc(n + 1);
    inside = was;
    if (!to) return NULL;
    memcpy(to, text, n);
    to[n] = 0;
    return to;
}

char *strdup(const char *text) { return copy(text, strlen(text), CALLER); }
char *strndup(const char *text, size_t n) {
    return copy(text, strnlen(text, n), CALLER);
}

/* ------------------------------------------------------------------------ files */

static bool full(const void *caller) {
    if (!fails(FILES, caller)) return false;
    errno = ENOSPC;
    return true;
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (flags & O_CREAT && full(CALLER)) return -1;
    return next(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    return full(CALLER) ? -1 : next(path, mode);
}

ssize_t write(int fd, const void *bytes, size_t n) {
    NEXT(write);
    if (!full(CALLER)) return next(fd, bytes, n);
    if (next(fd, bytes, n / 2) < 0) return -1;
    errno = ENOSPC;
    return -1;
}

int fsync(int fd) {
    NEXT(fsync);
    return full(CALLER) ? -1 : next(fd);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return full(CALLER) ? -1 : next(from, to);
}

int truncate(const char *path, off_t n) {
    NEXT(truncate);
    return full(CALLER) ? -1 : next(path, n);
}
