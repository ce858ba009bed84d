/* onednn.c - onednn.h, as far as oneDNN's versions agree; see onednn_internal.h. */
#include "engine/backend/onednn_internal.h"

#include "engine/base/spare.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ARGS 5 /* three inputs, the output, scratch */

struct ftl_onednn {
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_memory_t memory[MAX_ARGS]; /* inputs, then the output, then scratch */
    void *at[MAX_ARGS];             /* what each of them points to now */
    dnnl_exec_arg_t args[MAX_ARGS];
    int n_in;
    size_t scratch_bytes;
    char name[48];
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static dnnl_primitive_attr_t attr; /* of every primitive */

ftl_status ftl_onednn_check(dnnl_status_t result, const char *what) {
    if (result == dnnl_success) return FTL_OK;
    return ftl_fail(result == dnnl_out_of_memory ? FTL_ENOMEM : FTL_EBACKEND,
            "oneDNN: %s failed with status %d", what, (int)result);
}

/* One engine and one stream, made at the first use, by the one thread that makes plans.
 * Scratchpads come from us, so that running allocates nothing. */
static ftl_status start(void) {
    if (stream) return FTL_OK;
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success ||
            dnnl_primitive_attr_create(&attr) != dnnl_success ||
            dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user) !=
                    dnnl_success ||
            dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) !=
                    dnnl_success)
        return ftl_fail(FTL_EBACKEND, "oneDNN finds no CPU engine");
    return FTL_OK;
}

static dnnl_data_type_t type_of(ftl_type type) {
    assert(type == FTL_F32 || type == FTL_BF16);
    return type == FTL_BF16 ? dnnl_bf16 : dnnl_f32;
}

/* A rank-4 or rank-2 tensor as oneDNN sees it. */
static ftl_status describe(dnnl_memory_desc_t *out, const ftl_tensor *tensor) {
    dnnl_dims_t dims = {0};
    for (int i = 0; i < tensor->shape.rank; i++)
        dims[i] = tensor->shape.dim[i];
    dnnl_format_tag_t dense[] = {dnnl_a, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd};
    dnnl_format_tag_t tag = dense[tensor->shape.rank];
    if (tensor->layout.kind == FTL_PACKED)
        return ftl_onednn_unpack(out, &tensor->layout);
    if (tensor->layout.kind == FTL_BLOCKED) {
        if (tensor->layout.block == tensor->shape.dim[1])
            tag = dnnl_acdb;
        else
            tag = tensor->layout.block == 16 ? dnnl_aBcd16b : dnnl_aBcd8b;
    }
    return ftl_onednn_md_init(
            out, tensor->shape.rank, dims, type_of(tensor->type), tag);
}

/* From a description and what each argument is: the primitive, its memories. */
static ftl_status finish(
        ftl_onednn *p, int n_in, const int *kinds, const ftl_onednn_view *views) {
    const char *name = NULL;
    FTL_TRY(ftl_onednn_check(dnnl_primitive_create(&p->primitive, p->description),
            "creating a primitive"));
    dnnl_primitive_desc_query(
            p->description, dnnl_query_impl_info_str, 0, (void *)&name);
    snprintf(p->name, sizeof p->name, "onednn %s", name ? name : "?");
    p->n_in = n_in;
    ftl_onednn_view scratch =
            dnnl_primitive_desc_query_md(p->description, dnnl_query_scratchpad_md, 0);
    p->scratch_bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    for (int i = 0; i < n_in + 2; i++) {
        ftl_onednn_view view = i <= n_in ? views[i] : scratch;
        FTL_TRY(ftl_onednn_check(
                dnnl_memory_create(&p->memory[i], view, engine, DNNL_MEMORY_NONE),
                "creating a memory"));
        p->args[i].arg = i <= n_in ? kinds[i] : DNNL_ARG_SCRATCHPAD;
        p->args[i].memory = p->memory[i];
    }
    return FTL_OK;
}

