/* checkpoint_schema.h - what the writer and the reader of checkpoints share. */
#ifndef FTL_CHECKPOINTS_CHECKPOINT_SCHEMA_H
#define FTL_CHECKPOINTS_CHECKPOINT_SCHEMA_H

#include "checkpoints/checkpoint.h"

#define FTL_CHECKPOINT_ROLE "role"

/* A whole path in the file, "/tensors/" and name included. */
#define FTL_CHECKPOINT_PATH_BYTES (FTL_CHECKPOINT_NAME_BYTES + 16)

/* "tensors", "texts", "values": the group in the file. */
const char *ftl_checkpoint_group(ftl_checkpoint_section section);

/* "/tensors/<name>" into path. */
void ftl_checkpoint_locate(char path[FTL_CHECKPOINT_PATH_BYTES],
        ftl_checkpoint_section section, const char *name);

/* "<prefix>.<name>" into full. */
void ftl_checkpoint_join(
        char full[FTL_CHECKPOINT_NAME_BYTES], const char *prefix, const char *name);

/* "parameter" or "buffer". */
const char *ftl_checkpoint_role(ftl_state_kind kind);

/* Is every element a number? Always so for integers. */
bool ftl_checkpoint_finite(const void *data, ftl_h5_type type, int64_t count);

#endif
