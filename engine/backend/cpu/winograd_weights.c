/* winograd_weights.c - the kernel's gradient of 3x3 convolutions by Winograd's method;
 * see winograd.h and winograd_transform.h.
 *
 *   dw = G' (sum over tiles (B' x) . (A dy)) G
 * For each point a matrix product over tiles. Few tiles: all images first, then panel
 * by panel. Many: each thread adds up its chunks of tiles, then the threads' sums are
 * added in order. */
#include "engine/backend/cpu/winograd_axes.h"
#include "engine/backend/cpu/winograd_product.h"

/* Gradients of tiles first .. first + n - 1 into rows 0 .. n - 1 of the panels of m:
 * [point][panel][chunk][FTL_WINOGRAD_PANEL]. Behind the last tile: zeros. */
static void transform_gradients(
        float *m, const ftl_winograd *w, const float *dy, int64_t first, int64_t n) {
    const int64_t image = w->out_height * w->out_width * w->c_out;
    const int64_t ahead = 2 * w->out_step * w->c_out;
    for (int64_t t = 0; t < n && first + t < w->n_tiles; t++) {
        const ftl_winograd_tile tile = ftl_winograd_tile_at(w, first + t);
        for (int64_t panel = 0; panel < w->n_panels; panel++) {
            const int64_t c = panel * FTL_WINOGRAD_PANEL;
            const int64_t width = ftl_cpu_min(FTL_WINOGRAD_PANEL, w->c_out - c);
            float *row = m + (panel * w->chunk + t) * FTL_WINOGRAD_PANEL;
            window from;
            find_window(&from, dy + tile.n * image, w->out_height, w->out_width,
                    w->c_out, tile.out_top, tile.out_left, w->out_side);
            for (int k = 0; k < w->out_side * w->out_side; k++)
                from.at[k] += c & from.mask[k];
            if (w->attrs.resample == FTL_RESAMPLE_NONE)
                transform_window(
                        plain_adjoint, row, w->m_point, &from, ahead, width, 4, 6);
            else if (w->attrs.resample == FTL_RESAMPLE_UP)
                transform_window(
                        up_adjoint, row, w->m_point, &from, ahead, width, 4, 5);
            else
                transform_window(
                        down_adjoint, row, w->m_point, &from, ahead, width, 2, 5);
        }
    }
}

/* Rows behind the last tile take part in the sums: zeros. */
static void clear_rest(float *v, float *m, const ftl_winograd *w, int64_t n_tiles) {
    for (int64_t p = 0; p < w->side * w->side; p++)
        for (int64_t t = n_tiles; t < w->chunk; t++) {
            for (int64_t c = 0; c < w->c_in; c++)
                v[p * w->v_point + t * w->c_in + c] = 0;
            for (int64_t panel = 0; panel < w->n_panels; panel++)
                for (int64_t c = 0; c < FTL_WINOGRAD_PANEL; c++)
                    m[p * w->m_point + (panel * w->chunk + t) * FTL_WINOGRAD_PANEL +
                            c] = 0;
        }
}

/* sums [points, c_in, panel] of one panel += those of the chunk in v and m. */
static void add_products(float *sums, const ftl_winograd *w, const float *v,
        const float *m, int64_t panel, bool add) {
    for (int64_t p = 0; p < w->side * w->side; p++)
        product(sums + p * w->c_in * FTL_WINOGRAD_PANEL, v + p * w->v_point, 1, w->c_in,
                m + p * w->m_point + panel * w->chunk * FTL_WINOGRAD_PANEL, w->chunk,
                w->c_in, add);
}

/* Channels c of x and o .. of the panel: products back to taps, into dw. */
FTL_CPU_INLINE void write_kernels(axis *adjoint, float *dw, const ftl_winograd *w,
        const float *sums, int64_t c, int64_t o, int m) {
    float taps[9][16];
    const int64_t point = w->c_in * FTL_WINOGRAD_PANEL;
    for (int lane = 0; lane < 16; lane += FTL_VECTOR) {
        V in[36], out[9];
        for (int k = 0; k < m * m; k++)
            in[k] = ftl_vector_load(sums + k * point + lane);
        both_axes(adjoint, out, in, m, 3);
        for (int k = 0; k < 9; k++)
            ftl_vector_store(taps[k] + lane, w->attrs.scale * out[k]);
    }
    for (int k = 0; k < 16; k++)
        for (int i = 0; i < 9; i++)
            dw[((o + k) * w->c_in + c) * 9 + i] = taps[i][k];
}

