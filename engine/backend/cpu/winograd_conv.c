/* winograd_conv.c - 3x3 convolutions by Winograd's method, upsampled or pooled on the
 * way; see winograd.h and winograd_transform.h.
 *
 * All of it stays in the second level cache: a chunk of tiles is transformed, for each
 * panel of output channels and each point multiplied, and the sums transformed back. */
#include "engine/backend/cpu/panel_product.h"
#include "engine/backend/cpu/queue.h"
#include "engine/backend/cpu/winograd_axes.h"
#include "engine/backend/cpu/winograd_ending.h"
#include "engine/backend/cpu/winograd_taps.h"

/* Tile i, n x n px, into a row of the points' matrices v. */
FTL_CPU_INLINE void transform_image(axis *transform, void *v, const ftl_winograd *w,
        const images *from, int64_t i, int64_t row, int n, int m) {
    const ftl_winograd_tile t = ftl_winograd_tile_at(w, i);
    const window seen = find_window(from, t.n, t.in_top, t.in_left, n, w->in_step);
    const int64_t at = row * w->c_in;
    if (w->half)
        transform_tile(transform, v, at, w->v_point, &seen, 0, w->c_in, n, m, true);
    else
        transform_tile(transform, v, at, w->v_point, &seen, 0, w->c_in, n, m, false);
}

/* Tiles first .. first + n - 1 into rows at, at + 1, ... */
static void transform_images(void *v, const ftl_winograd *w, const images *from,
        int64_t first, int64_t n, int64_t at) {
    for (int64_t t = 0; t < n && first + t < w->n_tiles; t++) {
#define TILE(transform, n, m)                                                          \
    transform_image(transform, v, w, from, first + t, at + t, n, m)
        WITH_TRANSFORM(w->form, input, 6, 4, 6, 4, 3, 4, TILE)
    }
}

FTL_CPU_INLINE void transform_taps(axis *transform, vec *out, float taps[9][TAPS_BLOCK],
        int lane, float scale, int m) {
    vec in[9];
    for (int k = 0; k < 9; k++)
        in[k] = scale * ftl_vector_load(taps[k], lane, false);
    both_axes(transform, out, in, 3, m);
}

/* A block of kernels into its words of u, where 16 channels of y are side by side and
 * words of x, of one or two channels, FTL_PANEL apart. What the next words are written
 * to is fetched, and the block behind this one. */
FTL_CPU_INLINE void transform_block(axis *transform, uint32_t *u, const ftl_winograd *w,
        taps_block taps, taps_place next, float scale, int m, bool half) {
    const int64_t point = w->u_point;
    const int step = half ? 2 : 1;
    for (int c = 0; c < TAPS_BLOCK; c += step) {
        uint32_t *words = u + c / step * FTL_PANEL;
        taps_fetch(next, c, step);
        for (int k = 0; k < m * m; k++)
            __builtin_prefetch(words + FTL_PANEL + k * point, 1);
        for (int lane = 0; lane < TAPS_BLOCK; lane += FTL_VECTOR) {
            vec one[36], two[36];
            transform_taps(transform, one, taps[c], lane, scale, m);
            if (half) transform_taps(transform, two, taps[c + 1], lane, scale, m);
            for (int k = 0; k < m * m; k++)
                if (half)
                    ftl_vector_store_pairs(words + lane + k * point, one[k], two[k]);
                else
                    ftl_vector_store(words + lane + k * point, 0, one[k], false);
        }
    }
}

/* Kernels as the network has them, and what they are to be multiplied by. */
typedef struct kernels {
    const float *taps;
    float scale;
} kernels;

/* Where kernels of the channels from c on of x and from o on of y lie. */
static taps_place find_taps(
        const ftl_winograd *w, const float *taps, int64_t c, int64_t o) {
    const int64_t row = 9 * (w->attrs.transposed ? w->c_out : w->c_in);
    if (w->attrs.transposed) return (taps_place) {taps + c * row + o * 9, row};
    return (taps_place) {taps + o * row + c * 9, row};
}

/* The 16 channels from c on of x and from o on of y into u, and `next` fetched. */
static void transform_kernels(uint32_t *u, const ftl_winograd *w, kernels from,
        int64_t c, int64_t o, taps_place next) {
    taps_block taps;
    if (w->attrs.transposed)
        taps_read_transposed(taps, find_taps(w, from.taps, c, o));
    else
        taps_read(taps, find_taps(w, from.taps, c, o));
#define BLOCK(transform, m)                                                            \
    if (w->half)                                                                       \
        transform_block(transform, u, w, taps, next, from.scale, m, true);             \
    else                                                                               \
        transform_block(transform, u, w, taps, next, from.scale, m, false)
    if (w->side == 6) {
        BLOCK(plain_kernel, 6);
    } else if (w->side == 5) {
        BLOCK(symmetric_kernel, 5);
    } else if (w->side == 4) {
        transform_block(fine_plain_kernel, u, w, taps, next, from.scale, 4, true);
    } else {
        transform_block(fine_kernel, u, w, taps, next, from.scale, 3, true);
    }
#undef BLOCK
}

/* A panel of the kernels: u [points][words][FTL_PANEL]; a word is a channel of
 * x, or two. */
