/* run_precision.c - what model.precision: auto comes to. Decided when a run begins, and
 * kept: config.yaml and checkpoints hold the result. */
#include "engine/backend/machine.h"
#include "engine/backend/onednn.h"
#include "engine/base/file.h"
#include "trainers/run/run_state.h"

/* The precision of the run that the directory holds, if one is to go on there; else
 * *precision stays as it is. */
static ftl_status recall(ftl_run_state *run, int *precision, bool *recalled) {
    char path[FTL_RUN_PATH_BYTES];
    ftl_config *config;
    ftl_settings settings;
    *recalled = false;
    if (!run->options->resume && !run->options->dry_run) return FTL_OK;
    FTL_TRY(ftl_run_path(path, run, "config.yaml"));
    if (!ftl_file_exists(path)) return FTL_OK;
    FTL_TRY(ftl_config_open(&config, path));
    ftl_status status = ftl_config_read(config, ftl_settings_table, &settings);
    if (status == FTL_OK) {
        *precision = settings.model.precision;
        *recalled = true;
    }
    ftl_config_free(config);
    return status;
}

ftl_status ftl_run_settle_precision(ftl_run_state *run) {
    int *precision = &run->settings.model.precision;
    bool recalled = false;
    if (*precision == FTL_PRECISION_AUTO) FTL_TRY(recall(run, precision, &recalled));
    if (*precision == FTL_PRECISION_AUTO)
        *precision =
                ftl_machine_gains_by_bf16() ? FTL_PRECISION_BF16 : FTL_PRECISION_FP32;
    if (*precision != FTL_PRECISION_BF16 || ftl_onednn_has_bf16()) return FTL_OK;
    if (recalled)
        return ftl_fail(FTL_ECONFIG,
                "%s: model.precision: the run computes in bf16, and this processor "
                "does "
                "not (oneDNN's instruction set: %s): resume it on one that does",
                run->directory, ftl_onednn_isa());
    return ftl_config_refuse(run->config, "model.precision",
            "this processor does not compute in bf16 (oneDNN's instruction set: %s), "
            "and to emulate it takes many times as long as fp32: use auto or fp32",
            ftl_onednn_isa());
}

ftl_type ftl_run_type(const ftl_model_settings *model) {
    return model->precision == FTL_PRECISION_BF16 && ftl_onednn_has_bf16() ? FTL_BF16
                                                                           : FTL_F32;
}
