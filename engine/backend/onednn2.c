/* onednn2.c - onednn.h on oneDNN 2.x (op descriptors). */
#include <dnnl.h>

#if DNNL_VERSION_MAJOR == 2

#include "engine/backend/onednn.h"

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

/* One engine and one stream, made at the first use, by the one thread that makes plans.
 */
static ftl_status start(void) {
    if (stream) return FTL_OK;
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success ||
            dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) !=
                    dnnl_success)
        return ftl_fail(FTL_EBACKEND, "oneDNN finds no CPU engine");
    return FTL_OK;
}

static ftl_status check(dnnl_status_t result, const char *what) {
    if (result == dnnl_success) return FTL_OK;
    return ftl_fail(result == dnnl_out_of_memory ? FTL_ENOMEM : FTL_EBACKEND,
            "oneDNN: %s failed with status %d", what, (int)result);
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
    if (tensor->layout.kind == FTL_PACKED) {
        memcpy(out, tensor->layout.packed, sizeof *out);
        return FTL_OK;
    }
    if (tensor->layout.kind == FTL_BLOCKED) {
        if (tensor->layout.block == tensor->shape.dim[1])
            tag = dnnl_acdb;
        else
            tag = tensor->layout.block == 16 ? dnnl_aBcd16b : dnnl_aBcd8b;
    }
    return check(dnnl_memory_desc_init_by_tag(
                         out, tensor->shape.rank, dims, type_of(tensor->type), tag),
            "describing a tensor");
}

/* From a description and what each argument is: the primitive, its memories. */
static ftl_status finish(ftl_onednn *p, int n_in, const int *kinds,
        const dnnl_memory_desc_t *const *mds) {
    const char *name = NULL;
    FTL_TRY(check(dnnl_primitive_create(&p->primitive, p->description),
            "creating a primitive"));
    dnnl_primitive_desc_query(
            p->description, dnnl_query_impl_info_str, 0, (void *)&name);
    snprintf(p->name, sizeof p->name, "onednn %s", name ? name : "?");
    p->n_in = n_in;
    const dnnl_memory_desc_t *scratch =
            dnnl_primitive_desc_query_md(p->description, dnnl_query_scratchpad_md, 0);
    p->scratch_bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    for (int i = 0; i < n_in + 2; i++) {
        const dnnl_memory_desc_t *md = i <= n_in ? mds[i] : scratch;
        FTL_TRY(check(dnnl_memory_create(&p->memory[i], md, engine, DNNL_MEMORY_NONE),
                "creating a memory"));
        p->args[i].arg = i <= n_in ? kinds[i] : DNNL_ARG_SCRATCHPAD;
        p->args[i].memory = p->memory[i];
    }
    return FTL_OK;
}

/* Scratchpads come from us, so that running allocates nothing. */
static ftl_status describe_primitive(
        ftl_onednn *p, const void *operation, dnnl_primitive_desc_t hint) {
    dnnl_primitive_attr_t attr;
    FTL_TRY(check(dnnl_primitive_attr_create(&attr), "creating attributes"));
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    dnnl_status_t result =
            dnnl_primitive_desc_create(&p->description, operation, attr, engine, hint);
    dnnl_primitive_attr_destroy(attr);
    return check(result, "finding an implementation");
}

/* What oneDNN chose, as a layout of ours. */
static ftl_status pack(
        ftl_layout *layout, const dnnl_memory_desc_t *md, ftl_arena *arena) {
    dnnl_memory_desc_t *copy = ftl_arena_alloc(arena, sizeof *copy);
    if (!copy) return FTL_ENOMEM;
    *copy = *md;
    *layout = (ftl_layout) {
            .kind = FTL_PACKED, .packed = copy, .bytes = dnnl_memory_desc_get_size(md)};
    return FTL_OK;
}

/* The five descriptions of a convolution's tensors and windows. */
typedef struct geometry {
    dnnl_memory_desc_t x, w, b, y;
    dnnl_dims_t strides, near, far;
} geometry;

