/* output.h - files that commands write where the user says.
 *
 * What stands there already is replaced only if it is such a file as the command
 * writes: a slip, as `--csv photos.h5`, must not cost a pack. */
#ifndef FTL_TOOLS_OUTPUT_H
#define FTL_TOOLS_OUTPUT_H

#include "engine/base/status.h"

typedef enum cli_output {
    CLI_OUTPUT_PNG,
    CLI_OUTPUT_SETS,   /* CSV of dataset split */
    CLI_OUTPUT_NUMBER, /* JSON of evaluate */
    CLI_OUTPUT_TRACE,  /* JSON of profile */
} cli_output;

/* May the command write there? Asked before it does anything. path may be NULL: nothing
 * is to be written. `option` begins messages ("--csv"). Fails with FTL_EINPUT (another
 * file is there, or a folder), FTL_EIO (the folder cannot be written to), FTL_ENOMEM.
 */
ftl_status cli_output_check(cli_output what, const char *path, const char *option);

#endif