static void transform_panel(
        uint32_t *u, const ftl_winograd *w, kernels from, int64_t panel) {
    const int64_t first = panel * FTL_PANEL;
    const int64_t width = ftl_cpu_min(FTL_PANEL, w->c_out - first);
    for (int64_t lane = 0; lane < width; lane += TAPS_BLOCK)
        for (int64_t c = 0; c < w->c_in; c += TAPS_BLOCK) {
            const bool last = c + TAPS_BLOCK == w->c_in;
            const taps_place next = find_taps(w, from.taps, last ? 0 : c + TAPS_BLOCK,
                    first + lane + (last ? TAPS_BLOCK : 0));
            transform_kernels(u + c / (w->half ? 2 : 1) * FTL_PANEL + lane, w, from, c,
                    first + lane, next);
        }
}

/* What a thread works with: transformed images from row `row` of v on, a panel of
 * kernels u, room for sums m. */
typedef struct piece {
    float *m;
    const uint32_t *v, *u;
    int64_t row;
} piece;

static void convolve(const ending *to, const ftl_winograd *w, const piece *p,
        int64_t chunk, int64_t panel) {
    const int64_t v_point = w->v_point / (w->half ? 2 : 1);
    for (int64_t k = 0; k < w->side * w->side; k++)
        product(p->m + k * w->m_point, p->v + k * v_point + p->row * w->words, w->words,
                1, p->u + k * w->u_point, w->words, w->chunk, false, w->half);
    write_images(to, w, p->m, chunk * w->chunk, panel);
}

/* A call under way. */
typedef struct work {
    const ftl_winograd *w;
    images from;
    kernels weights;
    ending to;
    uint32_t *shared;
    ftl_cpu_queue first, second; /* items of the two halves of it */
} work;

/* Few tiles: all of them, then panels. m, u: the thread's own. */
static void run_images_first(work *k, float *m, uint32_t *u) {
    const ftl_winograd *w = k->w;
    int64_t i;
    for (int visited = 0; ftl_cpu_queue_take(&k->first, &visited, &i);)
        transform_images(k->shared, w, &k->from, i * FTL_PANEL_ROWS, FTL_PANEL_ROWS,
                i * FTL_PANEL_ROWS);
#pragma omp barrier
    for (int visited = 0; ftl_cpu_queue_take(&k->second, &visited, &i);) {
        transform_panel(u, w, k->weights, i);
        for (int64_t chunk = 0; chunk < w->n_chunks; chunk++)
            convolve(&k->to, w, &(piece) {m, k->shared, u, chunk * w->chunk}, chunk, i);
    }
}

/* Many: panels of all kernels, then chunks of tiles. m, v: the thread's own. */
static void run_kernels_first(work *k, float *m, uint32_t *v) {
    const ftl_winograd *w = k->w;
    const int64_t panel_words = w->side * w->side * w->u_point;
    int64_t i;
    for (int visited = 0; ftl_cpu_queue_take(&k->first, &visited, &i);)
        transform_panel(k->shared + i * panel_words, w, k->weights, i);
#pragma omp barrier
    for (int visited = 0; ftl_cpu_queue_take(&k->second, &visited, &i);) {
        transform_images(v, w, &k->from, i * w->chunk, w->chunk, 0);
        for (int64_t panel = 0; panel < w->n_panels; panel++)
            convolve(&k->to, w, &(piece) {m, v, k->shared + panel * panel_words, 0}, i,
                    panel);
    }
}

static void run(const ftl_call *call) {
    const ftl_winograd *w = call->bound;
    const float *scale = call->in[2].data;
    work k = {.w = w,
            .from = {.x = call->in[0].data,
                    .zeros = w->zeros,
                    .height = w->in_height,
                    .width = w->in_width,
                    .c = w->c_in,
                    .half = w->half},
            .weights = {call->in[1].data, w->attrs.scale * *scale},
            .to = {.y = call->out[0].data,
                    .bias = w->bias ? call->in[w->bias].data : NULL,
                    .mask = w->mask ? call->in[w->mask].data : NULL,
                    .residual = w->residual ? call->in[w->residual].data : NULL,
                    .up = w->residual_up},
            .shared = call->scratch};
    find_offsets(&k.from, w->in_side);
    const int64_t rows = ftl_cpu_ceil_div(w->n_tiles, FTL_PANEL_ROWS);
    ftl_cpu_queue_fill(&k.first, w->images_first ? rows : w->n_panels, w->threads);
    ftl_cpu_queue_fill(
            &k.second, w->images_first ? w->n_panels : w->n_chunks, w->threads);
#pragma omp parallel num_threads(w->threads)
    {
        void *own = ftl_winograd_scratch(w, call->scratch, omp_get_thread_num());
        float *m = own;
        uint32_t *other = (uint32_t *)own + w->side * w->side * w->m_point;
        if (w->images_first)
            run_images_first(&k, m, other);
        else
            run_kernels_first(&k, m, other);
    }
}

const ftl_kernel FTL_CPU_NAME(ftl_cpu_rows_winograd_conv)[] = {
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3,
                .prepare = ftl_winograd_prepare_conv,
                .run = run,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_bias,
                .prepare = ftl_winograd_prepare_conv,
                .run = run,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_add,
                .prepare = ftl_winograd_prepare_conv,
                .run = run,
                .overwrites = 1u << 4,
                .bf16 = true},
        {.name = FTL_CPU_KERNEL,
                .op = &ftl_op_conv3x3_mask,
                .prepare = ftl_winograd_prepare_conv,
                .run = run,
                .overwrites = 1u << 3,
                .bf16 = true},
        {.op = NULL},
};
