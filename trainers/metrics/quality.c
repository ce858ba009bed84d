/* quality.c - see quality.h. */
#include "trainers/metrics/quality.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "trainers/metrics/frechet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const ftl_quality_names[FTL_N_QUALITY_METRICS + 1] = {
        "frechet", "kid", "prdc", NULL};

/* One of the two sets as it is read. */
typedef struct side {
    const ftl_feature_stream *stream;
    ftl_moments moments;
    float *x;      /* room for a block */
    int64_t first; /* where the set begins in the spool */
} side;

typedef struct measurement {
    ftl_quality *out;
    side real, generated;
    int64_t d, n_blocks;
    ftl_kid kid;
    ftl_spool spool; /* for PRDC: the real ones, then the generated ones */
} measurement;

static int64_t block_begin(const side *s, int64_t block, int64_t n_blocks) {
    return s->stream->n * block / n_blocks;
}

int64_t ftl_quality_blocks(int64_t more) {
    int64_t n = (more + FTL_QUALITY_BLOCK - 1) / FTL_QUALITY_BLOCK;
    return n < FTL_QUALITY_MIN_BLOCKS ? FTL_QUALITY_MIN_BLOCKS : n;
}

bool ftl_quality_is_fid(const char *extractor) {
    return strcmp(extractor, FTL_QUALITY_FID_EXTRACTOR) == 0;
}

int64_t ftl_quality_needed(int64_t more) { return 2 * ftl_quality_blocks(more); }

static ftl_status check(const ftl_quality *out, int64_t n_blocks) {
    int64_t fewer = out->n_real < out->n_generated ? out->n_real : out->n_generated;
    if (fewer >= 2 * n_blocks) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "metrics of quality: %" PRId64 " real and %" PRId64
            " generated images are too few: each side needs %" PRId64,
            out->n_real, out->n_generated, 2 * n_blocks);
}

/* How many vectors of a side are held at a time. */
static int64_t held(const side *s, const measurement *m) {
    return s->stream->n / m->n_blocks + 1;
}

static ftl_status open_side(
        side *s, const measurement *m, const ftl_feature_stream *stream) {
    s->stream = stream;
    const int64_t rows = held(s, m);
    s->x = malloc((size_t)rows * (size_t)m->d * sizeof *s->x);
    if (!s->x)
        return ftl_fail(FTL_ENOMEM,
                "no memory left for %" PRId64 " vectors of %" PRId64 " features", rows,
                m->d);
    return ftl_moments_init(&s->moments, m->d);
}

static void close_side(side *s) {
    ftl_moments_deinit(&s->moments);
    free(s->x);
}

/* *n: of the block, which is in the side's own memory. */
static ftl_status read_block(int64_t *n, side *s, const measurement *m, int64_t block) {
    const int64_t begin = block_begin(s, block, m->n_blocks);
    *n = block_begin(s, block + 1, m->n_blocks) - begin;
    FTL_TRY(s->stream->read(s->stream->context, s->x, *n));
    FTL_TRY(ftl_moments_add(&s->moments, s->x, *n)); /* refuses NaN for all metrics */
    if (!m->out->has[FTL_QUALITY_PRDC]) return FTL_OK;
    return ftl_spool_write(&m->spool, s->x, s->first + begin, *n);
}

static ftl_status read_all(measurement *m) {
    for (int64_t block = 0; block < m->n_blocks; block++) {
        int64_t n_x, n_y;
        FTL_TRY(read_block(&n_x, &m->real, m, block));
        FTL_TRY(read_block(&n_y, &m->generated, m, block));
        if (m->out->has[FTL_QUALITY_KID])
            FTL_TRY(ftl_kid_add(&m->kid, m->real.x, n_x, m->generated.x, n_y, m->d));
    }
    ftl_moments_finish(&m->real.moments);
    ftl_moments_finish(&m->generated.moments);
    return FTL_OK;
}

static ftl_status conclude(measurement *m) {
    ftl_quality *out = m->out;
    if (out->has[FTL_QUALITY_FRECHET])
        FTL_TRY(ftl_frechet_distance(
                &out->frechet, &m->real.moments, &m->generated.moments));
    if (out->has[FTL_QUALITY_KID]) {
        out->kid = m->kid.mean;
        out->kid_error = ftl_kid_error(&m->kid);
        out->kid_blocks = m->kid.n_blocks;
    }
    if (!out->has[FTL_QUALITY_PRDC]) return FTL_OK;
    out->neighbours = FTL_PRDC_NEIGHBOURS;
    return ftl_prdc_measure(
            &out->prdc, &m->spool, out->n_real, out->n_generated, FTL_PRDC_NEIGHBOURS);
}

static ftl_status open_both(measurement *m, ftl_quality *out,
        const ftl_feature_stream *real, const ftl_feature_stream *generated, int64_t d,
        const bool *want) {
    const int64_t more = real->n > generated->n ? real->n : generated->n;
    *m = (measurement) {.out = out, .d = d, .spool.fd = -1};
    m->n_blocks = ftl_quality_blocks(more);
    *out = (ftl_quality) {.n_real = real->n, .n_generated = generated->n};
    memcpy(out->has, want, sizeof out->has);
    FTL_TRY(check(out, m->n_blocks));
    m->generated.first = real->n;
    FTL_TRY(open_side(&m->real, m, real));
    return open_side(&m->generated, m, generated);
}

static void close_both(measurement *m) {
    close_side(&m->real);
    close_side(&m->generated);
    ftl_spool_close(&m->spool);
}

int64_t ftl_quality_scratch_bytes(
        int64_t n_real, int64_t n_generated, int64_t d, const bool *want) {
    return want[FTL_QUALITY_PRDC] ? ftl_spool_bytes(n_real + n_generated, d) : 0;
}

