/* channels.h - loops over dense and blocked tensors that treat each channel in its own
 * way.
 *
 * A tensor is n x n_blocks x inner rows of `block` numbers (ftl_channels in tensor.h).
 * For dense images a row is one number, and loops run along `inner` instead. */
#ifndef FTL_ENGINE_BACKEND_CPU_CHANNELS_H
#define FTL_ENGINE_BACKEND_CPU_CHANNELS_H

#include "engine/backend/cpu/sums.h"

/* ftl_tensor_channels, but with a dense matrix [N, C] as N rows of one block. */
static inline ftl_channels ftl_cpu_channels(const ftl_tensor *tensor) {
    const ftl_channels t = ftl_tensor_channels(tensor);
    if (t.block != 1 || t.inner != 1) return t;
    return (ftl_channels) {.n = 1, .c = t.c, .n_blocks = 1, .inner = t.n, .block = t.c};
}

static inline int64_t ftl_cpu_rows(ftl_channels t) {
    return t.n * t.n_blocks * t.inner;
}

/* Values of the channels of a block, one after another: those of `values` [C], copied
 * if the block is small, with zeros behind C. A copy is not aliased by what a loop
 * writes, so that it can stay in registers. */
static inline const float *ftl_cpu_block_values(float copy[FTL_CPU_BLOCK_MAX],
        const float *values, ftl_channels t, int64_t block) {
    const int64_t first = block * t.block, n = t.c - first;
    if (t.block > FTL_CPU_BLOCK_MAX) return values + first;
    for (int64_t k = 0; k < t.block; k++)
        copy[k] = k < n ? values[first + k] : 0;
    return copy;
}

/* --- y = f(x, z) with up to four numbers a channel
 * ------------------------------------ */

/* What is done to an element x and, if there is a second operand, z; a .. d belong to
 * the channel. Must give 0 for zeros: that is how padding stays zero. */
typedef float ftl_cpu_function(float x, float z, float a, float b, float c, float d);

typedef struct ftl_cpu_map {
    ftl_channels t;
    const ftl_tensor *y, *x, *z; /* z may be NULL; y may lie on either */
    const float *a, *b, *c, *d;  /* [C] each; all but a may be NULL */
} ftl_cpu_map;

/* Rows of one block. a .. d: `width` values each. */
FTL_CPU_INLINE void ftl_cpu_map_block(ftl_cpu_function *f, float *y, const float *x,
        const float *z, const float *a, const float *b, const float *c, const float *d,
        int64_t rows, int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
#pragma omp simd
        for (int64_t k = 0; k < width; k++) {
            const int64_t i = r * width + k;
            y[i] = f(x[i], z[i], a[k], b[k], c[k], d[k]);
        }
    }
}

/* Rows of one block that lie together, t.block wide. */
FTL_CPU_INLINE void ftl_cpu_map_rows(ftl_cpu_function *f, float *y, const float *x,
        const float *z, const float *const number[4], int64_t rows, int64_t width) {
    const float *a = number[0], *b = number[1], *c = number[2], *d = number[3];
    if (width == 1) {
        const float a0 = *a, b0 = *b, c0 = *c, d0 = *d;
#pragma omp simd
        for (int64_t i = 0; i < rows; i++)
            y[i] = f(x[i], z[i], a0, b0, c0, d0);
    } else if (width == 16) {
        ftl_cpu_map_block(f, y, x, z, a, b, c, d, rows, 16);
    } else if (width == 8) {
        ftl_cpu_map_block(f, y, x, z, a, b, c, d, rows, 8);
    } else {
        ftl_cpu_map_block(f, y, x, z, a, b, c, d, rows, width);
    }
}