static ftl_status describe_conv(ftl_onednn_geometry *g, const ftl_onednn_conv *conv) {
    const ftl_onednn_conv_kind kind = conv->kind;
    assert(conv->result == FTL_F32 ||
            (conv->result == conv->type && kind != FTL_ONEDNN_WEIGHTS));
    ftl_tensor x = {.type = kind == FTL_ONEDNN_DATA ? conv->result : conv->type,
            .shape = conv->x,
            .layout = {.kind = FTL_BLOCKED, .block = (int)conv->x.dim[1]}};
    ftl_tensor y = {.type = kind == FTL_ONEDNN_FORWARD ? conv->result : conv->type,
            .shape = conv->y,
            .layout = {.kind = FTL_BLOCKED, .block = (int)conv->y.dim[1]}};
    FTL_TRY(describe(&g->x, &x));
    FTL_TRY(describe(&g->y, &y));
    dnnl_dims_t w = {0}, b = {0};
    for (int i = 0; i < 4; i++)
        w[i] = conv->w.dim[i];
    b[0] = conv->y.dim[1];
    for (int i = 0; i < 2; i++) {
        const int pad = i == 0 ? conv->pad_height : conv->pad_width;
        g->strides[i] = conv->stride;
        g->near[i] = pad;
        /* Where the stride leaves a rest, less of the far padding is used. */
        g->far[i] = (conv->y.dim[2 + i] - 1) * conv->stride + conv->w.dim[2 + i] -
                    conv->x.dim[2 + i] - pad;
    }
    g->bias = conv->bias;
    const ftl_type w_type = kind == FTL_ONEDNN_WEIGHTS ? conv->result : conv->type;
    FTL_TRY(ftl_onednn_md_init(&g->w, 4, w, type_of(w_type), dnnl_format_tag_any));
    return ftl_onednn_md_init(&g->b, 1, b, dnnl_f32, dnnl_a);
}

static void geometry_deinit(ftl_onednn_geometry *g) {
    ftl_onednn_md_deinit(&g->x);
    ftl_onednn_md_deinit(&g->w);
    ftl_onednn_md_deinit(&g->b);
    ftl_onednn_md_deinit(&g->y);
}

/* Gradients want the forward primitive that they belong to as a hint. */
static ftl_status find_hint(dnnl_primitive_desc_t *out, const ftl_onednn_conv *conv) {
    ftl_onednn_geometry g = {.bias = false};
    ftl_onednn_conv forward = *conv;
    forward.kind = FTL_ONEDNN_FORWARD;
    forward.result = conv->type;
    ftl_status status = describe_conv(&g, &forward);
    if (status == FTL_OK)
        status = ftl_onednn_find_conv(out, engine, FTL_ONEDNN_FORWARD, &g, NULL, NULL);
    geometry_deinit(&g);
    return status;
}

