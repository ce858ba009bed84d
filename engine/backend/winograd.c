/* winograd.c - tiles, pieces and scratch of the Winograd kernels; see winograd.h. */
#include "engine/backend/winograd.h"

#include <omp.h>

/* Floats behind each point's matrix: without a gap the matrices' rows would all fall
 * into the same set of a cache. */
#define GAP 16

/* A piece's transformed images and sums: about half of a 1 MiB second level cache. */
#define CHUNK_BYTES ((int64_t)768 << 10)

/* Transformed images of all tiles may lie in memory if they fit a share of the third
 * level cache. */
#define IMAGES_BYTES ((int64_t)10 << 20)

/* More tiles at a time do not make the panels of kernels any cheaper. */
#define MOST_TILES 128

static int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

bool ftl_winograd_possible(ftl_shape x, ftl_shape y) {
    return x.dim[1] % 16 == 0 && y.dim[1] % 16 == 0;
}

bool ftl_winograd_suits(ftl_shape x, ftl_shape y, ftl_resample resample) {
    const ftl_shape large = resample == FTL_RESAMPLE_DOWN ? x : y;
    const int64_t tiles =
            large.dim[0] * ((large.dim[2] + 3) / 4) * ((large.dim[3] + 3) / 4);
    return ftl_winograd_possible(x, y) && large.dim[2] >= 4 && tiles >= 8;
}

static ftl_winograd_form choose_form(const ftl_winograd *w) {
    const bool fine = w->half && !w->attrs.coarse;
    switch ((ftl_resample)w->attrs.resample) {
    case FTL_RESAMPLE_UP:
        return fine ? FTL_WINOGRAD_FINE_UP : FTL_WINOGRAD_UP;
    case FTL_RESAMPLE_DOWN:
        return fine ? FTL_WINOGRAD_FINE_DOWN : FTL_WINOGRAD_DOWN;
    case FTL_RESAMPLE_NONE:
        break;
    }
    return fine ? FTL_WINOGRAD_FINE_PLAIN : FTL_WINOGRAD_PLAIN;
}

static void set_form(ftl_winograd *w) {
    static const struct {
        int in_side, side, out_side, in_step;
    } sizes[] = {
            [FTL_WINOGRAD_PLAIN] = {6, 6, 4, 4},
            [FTL_WINOGRAD_UP] = {4, 5, 4, 2},
            [FTL_WINOGRAD_DOWN] = {6, 5, 2, 4},
            [FTL_WINOGRAD_FINE_PLAIN] = {4, 4, 2, 2},
            [FTL_WINOGRAD_FINE_UP] = {3, 3, 2, 1},
            [FTL_WINOGRAD_FINE_DOWN] = {4, 3, 1, 2},
    };
    w->form = choose_form(w);
    w->in_side = sizes[w->form].in_side;
    w->side = sizes[w->form].side;
    w->out_side = w->out_step = sizes[w->form].out_side;
    w->in_step = sizes[w->form].in_step;
}

static void set_shapes(ftl_winograd *w, ftl_shape x, ftl_shape y) {
    w->n = x.dim[0];
    w->c_in = x.dim[1];
    w->in_height = x.dim[2];
    w->in_width = x.dim[3];
    w->c_out = y.dim[1];
    w->out_height = y.dim[2];
    w->out_width = y.dim[3];
    w->tiles_high = (w->out_height + w->out_side - 1) / w->out_side;
    w->tiles_wide = (w->out_width + w->out_side - 1) / w->out_side;
    w->n_tiles = w->n * w->tiles_high * w->tiles_wide;
    w->n_panels = (w->c_out + FTL_PANEL - 1) / FTL_PANEL;
    w->threads = omp_get_max_threads();
}

static void set_epilogue(ftl_winograd *w, const ftl_call *call) {
    w->mask = call->op == &ftl_op_conv3x3_mask ? 3 : 0;
    w->residual = call->op == &ftl_op_conv3x3_add ? 4 : 0;
    w->bias = call->op == &ftl_op_conv3x3_bias || w->residual ? 3 : 0;
    if (!w->residual) return;
    w->residual_up = !ftl_shape_equal(call->in[4].shape, call->out[0].shape);
}

static int64_t points(const ftl_winograd *w) { return (int64_t)w->side * w->side; }

static void set_chunk(ftl_winograd *w, int64_t bytes_a_tile) {
    int64_t chunk = CHUNK_BYTES / bytes_a_tile / FTL_PANEL_ROWS * FTL_PANEL_ROWS;
    if (chunk < FTL_PANEL_ROWS) chunk = FTL_PANEL_ROWS;
    if (chunk > MOST_TILES) chunk = MOST_TILES;
    const int64_t all = round_up(w->n_tiles, FTL_PANEL_ROWS);
    w->chunk = chunk < all ? chunk : all;
    w->n_chunks = (w->n_tiles + w->chunk - 1) / w->chunk;
}

static ftl_layout nhwc(ftl_shape shape) {
    return (ftl_layout) {.kind = FTL_BLOCKED, .block = (int)shape.dim[1]};
}

