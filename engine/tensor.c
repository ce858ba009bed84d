/* tensor.c - sizes of types, shapes and tensors; see tensor.h. */
#include "engine/tensor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t ftl_type_bytes(ftl_type type) {
    switch (type) {
    case FTL_F32:
        return sizeof(float);
    case FTL_I32:
        return sizeof(int32_t);
    case FTL_BF16:
        return sizeof(uint16_t);
    }
    assert(!"a type without a size");
    return 0;
}

ftl_shape ftl_shape_make(int rank, const int64_t *dim) {
    assert(rank >= 1 && rank <= FTL_MAX_RANK);
    ftl_shape shape;
    memset(&shape, 0, sizeof shape); /* padding too: attributes are compared as bytes */
    shape.rank = rank;
    for (int i = 0; i < rank; i++)
        shape.dim[i] = dim[i];
    return shape;
}

int64_t ftl_shape_count(ftl_shape shape) {
    int64_t count = 1;
    for (int i = 0; i < shape.rank; i++)
        count *= shape.dim[i];
    return count;
}

bool ftl_shape_equal(ftl_shape a, ftl_shape b) {
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i]) return false;
    return true;
}

const char *ftl_shape_format(char text[FTL_SHAPE_TEXT], ftl_shape shape) {
    int used = snprintf(text, FTL_SHAPE_TEXT, "[");
    for (int i = 0; i < shape.rank; i++)
        used += snprintf(text + used, (size_t)(FTL_SHAPE_TEXT - used), "%s%" PRId64,
                i ? ", " : "", shape.dim[i]);
    snprintf(text + used, (size_t)(FTL_SHAPE_TEXT - used), "]");
    return text;
}

size_t ftl_tensor_bytes(const ftl_tensor *tensor) {
    switch (tensor->layout.kind) {
    case FTL_DENSE:
        return (size_t)ftl_shape_count(tensor->shape) * ftl_type_bytes(tensor->type);
    case FTL_BLOCKED: {
        const ftl_channels t = ftl_tensor_channels(tensor);
        return (size_t)(t.n * t.n_blocks * t.inner * t.block) *
               ftl_type_bytes(tensor->type);
    }
    case FTL_PACKED:
        return tensor->layout.bytes;
    }
    assert(!"a layout without a size");
    return 0;
}

ftl_channels ftl_tensor_channels(const ftl_tensor *tensor) {
    const ftl_shape s = tensor->shape;
    ftl_channels t = {.n = 1, .c = s.dim[0], .inner = 1, .block = 1};
    if (s.rank > 1) t.n = s.dim[0], t.c = s.dim[1];
    for (int i = 2; i < s.rank; i++)
        t.inner *= s.dim[i];
    if (tensor->layout.kind == FTL_BLOCKED) {
        assert(s.rank == 4 && tensor->layout.block > 0);
        t.block = tensor->layout.block;
    } else {
        assert(tensor->layout.kind == FTL_DENSE);
    }
    t.n_blocks = (t.c + t.block - 1) / t.block;
    return t;
}