ftl_status ftl_quality_measure(ftl_quality *out, const ftl_feature_stream *real,
        const ftl_feature_stream *generated, int64_t d, const bool *want) {
    measurement m;
    ftl_status status = open_both(&m, out, real, generated, d, want);
    if (status == FTL_OK && want[FTL_QUALITY_PRDC])
        status = ftl_spool_open(&m.spool, real->n + generated->n, d);
    if (status == FTL_OK) status = read_all(&m);
    if (status == FTL_OK) status = conclude(&m);
    close_both(&m);
    return status;
}

/* -------------------------------------------------------------------- rehearsing */

enum { FEW = FTL_MOMENTS_CHUNK };

/* Normal vectors in all that is held: FEW different ones, over and over. */
static void make_up(side *s, const measurement *m, uint64_t seed) {
    const ftl_random_key key = {.seed = seed, .stream = FTL_STREAM_TEST};
    const size_t d = (size_t)m->d;
    for (int64_t i = 0, n = held(s, m); i < n; i++) {
        if (i < FEW)
            ftl_random_normal(s->x + (size_t)i * d, d, key, (uint64_t)i);
        else
            memcpy(s->x + (size_t)i * d, s->x + (size_t)(i % FEW) * d,
                    d * sizeof *s->x);
    }
}

/* The second chunk tells: the first one meets memory that was never touched. */
static ftl_status rehearse_moments(double *seconds, side *s, const measurement *m) {
    const int64_t rows = held(s, m);
    double begin = 0;
    for (int chunk = 0; chunk < 2; chunk++) {
        begin = ftl_clock_s();
        for (int64_t n = 0, take; n < FTL_MOMENTS_CHUNK; n += take) {
            take = FTL_MOMENTS_CHUNK - n < rows ? FTL_MOMENTS_CHUNK - n : rows;
            FTL_TRY(ftl_moments_add(&s->moments, s->x, take));
        }
    }
    *seconds += (ftl_clock_s() - begin) / FTL_MOMENTS_CHUNK * (double)s->stream->n;
    return FTL_OK;
}

/* Of each block as many vectors as are there, but no more than FEW. */
static ftl_status rehearse_kid(double *seconds, measurement *m) {
    const double x = (double)m->real.stream->n / (double)m->n_blocks;
    const double y = (double)m->generated.stream->n / (double)m->n_blocks;
    const int64_t few_x = x < FEW ? (int64_t)x : FEW,
                  few_y = y < FEW ? (int64_t)y : FEW;
    const double a = (double)few_x, b = (double)few_y;
    const double begin = ftl_clock_s();
    FTL_TRY(ftl_kid_add(&m->kid, m->real.x, few_x, m->generated.x, few_y, m->d));
    *seconds += (ftl_clock_s() - begin) * (double)m->n_blocks *
                (x * x + y * y + x * y) / (a * a + b * b + a * b);
    return FTL_OK;
}

/* Vectors that are made up into the spool, `few` of a side. */
static ftl_status spool_few(
        const measurement *m, const side *s, int64_t first, int64_t few) {
    for (int64_t at = 0, n = held(s, m), take; at < few; at += take) {
        take = few - at < n ? few - at : n;
        FTL_TRY(ftl_spool_write(&m->spool, s->x, first + at, take));
    }
    return FTL_OK;
}

static ftl_status rehearse_prdc(double *seconds, measurement *m) {
    const int64_t n_x = m->real.stream->n, n_y = m->generated.stream->n;
    const int64_t few_x = n_x < FTL_PRDC_STRIP ? n_x : FTL_PRDC_STRIP,
                  few_y = n_y < FTL_PRDC_STRIP ? n_y : FTL_PRDC_STRIP;
    double share;
    FTL_TRY(ftl_spool_open(&m->spool, few_x + few_y, m->d));
    double begin = ftl_clock_s();
    FTL_TRY(spool_few(m, &m->real, 0, few_x));
    FTL_TRY(spool_few(m, &m->generated, few_x, few_y));
    *seconds += (ftl_clock_s() - begin) * (double)(n_x + n_y) / (double)(few_x + few_y);
    begin = ftl_clock_s();
    FTL_TRY(ftl_prdc_rehearse(&share, &m->spool, n_x, n_y, FTL_PRDC_NEIGHBOURS));
    *seconds += (ftl_clock_s() - begin) / share;
    return FTL_OK;
}

static ftl_status rehearse(double *seconds, measurement *m) {
    double frechet_s = 0;
    make_up(&m->real, m, 1);
    make_up(&m->generated, m, 2);
    FTL_TRY(rehearse_moments(seconds, &m->real, m));
    FTL_TRY(rehearse_moments(seconds, &m->generated, m));
    if (m->out->has[FTL_QUALITY_KID]) FTL_TRY(rehearse_kid(seconds, m));
    if (m->out->has[FTL_QUALITY_FRECHET])
        FTL_TRY(ftl_frechet_rehearse(&frechet_s, &m->real.moments, m->real.stream->n,
                &m->generated.moments, m->generated.stream->n));
    *seconds += frechet_s;
    return m->out->has[FTL_QUALITY_PRDC] ? rehearse_prdc(seconds, m) : FTL_OK;
}

ftl_status ftl_quality_rehearse(double *seconds, int64_t n_real, int64_t n_generated,
        int64_t d, const bool *want) {
    const ftl_feature_stream x = {.n = n_real}, y = {.n = n_generated};
    ftl_quality unmeasured;
    measurement m;
    *seconds = 0;
    ftl_status status = open_both(&m, &unmeasured, &x, &y, d, want);
    if (status == FTL_OK) status = rehearse(seconds, &m);
    close_both(&m);
    return status;
}
