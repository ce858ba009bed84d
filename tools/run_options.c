/* run_options.c - from the command line to a run. */
#include "tools/run_options.h"

#include "trainers/run/run.h"

ftl_status cli_run_start(const cli_run_values *values) {
    if (values->inexact && !values->resume)
        return ftl_fail(FTL_ECONFIG, "--inexact says how to resume: add --resume");
    return ftl_run(&(ftl_run_options) {
            .config = values->config,
            .out = values->out,
            .set = values->set.item,
            .n_set = values->set.n,
            .from = values->from,
            .threads = (int)values->threads,
            .resume = values->resume,
            .inexact = values->inexact,
            .dry_run = values->dry_run,
    });
}
