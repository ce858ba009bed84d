/* data_config.h - the configuration of a run, for commands that look at its data only.
 */
#ifndef FTL_TOOLS_DATA_CONFIG_H
#define FTL_TOOLS_DATA_CONFIG_H

#include "configs/config.h"
#include "datasets/data.h"
#include "tools/command.h"
#include "trainers/settings.h"

typedef struct cli_data_config {
    ftl_config *config;
    ftl_settings settings; /* values are the config's */
} cli_data_config;

/* Read and check a configuration, with overrides. Release with cli_data_config_close,
 * also after a failure. Fails with FTL_EIO, FTL_ECONFIG, FTL_ENOMEM. */
ftl_status cli_data_config_open(
        cli_data_config *out, const char *path, const cli_texts *set);
void cli_data_config_close(cli_data_config *c);

/* Open the packs and make the five sets that a run would. pack_path, if not NULL, is
 * taken instead of data.source; without it a source is imported into a temporary file,
 * which is gone when the command ends. Fails as ftl_data_open. */
ftl_status cli_data_open(ftl_data *out, cli_data_config *c, const char *pack_path);

#endif
