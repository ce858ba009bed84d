/* onednn3.c - what of onednn_internal.h is particular to oneDNN 3.x (descriptions are
 * objects of its own). */
#include <dnnl.h>

#if DNNL_VERSION_MAJOR == 3

#include "engine/backend/onednn_internal.h"

ftl_status ftl_onednn_md_init(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims,
        dnnl_data_type_t type, dnnl_format_tag_t tag) {
    return ftl_onednn_check(
            dnnl_memory_desc_create_with_tag(out, rank, dims, type, tag),
            "describing a tensor");
}

void ftl_onednn_md_deinit(dnnl_memory_desc_t *md) {
    if (*md) dnnl_memory_desc_destroy(*md);
    *md = NULL;
}

/* An object would need an owner: the arena holds its serialised form. */
ftl_status ftl_onednn_pack(ftl_layout *layout, ftl_onednn_view md, ftl_arena *arena) {
    size_t n_bytes;
    FTL_TRY(ftl_onednn_check(
            dnnl_memory_desc_get_blob(NULL, &n_bytes, md), "describing a kernel"));
    uint8_t *blob = ftl_arena_alloc(arena, n_bytes);
    if (!blob) return FTL_ENOMEM;
    FTL_TRY(ftl_onednn_check(
            dnnl_memory_desc_get_blob(blob, &n_bytes, md), "describing a kernel"));
    *layout = (ftl_layout) {
            .kind = FTL_PACKED, .packed = blob, .bytes = dnnl_memory_desc_get_size(md)};
    return FTL_OK;
}

static ftl_status from_blob(dnnl_memory_desc_t *out, const void *blob) {
    return ftl_onednn_check(
            dnnl_memory_desc_create_with_blob(out, blob), "describing a kernel");
}

ftl_status ftl_onednn_unpack(dnnl_memory_desc_t *out, const ftl_layout *layout) {
    return from_blob(out, layout->packed);
}

bool ftl_onednn_packed_equal(const void *a, const void *b) {
    dnnl_memory_desc_t first = NULL, second = NULL;
    bool equal = from_blob(&first, a) == FTL_OK && from_blob(&second, b) == FTL_OK &&
                 dnnl_memory_desc_equal(first, second);
    ftl_onednn_md_deinit(&first);
    ftl_onednn_md_deinit(&second);
    return equal;
}

static const dnnl_dims_t undilated;

static dnnl_status_t find_conv(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g,
        dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr) {
    switch (kind) {
    case FTL_ONEDNN_FORWARD:
        return dnnl_convolution_forward_primitive_desc_create(out, engine,
                dnnl_forward_training, dnnl_convolution_direct, g->x, g->w,
                g->bias ? g->b : NULL, g->y, g->strides, undilated, g->near, g->far,
                attr);
    case FTL_ONEDNN_DATA:
        return dnnl_convolution_backward_data_primitive_desc_create(out, engine,
                dnnl_convolution_direct, g->x, g->w, g->y, g->strides, undilated,
                g->near, g->far, hint, attr);
    case FTL_ONEDNN_WEIGHTS:
        return dnnl_convolution_backward_weights_primitive_desc_create(out, engine,
                dnnl_convolution_direct, g->x, g->w, NULL, g->y, g->strides, undilated,
                g->near, g->far, hint, attr);
    }
    return dnnl_invalid_arguments;
}

ftl_status ftl_onednn_find_conv(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g,
        dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr) {
    return ftl_onednn_check(
            find_conv(out, engine, kind, g, hint, attr), "finding a convolution");
}

ftl_status ftl_onednn_find_matmul(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_view a, ftl_onednn_view b, ftl_onednn_view y,
        dnnl_primitive_attr_t attr) {
    return ftl_onednn_check(
            dnnl_matmul_primitive_desc_create(out, engine, a, b, NULL, y, attr),
            "finding a matrix product");
}

#endif