/* The same in halves. */
FTL_CPU_INLINE void ftl_cpu_map_halves(ftl_cpu_function *f, uint16_t *y,
        const uint16_t *x, const uint16_t *z, const float *const number[4],
        int64_t rows, int64_t width) {
    const float *a = number[0], *b = number[1], *c = number[2], *d = number[3];
    for (int64_t r = 0; r < rows; r++) {
#pragma omp simd
        for (int64_t k = 0; k < width; k++) {
            const int64_t i = r * width + k;
            y[i] = ftl_bf16_narrow(f(ftl_bf16_widen(x[i]), ftl_bf16_widen(z[i]), a[k],
                    b[k], c[k], d[k]));
        }
    }
}

/* The same where they are stored in other ways: in pieces, widened and narrowed; of
 * rows that are too wide for that, parts. at: where they begin in all three. */
FTL_CPU_INLINE void ftl_cpu_map_pieces(ftl_cpu_function *f, const ftl_cpu_map *map,
        int64_t at, const float *const number[4], int64_t rows) {
    const ftl_tensor *tx = map->x, *tz = map->z, *ty = map->y;
    const bool narrow = ty->type == FTL_BF16;
    const int64_t block = map->t.block, width = ftl_cpu_min(block, FTL_CPU_SPAN);
    const int64_t most = width == block ? FTL_CPU_SPAN / block : 1;
    float x_wide[FTL_CPU_SPAN], z_wide[FTL_CPU_SPAN], y_wide[FTL_CPU_SPAN];
    if (narrow && tx->type == FTL_BF16 && (!tz || tz->type == FTL_BF16) && block > 1) {
        const uint16_t *x = ftl_cpu_in(tx->data, tx->type, at);
        ftl_cpu_map_halves(f, ftl_cpu_at(ty->data, ty->type, at), x,
                tz ? ftl_cpu_in(tz->data, tz->type, at) : x, number, rows, block);
        return;
    }
    for (int64_t r = 0, n_rows; r < rows; r += n_rows) {
        n_rows = ftl_cpu_min(most, rows - r);
        for (int64_t k = 0, part; k < block; k += part) {
            part = ftl_cpu_min(width, block - k);
            const int64_t i = at + r * block + k, n = n_rows * part;
            const float *const numbers[] = {
                    number[0] + k, number[1] + k, number[2] + k, number[3] + k};
            void *y = ftl_cpu_at(ty->data, ty->type, i);
            const float *x = ftl_cpu_widen(
                    x_wide, ftl_cpu_in(tx->data, tx->type, i), tx->type, n);
            const float *z = x;
            if (tz)
                z = ftl_cpu_widen(
                        z_wide, ftl_cpu_in(tz->data, tz->type, i), tz->type, n);
            ftl_cpu_map_rows(f, narrow ? y_wide : y, x, z, numbers, n_rows, part);
            if (narrow) ftl_cpu_narrow(y, y_wide, n);
        }
    }
}

/* The calling thread's share of a tensor. f is to be named where this is called, so
 * that it is inlined. */
FTL_CPU_INLINE void ftl_cpu_map_share(ftl_cpu_function *f, const ftl_cpu_map *map) {
    const ftl_channels t = map->t;
    const ftl_cpu_range range = ftl_cpu_share(ftl_cpu_rows(t));
    float copy[4][FTL_CPU_BLOCK_MAX];
    for (int64_t row = range.begin, rows; row < range.end; row += rows) {
        const int64_t block = row / t.inner % t.n_blocks;
        rows = ftl_cpu_min(t.inner - row % t.inner, range.end - row);
        const float *a = ftl_cpu_block_values(copy[0], map->a, t, block);
        const float *const number[] = {a,
                map->b ? ftl_cpu_block_values(copy[1], map->b, t, block) : a,
                map->c ? ftl_cpu_block_values(copy[2], map->c, t, block) : a,
                map->d ? ftl_cpu_block_values(copy[3], map->d, t, block) : a};
        ftl_cpu_map_pieces(f, map, row * t.block, number, rows);
    }
}

/* --- sums over batch and space
 * --------------------------------------------------------- */

