/* data.c - see data.h. */
#include "datasets/data.h"

#include "datasets/importer.h"

#include <assert.h>
#include <string.h>

static ftl_status draw(
        ftl_data *out, const ftl_data_options *o, const ftl_data_request *request) {
    return ftl_splits_draw(&out->splits, out->files[0],
            &(ftl_split_config) {
                    .attribute = o->attribute,
                    .groups = &o->groups,
                    .majority = o->majority,
                    .bias = o->bias,
                    .ref_ratio = o->ref_ratio,
                    .ref_pool = o->ref_pool,
                    .ref_draw = (uint64_t)o->ref_draw,
                    .biased = o->sizes.biased,
                    .classifier = o->sizes.classifier,
                    .validation = o->sizes.validation,
                    .evaluation = o->sizes.evaluation,
                    .min_reference = request->min_reference,
                    .seed = request->seed,
            });
}

static ftl_status open_source(ftl_pack_file **out, const ftl_data_options *o,
        const ftl_data_request *request) {
    const ftl_importer *importer;
    ftl_import_options options;
    assert(request->import_to);
    FTL_TRY(ftl_importer_find(&importer, o->format, "data.format"));
    FTL_TRY(ftl_data_import_options(&options, o, request->import_size));
    options.no_report = request->passing;
    options.no_refusal = true; /* a run that has not begun leaves nothing */
    options.no_lock = true;    /* it has its directory for itself */
    if (!ftl_file_exists(request->import_to))
        FTL_TRY(ftl_importer_run(importer, &options, request->import_to, NULL));
    FTL_TRY(ftl_pack_open(out, request->import_to));
    if (request->passing) (*out)->path = o->source; /* what messages may name */
    const ftl_pack *pack = &(*out)->pack;
    if (strcmp(pack->importer, o->format) != 0 || pack->width != request->import_size ||
            pack->height != request->import_size)
        return ftl_fail(FTL_ECONFIG,
                "%s: made by format %s with %d x %d px, not by %s with %d x %d px: "
                "delete "
                "it, or name it as data.pack",
                request->import_to, pack->importer, pack->width, pack->height,
                o->format, request->import_size, request->import_size);
    return FTL_OK;
}

static ftl_status open_sets(
        ftl_data *out, const ftl_data_options *o, const ftl_data_request *request) {
    const char *paths[FTL_N_SPLITS];
    const ftl_pack_file *files[FTL_N_SPLITS] = {0};
    ftl_data_paths(paths, o);
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        if (!paths[k]) continue;
        FTL_TRY(ftl_pack_open(&out->files[k], paths[k]));
        files[k] = out->files[k];
    }
    return ftl_splits_gather(
            &out->splits, files, o->attribute, &o->groups, request->min_reference);
}

ftl_status ftl_data_open(ftl_data *out, const ftl_data_options *options,
        const ftl_data_request *request) {
    ftl_data_form form;
    *out = (ftl_data) {0};
    FTL_TRY(ftl_data_check(&form, options));
    ftl_status status = FTL_OK;
    switch (form) {
    case FTL_DATA_SETS:
        FTL_TRY_OUT(open_sets(out, options, request));
        goto out;
    case FTL_DATA_PACK:
        FTL_TRY_OUT(ftl_pack_open(&out->files[0], options->pack));
        break;
    case FTL_DATA_SOURCE:
        FTL_TRY_OUT(open_source(&out->files[0], options, request));
        break;
    }
    FTL_TRY_OUT(draw(out, options, request));
out:
    if (status != FTL_OK) ftl_data_close(out);
    return status;
}

void ftl_data_close(ftl_data *data) {
    ftl_splits_deinit(&data->splits);
    for (int k = 0; k < FTL_N_SPLITS; k++)
        ftl_pack_close(data->files[k]);
    *data = (ftl_data) {0};
}