static ftl_status describe_conv(geometry *g, const ftl_onednn_conv *conv) {
    const ftl_onednn_conv_kind kind = conv->kind;
    memset(g, 0, sizeof *g);
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
        g->strides[i] = conv->stride;
        g->near[i] = conv->pad;
        /* Where the stride leaves a rest, less of the far padding is used. */
        g->far[i] = (conv->y.dim[2 + i] - 1) * conv->stride + conv->w.dim[2 + i] -
                    conv->x.dim[2 + i] - conv->pad;
    }
    const ftl_type w_type = kind == FTL_ONEDNN_WEIGHTS ? conv->result : conv->type;
    FTL_TRY(check(dnnl_memory_desc_init_by_tag(
                          &g->w, 4, w, type_of(w_type), dnnl_format_tag_any),
            "describing a kernel"));
    return check(dnnl_memory_desc_init_by_tag(&g->b, 1, b, dnnl_f32, dnnl_a),
            "describing a bias");
}

static ftl_status create_forward(ftl_onednn *p, ftl_layout *weights,
        const ftl_onednn_conv *conv, const geometry *g, ftl_arena *arena) {
    dnnl_convolution_desc_t operation;
    FTL_TRY(check(
            dnnl_convolution_forward_desc_init(&operation, dnnl_forward_training,
                    dnnl_convolution_direct, &g->x, &g->w, conv->bias ? &g->b : NULL,
                    &g->y, g->strides, g->near, g->far),
            "describing a convolution"));
    FTL_TRY(describe_primitive(p, &operation, NULL));
    const dnnl_memory_desc_t *w =
            dnnl_primitive_desc_query_md(p->description, dnnl_query_weights_md, 0);
    FTL_TRY(pack(weights, w, arena));
    if (conv->bias)
        return finish(p, 3,
                (int[]) {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST},
                (const dnnl_memory_desc_t *[]) {&g->x, w, &g->b, &g->y});
    return finish(p, 2, (int[]) {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
            (const dnnl_memory_desc_t *[]) {&g->x, w, &g->y});
}

static ftl_status create_data(ftl_onednn *p, ftl_layout *weights, const geometry *g,
        dnnl_primitive_desc_t hint, ftl_arena *arena) {
    dnnl_convolution_desc_t operation;
    FTL_TRY(check(dnnl_convolution_backward_data_desc_init(&operation,
                          dnnl_convolution_direct, &g->x, &g->w, &g->y, g->strides,
                          g->near, g->far),
            "describing a convolution's data gradient"));
    FTL_TRY(describe_primitive(p, &operation, hint));
    const dnnl_memory_desc_t *w =
            dnnl_primitive_desc_query_md(p->description, dnnl_query_weights_md, 0);
    FTL_TRY(pack(weights, w, arena));
    return finish(p, 2,
            (int[]) {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
            (const dnnl_memory_desc_t *[]) {&g->y, w, &g->x});
}

static ftl_status create_weights(ftl_onednn *p, ftl_layout *weights, const geometry *g,
        dnnl_primitive_desc_t hint, ftl_arena *arena) {
    dnnl_convolution_desc_t operation;
    FTL_TRY(check(dnnl_convolution_backward_weights_desc_init(&operation,
                          dnnl_convolution_direct, &g->x, &g->w, NULL, &g->y,
                          g->strides, g->near, g->far),
            "describing a convolution's weight gradient"));
    FTL_TRY(describe_primitive(p, &operation, hint));
    const dnnl_memory_desc_t *w =
            dnnl_primitive_desc_query_md(p->description, dnnl_query_diff_weights_md, 0);
    FTL_TRY(pack(weights, w, arena));
    return finish(p, 2,
            (int[]) {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS},
            (const dnnl_memory_desc_t *[]) {&g->x, &g->y, w});
}

/* Gradients want the forward primitive that they belong to as a hint. */
static ftl_status create_backward(ftl_onednn *p, ftl_layout *weights,
        const ftl_onednn_conv *conv, const geometry *g, ftl_arena *arena) {
    dnnl_convolution_desc_t operation;
    dnnl_primitive_desc_t hint;
    ftl_onednn_conv forward = *conv;
    geometry f;
    forward.kind = FTL_ONEDNN_FORWARD;
    forward.result = conv->type;
    FTL_TRY(describe_conv(&f, &forward));
    FTL_TRY(check(dnnl_convolution_forward_desc_init(&operation, dnnl_forward_training,
                          dnnl_convolution_direct, &f.x, &f.w, NULL, &f.y, f.strides,
                          f.near, f.far),
            "describing a convolution"));
    FTL_TRY(check(dnnl_primitive_desc_create(&hint, &operation, NULL, engine, NULL),
            "finding a convolution"));
    ftl_status status = conv->kind == FTL_ONEDNN_DATA
                                ? create_data(p, weights, g, hint, arena)
                                : create_weights(p, weights, g, hint, arena);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

static ftl_status allocate(ftl_onednn **out) {
    *out = NULL;
    FTL_TRY(start());
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
    geometry g;
    FTL_TRY(allocate(out));
    ftl_status status = describe_conv(&g, conv);
    if (status == FTL_OK)
        status = conv->kind == FTL_ONEDNN_FORWARD
                         ? create_forward(*out, weights, conv, &g, arena)
                         : create_backward(*out, weights, conv, &g, arena);
    return keep_or_release(out, status);
}

static ftl_status create_matmul(ftl_onednn *p, int64_t m, int64_t n, int64_t k,
        bool transpose_a, bool transpose_b, ftl_type type, ftl_type y_type) {
    dnnl_memory_desc_t a, b, y;
    dnnl_dims_t a_dims = {m, k}, b_dims = {k, n}, y_dims = {m, n};
    dnnl_memory_desc_init_by_tag(
            &a, 2, a_dims, type_of(type), transpose_a ? dnnl_ba : dnnl_ab);
    dnnl_memory_desc_init_by_tag(
            &b, 2, b_dims, type_of(type), transpose_b ? dnnl_ba : dnnl_ab);
    dnnl_memory_desc_init_by_tag(&y, 2, y_dims, type_of(y_type), dnnl_ab);
    dnnl_matmul_desc_t operation;
    FTL_TRY(check(dnnl_matmul_desc_init(&operation, &a, &b, NULL, &y),
            "describing a matrix product"));
    FTL_TRY(describe_primitive(p, &operation, NULL));
    return finish(p, 2, (int[]) {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
            (const dnnl_memory_desc_t *[]) {&a, &b, &y});
}

ftl_status ftl_onednn_matmul_create(ftl_onednn **out, int64_t m, int64_t n, int64_t k,
        bool transpose_a, bool transpose_b, ftl_type type, ftl_type y_type) {
    FTL_TRY(allocate(out));
    return keep_or_release(
            out, create_matmul(*out, m, n, k, transpose_a, transpose_b, type, y_type));
}

static ftl_status create_reorder(
        ftl_onednn *p, const ftl_tensor *from, const ftl_tensor *to) {
    dnnl_memory_desc_t a, b;
    FTL_TRY(describe(&a, from));
    FTL_TRY(describe(&b, to));
    dnnl_primitive_attr_t attr;
    FTL_TRY(check(dnnl_primitive_attr_create(&attr), "creating attributes"));
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    dnnl_status_t result = dnnl_reorder_primitive_desc_create(
            &p->description, &a, engine, &b, engine, attr);
    dnnl_primitive_attr_destroy(attr);
    FTL_TRY(check(result, "finding a reorder"));
    return finish(p, 1, (int[]) {DNNL_ARG_FROM, DNNL_ARG_TO},
            (const dnnl_memory_desc_t *[]) {&a, &b});
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

bool ftl_onednn_packed_equal(const void *a, const void *b) {
    return dnnl_memory_desc_equal(a, b);
}

const char *ftl_onednn_version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

const char *ftl_onednn_isa(void) {
    static const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } known[] = {
            {dnnl_cpu_isa_sse41, "SSE41"},
            {dnnl_cpu_isa_avx, "AVX"},
            {dnnl_cpu_isa_avx2, "AVX2"},
            {dnnl_cpu_isa_avx2_vnni, "AVX2_VNNI"},
            {dnnl_cpu_isa_avx512_core, "AVX512_CORE"},
            {dnnl_cpu_isa_avx512_core_vnni, "AVX512_CORE_VNNI"},
            {dnnl_cpu_isa_avx512_core_bf16, "AVX512_CORE_BF16"},
            {dnnl_cpu_isa_avx512_core_amx, "AVX512_CORE_AMX"},
    };
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].isa == isa) return known[i].name;
    return "other";
}

/* The values are sets of bits: a larger set has all that a smaller one can do. */
bool ftl_onednn_has_bf16(void) {
    const unsigned isa = dnnl_get_effective_cpu_isa();
    return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

#endif
