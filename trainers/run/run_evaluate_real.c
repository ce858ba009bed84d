/* run_evaluate_real.c - the real images that a measurement compares with. */
#include "trainers/features.h"
#include "trainers/run/run_evaluate.h"

#include <stdio.h>
#include <string.h>

/* "frechet,kid" to flags. */
static ftl_status choose_metrics(bool *want, const char *names) {
    const char *item[FTL_N_QUALITY_METRICS + 1];
    char copy[128], *rest = copy, *name;
    bool any;
    ftl_texts list = {item, 0};
    if (snprintf(copy, sizeof copy, "%s", names) >= (int)sizeof copy)
        return ftl_fail(FTL_ECONFIG, "--metrics: that is too long");
    while (list.n <= FTL_N_QUALITY_METRICS && (name = strtok_r(rest, ",", &rest)))
        item[list.n++] = name;
    return ftl_run_quality_want(want, &any, &list);
}

ftl_status ftl_evaluate_open_real(ftl_evaluate_real *real,
        const ftl_evaluate_options *options, const ftl_classifier_options *of) {
    if (!options->real) return FTL_OK;
    FTL_TRY(choose_metrics(
            real->want, options->metrics ? options->metrics : "frechet,kid,prdc"));
    char hash[FTL_SHA256_HEX];
    if (options->weights) FTL_TRY(ftl_features_check_inception(hash, options->weights));
    FTL_TRY(ftl_pack_open(&real->file, options->real));
    const ftl_pack *pack = &real->file->pack;
    if (pack->height != of->resolution || pack->width != of->resolution ||
            pack->channels != of->channels)
        return ftl_fail(FTL_EINPUT,
                "%s: images of %d x %d with %d channels; the classifier takes %d x %d "
                "with %d",
                options->real, pack->width, pack->height, pack->channels,
                of->resolution, of->resolution, of->channels);
    snprintf(real->name, sizeof real->name, "%s", options->real);
    return FTL_OK;
}

ftl_status ftl_evaluate_compare(ftl_run_quality *out, const ftl_evaluate_real *real,
        ftl_run_opened *judge, const ftl_quality_generated *generated,
        const ftl_evaluate_options *options) {
    const ftl_quality_real against = {
            real->name, &real->file->pack, NULL, real->file->pack.n};
    const ftl_run_extractor extractor = {options->weights, &judge->classifier};
    return ftl_run_quality_measure(
            out, &extractor, &against, generated, real->want, options->seed);
}
