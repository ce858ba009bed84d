/* file_parts.h - what file.c does for sealed.c. Nobody else includes it. */
#ifndef FTL_ENGINE_BASE_FILE_PARTS_H
#define FTL_ENGINE_BASE_FILE_PARTS_H

#include "engine/base/file.h"

/* ftl_file_write_parts, or, unless_interrupted, the same that stops at a signal. */
ftl_status ftl_file_write_how(const char *path, const ftl_file_part *parts, int n_parts,
        bool unless_interrupted);

#endif
