/* winograd_weights.c - the kernel's gradient of 3x3 convolutions by Winograd's method;
 * see winograd.h and winograd_transform.h.
 *
 *   dw = G' (sum over tiles (B' x) . (A dy)) G
 * For each point a matrix product over tiles (half: over pairs of tiles). Few tiles:
 * all images first, then panel by panel. Many: each thread adds up its chunks of tiles,
 * then the threads' sums are added in order. */
#include "engine/backend/cpu/panel_product.h"
#include "engine/backend/cpu/queue.h"
#include "engine/backend/cpu/winograd_axes.h"
#include "engine/backend/cpu/winograd_taps.h"

#include <string.h>

/* Images x, or gradients dy, and where they are transformed to: words
 * [point][panel][row] [channel of the panel]; a row is a tile or, if half, a pair of
 * tiles. */
typedef struct side {
    images from;
    uint32_t *to;
    int64_t point, n_panels;
} side;

typedef struct sides {
    side x, dy;
} sides;

/* The n x n px of tile i. */
FTL_CPU_INLINE window window_of(
        const ftl_winograd *w, const side *s, bool is_x, int64_t i, int n) {
    const ftl_winograd_tile t = ftl_winograd_tile_at(w, i);
    if (is_x) return find_window(&s->from, t.n, t.in_top, t.in_left, n, w->in_step);
    return find_window(&s->from, t.n, t.out_top, t.out_left, n, w->out_step);
}

/* Tile i (half: tiles i and i + 1) into row `row` of some panels. */
FTL_CPU_INLINE void transform_tiles(axis *transform, const side *s,
        const ftl_winograd *w, ftl_cpu_range panels, bool is_x, int64_t i, int64_t row,
        int n, int m) {
    const bool pair = w->half && i + 1 < w->n_tiles;
    const window first = window_of(w, s, is_x, i, n);
    const window second = window_of(w, s, is_x, pair ? i + 1 : i, n);
    for (int64_t panel = panels.begin; panel < panels.end; panel++) {
        const int64_t c = panel * FTL_PANEL;
        const int64_t width = ftl_cpu_min(FTL_PANEL, s->from.c - c);
        uint32_t *to = s->to + (panel * w->rows + row) * FTL_PANEL;
        if (w->half)
            transform_pair(transform, to, s->point, &first, pair ? &second : NULL, c,
                    width, n, m);
        else
            transform_tile(transform, to, 0, s->point, &first, c, width, n, m, false);
    }
}

static void transform_row(const side *s, const ftl_winograd *w, ftl_cpu_range panels,
        bool is_x, int64_t i, int64_t row) {
#define ROW(transform, n, m)                                                           \
    transform_tiles(transform, s, w, panels, is_x, i, row, n, m)
    if (is_x) {
        WITH_COARSE_TRANSFORM(w->form, input, 6, 4, 6, ROW)
    } else {
        WITH_COARSE_TRANSFORM(w->form, adjoint, 4, 4, 2, ROW)
    }
}

/* Rows from `row` on take part in the sums, but no tile is theirs. */
static void clear_rows(const side *s, const ftl_winograd *w, int64_t row) {
    for (int64_t p = 0; p < w->side * w->side && row < w->rows; p++)
        for (int64_t panel = 0; panel < s->n_panels; panel++)
            memset(s->to + p * s->point + (panel * w->rows + row) * FTL_PANEL, 0,
                    (size_t)(w->rows - row) * FTL_PANEL * sizeof *s->to);
}

/* sums [points][..][FTL_PANEL] of dy's panel and of the channels of x from c
 * on
 * (+)= products of all rows. */
static void add_products(float *sums, const ftl_winograd *w, const sides *s,
        int64_t panel, int64_t c, bool add) {
    for (int64_t p = 0; p < w->side * w->side; p++)
        product(sums + p * w->u_point, s->x.to + p * s->x.point + c * w->rows, 1,
                FTL_PANEL, s->dy.to + p * s->dy.point + panel * w->rows * FTL_PANEL,
                w->rows, ftl_cpu_min(FTL_PANEL, w->c_in - c), add, w->half);
}

