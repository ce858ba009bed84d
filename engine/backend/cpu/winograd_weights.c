/* winograd_weights.c - the kernel's gradient of 3x3 convolutions by Winograd's method;
 * see winograd.h and winograd_transform.h.
 *
 *   dw = G' (sum over tiles (B' x) . (A dy)) G
 * For each point a matrix product over tiles (half: over pairs of tiles). Few tiles:
 * all images first, then panel by panel. Many: each thread adds up its chunks of tiles,
 * then the threads' sums are added in order. */
#include "engine/backend/cpu/winograd_axes.h"
#include "engine/backend/cpu/winograd_product.h"

#include <string.h>

/* Transformed images v [point][row][c_in] and gradients m [point][panel][row][panel's
 * channels], in words; a row is a tile or, if half, a pair of tiles. */
typedef struct matrices {
    uint32_t *v, *m;
    images x, dy;
} matrices;

static window image_window(const ftl_winograd *w, images x, int64_t i) {
    const ftl_winograd_tile t = ftl_winograd_tile_at(w, i);
    return find_window(x, t.n, t.in_top, t.in_left, w->in_side, w->in_step);
}

static window gradient_window(const ftl_winograd *w, images dy, int64_t i) {
    const ftl_winograd_tile t = ftl_winograd_tile_at(w, i);
    return find_window(dy, t.n, t.out_top, t.out_left, w->out_side, w->out_step);
}

/* Tile i (half: tiles i and i + 1) of x into row `row` of v. */
static void transform_image(
        const matrices *to, const ftl_winograd *w, int64_t i, int64_t row) {
    uint32_t *v = to->v + row * w->c_in;
    const bool pair = w->half && i + 1 < w->n_tiles;
    const window first = image_window(w, to->x, i);
    const window second = image_window(w, to->x, pair ? i + 1 : i);
#define IMAGE(transform, n, m)                                                         \
    if (w->half)                                                                       \
        transform_pair(transform, v, w->v_point, &first, pair ? &second : NULL, 0,     \
                w->c_in, n, m);                                                        \
    else                                                                               \
        transform_tile(transform, v, 0, w->v_point, &first, 0, w->c_in, n, m, false)
    WITH_TRANSFORM(w->form, input, 6, 4, 6, 3, 4, IMAGE)
}

/* The same of dy, into m. */
static void transform_gradient(
        const matrices *to, const ftl_winograd *w, int64_t i, int64_t row) {
    const bool pair = w->half && i + 1 < w->n_tiles;
    const window first = gradient_window(w, to->dy, i);
    const window second = gradient_window(w, to->dy, pair ? i + 1 : i);
    for (int64_t panel = 0; panel < w->n_panels; panel++) {
        const int64_t c = panel * FTL_WINOGRAD_PANEL;
        const int64_t width = ftl_cpu_min(FTL_WINOGRAD_PANEL, w->c_out - c);
        uint32_t *m = to->m + (panel * w->rows + row) * FTL_WINOGRAD_PANEL;
#define GRADIENT(transform, n, points)                                                 \
    if (w->half)                                                                       \
        transform_pair(transform, m, w->m_point, &first, pair ? &second : NULL, c,     \
                width, n, points);                                                     \
    else                                                                               \
        transform_tile(transform, m, 0, w->m_point, &first, c, width, n, points, false)
        WITH_TRANSFORM(w->form, adjoint, 4, 4, 2, 2, 1, GRADIENT)
    }
}

/* Rows from `row` on take part in the sums, but no tile is theirs. */
static void clear_rows(const matrices *to, const ftl_winograd *w, int64_t row) {
    if (row >= w->rows) return;
    const size_t rest = (size_t)(w->rows - row);
    for (int64_t p = 0; p < w->side * w->side; p++) {
        memset(to->v + p * w->v_point + row * w->c_in, 0, rest * (size_t)w->c_in * 4);
        for (int64_t panel = 0; panel < w->n_panels; panel++)
            memset(to->m + p * w->m_point +
                            (panel * w->rows + row) * FTL_WINOGRAD_PANEL,
                    0, rest * FTL_WINOGRAD_PANEL * 4);
    }
}

/* sums [points][c_in][FTL_WINOGRAD_PANEL] of one panel (+)= products of all rows. */
static void add_products(float *sums, const ftl_winograd *w, const matrices *from,
        int64_t panel, bool add) {
    for (int64_t p = 0; p < w->side * w->side; p++)
        product(sums + p * w->c_in * FTL_WINOGRAD_PANEL, from->v + p * w->v_point, 1,
                w->c_in,
                from->m + p * w->m_point + panel * w->rows * FTL_WINOGRAD_PANEL,
                w->rows, w->c_in, add, w->half);
}

