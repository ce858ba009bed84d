/* onednn2.c - what of onednn_internal.h is particular to oneDNN 2.x (operations are
 * described first, memories by structs). */
#include <dnnl.h>

#if DNNL_VERSION_MAJOR == 2

#include "engine/backend/onednn_internal.h"

#include <string.h>

ftl_status ftl_onednn_md_init(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims,
        dnnl_data_type_t type, dnnl_format_tag_t tag) {
    return ftl_onednn_check(dnnl_memory_desc_init_by_tag(out, rank, dims, type, tag),
            "describing a tensor");
}

void ftl_onednn_md_deinit(dnnl_memory_desc_t *md) { (void)md; }

ftl_status ftl_onednn_pack(ftl_layout *layout, ftl_onednn_view md, ftl_arena *arena) {
    dnnl_memory_desc_t *copy = ftl_arena_alloc(arena, sizeof *copy);
    if (!copy) return FTL_ENOMEM;
    *copy = *md;
    *layout = (ftl_layout) {
            .kind = FTL_PACKED, .packed = copy, .bytes = dnnl_memory_desc_get_size(md)};
    return FTL_OK;
}

ftl_status ftl_onednn_unpack(dnnl_memory_desc_t *out, const ftl_layout *layout) {
    memcpy(out, layout->packed, sizeof *out);
    return FTL_OK;
}

bool ftl_onednn_packed_equal(const void *a, const void *b) {
    return dnnl_memory_desc_equal(a, b);
}

static dnnl_status_t describe_conv(dnnl_convolution_desc_t *out,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g) {
    switch (kind) {
    case FTL_ONEDNN_FORWARD:
        return dnnl_convolution_forward_desc_init(out, dnnl_forward_training,
                dnnl_convolution_direct, &g->x, &g->w, g->bias ? &g->b : NULL, &g->y,
                g->strides, g->near, g->far);
    case FTL_ONEDNN_DATA:
        return dnnl_convolution_backward_data_desc_init(out, dnnl_convolution_direct,
                &g->x, &g->w, &g->y, g->strides, g->near, g->far);
    case FTL_ONEDNN_WEIGHTS:
        return dnnl_convolution_backward_weights_desc_init(out, dnnl_convolution_direct,
                &g->x, &g->w, NULL, &g->y, g->strides, g->near, g->far);
    }
    return dnnl_invalid_arguments;
}

ftl_status ftl_onednn_find_conv(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g,
        dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr) {
    dnnl_convolution_desc_t operation;
    FTL_TRY(ftl_onednn_check(
            describe_conv(&operation, kind, g), "describing a convolution"));
    return ftl_onednn_check(
            dnnl_primitive_desc_create(out, &operation, attr, engine, hint),
            "finding a convolution");
}

ftl_status ftl_onednn_find_matmul(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_view a, ftl_onednn_view b, ftl_onednn_view y,
        dnnl_primitive_attr_t attr) {
    dnnl_matmul_desc_t operation;
    FTL_TRY(ftl_onednn_check(dnnl_matmul_desc_init(&operation, a, b, NULL, y),
            "describing a matrix product"));
    return ftl_onednn_check(
            dnnl_primitive_desc_create(out, &operation, attr, engine, NULL),
            "finding a matrix product");
}

#endif
