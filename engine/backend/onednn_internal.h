/* onednn_internal.h - between onednn.c and the file for oneDNN's major version, which
 * knows what the versions write differently: how memories are described, and how
 * convolutions and matrix products are asked for. */
#ifndef FTL_ENGINE_BACKEND_ONEDNN_INTERNAL_H
#define FTL_ENGINE_BACKEND_ONEDNN_INTERNAL_H

#include "engine/backend/onednn.h"

#include <dnnl.h>

/* A description of a memory as a function of oneDNN takes it: a struct's address in
 * version 2, an object's in version 3. */
#if DNNL_VERSION_MAJOR == 2
typedef const dnnl_memory_desc_t *ftl_onednn_view;
#define FTL_ONEDNN_VIEW(md) (&(md))
#else
typedef const_dnnl_memory_desc_t ftl_onednn_view;
#define FTL_ONEDNN_VIEW(md) (md)
#endif

/* FTL_OK, or a message: "oneDNN: WHAT failed with status N". */
ftl_status ftl_onednn_check(dnnl_status_t result, const char *what);

/* Describe a memory. *out is the caller's: ftl_onednn_md_deinit, also if zero. */
ftl_status ftl_onednn_md_init(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims,
        dnnl_data_type_t type, dnnl_format_tag_t tag);
void ftl_onednn_md_deinit(dnnl_memory_desc_t *md);

/* A description that outlives its primitive, as `packed` of a layout; and back. */
ftl_status ftl_onednn_pack(ftl_layout *layout, ftl_onednn_view md, ftl_arena *arena);
ftl_status ftl_onednn_unpack(dnnl_memory_desc_t *out, const ftl_layout *layout);

/* The tensors and windows of a convolution. */
typedef struct ftl_onednn_geometry {
    dnnl_memory_desc_t x, w, b, y;
    dnnl_dims_t strides, near, far;
    bool bias;
} ftl_onednn_geometry;

/* Find an implementation; *out is the caller's. hint: the forward convolution that a
 * gradient belongs to. attr may be NULL. */
ftl_status ftl_onednn_find_conv(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g,
        dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
ftl_status ftl_onednn_find_matmul(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
        ftl_onednn_view a, ftl_onednn_view b, ftl_onednn_view y,
        dnnl_primitive_attr_t attr);

#endif