/* Channel c of x and 16 channels of the panel, from o on: products back to taps. */
FTL_CPU_INLINE void write_kernels(axis *adjoint, float *dw, const ftl_winograd *w,
        const float *sums, int64_t c, int64_t o, int m) {
    float taps[9][16];
    const int64_t point = w->c_in * FTL_WINOGRAD_PANEL;
    for (int lane = 0; lane < 16; lane += FTL_VECTOR) {
        V in[36], out[9];
        for (int k = 0; k < m * m; k++)
            in[k] = ftl_vector_load(sums, k * point + lane, false);
        both_axes(adjoint, out, in, m, 3);
        for (int k = 0; k < 9; k++)
            ftl_vector_store(taps[k], lane, w->attrs.scale * out[k], false);
    }
    for (int k = 0; k < 16; k++)
        for (int i = 0; i < 9; i++)
            dw[((o + k) * w->c_in + c) * 9 + i] = taps[i][k];
}

static void write_panel(
        float *dw, const ftl_winograd *w, const float *sums, int64_t panel) {
    const int64_t first = panel * FTL_WINOGRAD_PANEL;
    for (int64_t lane = 0; lane < FTL_WINOGRAD_PANEL && first + lane < w->c_out;
            lane += 16)
        for (int64_t c = 0; c < w->c_in; c++) {
            const float *from = sums + c * FTL_WINOGRAD_PANEL + lane;
            if (w->side == 3)
                write_kernels(half_kernel_adjoint, dw, w, from, c, first + lane, 3);
            else if (w->side == 6)
                write_kernels(plain_kernel_adjoint, dw, w, from, c, first + lane, 6);
            else
                write_kernels(
                        symmetric_kernel_adjoint, dw, w, from, c, first + lane, 5);
        }
}

static void run_images_first(
        const ftl_call *call, const ftl_winograd *w, const matrices *all) {
    const int64_t step = w->half ? 2 : 1, used = (w->n_tiles + step - 1) / step;
    float *dw = call->out[0].data;
#pragma omp parallel num_threads(w->threads)
    {
        float *sums = ftl_winograd_scratch(w, call->scratch, omp_get_thread_num());
#pragma omp for schedule(static)
        for (int64_t row = 0; row < used; row++) {
            transform_image(all, w, row * step, row);
            transform_gradient(all, w, row * step, row);
        }
#pragma omp single
        clear_rows(all, w, used);
#pragma omp for schedule(static)
        for (int64_t panel = 0; panel < w->n_panels; panel++) {
            add_products(sums, w, all, panel, false);
            write_panel(dw, w, sums, panel);
        }
    }
}

/* All tiles of one chunk. */
static void transform_chunk(const matrices *to, const ftl_winograd *w, int64_t chunk) {
    const int64_t step = w->half ? 2 : 1;
    int64_t row = 0;
    for (int64_t i = chunk * w->chunk; row < w->rows && i < w->n_tiles; i += step) {
        transform_image(to, w, i, row);
        transform_gradient(to, w, i, row);
        row++;
    }
    clear_rows(to, w, row);
}

static void run_chunks(const ftl_call *call, const ftl_winograd *w, matrices own) {
    const int64_t points = w->side * w->side;
    const int64_t sums_at = points * (w->v_point + w->m_point);
    const int64_t panel_floats = points * w->c_in * FTL_WINOGRAD_PANEL;
    const int64_t n_sums = panel_floats * w->n_panels;
    float *dw = call->out[0].data;
#pragma omp parallel num_threads(w->threads) firstprivate(own)
    {
        own.v = ftl_winograd_scratch(w, call->scratch, omp_get_thread_num());
        own.m = own.v + points * w->v_point;
        float *sums = (float *)own.v + sums_at;
        const ftl_cpu_range range = ftl_cpu_share(w->n_chunks);
        if (range.begin == range.end) memset(sums, 0, (size_t)n_sums * sizeof *sums);
        for (int64_t k = range.begin; k < range.end; k++) {
            transform_chunk(&own, w, k);
            for (int64_t panel = 0; panel < w->n_panels; panel++)
                add_products(
                        sums + panel * panel_floats, w, &own, panel, k > range.begin);
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
            write_panel(dw, w, total + panel * panel_floats, panel);
    }
}

static void run(const ftl_call *call) {
    const ftl_winograd *w = call->bound;
    matrices from = {
            .x = {call->in[0].data, w->in_height, w->in_width, w->c_in, w->half},
            .dy = {call->in[1].data, w->out_height, w->out_width, w->c_out, w->half}};
    if (!w->images_first) {
        run_chunks(call, w, from);
        return;
    }
    from.v = call->scratch;
    from.m = from.v + w->side * w->side * w->v_point;
    run_images_first(call, w, &from);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_winograd_weights)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_weights,
                .prepare = ftl_winograd_prepare_weights,
                .run = run},
        {.op = NULL},
};