/* A block of kernels, whose rows are `row` floats apart, from products: 16 channels of
 * y side by side and channels of x FTL_PANEL apart. */
FTL_CPU_INLINE void restore_block(axis *adjoint, float *kernels, int64_t row,
        const ftl_winograd *w, const float *sums, int m) {
    taps_block taps;
    for (int c = 0; c < TAPS_BLOCK; c++) {
        taps_fetch_to_write(kernels, row, c);
        for (int lane = 0; lane < TAPS_BLOCK; lane += FTL_VECTOR) {
            vec in[36], out[9];
            const float *from = sums + c * FTL_PANEL + lane;
            for (int k = 0; k < m * m; k++)
                in[k] = ftl_vector_load(from, k * w->u_point, false);
            both_axes(adjoint, out, in, m, 3);
            for (int k = 0; k < 9; k++)
                ftl_vector_store(taps[c][k], lane, w->attrs.scale * out[k], false);
        }
    }
    taps_write(kernels, row, taps);
}

/* The kernels of dy's panel and x's channels c .. c + n_channels - 1, whose sums begin
 * at `sums`. */
static void write_panel(float *dw, const ftl_winograd *w, const float *sums,
        int64_t panel, int64_t c, int64_t n_channels) {
    const int64_t first = panel * FTL_PANEL;
    const int64_t width = ftl_cpu_min(FTL_PANEL, w->c_out - first);
    for (int64_t lane = 0; lane < width; lane += TAPS_BLOCK)
        for (int64_t i = 0; i < n_channels; i += TAPS_BLOCK) {
            const int64_t row = w->c_in * 9;
            float *to = dw + (first + lane) * row + (c + i) * 9;
            const float *from = sums + i * FTL_PANEL + lane;
            if (w->side == 6)
                restore_block(plain_kernel_adjoint, to, row, w, from, 6);
            else
                restore_block(symmetric_kernel_adjoint, to, row, w, from, 5);
        }
}

/* A thread's part of a side: of all rows the panels that it will multiply, if there are
 * enough; else its rows of all panels. */
static void transform_part(const side *s, const ftl_winograd *w, bool is_x,
        int64_t n_rows, bool by_panels) {
    const ftl_cpu_range all_rows = {0, n_rows}, all_panels = {0, s->n_panels};
    const bool enough = by_panels && s->n_panels >= omp_get_num_threads();
    const ftl_cpu_range rows = enough ? all_rows : ftl_cpu_share(n_rows);
    const ftl_cpu_range panels = enough ? ftl_cpu_share(s->n_panels) : all_panels;
    for (int64_t row = rows.begin; row < rows.end; row++)
        transform_row(s, w, panels, is_x, row * (w->half ? 2 : 1), row);
}

/* The wider side is multiplied, panel by panel, by the thread that transformed it; of
 * the other one each needs all. */
static void run_images_first(
        const ftl_call *call, const ftl_winograd *w, const sides *s) {
    const int64_t step = w->half ? 2 : 1, used = (w->n_tiles + step - 1) / step;
    const int64_t n_x = s->x.n_panels, n_dy = s->dy.n_panels;
    const bool x_wider = n_x >= n_dy;
    float *dw = call->out[0].data;
    ftl_cpu_queue pairs;
    ftl_cpu_queue_fill(&pairs, n_x * n_dy, w->threads);
#pragma omp parallel num_threads(w->threads)
    {
        float *sums = ftl_winograd_scratch(w, call->scratch, omp_get_thread_num());
        int64_t i;
        transform_part(&s->x, w, true, used, x_wider);
        transform_part(&s->dy, w, false, used, !x_wider);
#pragma omp single
        {
            clear_rows(&s->x, w, used);
            clear_rows(&s->dy, w, used);
        }
        for (int visited = 0; ftl_cpu_queue_take(&pairs, &visited, &i);) {
            const int64_t panel = x_wider ? i % n_dy : i / n_x;
            const int64_t c = (x_wider ? i / n_dy : i % n_x) * FTL_PANEL;
            add_products(sums, w, s, panel, c, false);
            write_panel(dw, w, sums, panel, c, ftl_cpu_min(FTL_PANEL, w->c_in - c));
        }
    }
}

