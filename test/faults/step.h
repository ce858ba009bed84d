/* step.h - one fault after the other, at every place where it can come.
 *
 * The program runs with fail_nth.c preloaded, in the directory of whole_run.h, and is
 * looked at after each fault: how it ended, what it said, what it left. */
#ifndef FTL_TEST_FAULTS_STEP_H
#define FTL_TEST_FAULTS_STEP_H

#include <stdbool.h>

/* Which calls fail, as fail_nth.c has it. */
typedef struct fault {
    const char *what; /* "memory", "files" */
    bool own;         /* only those of the program's own code */
    bool new_only;    /* the first of all that come by the same way. step_forked only */
    bool once;        /* one fails; else it and all after it */
    bool kill;        /* none fails, but the process is killed there */
    long first, step; /* 1, 1: every one */
} fault;

/* What became of the tries. */
typedef struct tally {
    long tried;
    long stopped; /* status 1, or 2 for what cannot be used, and a message */
    long went_on; /* status 0: the fault made no difference */
    long crashed; /* a signal; status 1 or 2 without a message */
    long lost;    /* a file that was there before is damaged or gone */
} tally;

/* Write `small.yaml`: all stages, as short as can be. Call after whole_run_begin. */
void fault_begin(void);

/* 6 where all takes many times as long (ftl_test_is_checked), else 1: one place of how
 * many a sample tries. */
long fault_sparse(void);

/* 1, or what FTL_FAULT_STEP says: only each n-th place is tried. */
long fault_thin(void);

/* Start `fairtl` once, and let it fork at each call: its child meets the fault, in a
 * copy of all files. words: as for whole_run; the run's directory is `run`, and is
 * there at the end as if there had been no faults. A child that ends well must have
 * come to the same as `whole`, a run that was left alone. Prints what went wrong. False
 * if the run itself did not end well. */
bool fault_step_forked(tally *out, const fault *f, const char *run, const char *words);

/* Start `fairtl` once: its call number n meets the fault. Gives its status as whole_run
 * does; *met: there were so many calls. */
int fault_run(bool *met, const fault *f, long n, const char *words);

/* Start `fairtl` anew for each fault, in a directory that does not exist, and after it
 * once more with --resume and no fault: it must then be the same as `whole`. False if
 * it is not once, or if the n-th fault was not reported. Ends with the first n that is
 * not met. */
bool fault_step_anew(tally *out, const fault *f, const char *whole, const char *words);

void fault_print(const char *name, const tally *t);

#endif