/* Arguments in the order of ftl_onednn_run. */
static ftl_status finish_conv(ftl_onednn *p, ftl_layout *weights,
        ftl_onednn_conv_kind kind, const ftl_onednn_geometry *g, ftl_arena *arena) {
    ftl_onednn_view w = dnnl_primitive_desc_query_md(p->description,
            kind == FTL_ONEDNN_WEIGHTS ? dnnl_query_diff_weights_md
                                       : dnnl_query_weights_md,
            0);
    ftl_onednn_view x = FTL_ONEDNN_VIEW(g->x), y = FTL_ONEDNN_VIEW(g->y);
    FTL_TRY(ftl_onednn_pack(weights, w, arena));
    if (kind == FTL_ONEDNN_DATA)
        return finish(p, 2,
                (int[]) {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
                (ftl_onednn_view[]) {y, w, x});
    if (kind == FTL_ONEDNN_WEIGHTS)
        return finish(p, 2,
                (int[]) {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS},
                (ftl_onednn_view[]) {x, y, w});
    if (g->bias)
        return finish(p, 3,
                (int[]) {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST},
                (ftl_onednn_view[]) {x, w, FTL_ONEDNN_VIEW(g->b), y});
    return finish(p, 2, (int[]) {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
            (ftl_onednn_view[]) {x, w, y});
}

static ftl_status create_conv(ftl_onednn *p, ftl_layout *weights,
        const ftl_onednn_conv *conv, ftl_arena *arena) {
    dnnl_primitive_desc_t hint = NULL;
    ftl_onednn_geometry g = {.bias = false};
    ftl_status status = describe_conv(&g, conv);
    if (status == FTL_OK && conv->kind != FTL_ONEDNN_FORWARD)
        status = find_hint(&hint, conv);
    if (status == FTL_OK)
        status = ftl_onednn_find_conv(
                &p->description, engine, conv->kind, &g, hint, attr);
    if (status == FTL_OK) status = finish_conv(p, weights, conv->kind, &g, arena);
    if (hint) dnnl_primitive_desc_destroy(hint);
    geometry_deinit(&g);
    return status;
}

/* Where oneDNN finds no memory for the code that it writes, it may crash. */
enum { SPARE_BYTES = 8 << 20 };

static ftl_status allocate(ftl_onednn **out) {
    *out = NULL;
    FTL_TRY(start());
    if (!ftl_spare_memory(SPARE_BYTES))
        return ftl_fail(FTL_ENOMEM, "out of memory for a primitive");
    *out = calloc(1, sizeof **out);
    return *out ? FTL_OK : ftl_fail(FTL_ENOMEM, "out of memory for a primitive");
}

static ftl_status keep_or_release(ftl_onednn **out, ftl_status status) {
    if (status != FTL_OK) {
        ftl_onednn_release(*out);
        *out = NULL;
    }
    return status;
}

ftl_status ftl_onednn_conv_create(ftl_onednn **out, ftl_layout *weights,
        const ftl_onednn_conv *conv, ftl_arena *arena) {
    FTL_TRY(allocate(out));
    return keep_or_release(out, create_conv(*out, weights, conv, arena));
}

/* a [m, k], b [k, n] and y [m, n], which may lie transposed. */
static ftl_status create_matmul(
        ftl_onednn *p, const ftl_tensor *tensors, const bool *transpose) {
    static const int kinds[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    dnnl_memory_desc_t md[3];
    ftl_onednn_view view[3];
    ftl_status status = FTL_OK;
    memset(md, 0, sizeof md);
    for (int i = 0; i < 3 && status == FTL_OK; i++) {
        const int64_t *dim = tensors[i].shape.dim;
        status = ftl_onednn_md_init(&md[i], 2, (dnnl_dims_t) {dim[0], dim[1]},
                type_of(tensors[i].type), transpose[i] ? dnnl_ba : dnnl_ab);
        view[i] = FTL_ONEDNN_VIEW(md[i]);
    }
    if (status == FTL_OK)
        status = ftl_onednn_find_matmul(
                &p->description, engine, view[0], view[1], view[2], attr);
    if (status == FTL_OK) status = finish(p, 2, kinds, view);
    for (int i = 0; i < 3; i++)
        ftl_onednn_md_deinit(&md[i]);
    return status;
}

ftl_status ftl_onednn_matmul_create(ftl_onednn **out, int64_t m, int64_t n, int64_t k,
        bool transpose_a, bool transpose_b, ftl_type type, ftl_type y_type) {
    const ftl_tensor tensors[] = {{.type = type, .shape = FTL_SHAPE(m, k)},
            {.type = type, .shape = FTL_SHAPE(k, n)},
            {.type = y_type, .shape = FTL_SHAPE(m, n)}};
    FTL_TRY(allocate(out));
    return keep_or_release(out,
            create_matmul(*out, tensors, (bool[]) {transpose_a, transpose_b, false}));
}

static ftl_status create_reorder(
        ftl_onednn *p, const ftl_tensor *from, const ftl_tensor *to) {
    static const int kinds[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
    dnnl_memory_desc_t a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    ftl_status status = describe(&a, from);
    if (status == FTL_OK) status = describe(&b, to);
    if (status == FTL_OK)
        status = ftl_onednn_check(
                dnnl_reorder_primitive_desc_create(&p->description, FTL_ONEDNN_VIEW(a),
                        engine, FTL_ONEDNN_VIEW(b), engine, attr),
                "finding a reorder");
    if (status == FTL_OK)
        status = finish(p, 1, kinds,
                (ftl_onednn_view[]) {FTL_ONEDNN_VIEW(a), FTL_ONEDNN_VIEW(b)});
    ftl_onednn_md_deinit(&a);
    ftl_onednn_md_deinit(&b);
    return status;
}

ftl_status ftl_onednn_reorder_create(
        ftl_onednn **out, const ftl_tensor *from, const ftl_tensor *to) {
    FTL_TRY(allocate(out));
    return keep_or_release(out, create_reorder(*out, from, to));
}

/* oneDNN walks padded tensors when they are pointed elsewhere: only if they moved. */
static void point(ftl_onednn *p, int i, void *memory) {
    if (p->at[i] == memory) return;
    dnnl_memory_set_data_handle(p->memory[i], memory);
    p->at[i] = memory;
}

void ftl_onednn_run(
        ftl_onednn *primitive, const void *const *in, void *out, void *scratch) {
    int n = primitive->n_in;
    for (int i = 0; i < n; i++) {
        union {
            const void *given;
            void *taken; /* oneDNN's API has no const; inputs are only read */
        } pointer = {.given = in[i]};
        point(primitive, i, pointer.taken);
    }
    point(primitive, n, out);
    point(primitive, n + 1, scratch);
    dnnl_primitive_execute(primitive->primitive, stream, n + 2, primitive->args);
}

size_t ftl_onednn_scratch_bytes(const ftl_onednn *primitive) {
    return primitive->scratch_bytes;
}

const char *ftl_onednn_name(const ftl_onednn *primitive) { return primitive->name; }

void ftl_onednn_release(void *primitive) {
    ftl_onednn *p = primitive;
    if (!p) return;
    for (int i = 0; i < MAX_ARGS; i++)
        if (p->memory[i]) dnnl_memory_destroy(p->memory[i]);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->description) dnnl_primitive_desc_destroy(p->description);
    free(p);
}