/* All tiles of one chunk. */
static void transform_chunk(const sides *s, const ftl_winograd *w, int64_t chunk) {
    const int64_t step = w->half ? 2 : 1;
    const ftl_cpu_range x_panels = {0, s->x.n_panels}, dy_panels = {0, s->dy.n_panels};
    int64_t row = 0;
    for (int64_t i = chunk * w->chunk; row < w->rows && i < w->n_tiles; i += step) {
        transform_row(&s->x, w, x_panels, true, i, row);
        transform_row(&s->dy, w, dy_panels, false, i, row);
        row++;
    }
    clear_rows(&s->x, w, row);
    clear_rows(&s->dy, w, row);
}

/* The threads' sums of all panels, each behind its matrices; the total in thread 0's.
 */
static void run_chunks(const ftl_call *call, const ftl_winograd *w, sides own) {
    const int64_t points = w->side * w->side;
    const int64_t sums_at = points * (w->v_point + w->m_point);
    const int64_t panel_floats = points * w->u_point;
    const int64_t n_sums = panel_floats * w->n_panels;
    float *dw = call->out[0].data;
#pragma omp parallel num_threads(w->threads) firstprivate(own)
    {
        own.x.to = ftl_winograd_scratch(w, call->scratch, omp_get_thread_num());
        own.dy.to = own.x.to + points * w->v_point;
        float *sums = (float *)own.x.to + sums_at;
        const ftl_cpu_range range = ftl_cpu_share(w->n_chunks);
        if (range.begin == range.end) memset(sums, 0, (size_t)n_sums * sizeof *sums);
        for (int64_t k = range.begin; k < range.end; k++) {
            transform_chunk(&own, w, k);
            for (int64_t panel = 0; panel < w->n_panels; panel++)
                for (int64_t c = 0; c < w->c_in; c += FTL_PANEL)
                    add_products(sums + panel * panel_floats + c * FTL_PANEL, w, &own,
                            panel, c, k > range.begin);
        }
#pragma omp barrier
        float *total = (float *)ftl_winograd_scratch(w, call->scratch, 0) + sums_at;
        const ftl_cpu_range part = ftl_cpu_share(n_sums);
        for (int other = 1; other < omp_get_num_threads(); other++) {
            const float *from =
                    (float *)ftl_winograd_scratch(w, call->scratch, other) + sums_at;
#pragma omp simd
            for (int64_t i = part.begin; i < part.end; i++)
                total[i] += from[i];
        }
#pragma omp barrier
#pragma omp for schedule(static)
        for (int64_t panel = 0; panel < w->n_panels; panel++)
            write_panel(dw, w, total + panel * panel_floats, panel, 0, w->c_in);
    }
}

static void run(const ftl_call *call) {
    const ftl_winograd *w = call->bound;
    uint32_t *shared = call->scratch;
    sides s = {.x = {.from = {.x = call->in[0].data,
                             .zeros = w->zeros,
                             .height = w->in_height,
                             .width = w->in_width,
                             .c = w->c_in,
                             .half = w->half},
                       .to = shared,
                       .point = w->v_point,
                       .n_panels = ftl_cpu_ceil_div(w->c_in, FTL_PANEL)},
            .dy = {.from = {.x = call->in[1].data,
                           .zeros = w->zeros,
                           .height = w->out_height,
                           .width = w->out_width,
                           .c = w->c_out,
                           .half = w->half},
                    .to = shared + w->side * w->side * w->v_point,
                    .point = w->m_point,
                    .n_panels = w->n_panels}};
    find_offsets(&s.x.from, w->in_side);
    find_offsets(&s.dy.from, w->out_side);
    if (w->images_first)
        run_images_first(call, w, &s);
    else
        run_chunks(call, w, s);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_winograd_weights)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_weights,
                .prepare = ftl_winograd_prepare_weights,
                .run = run,
                .bf16 = true},
        {.op = NULL},
};
