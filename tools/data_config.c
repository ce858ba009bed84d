/* data_config.c - see data_config.h. */
#include "tools/data_config.h"

#include "engine/base/scratch.h"
#include "trainers/comparison/comparison_settings.h"

ftl_status cli_data_config_open(
        cli_data_config *out, const char *path, const cli_texts *set) {
    *out = (cli_data_config) {0};
    FTL_TRY(ftl_config_open(&out->config, path));
    for (int i = 0; i < set->n; i++)
        FTL_TRY(ftl_config_set(out->config, set->item[i], ftl_comparison_table()));
    ftl_config_drop(out->config, "compare"); /* what is compared has these sets */
    return ftl_config_read(out->config, ftl_settings_table, &out->settings);
}

void cli_data_config_close(cli_data_config *c) { ftl_config_free(c->config); }

/* An open pack stays readable without its name. */
static ftl_status import_and_open(
        ftl_data *out, const ftl_data_options *data, ftl_data_request *request) {
    ftl_scratch place;
    FTL_TRY(ftl_scratch_open(&place, "split", "data.h5"));
    request->import_to = place.path;
    request->passing = true;
    ftl_status status = ftl_data_open(out, data, request);
    request->import_to = NULL;
    ftl_scratch_close(&place);
    return status;
}

ftl_status cli_data_open(ftl_data *out, cli_data_config *c, const char *pack_path) {
    ftl_data_options data = c->settings.data;
    ftl_data_request request = {.seed = (uint64_t)c->settings.seed,
            .min_reference = ftl_settings_min_reference(&c->settings),
            .import_size = (int)c->settings.model.resolution};
    if (pack_path) {
        data.source = data.format = data.csv = data.fit = data.background = NULL;
        data.strict = false;
        data.pack = pack_path;
    }
    ftl_status status = data.source ? import_and_open(out, &data, &request)
                                    : ftl_data_open(out, &data, &request);
    return ftl_config_locate(c->config, ftl_settings_table, status);
}
