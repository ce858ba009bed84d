/* winograd_conv.c - 3x3 convolutions by Winograd's method, upsampled or pooled on the
 * way; see winograd.h and winograd_transform.h.
 *
 * All of it stays in the second level cache: a chunk of tiles is transformed, for each
 * panel of output channels and each point multiplied, and the sums transformed back. */
#include "engine/backend/cpu/winograd_axes.h"
#include "engine/backend/cpu/winograd_product.h"

/* The kernels from channel c to 16 channels of the panel at o, as [9][16]. */
static void gather_kernels(float taps[9][16], const ftl_winograd *w,
        const float *kernels, int64_t c, int64_t o) {
    for (int k = 0; k < 16; k++) {
        if (w->attrs.transposed) {
            const float *from = kernels + (c * w->c_out + o + k) * 9;
            for (int i = 0; i < 9; i++)
                taps[8 - i][k] = w->attrs.scale * from[i];
        } else {
            const float *from = kernels + ((o + k) * w->c_in + c) * 9;
            for (int i = 0; i < 9; i++)
                taps[i][k] = w->attrs.scale * from[i];
        }
    }
}

FTL_CPU_INLINE void transform_kernel(
        axis *transform, float *u, int64_t point, float taps[9][16], int m) {
    for (int lane = 0; lane < 16; lane += FTL_VECTOR) {
        V in[9], out[36];
        for (int k = 0; k < 9; k++)
            in[k] = ftl_vector_load(taps[k] + lane);
        both_axes(transform, out, in, 3, m);
        for (int k = 0; k < m * m; k++)
            ftl_vector_store(u + k * point + lane, out[k]);
    }
}

/* Panel `panel` of the kernels: u [points, c_in, FTL_WINOGRAD_PANEL]. */
static void transform_panel(
        float *u, const ftl_winograd *w, const float *kernels, int64_t panel) {
    const int64_t first = panel * FTL_WINOGRAD_PANEL,
                  point = w->c_in * FTL_WINOGRAD_PANEL;
    for (int64_t half = 0; half < FTL_WINOGRAD_PANEL && first + half < w->c_out;
            half += 16)
        for (int64_t c = 0; c < w->c_in; c++) {
            float taps[9][16];
            float *to = u + c * FTL_WINOGRAD_PANEL + half;
            gather_kernels(taps, w, kernels, c, first + half);
            if (w->side == 6)
                transform_kernel(plain_kernel, to, point, taps, 6);
            else
                transform_kernel(symmetric_kernel, to, point, taps, 5);
        }
}

/* Sums of tile i, in row `row` of m, to its place in y. */
FTL_CPU_INLINE void write_tile(axis *transform, float *y, const ftl_winograd *w,
        const float *m, const float *bias, int64_t i, int64_t channel, int n_in,
        int n_out) {
    const ftl_winograd_tile tile = ftl_winograd_tile_at(w, i);
    const int64_t width = ftl_cpu_min(FTL_WINOGRAD_PANEL, w->c_out - channel);
    const int64_t rows = ftl_cpu_min(n_out, w->out_height - tile.out_top);
    const int64_t columns = ftl_cpu_min(n_out, w->out_width - tile.out_left);
    float *to =
            y +
            ((tile.n * w->out_height + tile.out_top) * w->out_width + tile.out_left) *
                    w->c_out +
            channel;
    for (int64_t c = 0; c < width; c += FTL_VECTOR) {
        V in[36], out[16];
#pragma GCC unroll 36
        for (int k = 0; k < n_in * n_in; k++)
            in[k] = ftl_vector_load(m + k * w->m_point + c);
        both_axes(transform, out, in, n_in, n_out);
        const V shift = bias ? ftl_vector_load(bias + channel + c) : (V) {0};
        for (int64_t r = 0; r < rows; r++)
            for (int64_t s = 0; s < columns; s++)
                ftl_vector_store(to + (r * w->out_width + s) * w->c_out + c,
                        out[r * n_out + s] + shift);
    }
}

static void write_images(float *y, const ftl_winograd *w, const float *m,
        const float *bias, int64_t first, int64_t panel) {
    const int64_t channel = panel * FTL_WINOGRAD_PANEL;
    for (int64_t t = 0; t < w->chunk && first + t < w->n_tiles; t++) {
        const float *row = m + t * FTL_WINOGRAD_PANEL;
        if (w->attrs.resample == FTL_RESAMPLE_NONE)
            write_tile(plain_output, y, w, row, bias, first + t, channel, 6, 4);
        else if (w->attrs.resample == FTL_RESAMPLE_UP)
            write_tile(up_output, y, w, row, bias, first + t, channel, 5, 4);
        else
            write_tile(down_output, y, w, row, bias, first + t, channel, 5, 2);
    }
}

/* One chunk and one panel: v and u are theirs, m is for sums. */
static void convolve(float *y, const ftl_winograd *w, float *m, const float *v,
        const float *u, const float *bias, int64_t chunk, int64_t panel) {
    const int points = w->side * w->side;
    for (int p = 0; p < points; p++)
        product(m + p * w->m_point, v + p * w->v_point, w->c_in, 1,
                u + p * w->c_in * FTL_WINOGRAD_PANEL, w->c_in, w->chunk, false);
    write_images(y, w, m, bias, chunk * w->chunk, panel);
}

static void run(const ftl_call *call) {
    const ftl_winograd *w = call->bound;
    const float *x = call->in[0].data, *kernels = call->in[1].data;
    const float *bias = w->bias ? call->in[2].data : NULL;
    float *y = call->out[0].data, *shared = call->scratch;
    const int64_t panel_floats = w->side * w->side * w->c_in * FTL_WINOGRAD_PANEL;
#pragma omp parallel num_threads(w->threads)
    {
        float *own = shared + (w->shared_bytes +
                                      w->thread_bytes * (size_t)omp_get_thread_num()) /
                                      sizeof *shared;
        float *m = own, *other = own + w->side * w->side * w->m_point;
        if (w->images_first) {
#pragma omp for schedule(static)
            for (int64_t i = 0; i < w->n_chunks * w->chunk; i += FTL_WINOGRAD_ROWS)
                transform_images(shared + i * w->c_in, w, x, i, FTL_WINOGRAD_ROWS);
#pragma omp for schedule(static)
            for (int64_t panel = 0; panel < w->n_panels; panel++) {
                transform_panel(other, w, kernels, panel);
                for (int64_t k = 0; k < w->n_chunks; k++)
                    convolve(y, w, m, shared + k * w->chunk * w->c_in, other, bias, k,
                            panel);
            }
        } else {
#pragma omp for schedule(static)
            for (int64_t panel = 0; panel < w->n_panels; panel++)
                transform_panel(shared + panel * panel_floats, w, kernels, panel);
#pragma omp for schedule(static)
            for (int64_t k = 0; k < w->n_chunks; k++) {
                transform_images(other, w, x, k * w->chunk, w->chunk);
                for (int64_t panel = 0; panel < w->n_panels; panel++)
                    convolve(y, w, m, other, shared + panel * panel_floats, bias, k,
                            panel);
            }
        }
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_winograd_conv)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3,
                .prepare = ftl_winograd_prepare_conv,
                .run = run},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_bias,
                .prepare = ftl_winograd_prepare_conv,
                .run = run},
        {.op = NULL},
};
