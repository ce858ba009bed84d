/* fairtl.c - the program: its commands, its exit status, its one line about a failure.
 */
#include "tools/command.h"
#include "tools/faults.h"
#include "tools/manual.h"
#include "trainers/run/run.h"

#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void print_manual(FILE *file);
static void print_completion(FILE *file);

static const cli_option options[] = {
        {.name = "version",
                .type = CLI_PRINT,
                .print = ftl_print_versions,
                .help = "print versions of fairtl and its libraries, and the CPU's "
                        "instruction set"},
        {.name = "man",
                .type = CLI_PRINT,
                .print = print_manual,
                .help = "print the manual page, in roff"},
        {.name = "bash-completion",
                .type = CLI_PRINT,
                .print = print_completion,
                .help = "print a script that makes bash complete commands and options"},
        {0},
};

static const cli_command *const commands[] = {
        &cli_run_command,
        &cli_adapt_command,
        &cli_compare_command,
        &cli_evaluate_command,
        &cli_sample_command,
        &cli_report_command,
        &cli_profile_command,
        &cli_inspect_command,
        &cli_dataset_command,
        NULL,
};

static const cli_command program = {
        .name = "fairtl",
        .summary = "train a generative model on biased images, make it fairer, show by "
                   "how much",
        .about = "Everything that happens is a function of one YAML file; `fairtl run "
                 "--help-keys`\n"
                 "explains its keys.",
        .print_more = cli_print_exits,
        .examples = "Train on biased images, adapt, measure before and after:\n"
                    "  fairtl run configs/demo.yaml --out runs/demo\n"
                    "Look at what came out:\n"
                    "  fairtl inspect runs/demo/data.h5\n"
                    "Help for one command:\n"
                    "  fairtl sample --help\n",
        .options = options,
        .commands = commands,
};

static void print_manual(FILE *file) {
    cli_print_manual(file, &program, FTL_VERSION, ftl_run_print_keys);
}

static void print_completion(FILE *file) { cli_print_completion(file, &program); }

/* libgomp's threads spin for milliseconds before they sleep, which suits machines that
 * nobody else uses: on two shared cores a training step took about twice as long, at
 * times more. It reads its environment before main(), so the program starts itself once
 * more; if that cannot be done, all goes on as before. Whoever sets one of the
 * variables is obeyed. */
static void spin_briefly(char *argv[]) {
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY")) return;
    if (setenv("GOMP_SPINCOUNT", "1000", 1) == 0) execv("/proc/self/exe", argv);
}

/* glibc keeps blocks of up to 32 MiB that were freed, for the next of that size: here
 * the next is often a bit larger, and both were there. Training allocates nothing in
 * its steps, so nothing gets slower when what is freed goes back at once; a run of the
 * yardstick takes 7 % less memory. */
static void return_freed_memory(void) {
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char *argv[]) {
    spin_briefly(argv);
    return_freed_memory();
    cli_meet_faults();
    ftl_status status = cli_run(&program, argc, argv);
    if (status != FTL_OK) fprintf(stderr, "fairtl: %s\n", ftl_message());
    return cli_leave(ftl_exit_status(status));
}
