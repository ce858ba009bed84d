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

static int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

bool ftl_winograd_suits(ftl_shape x, ftl_shape y, ftl_resample resample) {
    const int64_t c_in = x.dim[1], c_out = y.dim[1];
    const ftl_shape large = resample == FTL_RESAMPLE_DOWN ? x : y;
    const int64_t tiles =
            large.dim[0] * ((large.dim[2] + 3) / 4) * ((large.dim[3] + 3) / 4);
    return c_in % 16 == 0 && c_out % 16 == 0 && large.dim[2] >= 4 && tiles >= 32;
}

static void set_sides(ftl_winograd *w) {
    const ftl_resample r = w->attrs.resample;
    w->in_side = r == FTL_RESAMPLE_UP ? 4 : 6;
    w->side = r == FTL_RESAMPLE_NONE ? 6 : 5;
    w->out_side = r == FTL_RESAMPLE_DOWN ? 2 : 4;
    w->in_step = r == FTL_RESAMPLE_UP ? 2 : 4;
    w->out_step = w->out_side;
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
    w->n_panels = (w->c_out + FTL_WINOGRAD_PANEL - 1) / FTL_WINOGRAD_PANEL;
    w->threads = omp_get_max_threads();
}

static int64_t points(const ftl_winograd *w) { return (int64_t)w->side * w->side; }

static void set_chunk(ftl_winograd *w, int64_t bytes_a_tile) {
    int64_t chunk = CHUNK_BYTES / bytes_a_tile / FTL_WINOGRAD_ROWS * FTL_WINOGRAD_ROWS;
    if (chunk < FTL_WINOGRAD_ROWS) chunk = FTL_WINOGRAD_ROWS;
    if (chunk > 64) chunk = 64;
    const int64_t all = round_up(w->n_tiles, FTL_WINOGRAD_ROWS);
    w->chunk = chunk < all ? chunk : all;
    w->n_chunks = (w->n_tiles + w->chunk - 1) / w->chunk;
}

static ftl_layout nhwc(ftl_shape shape) {
    return (ftl_layout) {.kind = FTL_BLOCKED, .block = (int)shape.dim[1]};
}

static ftl_status adopt(
        ftl_call *call, ftl_arena *arena, const ftl_winograd *w, bool *taken) {
    ftl_winograd *copy = ftl_arena_alloc(arena, sizeof *copy);
    if (!copy) return FTL_ENOMEM;
    *copy = *w;
    call->bound = copy;
    call->scratch_bytes = w->shared_bytes + w->thread_bytes * (size_t)w->threads;
    call->implementation = "winograd";
    *taken = true;
    return FTL_OK;
}

ftl_status ftl_winograd_prepare_conv(ftl_call *call, ftl_arena *arena, bool *taken) {
    ftl_winograd w = {.attrs = *(const ftl_conv3x3_attrs *)call->attrs,
            .bias = call->op == &ftl_op_conv3x3_bias};
    const ftl_shape x = call->in[0].shape, y = call->out[0].shape;
    if (x.dim[1] % 16 || y.dim[1] % 16) return FTL_OK;
    set_sides(&w);
    set_shapes(&w, x, y);
    const int64_t v_row = w.c_in, panel = points(&w) * w.c_in * FTL_WINOGRAD_PANEL;
    w.images_first = 4 * points(&w) * w.n_tiles * v_row <= IMAGES_BYTES &&
                     w.n_tiles <= 4 * w.c_out;
    set_chunk(&w, points(&w) * 4 *
                          (FTL_WINOGRAD_PANEL + (w.images_first ? 0 : w.c_in)));
    const int64_t all_tiles = w.n_chunks * w.chunk;
    w.m_point = w.chunk * FTL_WINOGRAD_PANEL + GAP;
    w.v_point = (w.images_first ? all_tiles : w.chunk) * v_row + GAP;
    const int64_t v = points(&w) * w.v_point, m = points(&w) * w.m_point;
    w.shared_bytes = 4 * (size_t)(w.images_first ? v : panel * w.n_panels);
    w.thread_bytes = 4 * (size_t)(m + (w.images_first ? panel : v));
    call->in[0].layout = nhwc(x);
    call->in[1].layout = (ftl_layout) {0};
    if (w.bias) call->in[2].layout = (ftl_layout) {0};
    call->out[0].layout = nhwc(y);
    return adopt(call, arena, &w, taken);
}

ftl_status ftl_winograd_prepare_weights(ftl_call *call, ftl_arena *arena, bool *taken) {
    ftl_winograd w = {.attrs = *(const ftl_conv3x3_attrs *)call->attrs};
    const ftl_shape x = call->in[0].shape, y = call->in[1].shape;
    if (x.dim[1] % 16 || y.dim[1] % 16) return FTL_OK;
    set_sides(&w);
    set_shapes(&w, x, y);
    const int64_t rows = round_up(w.c_in, FTL_WINOGRAD_ROWS);
    const int64_t all_tiles = round_up(w.n_tiles, FTL_WINOGRAD_ROWS);
    const int64_t width = w.n_panels * FTL_WINOGRAD_PANEL;
    const int64_t sums = points(&w) * rows * FTL_WINOGRAD_PANEL;
    w.images_first =
            4 * points(&w) * all_tiles * (w.c_in + width) <= 2 * IMAGES_BYTES &&
            all_tiles <= 4 * w.c_out;
    set_chunk(&w, points(&w) * 4 * (w.c_in + width));
    if (w.images_first) w.chunk = all_tiles, w.n_chunks = 1;
    w.v_point = w.chunk * w.c_in + GAP;
    w.m_point = w.chunk * width + GAP;
    const int64_t both = points(&w) * (w.v_point + w.m_point);
    w.shared_bytes = w.images_first ? 4 * (size_t)both : 0;
    w.thread_bytes = 4 * (size_t)(w.images_first ? sums : both + sums * w.n_panels);
    call->in[0].layout = nhwc(x);
    call->in[1].layout = nhwc(y);
    call->out[0].layout = (ftl_layout) {0};
    return adopt(call, arena, &w, taken);
}
