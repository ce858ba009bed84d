/* checkpoint_schema.c - names and checks that writer and reader share. */
#include "checkpoints/checkpoint_schema.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *ftl_checkpoint_group(ftl_checkpoint_section section) {
    static const char *const group[] = {
            [FTL_CHECKPOINT_TENSOR] = "tensors",
            [FTL_CHECKPOINT_TEXT] = "texts",
            [FTL_CHECKPOINT_VALUE] = "values",
    };
    return group[section];
}

void ftl_checkpoint_locate(char path[FTL_CHECKPOINT_PATH_BYTES],
        ftl_checkpoint_section section, const char *name) {
    assert(name[0] && strlen(name) < FTL_CHECKPOINT_NAME_BYTES && !strchr(name, '/'));
    assert(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    snprintf(path, FTL_CHECKPOINT_PATH_BYTES, "/%s/%s", ftl_checkpoint_group(section),
            name);
}

void ftl_checkpoint_join(
        char full[FTL_CHECKPOINT_NAME_BYTES], const char *prefix, const char *name) {
    const int n = snprintf(full, FTL_CHECKPOINT_NAME_BYTES, "%s.%s", prefix, name);
    assert(n < FTL_CHECKPOINT_NAME_BYTES);
    (void)n;
}

const char *ftl_checkpoint_role(ftl_state_kind kind) {
    return kind == FTL_PARAMETER ? "parameter" : "buffer";
}

bool ftl_checkpoint_finite(const void *data, ftl_h5_type type, int64_t count) {
    int64_t n_bad = 0; /* counted to the end: the loop has no exit to guess */
    if (type == FTL_H5_F32) {
        const float *value = data;
        for (int64_t i = 0; i < count; i++)
            n_bad += !isfinite(value[i]);
    } else if (type == FTL_H5_F64) {
        const double *value = data;
        for (int64_t i = 0; i < count; i++)
            n_bad += !isfinite(value[i]);
    }
    return n_bad == 0;
}

const char *ftl_checkpoint_format_shape(char text[FTL_CHECKPOINT_SHAPE_TEXT],
        ftl_h5_type type, int rank, const int64_t *dims) {
    static const char *const name[] = {
            [FTL_H5_F32] = "f32",
            [FTL_H5_F64] = "f64",
            [FTL_H5_I32] = "i32",
            [FTL_H5_I64] = "i64",
            [FTL_H5_U8] = "u8",
            [FTL_H5_STRING] = "text",
            [FTL_H5_OTHER] = "of an unknown type",
    };
    const size_t room = FTL_CHECKPOINT_SHAPE_TEXT;
    int n = snprintf(text, room, "%s [", name[type]);
    for (int i = 0; i < rank; i++)
        n += snprintf(text + n, room - (size_t)n, "%s%" PRId64, i ? ", " : "", dims[i]);
    snprintf(text + n, room - (size_t)n, "]");
    return text;
}
