/* features.c - see features.h. */
#include "trainers/features.h"

#include "datasets/batch.h"
#include "engine/base/clock.h"

#include <assert.h>
#include <string.h>

enum { CLASSIFIER_BATCH = 64, MOST = 64 };

static void gather(float *out, const ftl_pack *pack, const int64_t *index, int64_t n) {
    ftl_batch_gather(out, pack, index, NULL, n);
}

ftl_status ftl_features_of_classifier(ftl_features *f, ftl_classifier *classifier) {
    uint8_t digest[FTL_SHA256_BYTES];
    const ftl_store *store = classifier->store;
    *f = (ftl_features) {.name = "resnet18",
            .resizer = "none",
            .d = 8 * (int64_t)classifier->options.width,
            .batch = CLASSIFIER_BATCH,
            .gather = gather};
    FTL_TRY(ftl_sha256(digest, store->block, (size_t)store->n_block * sizeof(float)));
    ftl_sha256_hex(f->hash, digest);
    return ftl_classifier_plan_features(&f->plan, classifier, f->batch);
}

void ftl_features_deinit(ftl_features *f) {
    ftl_plan_free(f->plan);
    ftl_store_free(f->store);
    *f = (ftl_features) {0};
}

void ftl_features_extract(ftl_features *f, float *out, const ftl_pack *pack,
        const int64_t *index, int64_t n) {
    int64_t take, of[MOST];
    const float *features = ftl_plan_output(f->plan, "features");
    assert(f->batch <= MOST);
    for (int64_t first = 0; first < n; first += take) {
        take = n - first < f->batch ? n - first : f->batch;
        /* A partial batch is filled up with its first image, and cut below. */
        for (int64_t i = 0; i < f->batch; i++) {
            const int64_t at = first + (i < take ? i : 0);
            of[i] = index ? index[at] : at;
        }
        f->gather(ftl_plan_input(f->plan, "x"), pack, of, f->batch);
        ftl_plan_run(f->plan);
        memcpy(out + first * f->d, features, (size_t)(take * f->d) * sizeof *out);
    }
}

double ftl_features_time(ftl_features *f, const ftl_pack *pack) {
    const double ENOUGH_S = 0.4;
    const int64_t index[MOST] = {0};
    double begin = 0;
    /* The first batch meets memory that was never touched. One more is enough where it
     * takes that long. */
    for (int done = -1;; done++) {
        const double now = ftl_clock_s();
        if (done == 0) begin = now;
        if (done > 0 && now - begin >= ENOUGH_S) return (now - begin) / (double)done;
        f->gather(ftl_plan_input(f->plan, "x"), pack, index, f->batch);
        ftl_plan_run(f->plan);
    }
}
