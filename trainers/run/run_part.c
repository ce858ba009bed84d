/* run_part.c - a run that is only looked at: may it begin, what would it take? */
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_forecast.h"

#include <stdio.h>

/* What follows from the configuration, and from what is in the directory. */
static ftl_status configure(ftl_run_state *run, const ftl_run_options *options) {
    FTL_TRY(ftl_run_state_configure(run, options));
    for (int i = 0; i < run->settings.run.n; i++) {
        ftl_adaptation adaptation;
        char path[64];
        if (run->settings.run.item[i].kind != FTL_STAGE_ADAPT) continue;
        snprintf(path, sizeof path, "run[%d].adapt", i);
        FTL_TRY(ftl_run_locate(run,
                ftl_adaptation_expand(&adaptation, run->settings.run.item[i].section,
                        (int)run->settings.model.resolution, path, run->arena)));
    }
    return ftl_run_directory_check(run);
}

ftl_status ftl_run_check(const ftl_run_options *options, bool opens) {
    ftl_run_state run;
    ftl_run_options dry = *options;
    dry.dry_run = true;
    ftl_log_quiet(1);
    ftl_status status = opens ? ftl_run_state_open(&run, &dry) : configure(&run, &dry);
    ftl_log_quiet(0);
    ftl_run_state_close(&run);
    return status;
}

ftl_status ftl_run_prepare(const ftl_run_options *options,
        ftl_status (*inspect)(void *context), void *context) {
    ftl_run_state run;
    ftl_status status = ftl_run_state_open(&run, options);
    if (status == FTL_OK) status = inspect(context);
    run.began = status == FTL_OK && run.imported;
    ftl_run_state_close(&run);
    return status;
}

ftl_status ftl_run_estimate_cost(
        ftl_run_estimate *out, const ftl_run_options *options) {
    ftl_run_state run;
    ftl_run_options dry = *options;
    ftl_forecast forecast;
    const double began_s = ftl_clock_s();
    dry.dry_run = true;
    *out = (ftl_run_estimate) {0};
    ftl_log_quiet(1);
    ftl_status status = ftl_run_state_open(&run, &dry);
    if (status == FTL_OK) status = ftl_run_rehearse(&forecast, &run, began_s);
    if (status == FTL_OK) {
        for (const ftl_forecast_part *part = forecast.first; part; part = part->next)
            out->time_s += part->steps_s + part->looks_s + part->files_s;
        out->disk_bytes = ftl_forecast_bytes(&forecast);
        out->scratch_bytes = forecast.scratch;
        out->peak_mib = forecast.peak_mib;
    }
    ftl_log_quiet(0);
    ftl_run_state_close(&run);
    return status;
}