static void write_panel(
        float *dw, const ftl_winograd *w, const float *sums, int64_t panel) {
    const int64_t first = panel * FTL_WINOGRAD_PANEL;
    for (int64_t half = 0; half < FTL_WINOGRAD_PANEL && first + half < w->c_out;
            half += 16)
        for (int64_t c = 0; c < w->c_in; c++) {
            const float *from = sums + c * FTL_WINOGRAD_PANEL + half;
            if (w->side == 6)
                write_kernels(plain_kernel_adjoint, dw, w, from, c, first + half, 6);
            else
                write_kernels(
                        symmetric_kernel_adjoint, dw, w, from, c, first + half, 5);
        }
}

static void run_images_first(const ftl_call *call, const ftl_winograd *w) {
    const float *x = call->in[0].data, *dy = call->in[1].data;
    float *v = call->scratch, *m = v + w->side * w->side * w->v_point;
    float *dw = call->out[0].data;
#pragma omp parallel num_threads(w->threads)
    {
        float *sums =
                v + (w->shared_bytes + w->thread_bytes * (size_t)omp_get_thread_num()) /
                            sizeof *v;
#pragma omp for schedule(static)
        for (int64_t i = 0; i < w->n_tiles; i++) {
            transform_images(v + i * w->c_in, w, x, i, 1);
            transform_gradients(m + i * FTL_WINOGRAD_PANEL, w, dy, i, 1);
        }
#pragma omp single
        clear_rest(v, m, w, w->n_tiles);
#pragma omp for schedule(static)
        for (int64_t panel = 0; panel < w->n_panels; panel++) {
            add_products(sums, w, v, m, panel, false);
            write_panel(dw, w, sums, panel);
        }
    }
}

static void run_chunks(const ftl_call *call, const ftl_winograd *w) {
    const float *x = call->in[0].data, *dy = call->in[1].data;
    float *scratch = call->scratch, *dw = call->out[0].data;
    const int64_t points = w->side * w->side;
    const int64_t sums_at = points * (w->v_point + w->m_point);
    const int64_t panel_floats = points * w->c_in * FTL_WINOGRAD_PANEL;
    const int64_t thread_floats = (int64_t)(w->thread_bytes / sizeof *scratch);
#pragma omp parallel num_threads(w->threads)
    {
        const int thread = omp_get_thread_num(), n_threads = omp_get_num_threads();
        float *v = scratch + thread * thread_floats, *m = v + points * w->v_point;
        float *sums = v + sums_at;
        const ftl_cpu_range range = ftl_cpu_share(w->n_chunks);
        for (int64_t i = 0; range.begin == range.end && i < panel_floats * w->n_panels;
                i++)
            sums[i] = 0;
        for (int64_t k = range.begin; k < range.end; k++) {
            const int64_t first = k * w->chunk;
            transform_images(v, w, x, first, w->chunk);
            transform_gradients(m, w, dy, first, w->chunk);
            if (first + w->chunk > w->n_tiles) clear_rest(v, m, w, w->n_tiles - first);
            for (int64_t panel = 0; panel < w->n_panels; panel++)
                add_products(
                        sums + panel * panel_floats, w, v, m, panel, k > range.begin);
        }
#pragma omp barrier
        const ftl_cpu_range part = ftl_cpu_share(panel_floats * w->n_panels);
        for (int other = 1; other < n_threads; other++) {
            float *restrict to = scratch + sums_at;
            const float *restrict from = to + other * thread_floats;
#pragma omp simd
            for (int64_t i = part.begin; i < part.end; i++)
                to[i] += from[i];
        }
#pragma omp barrier
#pragma omp for schedule(static)
        for (int64_t panel = 0; panel < w->n_panels; panel++)
            write_panel(dw, w, scratch + sums_at + panel * panel_floats, panel);
    }
}

static void run(const ftl_call *call) {
    const ftl_winograd *w = call->bound;
    if (w->images_first)
        run_images_first(call, w);
    else
        run_chunks(call, w);
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_winograd_weights)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_weights,
                .prepare = ftl_winograd_prepare_weights,
                .run = run},
        {.op = NULL},
};