static ftl_status adopt(
        ftl_call *call, ftl_arena *arena, const ftl_winograd *w, bool *taken) {
    ftl_winograd *copy = ftl_arena_alloc(arena, sizeof *copy);
    const size_t pixel =
            sizeof(float) * (size_t)(w->c_in > w->c_out ? w->c_in : w->c_out);
    const void *zeros = ftl_arena_alloc(arena, pixel);
    if (!copy || !zeros) return FTL_ENOMEM;
    *copy = *w;
    copy->zeros = zeros;
    call->bound = copy;
    call->scratch_bytes = w->shared_bytes + w->thread_bytes * (size_t)w->threads;
    call->implementation = "winograd";
    *taken = true;
    return FTL_OK;
}

ftl_status ftl_winograd_prepare_conv(ftl_call *call, ftl_arena *arena, bool *taken) {
    ftl_winograd w = {.attrs = *(const ftl_conv3x3_attrs *)call->attrs,
            .half = call->out[0].type == FTL_BF16};
    const ftl_shape x = call->in[0].shape, y = call->out[0].shape;
    if (!ftl_winograd_possible(x, y)) return FTL_OK;
    set_form(&w);
    set_shapes(&w, x, y);
    set_epilogue(&w, call);
    const int64_t size = w.half ? 2 : 4, panel = FTL_PANEL;
    w.images_first = size * points(&w) * w.n_tiles * w.c_in <= IMAGES_BYTES &&
                     w.n_tiles <= 4 * w.c_out;
    set_chunk(&w, points(&w) * (4 * panel + (w.images_first ? 0 : size * w.c_in)));
    w.words = w.c_in * size / 4;
    w.m_point = w.chunk * panel + GAP;
    w.v_point = (w.images_first ? w.n_chunks : 1) * w.chunk * w.c_in + 4 * GAP / size;
    w.u_point = w.words * panel + GAP;
    const size_t u_bytes = (size_t)(4 * points(&w) * w.u_point);
    const size_t v_bytes = (size_t)(size * points(&w) * w.v_point);
    const size_t m_bytes = (size_t)(4 * points(&w) * w.m_point);
    w.shared_bytes = w.images_first ? v_bytes : u_bytes * (size_t)w.n_panels;
    w.thread_bytes = m_bytes + (w.images_first ? u_bytes : v_bytes);
    for (int i = 0; i < call->op->n_in; i++) {
        const bool image = i == 0 || i == w.mask || i == w.residual;
        call->in[i].type = image ? call->out[0].type : FTL_F32;
        call->in[i].layout = image ? nhwc(call->in[i].shape) : (ftl_layout) {0};
    }
    call->out[0].layout = nhwc(y);
    return adopt(call, arena, &w, taken);
}

ftl_status ftl_winograd_prepare_weights(ftl_call *call, ftl_arena *arena, bool *taken) {
    ftl_winograd w = {.attrs = *(const ftl_conv3x3_attrs *)call->attrs,
            .half = call->in[0].type == FTL_BF16 || call->in[1].type == FTL_BF16};
    const ftl_shape x = call->in[0].shape, y = call->in[1].shape;
    if (!ftl_winograd_possible(x, y)) return FTL_OK;
    w.attrs.coarse = true;
    set_form(&w);
    set_shapes(&w, x, y);
    const int64_t size = w.half ? 2 : 4, panel = FTL_PANEL;
    const int64_t x_width = round_up(w.c_in, panel), y_width = w.n_panels * panel;
    const int64_t a_tile = points(&w) * size * (x_width + y_width);
    /* Else each thread holds all sums, and goes over them with every chunk. */
    const int64_t images_bytes = a_tile * w.n_tiles;
    const int64_t sums_bytes = points(&w) * 4 * w.c_in * y_width;
    w.images_first = w.n_tiles <= 4 * w.c_out &&
                     (images_bytes <= 2 * IMAGES_BYTES || images_bytes <= sums_bytes);
    set_chunk(&w, a_tile);
    if (w.images_first) {
        w.chunk = round_up(w.n_tiles, FTL_PANEL_ROWS);
        w.n_chunks = 1;
    }
    w.rows = w.chunk * size / 4;
    w.v_point = w.rows * x_width + GAP;
    w.m_point = w.rows * y_width + GAP;
    const size_t both = (size_t)(4 * points(&w) * (w.v_point + w.m_point));
    /* Sums of a panel and all of c_in; of images first, a panel and a panel. */
    w.u_point = (w.images_first ? panel : w.c_in) * panel + GAP;
    const size_t sums = (size_t)(4 * points(&w) * w.u_point);
    w.shared_bytes = w.images_first ? both : 0;
    w.thread_bytes = w.images_first ? sums : both + sums * (size_t)w.n_panels;
    call->in[0].type = call->in[1].type = w.half ? FTL_BF16 : FTL_F32;
    call->in[0].layout = nhwc(x);
    call->in[1].layout = nhwc(y);
    call->out[0].type = FTL_F32;
    call->out[0].layout = (ftl_layout) {0};
    return adopt(call, arena, &w, taken);
}
