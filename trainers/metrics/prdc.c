/* prdc.c - see prdc.h. Distances are squared throughout.
 *
 * Who is a neighbour is known when all vectors are there, and so both sets are read
 * again and again. Each float of a block that is read takes part in a strip's 1,024
 * distances: some 50 ns on two cores with AVX-512, where reading it from the page cache
 * takes less than 1 ns, and from a disk of 200 MB/s 20. */
#include "trainers/metrics/prdc.h"

#include "engine/backend/gram.h"
#include "engine/base/arena.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { STRIP = FTL_PRDC_STRIP, BLOCK = 256 };

/* One set in the spool. */
typedef struct balls {
    int64_t first, n;
    double *radius; /* [n] squared */
} balls;

/* What one real vector sees of generated ones. */
typedef struct sight {
    bool recalled, covered;
} sight;

/* What is in memory of the vectors at a time, and what is known of the strip's. */
typedef struct work {
    const ftl_spool *spool;
    int k;
    float *strip, *block; /* [STRIP, d], [BLOCK, d] */
    double *distance;     /* [rows of the strip, columns: vectors of the block] */
    double *least;        /* [STRIP, k]: to the nearest so far, ascending */
    sight *sight;         /* [STRIP] */
} work;

static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

static ftl_status read_strip(work *w, const balls *of, int64_t first, int64_t rows) {
    return ftl_spool_read(w->strip, w->spool, of->first + first, rows);
}

/* Distances between the strip's rows and those of a block, as [rows, columns]. */
static ftl_status compare(
        work *w, int64_t rows, const balls *with, int64_t first, int64_t columns) {
    FTL_TRY(ftl_spool_read(w->block, w->spool, with->first + first, columns));
    ftl_gram_distances(w->distance, w->strip, rows, w->block, columns, w->spool->d);
    return FTL_OK;
}

/* The k smallest so far, and n more of which number `self` does not count. */
static void keep_least(
        double *least, int k, const double *value, int64_t n, int64_t self) {
    for (int64_t j = 0; j < n; j++) {
        if (j == self || !(value[j] < least[k - 1])) continue;
        int i = k - 1;
        for (; i > 0 && value[j] < least[i - 1]; i--)
            least[i] = least[i - 1];
        least[i] = value[j];
    }
}

static ftl_status measure_radii(balls *b, work *w) {
    const int k = w->k;
    for (int64_t first = 0; first < b->n; first += STRIP) {
        const int64_t rows = lesser(b->n - first, STRIP);
        FTL_TRY(read_strip(w, b, first, rows));
        for (int64_t i = 0; i < rows * k; i++)
            w->least[i] = INFINITY;
        for (int64_t at = 0; at < b->n; at += BLOCK) {
            const int64_t columns = lesser(b->n - at, BLOCK);
            FTL_TRY(compare(w, rows, b, at, columns));
#pragma omp parallel for
            for (int64_t i = 0; i < rows; i++)
                keep_least(w->least + i * k, k, w->distance + i * columns, columns,
                        first + i - at);
        }
        for (int64_t i = 0; i < rows; i++)
            b->radius[first + i] = w->least[i * k + k - 1];
    }
    return FTL_OK;
}

/* radius [rows], others [columns]: of the strip's balls, and of the block's
 * inside [columns]  in how many balls of the real each vector of the block is: added to
 */
static void look(work *w, const double *radius, int64_t rows, const double *others,
        int32_t *inside, int64_t columns) {
#pragma omp parallel for reduction(+ : inside[:columns])
    for (int64_t i = 0; i < rows; i++) {
        const double *distance = w->distance + i * columns;
        sight s = w->sight[i];
        for (int64_t j = 0; j < columns; j++) {
            const bool in = distance[j] <= radius[i];
            inside[j] += in;
            s.covered |= in;
            s.recalled |= distance[j] <= others[j];
        }
        w->sight[i] = s;
    }
}