/* How they are cut: all rows of a block, n * inner of them, into `pieces` of at most
 * `rows` rows, and wide blocks into `tiles`. A task is one tile of one piece; n_tasks
 * of them. Sums of a piece are kept for all channels, padding included: `channels`
 * numbers. */
typedef struct ftl_cpu_cut {
    ftl_channels t;
    int64_t width, tiles, rows, pieces, n_tasks, channels;
} ftl_cpu_cut;

/* Channels whose sums of pieces are added up together: they lie in one line of cache.
 */
#define FTL_CPU_TOGETHER 8

static inline ftl_cpu_cut ftl_cpu_cut_make(ftl_channels t) {
    ftl_cpu_cut cut = {.t = t, .channels = t.n_blocks * t.block};
    cut.width = ftl_cpu_min(t.block, FTL_CPU_BLOCK_MAX);
    cut.tiles = ftl_cpu_ceil_div(t.block, cut.width);
    cut.rows = FTL_CPU_PIECE / cut.width;
    cut.pieces = ftl_cpu_ceil_div(t.n * t.inner, cut.rows);
    cut.n_tasks = cut.pieces * t.n_blocks * cut.tiles;
    return cut;
}

/* A task: rows first .. first + rows - 1 of a block, `width` of its channels. */
typedef struct ftl_cpu_task {
    int64_t piece, block, first, rows;
    int64_t column, width; /* in the block */
    int64_t channel;       /* = block * t.block + column */
} ftl_cpu_task;

static inline ftl_cpu_task ftl_cpu_cut_task(const ftl_cpu_cut *cut, int64_t i) {
    ftl_cpu_task task;
    task.column = i % cut->tiles * cut->width;
    task.block = i / cut->tiles % cut->t.n_blocks;
    task.piece = i / cut->tiles / cut->t.n_blocks;
    task.first = task.piece * cut->rows;
    task.rows = ftl_cpu_min(cut->rows, cut->t.n * cut->t.inner - task.first);
    task.width = ftl_cpu_min(cut->width, cut->t.block - task.column);
    task.channel = task.block * cut->t.block + task.column;
    return task;
}

/* Where row r of the n * inner rows of the task's block begins. */
static inline int64_t ftl_cpu_task_at(
        const ftl_cpu_cut *cut, const ftl_cpu_task *task, int64_t r) {
    const ftl_channels t = cut->t;
    const int64_t row =
            (r / t.inner * t.n_blocks + task->block) * t.inner + r % t.inner;
    return row * t.block + task->column;
}

/* sum[k], k < task->width: of the term over the rows of the task; shift likewise. */
FTL_CPU_INLINE void ftl_cpu_task_sum(ftl_cpu_term term, double *sum,
        const ftl_cpu_cut *cut, const ftl_cpu_task *task, ftl_cpu_terms from,
        const float *shift) {
    const int64_t inner = cut->t.inner, end = task->first + task->rows;
    for (int64_t k = 0; k < task->width; k++)
        sum[k] = 0;
    for (int64_t r = task->first, rows; r < end; r += rows) {
        rows = ftl_cpu_min(inner - r % inner, end - r);
        const ftl_cpu_terms here =
                ftl_cpu_terms_at(from, ftl_cpu_task_at(cut, task, r));
        if (cut->t.block == 1)
            *sum += ftl_cpu_sum_flat(term, here, *shift, rows);
        else
            ftl_cpu_sum_columns(
                    term, sum, here, shift, rows, cut->t.block, task->width);
    }
}

/* total[k], k < n, at most FTL_CPU_TOGETHER: of channel first + k, what all pieces add
 * up to; partial [pieces][channels]. */
static inline void ftl_cpu_cut_total(double *total, const double *partial,
        const ftl_cpu_cut *cut, int64_t first, int64_t n) {
    for (int64_t k = 0; k < n; k++)
        total[k] = 0;
    for (int64_t i = 0; i < cut->pieces; i++)
        for (int64_t k = 0; k < n; k++)
            total[k] += partial[i * cut->channels + first + k];
}

#endif
