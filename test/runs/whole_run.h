/* whole_run.h - tests of the program itself: tiny runs from images to metrics.
 *
 * The program runs as a child process in a directory of its own, which holds `idx`
 * (images of two kinds that anybody tells apart) and `tiny.yaml`, in fp32. Paths are
 * relative to that directory. FTL_TEST_PROGRAMS_FROM in the environment is the folder
 * of the programs to run instead of those that were built: valgrind.sh has some there
 * that run them under valgrind. */
#ifndef FTL_TEST_RUNS_WHOLE_RUN_H
#define FTL_TEST_RUNS_WHOLE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Make the directory. Call once, before all else. */
void whole_run_begin(void);

/* How long the parts of a run are. */
typedef struct whole_run_part {
    double kimg;                                     /* of each stage */
    double sample_every, save_every, evaluate_every; /* kimg */
} whole_run_part;

typedef struct whole_run_lengths {
    int epochs; /* of the classifier */
    double classifier_lr;
    whole_run_part pretrain, adapt;
} whole_run_lengths;

/* Write a configuration with all that a run can do: classifier, pre-training, two
 * stages of fairtl++, evaluation. */
void whole_run_configure(const char *path, const whole_run_lengths *lengths);

/* Run `fairtl` with these words, separated by spaces ("~" stands for a
 * space inside a word), and wait. Gives the exit
 * status, or 128 + the signal that ended it. */
int whole_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a Python script of this tree, "tools/import_torch.py", by Debian's own
 * Python. 127 if there is none. */
int whole_run_script(const char *script, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The same in two parts: between them it can be sent signals. */
pid_t whole_run_start(const char *format, ...) __attribute__((format(printf, 1, 2)));
int whole_run_end(pid_t process);

/* Peak of the memory of the last process that ended, in KiB. */
long whole_run_peak_kib(void);

/* Did the last one that ended print this? Prints what it printed if not. */
bool whole_run_printed(const char *text);    /* on standard output */
bool whole_run_complained(const char *text); /* on standard error */

/* Wait until a file is there whose name in the folder begins and goes on like this.
 * False if the process ends before, or in a minute (half an hour for other programs
 * than those that were built). */
bool whole_run_await(pid_t process, const char *folder, const char *part);

/* The same until the file holds the text. */
bool whole_run_await_text(pid_t process, const char *path, const char *text);

/* Is there such a file? */
bool whole_run_has(const char *folder, const char *part);

/* Do both runs have the same bytes in checkpoints, samples and metrics.json, and the
 * same files? Prints the first difference. */
bool whole_run_same(const char *a, const char *b);

/* Are they the same? */
bool whole_run_same_file(const char *a, const char *b);

/* Does one PNG begin with the rows of pixels of the other, but for the gap at its end?
 */
bool whole_run_same_rows(const char *part, const char *whole);

/* Does stats.jsonl have each step once and does log.txt tell once of each checkpoint?
 * Prints what is wrong. */
bool whole_run_logs_once(const char *run);

/* A file as a text; free() it. NULL: there is none. */
char *whole_run_read(const char *path);
bool whole_run_exists(const char *path);
void whole_run_remove(const char *path); /* a file, or a directory and all in it */
void whole_run_copy(const char *from, const char *to);

/* Full path of something in the directory. Borrowed until the fourth call from now. */
const char *whole_run_path(const char *format, ...)
        __attribute__((format(printf, 1, 2)));

/* Run cli_fixture, which damages files on purpose. */
bool whole_run_fixture(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Kill the run n times with SIGKILL: at random moments, when a checkpoint is being
 * written, when the data is. Then let it end. seed: of the moments. Prints how often
 * each stage was hit. False if it did not end as it should. */
bool whole_run_kill(const char *run, const char *words, int n, uint64_t seed);

/* For moments to kill at: the k-th number of a seed, in [0, 1); a wait. */
double whole_run_uniform(uint64_t seed, int k);
void whole_run_wait_s(double s);

/* How often the last call killed: fewer than n times, but not never, where the run was
 * done before. */
int whole_run_kills(void);

#endif
