/* run_quality.c - see run_quality.h. */
#include "trainers/run/run_quality.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "trainers/features.h"

#include <stdlib.h>
#include <string.h>

ftl_status ftl_run_quality_want(bool *want, bool *any, const ftl_texts *names) {
    memset(want, 0, FTL_N_QUALITY_METRICS * sizeof *want);
    *any = names->n > 0;
    for (int i = 0; i < names->n; i++) {
        int k = 0;
        while (ftl_quality_names[k] &&
                strcmp(ftl_quality_names[k], names->item[i]) != 0)
            k++;
        if (!ftl_quality_names[k])
            return ftl_fail(FTL_ECONFIG,
                    "metrics: there is no %s; there are frechet, kid and prdc",
                    names->item[i]);
        want[k] = true;
    }
    return FTL_OK;
}

/* Both streams of features, which are read in turns and share an extractor. */
typedef struct source {
    ftl_features features;
    ftl_pack shape; /* of the images */
    const ftl_quality_real *real;
    int64_t *order, at; /* [n]: indices into the pack; how many were read */
    const ftl_quality_generated *generated;
    uint8_t *images; /* room for a block of generated ones */
} source;

static ftl_status read_real(void *context, float *out, int64_t count) {
    source *s = context;
    ftl_features_extract(&s->features, out, s->real->pack, s->order + s->at, count);
    s->at += count;
    return FTL_OK;
}

static ftl_status read_generated(void *context, float *out, int64_t count) {
    source *s = context;
    s->shape.n = count;
    s->shape.images = s->images;
    FTL_TRY(s->generated->read(s->generated->context, s->images, count));
    ftl_features_extract(&s->features, out, &s->shape, NULL, count);
    return FTL_OK;
}

static ftl_status open_features(
        ftl_features *f, const ftl_run_extractor *extractor, int channels) {
    return extractor->weights
                   ? ftl_features_of_inception(f, extractor->weights, channels)
                   : ftl_features_of_classifier(f, extractor->classifier);
}

static ftl_status open_source(
        source *s, const ftl_run_extractor *extractor, uint64_t seed) {
    const ftl_quality_real *real = s->real;
    int64_t block =
            s->generated->n < FTL_QUALITY_BLOCK ? s->generated->n : FTL_QUALITY_BLOCK;
    s->shape = (ftl_pack) {.height = real->pack->height,
            .width = real->pack->width,
            .channels = real->pack->channels};
    s->images = malloc((size_t)(block + 1) * ftl_pack_image_bytes(&s->shape));
    s->order = malloc((size_t)(real->n + 1) * sizeof *s->order);
    if (!s->images || !s->order)
        return ftl_fail(FTL_ENOMEM, "no memory left for metrics of quality");
    ftl_random_permutation(s->order, real->n,
            (ftl_random_key) {.seed = seed, .stream = FTL_STREAM_QUALITY_ORDER});
    for (int64_t i = 0; real->index && i < real->n; i++)
        s->order[i] = real->index[s->order[i]];
    return open_features(&s->features, extractor, real->pack->channels);
}

static void close_source(source *s) {
    ftl_features_deinit(&s->features);
    free(s->order);
    free(s->images);
}

ftl_status ftl_run_quality_measure(ftl_run_quality *out,
        const ftl_run_extractor *extractor, const ftl_quality_real *real,
        const ftl_quality_generated *generated, const bool *want, uint64_t seed) {
    source s = {.real = real, .generated = generated};
    ftl_status status;
    ftl_evaluation_quality *e = &out->evaluation;
    FTL_TRY_OUT(open_source(&s, extractor, seed));
    const ftl_feature_stream x = {real->n, read_real, &s};
    const ftl_feature_stream y = {generated->n, read_generated, &s};
    FTL_TRY_OUT(ftl_quality_measure(&e->figure, &x, &y, s.features.d, want));
    memcpy(out->hash, s.features.hash, sizeof out->hash);
    e->hash = out->hash;
    e->extractor = s.features.name;
    e->resizer = s.features.resizer;
    e->split = real->name;
    e->features = s.features.d;
out:
    close_source(&s);
    return status;
}

ftl_status ftl_run_quality_rehearse(ftl_run_quality_cost *out,
        const ftl_run_extractor *extractor, const ftl_quality_real *real,
        int64_t n_generated, const bool *want) {
    const ftl_quality_generated generated = {.n = n_generated};
    const int64_t more = real->n > n_generated ? real->n : n_generated;
    const int64_t block = n_generated / ftl_quality_blocks(more) + 1;
    source s = {.real = real, .generated = &generated};
    ftl_status status;
    const double begin = ftl_clock_s();
    FTL_TRY_OUT(open_source(&s, extractor, 0));
    out->opening_s = ftl_clock_s() - begin;
    memset(s.images, 127, (size_t)block * ftl_pack_image_bytes(&s.shape));
    out->scratch_bytes =
            ftl_quality_scratch_bytes(real->n, n_generated, s.features.d, want);
    out->batch = s.features.batch;
    out->batch_s = ftl_features_time(&s.features, real->pack);
    FTL_TRY_OUT(ftl_quality_rehearse(
            &out->figures_s, real->n, n_generated, s.features.d, want));
out:
    close_source(&s);
    return status;
}

ftl_status ftl_run_draw_next(void *drawing, uint8_t *images, int64_t count) {
    ftl_run_drawing *d = drawing;
    ftl_evaluator_run_part(
            &d->evaluator, d->key, d->done, count, d->counts, images, NULL);
    d->done += count;
    d->confidence = d->evaluator.confidence / (double)d->done;
    return FTL_OK;
}