/* inside [m], zeros */
static ftl_status count(ftl_prdc *out, const balls *real, const balls *generated,
        work *w, int32_t *inside) {
    const int64_t n = real->n, m = generated->n;
    int64_t recalled = 0, covered = 0, precise = 0, balls_in = 0;
    for (int64_t first = 0; first < n; first += STRIP) {
        const int64_t rows = lesser(n - first, STRIP);
        FTL_TRY(read_strip(w, real, first, rows));
        memset(w->sight, 0, (size_t)rows * sizeof *w->sight);
        for (int64_t at = 0; at < m; at += BLOCK) {
            const int64_t columns = lesser(m - at, BLOCK);
            FTL_TRY(compare(w, rows, generated, at, columns));
            look(w, real->radius + first, rows, generated->radius + at, inside + at,
                    columns);
        }
        for (int64_t i = 0; i < rows; i++) {
            recalled += w->sight[i].recalled;
            covered += w->sight[i].covered;
        }
    }
    for (int64_t j = 0; j < m; j++) {
        precise += inside[j] > 0;
        balls_in += inside[j];
    }
    *out = (ftl_prdc) {.precision = (double)precise / (double)m,
            .recall = (double)recalled / (double)n,
            .density = (double)balls_in / ((double)w->k * (double)m),
            .coverage = (double)covered / (double)n};
    return FTL_OK;
}

/* Zeros that are written, so that they count as memory from now on. */
static void *written(ftl_arena *arena, int64_t n, size_t n_bytes) {
    void *memory = ftl_arena_alloc(arena, (size_t)n * n_bytes);
    return memory ? memset(memory, 0, (size_t)n * n_bytes) : NULL;
}

/* r, g: of which vectors; room for n and m, which may be more */
static ftl_status measure(
        ftl_prdc *out, work *w, balls *r, balls *g, int64_t n, int64_t m) {
    const int64_t d = w->spool->d, rows = lesser(n > m ? n : m, STRIP);
    ftl_arena *arena;
    FTL_TRY(ftl_arena_create(&arena));
    ftl_status status = FTL_ENOMEM;
    int32_t *inside = written(arena, m, sizeof *inside);
    r->radius = written(arena, n, sizeof *r->radius);
    g->radius = written(arena, m, sizeof *g->radius);
    w->strip = written(arena, rows * d, sizeof *w->strip);
    w->block = written(arena, BLOCK * d, sizeof *w->block);
    w->distance = written(arena, rows * BLOCK, sizeof *w->distance);
    w->least = written(arena, rows * w->k, sizeof *w->least);
    w->sight = written(arena, rows, sizeof *w->sight);
    if (!inside || !r->radius || !g->radius || !w->strip || !w->block || !w->distance ||
            !w->least || !w->sight)
        goto out;
    FTL_TRY_OUT(measure_radii(r, w));
    FTL_TRY_OUT(measure_radii(g, w));
    FTL_TRY_OUT(count(out, r, g, w, inside));
out:
    ftl_arena_free(arena);
    return status;
}

ftl_status ftl_prdc_measure(
        ftl_prdc *out, const ftl_spool *spool, int64_t n, int64_t m, int k) {
    work w = {.spool = spool, .k = k};
    balls real = {.first = 0, .n = n}, generated = {.first = n, .n = m};
    assert(k >= 1 && k <= FTL_PRDC_MAX_NEIGHBOURS && n > k && m > k);
    return measure(out, &w, &real, &generated, n, m);
}

ftl_status ftl_prdc_rehearse(
        double *share, const ftl_spool *few, int64_t n, int64_t m, int k) {
    work w = {.spool = few, .k = k};
    ftl_prdc of_few;
    balls real = {.first = 0, .n = lesser(n, STRIP)};
    balls generated = {.first = real.n, .n = lesser(m, STRIP)};
    assert(k >= 1 && k <= FTL_PRDC_MAX_NEIGHBOURS && real.n > k && generated.n > k);
    const double x = (double)n, y = (double)m;
    const double a = (double)real.n, b = (double)generated.n;
    *share = (a * a + b * b + a * b) / (x * x + y * y + x * y);
    return measure(&of_few, &w, &real, &generated, n, m);
}
